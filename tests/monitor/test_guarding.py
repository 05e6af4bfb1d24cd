"""What the monitor makes of comparisons and releases: figures, and which trial it has ended; and that a failing broker ends nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from prometheus_client import CollectorRegistry

from schemas.codec import CODEC
from streams.domain.releases.guardrails import Guard
from streams.domain.releases.recorded import share_record
from streams.domain.releases.sharing import Share
from streams.domain.releases.watching import Trial
from streams.monitor.guarding import Guarding, Proposal, Trials
from streams.monitor.metrics import HubMetrics
from streams.ops.cluster import ClusterError
from tests.domain.released import RULES, release
from tests.domain.releases.compared import SINCE_MS, compared
from tests.monitor.test_counting import NOW_MS, Told

SHARE = Share(2, 1_000, "s", SINCE_MS, (Guard("backordered", 3, 0),))
TRIAL = Trial(RULES, 2, SINCE_MS)


class Seen:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.metrics = HubMetrics(self.registry)
        self.trials = Trials(self.metrics)

    def released(self, share: Share | None) -> None:
        record: Any = {**release(live=1), "share": share_record(share)}
        self.trials.take(Told("config.releases", CODEC.encode("ConfigRelease", record), RULES.encode(), NOW_MS), True)

    def told(self, *records: Any, fresh: bool = True) -> None:
        for record in records:
            value = CODEC.encode("DecisionCompared", record)
            self.trials.take(Told("decisions.compared", value, record["order_id"].encode(), NOW_MS), fresh)

    def proposals(self) -> tuple[Proposal, ...]:
        self.trials.refresh()
        return self.trials.proposals()

    def metric(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"hub_{name}", labels)


def test_a_trial_over_its_limit_is_proposed_until_it_is_ended() -> None:
    seen = Seen()
    # Topics are read in no order between them.
    seen.told(*[compared("BACKORDERED") for _ in range(3)])
    assert seen.proposals() == ()
    seen.released(SHARE)
    for _ in range(2):
        (found,) = seen.proposals()
        assert found.trial == TRIAL and found.because.startswith("backordered: 10,000 of 10,000 more")
    assert seen.metric("guardrail_figure", document=RULES, figure="backordered") == 10_000
    assert seen.metric("guardrail_limit", document=RULES, figure="backordered") == 0
    seen.released(None)
    assert seen.proposals() == ()
    for name in ("guardrail_figure", "guardrail_limit"):
        assert seen.metric(name, document=RULES, figure="backordered") is None
    # Another trial has limits from its first moment, and figures from its first order on.
    seen.released(SHARE._replace(since_ms=9))
    assert seen.proposals() == ()
    assert seen.metric("guardrail_limit", document=RULES, figure="errors") == 100
    assert seen.metric("guardrail_figure", document=RULES, figure="errors") is None


def test_another_trial_of_the_same_version_begins_with_nothing() -> None:
    seen = Seen()
    seen.released(SHARE)
    seen.told(*[compared("BACKORDERED") for _ in range(3)])
    seen.released(SHARE._replace(since_ms=SINCE_MS + 1))
    assert seen.proposals() == ()
    seen.told(*[compared("BACKORDERED", since_ms=SINCE_MS + 1) for _ in range(3)])
    assert [each.trial.since_ms for each in seen.proposals()] == [SINCE_MS + 1]


def test_a_shadow_that_does_badly_ends_nothing_and_is_counted() -> None:
    seen = Seen()
    seen.released(SHARE)
    seen.told(*[compared("BACKORDERED", role="SHADOW") for _ in range(9)], compared("FAILED", role="SHADOW"))
    seen.told(compared("BACKORDERED", role="SHADOW"), fresh=False)
    assert seen.proposals() == ()
    count = {
        result: seen.metric("compared_decisions_total", role="shadow", result=result)
        for result in ("equal", "otherwise", "failed")
    }
    assert count == {"equal": 0, "otherwise": 9, "failed": 1}
    assert seen.metric("compared_waiting_total", role="shadow", side="tried") == 9
    assert seen.metric("compared_waiting_total", role="shadow", side="stands") == 0


def test_what_cannot_be_read_is_counted_and_judges_nothing() -> None:
    seen = Seen()
    for topic in ("decisions.compared", "config.releases"):
        seen.trials.take(Told(topic, b"garbage", b"k", NOW_MS), True)
        assert seen.metric("unreadable_records_total", topic=topic) == 1
    assert seen.proposals() == ()


def test_it_is_ended_once_and_tried_again_while_the_broker_is_away() -> None:
    seen, asked = Seen(), []
    answers = iter([ClusterError("away"), False, True])

    def end(trial: Trial, because: str) -> bool:
        asked.append((trial, because))
        answer = next(answers)
        if isinstance(answer, ClusterError):
            raise answer
        return answer

    guarding = Guarding(lambda: (), end, seen.metrics)
    for rolled_back in (0, 0, 1):
        guarding.carry_out(Proposal(TRIAL, "errors: 5"))
        assert seen.metric("guardrail_rollbacks_total") == rolled_back
    assert asked == [(TRIAL, "errors: 5")] * 3


def test_it_looks_for_what_is_proposed() -> None:
    done: list[Trial] = []

    async def run() -> None:
        guarding = Guarding(lambda: [Proposal(TRIAL, "x")], lambda trial, _: not done.append(trial), Seen().metrics)
        task = asyncio.create_task(guarding.run())
        while not done:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert done == [TRIAL]
