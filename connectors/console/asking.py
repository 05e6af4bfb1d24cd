"""Who asks: found by the session's cookie, and let through where a route's permission holds for them somewhere.

Each route declares what it asks for, ``**asks(Permission.X)``, or that it asks for nothing but a session (``**signed_in()``), or for
nothing (``**open_to_all()``): its description says so as ``x-permission``, and an application with a route that does not is not built.
"""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request

from connectors.console import sessions, users
from connectors.console.permissions import NOWHERE, Permission, Shops
from connectors.console.problems import RESPONSES, Problem
from connectors.console.services import Services

DECLARED, EVERYWHERE = "x-permission", "x-everywhere"
SIGNED_IN, ALL = "signed-in", "none"


class Asker(NamedTuple):
    """``shops``: where the route's permission holds, never nowhere; of a route that asks for none of them it is nowhere."""

    name: str
    may: dict[Permission, Shops]
    shops: Shops


def services(request: Request) -> Services:
    """The application's."""
    return request.app.state.services  # type: ignore[no-any-return]


Used = Annotated[Services, Depends(services)]


def cookie_name(request: Request) -> str:
    """With https one that no other host, and no page in clear, can set."""
    return "__Host-penstock" if request.url.scheme == "https" else "penstock"


def asks(permission: Permission, *, everywhere: bool = False) -> dict[str, Any]:
    """Of a route: signed in, and allowed somewhere; or ``everywhere``, where what it does is not of a shop."""

    async def let_through(request: Request, used: Used) -> None:
        asker = await _signed_in(request, used)
        shops = asker.may.get(permission, NOWHERE)
        if not shops or (everywhere and not shops.everywhere):
            raise Problem("not_allowed")
        request.state.asker = asker._replace(shops=shops)

    return _declared(permission, let_through, **({EVERYWHERE: True} if everywhere else {}))


def signed_in() -> dict[str, Any]:
    """Of a route: for whoever is signed in."""

    async def let_through(request: Request, used: Used) -> None:
        request.state.asker = await _signed_in(request, used)

    return _declared(SIGNED_IN, let_through)


def open_to_all() -> dict[str, Any]:
    """Of a route: for everybody."""
    return _declared(ALL)


def _declared(what: str, *dependencies: Any, **more: Any) -> dict[str, Any]:
    return {
        "dependencies": [Depends(each) for each in dependencies],
        "openapi_extra": {DECLARED: what, **more},
        "responses": RESPONSES,
    }


async def _signed_in(request: Request, used: Services) -> Asker:
    token = request.cookies.get(cookie_name(request))
    if token is None:
        raise Problem("not_signed_in")
    async with used.store.keeping() as connection:
        name = await sessions.user_of(connection, token)
        if name is None:
            raise Problem("not_signed_in")
        return Asker(name, await users.may(connection, name), NOWHERE)


def _asker(request: Request) -> Asker:
    return request.state.asker  # type: ignore[no-any-return]


Who = Annotated[Asker, Depends(_asker)]
