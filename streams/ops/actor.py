"""Who acts, and what they may do: handed to each command function by whoever knows it, and refused where the right is missing.

The command line acts with all rights for the account that the system knows: whoever may start it may do all of it by other means. A
console knows its users, and hands in those of the one who is asking.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What somebody may be allowed to do."""

    #: Hold, release, cancel, correct a receiver; answer what flows ask; tell of parcels and returns.
    ORDERS = "orders"
    STOCK = "stock"
    #: Documents of every kind, warehouses, bundles, carriers.
    SETTINGS = "settings"
    #: Send again or discard what is in review or quarantine.
    REVIEW = "review"
    WRITEBACK = "writeback"
    #: Forget whom an order tells of.
    PERSONS = "persons"
    #: See personal data.
    UNMASKED = "unmasked"
    REPLAY = "replay"
    #: Who may use the console, and for what.
    ACCESS = "access"
    #: Workers' state: accept offsets, rebuild changelogs.
    STATE = "state"


ALL_RIGHTS: frozenset[Right] = frozenset(Right)
#: What acts of an area ask for: the first word of the action in the audit, or the action itself.
_ASKED = {
    "order": Right.ORDERS,
    "task": Right.ORDERS,
    "return": Right.ORDERS,
    "stock": Right.STOCK,
    "listing": Right.STOCK,
    "warehouse": Right.SETTINGS,
    "bundle": Right.SETTINGS,
    "carriers": Right.SETTINGS,
    "config": Right.SETTINGS,
    "review": Right.REVIEW,
    "review.exported": Right.UNMASKED,
    "quarantine": Right.REVIEW,
    "case": Right.REVIEW,
    "writeback": Right.WRITEBACK,
    "delivery": Right.ORDERS,
    "person": Right.PERSONS,
    "personal": Right.UNMASKED,
    "replay": Right.REPLAY,
    "access": Right.ACCESS,
    "state": Right.STATE,
}


class NotAllowed(Exception):
    """Somebody lacks the right to do something; the message names both, and is for them."""


@dataclass(frozen=True)
class Actor:
    """``who``: the account, as the audit names it."""

    who: str
    rights: Set[Right]

    def check(self, action: str) -> None:
        """``action``: as in the audit, ``area.verb``. Raises NotAllowed."""
        right = asked(action)
        if right not in self.rights:
            has = ", ".join(sorted(self.rights)) or "none"
            raise NotAllowed(f"{self.who} may not do {action}: it asks for the right {right}, theirs are: {has}")


def asked(action: str) -> Right:
    """The right that an action asks for. Raises KeyError for one of no known area."""
    return _ASKED.get(action) or _ASKED[action.partition(".")[0]]
