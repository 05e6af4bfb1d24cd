"""`penstock console user`: who may use the console, what they may do, and in which shops."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from getpass import getpass
from typing import Annotated, Any

import asyncpg
import typer

from connectors.console import users
from connectors.console.access import Access
from connectors.console.passwords import LEAST, MOST, hashed
from connectors.console.permissions import ROLES, Grant, Kind
from connectors.console.problems import Problem, in_words
from connectors.console.store import Store
from schemas.table import Table
from schemas.texts import said
from streams.cli.common import JsonFlag, Refused, connected, database_url, out, print_json
from streams.cli.db import run
from streams.ops import audit

Name = Annotated[str, typer.Argument(help="What they log in with.")]
Role = Annotated[str, typer.Argument(help=f"What they may do: {', '.join(ROLES)}.")]
Shop = Annotated[str, typer.Option(help="In this shop.")]
Department = Annotated[str, typer.Option(help="In the shops of this department.")]
Everywhere = Annotated[bool, typer.Option("--everywhere", help="In all shops.")]

_Work = Callable[[asyncpg.Connection], Awaitable[Any]]
_Change = Callable[[Access], Awaitable[Any]]


def add(name: Name) -> None:
    """Add a user of the console, or give one another password: typed twice, or one line of standard input. They may do nothing yet."""
    if not name.strip() or "\0" in name or len(name) > 200:
        raise Refused("the name is empty or longer than 200 characters")
    kept = hashed(_password())
    is_new = _changing(lambda access: access.put(name, kept))
    if is_new:
        out.print(f"{name} is added; penstock console user grant says what they may do")
    else:
        out.print(f"{name} has another password, and is signed out everywhere")


def list_(as_json: JsonFlag = False) -> None:
    """Who may use the console, and what they were granted."""
    found: list[users.User] = _keeping(users.everybody)
    if as_json:
        print_json([user._asdict() for user in found])
        return
    table = Table("user", "granted", "since", box=None, pad_edge=False)
    for user in found:
        granted = ", ".join(grant.removesuffix(":") for grant in user.grants)
        table.add_row(user.name, granted or said("nothing"), user.made_at.isoformat(timespec="seconds"))
    out.print(table)


def remove(name: Name) -> None:
    """Remove a user, with all that was granted; their sessions end."""
    if not _changing(lambda access: access.remove(name)):
        raise Refused(_unknown(name))
    out.print(f"{name} is removed")


def grant(name: Name, role: Role, shop: Shop = "", department: Department = "", everywhere: Everywhere = False) -> None:
    """Let a user do what a role may, in one shop, in a department's, or in all."""
    given = _grant(role, shop, department, everywhere)
    if not _changing(lambda access: access.give(name, given)):
        raise Refused(_unknown(name))
    out.print(f"{name} is {role} now: {_where(given)}")


def revoke(
    name: Name, role: Role, shop: Shop = "", department: Department = "", everywhere: Everywhere = False
) -> None:
    """Take back what was granted, as it was granted; it holds from the next request on."""
    taken = _grant(role, shop, department, everywhere)
    if not _changing(lambda access: access.take(name, taken)):
        raise Refused(f"{name} was not granted that: penstock console user list shows what was")
    out.print(f"{name} is no {role} any more: {_where(taken)}")


def department(
    name: Annotated[str, typer.Argument(help="Of the department.")],
    shops: Annotated[list[str] | None, typer.Argument(help="All its shops; none: there is no such department.")] = None,
) -> None:
    """Say which shops a department has, in place of those it had."""
    _changing(lambda access: access.set_department(name, shops or []))
    out.print(f"department {name}: {', '.join(shops or []) or 'no shops'}")


def _grant(role: str, shop: str, department: str, everywhere: bool) -> Grant:
    if role not in ROLES:
        raise Refused(f"there is no role {role}: {', '.join(ROLES)}")
    if bool(shop) + bool(department) + everywhere != 1:
        raise Refused("say where, in one way: --shop, --department or --everywhere")
    if shop:
        return Grant(role, Kind.SHOP, shop)
    return Grant(role, Kind.DEPARTMENT, department) if department else Grant(role, Kind.ALL, "")


def _where(grant: Grant) -> str:
    return "in all shops" if grant.kind is Kind.ALL else f"{grant.kind.value} {grant.place}"


def _unknown(name: str) -> str:
    return f"there is no user {name}: penstock console user list shows who there is"


def _password() -> str:
    if sys.stdin.isatty():
        password = getpass(said("password: "))
        if getpass(said("once more: ")) != password:
            raise Refused("the two are not the same")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not LEAST <= len(password) <= MOST:
        raise Refused(f"a password has {LEAST} to {MOST} characters, this one has {len(password)}")
    return password


def _changing(change: _Change) -> Any:
    """Does it in the name of who runs the command, with its entry in the audit. Raises Refused."""
    url, cluster = database_url(), connected()

    async def changed(store: Store) -> Any:
        return await change(Access(store, lambda entry: audit.publish(cluster, [entry]), audit.operator(cluster)))

    return run(_with_store(url, changed))


def _keeping(work: _Work) -> Any:
    """Does it in a transaction with the role that may. Raises Refused."""

    async def kept(store: Store) -> Any:
        async with store.keeping() as connection:
            return await work(connection)

    return run(_with_store(database_url(), kept))


async def _with_store(url: str, work: Callable[[Store], Awaitable[Any]]) -> Any:
    store = Store(url)
    try:
        return await work(store)
    except Problem as problem:
        raise Refused(in_words(problem)) from problem
    finally:
        await store.close()
