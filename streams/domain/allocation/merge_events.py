"""What the owner of an order's merge group tells, what its own time does, and what any change to it means for its companions."""

from __future__ import annotations

from schemas.records import MergeAnswer

from . import companions
from .course import reconsider
from .saga import settle
from .step import Step


def on_merge_answer(step: Step, answer: MergeAnswer) -> None:
    """Told to an order that goes by itself already it changes nothing: the owner of the group has heard that."""
    its = companions.active(step.state)
    match answer["kind"]:
        case "PLAN" if its is not None and its["stage"] == "WAITS":
            companions.planning(step, answer)
            reconsider(step, f"{len(answer['orders'])} orders of its receiver leave together")
        case "GO" if its is not None and its["stage"] == "READY":
            companions.gone(step, answer)
            _settle(step)
        case "ALONE" if its is not None:
            companions.goes_alone(step, "no other order came, or stayed")
        case "LEFT":
            companions.without(step, answer["orders"])


def hear_clock(step: Step) -> None:
    """Whether its own time is over is judged by the log's time."""
    its = companions.active(step.state)
    if its is not None and its["until_ms"] <= step.at_ms:
        companions.leave(step, "its time to wait is over")


def follow_companions(step: Step) -> None:
    """At a decision's end: what cannot leave with others any more goes by itself, and goes on."""
    if why := companions.is_out(step.state):
        companions.leave(step, why)
    before = companions.active(step.before)
    if before is not None and companions.active(step.state) is None:
        _goes_on(step, before["stage"])


def _goes_on(step: Step, stage: str) -> None:
    """What it had waited for keeps it no longer."""
    its = step.state["merge"]
    if its is None or its["stage"] != "ALONE":
        return
    if stage == "WAITS" and step.state["phase"] == "HELD" and companions.COMPANIONS in step.state["hold_reason"]:
        reconsider(step, f"goes alone: {its['why']}")
    elif stage == "READY" and step.state["phase"] == "RESERVING":
        _settle(step)


def _settle(step: Step) -> None:
    settle(step, {})
    if step.state["parcels"] and step.state["phase"] == "ALLOCATED":
        reconsider(step, "a parcel had left")
