"""The verifier on receivers that people corrected: who goes where they said, and what it says when one does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.domain import make
from tests.verify.logs import EVENTS, ORDER, Logs

THEIRS = {**make.order()["receiver"], "name": "李红"}
THIRD = {**make.order()["receiver"], "name": "赵六"}


def corrected(version: int = 2, **fields: Any) -> Logs:
    """An order, a person's word, and what intake made of it."""
    logs = Logs()
    logs.order()
    source = said(logs)
    told = {"receiver": THEIRS, "receiver_from": "c-1", "correction_id": "c-1", **fields}
    logs.order(version=version, source=source, **told)
    logs.status("CANCELLED")
    return logs


def said(logs: Logs, **fields: Any) -> dict[str, Any]:
    """Returns where it stands."""
    first = {"topic": EVENTS, "partition": 0, "offset": 0}
    record = {"correction_id": "c-1", "order_id": ORDER, "receiver": THEIRS, "of": first, "event": b"raw"}
    about = {"by": "li", "reason": "", "decided_at_ms": 1}
    entry = logs.add(EVENTS, ORDER, "ReceiverCorrected", **{**record, **about, **fields})
    return {"topic": EVENTS, "partition": 0, "offset": entry.offset}


def shown(logs: Logs, version: int = 3, **fields: Any) -> Logs:
    """The platform shows the order once more, and intake tells it."""
    logs.order(version=version, **{"receiver": THEIRS, "receiver_from": "c-1", **fields})
    return logs


def taken_back() -> Logs:
    logs = corrected()
    source = said(logs, correction_id="c-2", receiver=None)
    logs.order(version=3, source=source, correction_id="c-2")
    return logs


def forgotten() -> Logs:
    logs = corrected()
    source = said(logs, correction_id="forgotten", receiver=None, event=b"")
    logs.duplicate(source, {"topic": EVENTS, "partition": 0, "offset": 0})
    return shown(logs, receiver=make.order()["receiver"], receiver_from="")


SOUND: list[Callable[[], Logs]] = [
    corrected,
    lambda: shown(corrected()),
    lambda: shown(corrected(), status="HOLD", hold_reason="receiver_disputed", platform_receiver=THIRD),
    lambda: shown(corrected(), receiver_from=""),
    taken_back,
    lambda: shown(taken_back(), version=4, receiver=THIRD, receiver_from=""),
    forgotten,
]
WRONG: list[Callable[[], Logs]] = [
    lambda: corrected(receiver=make.order()["receiver"]),
    lambda: shown(corrected(), receiver=THIRD),
    lambda: shown(corrected(), receiver=make.order()["receiver"], receiver_from=""),
    lambda: shown(corrected(), platform_receiver=THIRD),
    lambda: corrected(receiver_from="c-9"),
]


@pytest.mark.parametrize("made", SOUND)
@pytest.mark.parametrize("seed", range(3))
def test_a_receiver_that_stays_as_people_said_is_no_violation(made: Callable[[], Logs], seed: int) -> None:
    assert "receiver_lost" not in made().verify_mixed(seed).violation_counts
    assert not {"event_without_outcome", "unreadable"} & made().kinds().keys()


@pytest.mark.parametrize("made", WRONG)
def test_a_receiver_that_people_did_not_name_is_found(made: Callable[[], Logs]) -> None:
    assert made().kinds()["receiver_lost"] == 1
