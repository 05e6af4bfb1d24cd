"""What the console has done in its users' names: by the commands' own functions, one after another.

One at a time in this process: commands that close items fence each other off. Another process may still come between, which is told.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from connectors.console.deeds import AlreadyDone, Correction, Gone, Judged, Refusal
from connectors.console.redriving import Done
from schemas.records import AuditEntry
from streams.aside import review
from streams.aside.correction import CannotBeSent, Submission, discarding, editable, submissions
from streams.aside.fenced import Closing
from streams.aside.foresight import verdict
from streams.aside.places import BadName, place_of
from streams.aside.review import UNSETTLED, Item
from streams.cli.asking import telling_of_forgotten
from streams.cli.console_eyes import Eyes
from streams.cli.console_redriving import Redriving, alone, told
from streams.cli.console_rules import Rules
from streams.cli.console_tables import Tables
from streams.cli.console_tasks import Tasks
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster, ClusterError
from streams.settings import Settings


class Deeds:
    """See ``connectors.console.deeds.Deeds``. Without a broker every one is a ClusterError."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = threading.Lock()
        self.tables = Tables(self._cluster, self._turns)
        eyes = Eyes(settings)
        self.lags, self.system = eyes.lags, eyes.system
        self.rules = Rules(settings, self._cluster, self._turns)
        self.tasks = Tasks(settings, self._cluster)
        self.redriving = Redriving(self._cluster, self._turns)

    def note(self, entry: AuditEntry) -> None:
        audit.publish(self._cluster(), [entry])

    def read(self, subject: str, by: Actor, record: str = "") -> None:
        audit.read(self._cluster(), subject, "console", by=by, **({"record": record} if record else {}))

    def draft(self, payload: bytes) -> tuple[bytes, str]:
        return editable(payload)

    def judge(self, record: str, correction: Correction) -> Judged:
        cluster = self._cluster()
        return _judged(_submission(cluster, _item(cluster, record), correction))

    def resubmit(self, record: str, correction: Correction, because: str, undertaking: str, by: Actor) -> Done:
        def closing(cluster: Cluster, item: Item) -> Closing:
            submission = _submission(cluster, item, correction)
            if not submission.would_be_accepted:
                raise Refusal(verdict(submission.decision))
            if telling_of_forgotten(cluster, [(item.place, submission.sending.message)]):
                raise Refusal("persons who are forgotten would come back: discard it")
            return submission.sending.closing(by, because, undertaking)

        return self._closed(record, undertaking, closing)

    def discard(self, record: str, because: str, undertaking: str, by: Actor) -> Done:
        return self._closed(record, undertaking, lambda _, item: discarding(item, by, because, undertaking))

    def _closed(self, record: str, undertaking: str, closing: Callable[[Cluster, Item], Closing]) -> Done:
        """Settles an item that is not settled: looked at with the id in hand, so that nobody else can do it meanwhile."""
        cluster = self._cluster()
        with self._turns, alone(cluster) as operator:
            item = _item(cluster, record)
            if item.state not in UNSETTLED:
                return _done_before(item, undertaking)
            close = closing(cluster, item)
            for _ in operator.close([close]):
                pass
        return told(close.entry, repeated=False)

    def _cluster(self) -> Cluster:
        if not self._settings.brokers:
            raise ClusterError("no broker")
        return Cluster(self._settings)


def _item(cluster: Cluster, record: str) -> Item:
    try:
        place = place_of(record, review.TOPIC)
    except BadName as exc:
        raise Gone from exc
    found = review.named(cluster, {place})
    if place not in found:
        raise Gone
    return found[place]


def _submission(cluster: Cluster, item: Item, correction: Correction) -> Submission:
    try:
        (it,) = submissions(cluster, [item], time.time_ns() // 1_000_000, correction.payload, correction.changes)
    except CannotBeSent as exc:
        raise Refusal(str(exc)) from exc
    # An order of another number may be another shop's.
    if not correction.anywhere and it.sending.key != item.bound_for.partition("/")[0]:
        raise Refusal("it would be another order's: who may send again in all shops can do that")
    return it


def _judged(submission: Submission) -> Judged:
    decision = submission.decision
    reasons = decision.record["reasons"] if decision.name == "Review" else []  # type: ignore[typeddict-item]
    return Judged(submission.would_be_accepted, verdict(decision), reasons)


def _done_before(item: Item, undertaking: str) -> Done:
    last = item.trail[-1]
    if last["correlation_id"] == undertaking:
        return told(last, repeated=True)
    raise AlreadyDone(item.state, last["by"], last["at_ms"])
