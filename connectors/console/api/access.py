"""Who may use the console, and for what: to be seen, with the reasons, and changed, by who manages access in all shops.

Nobody takes from themselves what they manage access by: somebody has to be left who can.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from connectors.console import holders
from connectors.console.access import Access
from connectors.console.api.doing import Because
from connectors.console.asking import Asker, Used, Who, asks
from connectors.console.passwords import LEAST, MOST
from connectors.console.permissions import ROLES, Grant, Kind, Permission
from connectors.console.problems import Problem
from connectors.console.services import Services
from streams.ops.actor import Actor, Right
from streams.ops.cluster import ClusterError

router = APIRouter(tags=["access"])

MANAGES = asks(Permission.ACCESS_MANAGE, everywhere=True)
Named = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]
User = Annotated[str, Path(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class GrantTold(BaseModel):
    """A role in a place: all shops, a department's, or one; ``place`` is empty for all."""

    role: str
    kind: Kind
    place: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")


class GrantRow(GrantTold):
    """The same, with who gave it, and when."""

    made_at: datetime
    made_by: str


class UserRow(BaseModel):
    """``seen_at``: when they last asked for something, in a session that has not ended."""

    name: str
    made_at: datetime
    made_by: str
    seen_at: datetime | None
    grants: list[GrantRow]


class Role(BaseModel):
    """What a role allows."""

    role: str
    permissions: list[Permission]


class Department(BaseModel):
    """Its shops."""

    department: str
    shops: list[str]


class Everybody(BaseModel):
    """Users, and all that can be granted to them."""

    users: list[UserRow]
    roles: list[Role]
    departments: list[Department]
    #: Those that orders have come from.
    shops: list[str]


class Why(BaseModel):
    """A grant that a permission comes from; ``shops``: null for all."""

    role: str
    kind: Kind
    place: str
    shops: list[str] | None


class Held(BaseModel):
    """What a user may do; ``shops``: where, all grants together, null for everywhere."""

    permission: Permission
    shops: list[str] | None
    why: list[Why]


class Holdings(BaseModel):
    """All that a user may do, and what they may not."""

    name: str
    held: list[Held]
    lacked: list[Permission]


class NewUser(BaseModel):
    """Somebody new, or another password for somebody; their sessions end."""

    name: Named
    password: str = Field(min_length=LEAST, max_length=MOST)
    because: Because


class Granting(GrantTold):
    """To be given, or taken back as it was given."""

    because: Because


class Removing(BaseModel):
    """Somebody goes, with grants and sessions."""

    because: Because


class Shops(BaseModel):
    """All shops of a department, in place of those it had; none: there is no such department."""

    shops: list[Named] = Field(max_length=1_000)
    because: Because


class Changed(BaseModel):
    """It holds from the next request on."""

    done: bool = True


@router.get("/access", **MANAGES)
async def show_access(used: Used, who: Who) -> Everybody:
    """Everybody who may sign in, with what they were granted."""
    async with used.store.keeping() as connection:
        users, departments = await holders.everybody(connection)
    async with used.store.reading(who.shops) as connection:
        shops = await holders.shops(connection)
    return Everybody(
        users=[UserRow(**{**user._asdict(), "grants": [_told(each) for each in user.grants]}) for user in users],
        roles=[Role(role=role, permissions=sorted(them)) for role, them in ROLES.items()],
        departments=[Department(department=name, shops=its) for name, its in departments.items()],
        shops=shops,
    )


@router.get("/access/users/{name:path}", **MANAGES)
async def show_holdings(used: Used, name: User) -> Holdings:
    """What somebody can see and do, where, and by which grant."""
    async with used.store.keeping() as connection:
        users, departments = await holders.everybody(connection)
    user = next((each for each in users if each.name == name), None)
    if user is None:
        raise Problem("not_found")
    found = holders.reasons([each.grant for each in user.grants], departments)
    held = [
        Held(
            permission=permission,
            shops=holders.together(reasons),
            why=[
                Why(**each.grant._asdict(), shops=None if each.shops is None else list(each.shops)) for each in reasons
            ],
        )
        for permission, reasons in found.items()
    ]
    return Holdings(name=name, held=held, lacked=[each for each in Permission if each not in found])


@router.post("/access/users", **MANAGES, status_code=201)
async def put_user(used: Used, who: Who, body: NewUser) -> Changed:
    """Adds somebody, who may do nothing yet, or gives somebody another password."""
    kept = await used.passwords.hashed(body.password)
    with _put_on_record():
        await _access(used, who, body.because).put(body.name, kept)
    return Changed()


@router.post("/access/users/{name:path}/grant", **MANAGES)
async def grant(used: Used, who: Who, name: User, body: Granting) -> Changed:
    """Gives somebody a role in a place."""
    with _put_on_record():
        if not await _access(used, who, body.because).give(name, _grant(body)):
            raise Problem("not_found")
    return Changed()


@router.post("/access/users/{name:path}/revoke", **MANAGES)
async def revoke(used: Used, who: Who, name: User, body: Granting) -> Changed:
    """Takes a role in a place back."""
    taken = _grant(body)
    if name == who.name and Permission.ACCESS_MANAGE in ROLES[taken.role]:
        raise Problem("not_from_oneself")
    with _put_on_record():
        if not await _access(used, who, body.because).take(name, taken):
            raise Problem("not_found")
    return Changed()


@router.post("/access/users/{name:path}/remove", **MANAGES)
async def remove_user(used: Used, who: Who, name: User, body: Removing) -> Changed:
    """Removes somebody."""
    if name == who.name:
        raise Problem("not_from_oneself")
    with _put_on_record():
        if not await _access(used, who, body.because).remove(name):
            raise Problem("not_found")
    return Changed()


@router.put("/access/departments/{name:path}", **MANAGES)
async def set_department(used: Used, who: Who, name: User, body: Shops) -> Changed:
    """Says which shops a department has: who was granted a role in it has it in these from then on."""
    with _put_on_record():
        await _access(used, who, body.because).set_department(name, list(dict.fromkeys(body.shops)))
    return Changed()


def _access(used: Services, who: Asker, because: str) -> Access:
    return Access(used.store, used.deeds.note, Actor(who.name, {Right.ACCESS}), because)


@contextmanager
def _put_on_record() -> Iterator[None]:
    """What cannot be, is not done. Raises Problem."""
    try:
        yield
    except ClusterError as error:
        raise Problem("kafka_away") from error


def _grant(told: GrantTold) -> Grant:
    """Raises Problem."""
    if told.role not in ROLES:
        raise Problem("wrong_value", field="role")
    if bool(told.place.strip()) is (told.kind is Kind.ALL):
        raise Problem("wrong_value", field="place")
    return Grant(told.role, told.kind, told.place)


def _told(held: holders.Held) -> GrantRow:
    return GrantRow(**held.grant._asdict(), made_at=held.made_at, made_by=held.made_by)
