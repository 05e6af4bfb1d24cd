"""Watches trials of rules by what is told of their orders, and has one ended whose figure is over its limit.

This is the one place that judges them: guards look at all orders of a trial, and a worker sees its partitions' alone. It judges by the log
and by nothing else, so it may be started anew at any time and comes to the same; and it only proposes: whether there is still something to
be ended, the release record says (``end_trial``). So a second monitor is harmless, and none at all leaves a trial to its people.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable
from typing import NamedTuple, cast

from schemas.codec import CODEC, CodecError
from schemas.records import ConfigRelease, DecisionCompared
from schemas.topics import COMPARED, RELEASES
from streams.domain.releases.guardrails import figure
from streams.domain.releases.recorded import release_of
from streams.domain.releases.sharing import Share
from streams.domain.releases.watching import Course, Trial, because, guards_of, judged, trial_in, trial_of, went_on
from streams.engine.record import Record
from streams.monitor.metrics import HubMetrics
from streams.ops.cluster import Cluster, ClusterError

logger = logging.getLogger(__name__)

TOPICS = (COMPARED, RELEASES)

#: A trial, and why it is to be ended -> whether that was done now; raises ClusterError.
End = Callable[[Trial, str], bool]

_LOOK_EVERY_S = 1.0
#: After a try that did not end it: the broker is away, or the new release is not read yet.
_AGAIN_S = 5.0
#: Clocks of those who release and of the broker differ by less.
_MARGIN_MS = 3_600_000


class Proposal(NamedTuple):
    """A trial that is to be ended."""

    trial: Trial
    because: str


def begun_ms(cluster: Cluster) -> int | None:
    """From when on the orders of all trials under way are told of; None: none is. Raises ClusterError."""
    newest: dict[bytes, bytes | None] = {}
    for message in cluster.read(RELEASES):
        newest[message.key() or b""] = message.value()
    shares = [share for value in newest.values() if (share := _share_in(value)[1]) is not None]
    return min((max(0, share.since_ms - _MARGIN_MS) for share in shares), default=None)


class Trials:
    """Fed by one thread, asked by another."""

    def __init__(self, metrics: HubMetrics) -> None:
        self._metrics = metrics
        self._lock = threading.Lock()
        self._courses: dict[Trial, Course] = {}
        self._shares: dict[str, Share] = {}
        self._proposals: tuple[Proposal, ...] = ()

    def take(self, message: Record, fresh: bool) -> None:
        """Takes in one message of ``TOPICS``; ``fresh``: written since the monitor started."""
        if message.topic() == RELEASES:
            self._released(message)
            return
        try:
            name, found = CODEC.decode(message.value() or b"")
            if name != "DecisionCompared":
                raise CodecError(f"a {name} stands where a comparison belongs")
        except CodecError:
            self._metrics.unreadable.labels(COMPARED).inc()
            return
        record = cast(DecisionCompared, found)
        trial = trial_in(record)
        if trial is not None:
            self._courses[trial] = went_on(self._courses.get(trial, Course()), record)
        if fresh:
            result = "failed" if record["tried"]["error"] else "equal" if record["equal"] else "otherwise"
            self._metrics.compared.labels(record["role"].lower(), result).inc()
            for side, its in (("stands", record["stands"]), ("tried", record["tried"])):
                waits = its["outcome"] == "BACKORDERED"
                self._metrics.compared_waiting.labels(record["role"].lower(), side).inc(waits)

    def refresh(self) -> None:
        """Judges each trial by all that was told of it so far."""
        found: list[Proposal] = []
        figures: dict[tuple[str, str], float] = {}
        limits: dict[tuple[str, str], float] = {}
        for document, share in self._shares.items():
            trial = trial_of(document, share)
            course = self._courses.get(trial, Course())
            for guard in guards_of(share):
                place = document, guard.figure
                if min(course.tried.decisions, course.stands.decisions):
                    figures[place] = figure(guard.figure, course.tried, course.stands)
                limits[place] = guard.limit
            breached = judged(course, share)
            if breached:
                found.append(Proposal(trial, because(breached)))
        self._metrics.guards(figures, limits)
        with self._lock:
            self._proposals = tuple(found)

    def proposals(self) -> tuple[Proposal, ...]:
        """What is to be ended, as of the last look."""
        with self._lock:
            return self._proposals

    def _released(self, message: Record) -> None:
        document, share = _share_in(message.value())
        if not document:
            self._metrics.unreadable.labels(RELEASES).inc()
        elif share is None:
            self._shares.pop(document, None)
        else:
            self._shares[document] = share


class Guarding:
    """Has ended what ``trials`` propose; ``end`` is handed in by who may write releases."""

    def __init__(self, trials: Callable[[], Iterable[Proposal]], end: End, metrics: HubMetrics) -> None:
        self._trials = trials
        self._end = end
        self._metrics = metrics

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            rest_s = _LOOK_EVERY_S
            for proposal in self._trials():
                # Not given up half-way: its clients are closed when it is through.
                await asyncio.shield(asyncio.to_thread(self.carry_out, proposal))
                rest_s = _AGAIN_S
            await asyncio.sleep(rest_s)

    def carry_out(self, proposal: Proposal) -> None:
        """One of them; a broker that is away is told, and tried again."""
        trial = proposal.trial
        try:
            done = self._end(trial, proposal.because)
        except ClusterError as exc:
            logger.error("the trial of %s@%s is to be ended, and cannot be yet: %s", *trial[:2], exc)
            return
        if done:
            self._metrics.rolled_back.inc()
            logger.error("the trial of %s@%s was ended: %s", *trial[:2], proposal.because)


def _share_in(value: bytes | None) -> tuple[str, Share | None]:
    """A release's document, empty where it cannot be read, and its trial."""
    try:
        name, record = CODEC.decode(value or b"")
    except CodecError:
        return "", None
    if name != "ConfigRelease":
        return "", None
    release = cast(ConfigRelease, record)
    return release["document"], release_of(release).share
