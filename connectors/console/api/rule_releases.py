"""Having a version of a rule document decide orders, or no more: as ``penstock rules release`` and ``rollback`` do."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from connectors.console.api.doing import Because, done
from connectors.console.api.rules import Name
from connectors.console.asking import Used, Who, asks
from connectors.console.permissions import Permission
from connectors.console.problems import Speaks
from schemas.texts import said_in
from streams.ops.actor import Actor, Right

router = APIRouter(tags=["rules"])

#: Number of the last change that the person has seen, 0 for none.
Last = Annotated[int, Field(ge=0, le=10**17)]


class RuleReleased(BaseModel):
    """What a version is to do: decide without effect, a share of the orders (of 10,000 so many), or all."""

    version: Annotated[int, Field(ge=1, le=10**17)]
    to: Literal["shadow", "share", "live"]
    basis_points: Annotated[int, Field(ge=0, le=10_000)] = 0
    last: Last
    because: Because


class RuleRolledBack(BaseModel):
    """Take back what decides, or with ``shadow`` end that alone."""

    shadow: bool = False
    last: Last
    because: Because


class RuleMoved(BaseModel):
    """``changed``: false where it was so already."""

    changed: bool
    says: str


@router.post("/rules/documents/{name}/release", **asks(Permission.RULES_RELEASE))
async def release_rules(used: Used, who: Who, speaks: Speaks, name: Name, body: RuleReleased) -> RuleMoved:
    """Moves a version on; refused where it has faults by now, may not move so, or somebody else has moved one meanwhile."""
    asked = (name, body.version, body.to, body.basis_points, body.last, body.because)
    moved = await done(used.deeds.rules.release, *asked, Actor(who.name, {Right.SETTINGS}))
    return RuleMoved(changed=moved.changed, says=said_in(speaks, moved.says))


@router.post("/rules/documents/{name}/rollback", **asks(Permission.RULES_RELEASE))
async def roll_back_rules(used: Used, who: Who, speaks: Speaks, name: Name, body: RuleRolledBack) -> RuleMoved:
    """Ends the trial where there is one, else what was live before is live again."""
    asked = (name, body.shadow, body.last, body.because)
    moved = await done(used.deeds.rules.roll_back, *asked, Actor(who.name, {Right.SETTINGS}))
    return RuleMoved(changed=moved.changed, says=said_in(speaks, moved.says))
