"""Signing in and out, and who one is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from connectors.console import sessions, users
from connectors.console.asking import Used, Who, cookie_name, open_to_all, signed_in
from connectors.console.passwords import MOST
from connectors.console.permissions import Permission, Shops
from connectors.console.problems import Problem
from streams.settings import is_loopback

router = APIRouter(tags=["session"])

#: In the audit, where nobody is called as was typed.
NOBODY = "(unknown)"


class LogIn(BaseModel):
    """What somebody signs in with."""

    name: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")
    password: str = Field(min_length=1, max_length=MOST)


class Where(BaseModel):
    """Shops in which a permission holds; ``everywhere``: in all there are, whatever ``shops`` names."""

    everywhere: bool
    shops: list[str]


class Session(BaseModel):
    """Who is signed in, and what they may do, by permission."""

    name: str
    may: dict[Permission, Where]


@router.post("/session", **open_to_all(), status_code=201)
async def sign_in(request: Request, response: Response, used: Used, body: LogIn) -> Session:
    """Begins a session; one that this browser had ends."""
    address = request.client.host if request.client else ""
    if request.url.scheme != "https" and not is_loopback(address):
        raise Problem("in_clear")
    cookie = cookie_name(request)
    try:
        token = await sessions.log_in(
            used.store, used.passwords, body.name, body.password, address, request.cookies.get(cookie)
        )
    except sessions.WrongPassword as problem:
        used.noting.session("refused", body.name if problem.known else NOBODY, address, outcome="wrong_password")
        raise
    used.noting.session("began", body.name, address)
    async with used.store.keeping() as connection:
        may = await users.may(connection, body.name)
    response.set_cookie(cookie, token, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return _session(body.name, may)


@router.get("/session", **signed_in())
async def who_am_i(who: Who) -> Session:
    """Who is signed in; 401 for nobody."""
    return _session(who.name, who.may)


@router.delete("/session", **signed_in(), status_code=204)
async def sign_out(request: Request, response: Response, used: Used, who: Who, everywhere: bool = False) -> None:
    """Ends the session; ``everywhere``: and every other of the same user."""
    cookie = cookie_name(request)
    async with used.store.keeping() as connection:
        if everywhere:
            await sessions.end_all(connection, who.name)
        await sessions.end(connection, request.cookies[cookie])
    used.noting.session("ended", who.name, request.client.host if request.client else "")
    response.delete_cookie(cookie, path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https")


def _session(name: str, may: dict[Permission, Shops]) -> Session:
    held = {
        permission: Where(everywhere=shops.everywhere, shops=sorted(shops.names))
        for permission, shops in may.items()
        if shops
    }
    return Session(name=name, may=held)
