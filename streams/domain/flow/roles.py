"""Who has which role in approvals: ``lead=li,wang service=zhao``, the accounts as the audit names them."""

from __future__ import annotations

from collections.abc import Mapping


def accounts_by_role(text: str) -> Mapping[str, tuple[str, ...]]:
    """Role -> its accounts. Raises ValueError."""
    found: dict[str, tuple[str, ...]] = {}
    for each in text.split():
        role, equals, names = each.partition("=")
        accounts = tuple([name for name in names.split(",") if name])
        if not role or not equals or not accounts:
            raise ValueError(f"{each!r}: write ROLE=ACCOUNT,ACCOUNT, and a space before the next role")
        if role in found:
            raise ValueError(f"the role {role} twice: name all of its accounts in one place")
        found[role] = accounts
    return found


def roles_of(text: str, account: str) -> tuple[str, ...]:
    """The roles of an account, sorted."""
    return tuple(sorted([role for role, accounts in accounts_by_role(text).items() if account in accounts]))


def person(who: str) -> str:
    """The account of who acts, however they came to: ``li as root, kafka ops`` is li."""
    return who.partition(",")[0].partition(" as ")[0]
