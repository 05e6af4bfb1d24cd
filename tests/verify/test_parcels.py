"""The verifier on parcels: what platforms may be told, and what it says when they were told otherwise."""

from __future__ import annotations

import pytest

from tests.domain.writebacks import HOUR_MS, ORDER, Life, command, result, shipped
from tests.verify.logs import Logs


def told(life: Life, answers: list[dict[str, object]], *shipments: dict[str, object]) -> Logs:
    """What a writeback stage and a platform wrote, beside the shipments."""
    logs = Logs()
    for record in shipments or (shipped(),):
        logs.add("shipments", ORDER, "Shipped", **record)
    for record in life.requests:
        logs.add("writeback.requests", ORDER, "WritebackRequest", **{**record, "receiver": None})
    for record in answers:
        logs.add("writeback.results", ORDER, "WritebackResult", **{**record, **{"at_ms": 1}})
    for record in life.statuses:
        logs.add("writeback.status", ORDER, "WritebackChanged", **record)
    for record in life.warnings:
        logs.add("writeback.status", ORDER, "WritebackDeadlineNear", **record)
    return logs


def sound() -> tuple[Life, list[dict[str, object]]]:
    """Tried twice, then redriven: taken by its third request."""
    life = Life().begun().answer("RETRYABLE").tick(HOUR_MS).answer("NUMBER_WRONG").tick(47 * HOUR_MS)
    life.take("WritebackCommand", command()).answer()
    outcomes = zip(life.requests, ("RETRYABLE", "NUMBER_WRONG", "SHIPPED"), strict=True)
    return life, [result(request, outcome) for request, outcome in outcomes]


@pytest.mark.parametrize("seed", range(5))
def test_a_parcel_that_was_told_as_it_should_be_is_no_violation(seed: int) -> None:
    life, answers = sound()
    assert life.warnings
    logs = told(life, [*answers, answers[-1]])
    assert logs.verify_mixed(seed).violation_counts == {}


def unshipped() -> Logs:
    """A number that nobody shipped is told."""
    life = Life().begun()
    return told(life, [], shipped("S9"))


def taken_twice() -> Logs:
    """A platform takes two requests of one parcel."""
    life, answers = sound()
    return told(life, [*answers[:1], {**answers[1], "outcome": "SHIPPED"}, answers[2]])


def asked_twice() -> Logs:
    """A request stands there twice."""
    life = Life().begun()
    life.requests *= 2
    return told(life, [])


def undone() -> Logs:
    """A success is taken back."""
    life, answers = sound()
    life.statuses.append({**life.statuses[-1], "phase": "DEAD"})
    return told(life, answers)


#: One log for each kind of violation that is about parcels.
WRONG = {
    "written_unshipped": unshipped,
    "written_twice": taken_twice,
    "requested_wrongly": asked_twice,
    "writeback_undone": undone,
}


def test_already_shipped_is_no_second_time() -> None:
    life, answers = sound()
    assert told(life, [*answers, {**answers[1], "outcome": "ALREADY_SHIPPED"}]).kinds() == {}


@pytest.mark.parametrize("places", [(0, 2), (1, 0, 2)])
def test_a_request_lost_or_out_of_order(places: tuple[int, ...]) -> None:
    life, answers = sound()
    life.requests = [life.requests[place] for place in places]
    assert told(life, answers).kinds()["requested_wrongly"] >= 1
