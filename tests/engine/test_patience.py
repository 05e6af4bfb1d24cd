"""Each partition's failures count by themselves: that others get on neither saves it nor hides it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from streams.engine import patience
from streams.engine.errors import EngineError, KafkaFault, StateCorrupt
from streams.engine.metrics import Metrics
from streams.engine.patience import Patience

A, B = ("orders", 0), ("orders", 1)


class Clock:
    """Stands in for the module ``time``."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(patience, "time", clock)
    yield clock


def fault(concerns: dict[tuple[str, int], int]) -> EngineError:
    exc = KafkaFault("away")
    exc.concerns = concerns
    return exc


def still_s(metrics: Metrics, tp: tuple[str, int]) -> float | None:
    return metrics.registry.get_sample_value("engine_standing_still_seconds", {"topic": tp[0], "partition": str(tp[1])})


def test_another_partition_s_success_is_no_comfort(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics(CollectorRegistry())
    it = Patience(60.0, metrics)
    with (
        pytest.raises(EngineError, match=r"no cycle of orders/0 has succeeded for 60 s: away"),
        caplog.at_level(logging.WARNING),
    ):
        for second in range(0, 100, 5):
            clock.now = float(second)
            it.failed(fault({A: 17}))
            assert still_s(metrics, A) == second
            it.succeeded({B: 4 + second})
    assert clock.now == 65.0
    said = [record.message for record in caplog.records]
    assert said[:2] == [
        "cycle undone, begun again from the last commit: away",
        "orders/0 has stood still for 15 s, the worker stops after 60 s: away",
    ]
    assert len(said) == 5


def test_its_own_success_or_another_start_is_progress(clock: Clock) -> None:
    metrics = Metrics(CollectorRegistry())
    it = Patience(60.0, metrics)
    waits = [it.failed(fault({A: 17})) for _ in range(4)]
    assert waits == [0.05, 0.1, 0.2, 0.4]
    clock.now = 50.0
    it.succeeded({A: 17})
    assert still_s(metrics, A) == 0.0
    assert it.failed(fault({A: 20})) == 0.05
    # Carried out without anybody having seen it: it is further on.
    clock.now = 150.0
    assert it.failed(fault({A: 21})) == 0.05
    # However long each try takes.
    clock.now = 250.0
    with pytest.raises(EngineError, match="no cycle of orders/0"):
        it.failed(fault({A: 21}))


def test_a_failure_that_is_no_partition_s_is_over_with_any_success(clock: Clock) -> None:
    it = Patience(60.0, Metrics(CollectorRegistry()))
    it.failed(fault({}))
    clock.now = 59.0
    it.succeeded({B: 1})
    clock.now = 100.0
    it.failed(fault({}))
    clock.now = 161.0
    with pytest.raises(EngineError, match="no cycle of this worker has succeeded"):
        it.failed(fault({}))


def test_what_is_given_up_is_forgotten_and_what_is_corrupt_is_not_tried_again(clock: Clock) -> None:
    it = Patience(60.0, Metrics(CollectorRegistry()))
    it.failed(fault({A: 17}))
    it.forget({A})
    clock.now = 70.0
    assert it.failed(fault({A: 17})) == 0.05
    with pytest.raises(EngineError, match="the next start rebuilds it"):
        it.failed(StateCorrupt("a block"))
