"""What a user may do, and in which shops: denied unless granted.

A grant gives a role (a set of permissions) in a place (all shops, a department's, one). Within a grant both must fit; grants add up,
each permission by itself: who may read orders of all shops, and see persons in one, sees no person of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Permission(StrEnum):
    """What a route asks for."""

    ORDERS_READ = "orders.read"
    #: Hold an order, release it, cancel it.
    ORDERS_DECIDE = "orders.decide"
    #: See whom an order goes to; each time audited.
    ORDERS_PII = "orders.pii"
    REVIEW_READ = "review.read"
    #: Send again what is in review, as it is or corrected, or decide against it.
    REVIEW_FIX = "review.fix"
    WRITEBACKS_READ = "writebacks.read"
    #: Have a parcel's number told to its platform again.
    WRITEBACKS_REDRIVE = "writebacks.redrive"
    #: What is told to warehouses' systems.
    DELIVERIES_READ = "deliveries.read"
    #: Have a delivery order told to its system again.
    DELIVERIES_REDRIVE = "deliveries.redrive"
    #: What shops show of the stock.
    LISTINGS_READ = "listings.read"
    #: Have a quantity told to a shop's platform again.
    LISTINGS_REDRIVE = "listings.redrive"
    #: Balances are the whole company's, wherever it is granted.
    STOCK_READ = "stock.read"
    #: Rule documents are the whole company's too.
    RULES_READ = "rules.read"
    #: Make a version of a document, which decides nothing; hold a draft against the past.
    RULES_EDIT = "rules.edit"
    #: Have a version decide orders, or no more.
    RULES_RELEASE = "rules.release"
    #: What flows ask of persons, and who answered.
    TASKS_READ = "tasks.read"
    #: Take a task on, say yes or no, let go what a flow holds; an approval asks for a role of ``PENSTOCK_ROLES`` besides.
    TASKS_ANSWER = "tasks.answer"
    LIVE_READ = "live.read"
    #: Take a list that one sees away as a file; each time audited.
    LISTS_EXPORT = "lists.export"
    #: Who did what to which order; what is of no order's is seen in all shops alone.
    AUDIT_READ = "audit.read"
    REPORT_READ = "report.read"
    #: The tables that routing looks at, warehouses, bundles: of the whole company, and of use in all shops alone.
    CONFIG_READ = "config.read"
    CONFIG_EDIT = "config.edit"
    #: Who may use the console, and for what: of use in all shops alone.
    ACCESS_MANAGE = "access.manage"
    #: How the hub itself runs: the whole of it, wherever it is granted.
    SYSTEM_READ = "system.read"


_LOOKS = {
    *(Permission.ORDERS_READ, Permission.REVIEW_READ, Permission.WRITEBACKS_READ, Permission.LIVE_READ),
    *(Permission.REPORT_READ, Permission.TASKS_READ, Permission.DELIVERIES_READ, Permission.LISTINGS_READ),
}
#: What stops by itself reaches who serves the buyers: they let it go, or end it.
_DECIDES = {Permission.ORDERS_PII, Permission.ORDERS_DECIDE, Permission.TASKS_ANSWER}
#: Role -> what it may do. Their names are typed on the command line.
ROLES: Mapping[str, Set[Permission]] = {
    "viewer": _LOOKS,
    "service": _LOOKS | _DECIDES,
    "operator": _LOOKS
    | _DECIDES
    | {
        *(Permission.REVIEW_FIX, Permission.WRITEBACKS_REDRIVE, Permission.STOCK_READ),
        *(Permission.DELIVERIES_REDRIVE, Permission.LISTINGS_REDRIVE),
        *(Permission.RULES_READ, Permission.AUDIT_READ, Permission.CONFIG_READ, Permission.LISTS_EXPORT),
    },
    "planner": _LOOKS
    | {
        *(Permission.STOCK_READ, Permission.RULES_READ, Permission.RULES_EDIT, Permission.RULES_RELEASE),
        *(Permission.CONFIG_READ, Permission.CONFIG_EDIT),
    },
    "engineer": {Permission.LIVE_READ, Permission.SYSTEM_READ, Permission.STOCK_READ, Permission.WRITEBACKS_READ}
    | {Permission.DELIVERIES_READ, Permission.LISTINGS_READ, Permission.RULES_READ, Permission.CONFIG_READ},
    "admin": frozenset(Permission),
}


class Kind(StrEnum):
    """What a grant's place is."""

    ALL = "all"
    DEPARTMENT = "department"
    SHOP = "shop"


class Grant(NamedTuple):
    """``place``: of the department or shop; empty for all."""

    role: str
    kind: Kind
    place: str


@dataclass(frozen=True)
class Shops:
    """Where something is allowed: everywhere, or in these shops."""

    everywhere: bool
    names: frozenset[str]

    def __contains__(self, shop: object) -> bool:
        return self.everywhere or shop in self.names

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.names)


NOWHERE = Shops(False, frozenset())


def within(one: Shops, other: Shops) -> Shops:
    """Where both are."""
    if one.everywhere or other.everywhere:
        return other if one.everywhere else one
    return Shops(False, one.names & other.names)


def allowed(grants: Iterable[Grant], departments: Mapping[str, Iterable[str]]) -> dict[Permission, Shops]:
    """Where each permission holds; ``departments``: the shops of each. A role that nobody knows any more allows nothing."""
    found = dict.fromkeys(Permission, NOWHERE)
    for grant in grants:
        shops = _shops(grant, departments)
        for permission in ROLES.get(grant.role, ()):
            known = found[permission]
            found[permission] = Shops(known.everywhere or shops.everywhere, known.names | shops.names)
    return found


def _shops(grant: Grant, departments: Mapping[str, Iterable[str]]) -> Shops:
    match grant.kind:
        case Kind.ALL:
            return Shops(True, frozenset())
        case Kind.DEPARTMENT:
            return Shops(False, frozenset(departments.get(grant.place, ())))
        case Kind.SHOP:
            return Shops(False, frozenset({grant.place}))
