"""The verifier's own, small model of Penstock: fed with every record, it says what does not hold.

It knows the records and the promise, and shares no code with the stages that keep it. Topics may be fed in any order,
the records of one partition in the order of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.topics import CHANNELS, QUARANTINE, TOPICS, channel_topic
from streams.verify.compared import COMPARED, Comparisons
from streams.verify.cuts import Cuts
from streams.verify.entry import Entry
from streams.verify.findings import Findings
from streams.verify.merging import MERGE_ANSWERS, MERGE_REQUESTS, Merges
from streams.verify.orders import ALLOCATED, BACKORDERED, RELEASED, Orders
from streams.verify.outcomes import IN_FLIGHT, Outcomes
from streams.verify.parcels import ANSWERS, REQUESTS, SHIPMENTS, STATUS, Parcels
from streams.verify.parcels import TOPICS as PARCEL_TOPICS
from streams.verify.places import partition_of
from streams.verify.receivers import Receivers
from streams.verify.report import Report
from streams.verify.stock import StockBook
from streams.verify.tasks import DOCUMENTS, TASKS, Tasks
from streams.verify.units import COMMANDS, RESULTS, RETURNS, Units

CHANNEL_TOPICS = tuple(map(channel_topic, CHANNELS))
#: What people say of receivers: the only records of these topics that are looked into.
CORRECTED = "ReceiverCorrected"
#: Read one group after the other. Answers are read along with their commands, so that few commands have to wait.
GROUPS: tuple[tuple[str, ...], ...] = (
    CHANNEL_TOPICS,
    (QUARANTINE, "orders.review", "orders.duplicates", "orders", "aftersales", DOCUMENTS),
    ("allocations", "order.status", COMPARED, TASKS, MERGE_REQUESTS, MERGE_ANSWERS),
    ("inventory.availability",),
    (RESULTS, COMMANDS),
    (*PARCEL_TOPICS, RETURNS),
)
#: Header of a record that a person has sent back from quarantine, with its place there.
REDRIVEN_FROM = "redriven-from"
#: Topics that only Penstock's stages write to.
OWN_TOPICS = frozenset(
    (
        "orders",
        "aftersales",
        "orders.review",
        "orders.duplicates",
        "allocations",
        "order.status",
        COMPARED,
        TASKS,
        MERGE_REQUESTS,
        MERGE_ANSWERS,
        RESULTS,
        REQUESTS,
        STATUS,
    )
)
#: Those of them that another stage reads, so that a record of theirs may have been in quarantine.
OWN_INPUTS = frozenset(("orders", RESULTS, "allocations", MERGE_REQUESTS, MERGE_ANSWERS))
#: Topics that stages read by key: a record of theirs is decided by who owns its key, in one partition.
KEYED = frozenset(
    (*CHANNEL_TOPICS, "orders", "allocations", RESULTS, COMMANDS, SHIPMENTS, ANSWERS, MERGE_REQUESTS, MERGE_ANSWERS)
)


class Model:
    """Feed it, then finish it, once.

    Args:
        decided: per (topic, partition) the offset below which everything is decided for sure: the consumer group's
            committed offsets. What lies above it may still be under way.
        begins: per (topic, partition) the first offset of its log: above 0 its beginning is gone, and what only that
            could prove is not judged.
        partitions: per topic their number; a record in another one than its key's (murmur2) is misplaced. Not judged without.
    """

    def __init__(
        self,
        decided: Mapping[tuple[str, int], int] | None = None,
        begins: Mapping[tuple[str, int], int] | None = None,
        partitions: Mapping[str, int] | None = None,
    ) -> None:
        self._decided = decided or {}
        self._partitions = {topic: count for topic, count in (partitions or {}).items() if topic in KEYED}
        self._misplaced: list[Entry] = []
        self.cuts = Cuts(begins or {})
        self.findings = Findings(self.cuts)
        self.outcomes = Outcomes(self.findings, decided or {})
        self.orders = Orders(self.findings, decided or {})
        self.units = Units(self.findings, decided or {}, self.orders)
        self.stock = StockBook(self.findings, decided or {}, self.orders, self.units)
        self.parcels = Parcels(self.findings)
        self.receivers = Receivers(self.findings)
        self.comparisons = Comparisons(self.findings, self.orders)
        self.tasks = Tasks(self.findings, self.orders)
        self.merges = Merges(self.findings)
        self.records = 0
        self._unreadable: list[tuple[Entry, str]] = []
        self._quarantined: set[tuple[str, int, int]] = set()
        self._handlers: dict[tuple[str, str], tuple[Callable[[Entry], None], ...]] = {
            ("orders", "Order"): (self.outcomes.on_order, self.orders.on_order, self.receivers.on_order),
            ("aftersales", "AfterSale"): (self.outcomes.on_aftersale, self.orders.on_aftersale),
            ("orders.review", "Review"): (self.outcomes.on_review,),
            ("orders.duplicates", "Duplicate"): (self.outcomes.on_duplicate,),
            (QUARANTINE, ""): (self._on_quarantine,),
            ("allocations", ALLOCATED): (self.orders.on_allocated, self.merges.on_allocated),
            ("allocations", BACKORDERED): (self.orders.on_backordered,),
            ("allocations", RELEASED): (self.orders.on_released,),
            ("order.status", "OrderStatusChanged"): (self.orders.on_status, self.merges.on_status),
            (MERGE_REQUESTS, "MergeRequest"): (self.merges.on_request,),
            (MERGE_ANSWERS, "MergeAnswer"): (self.merges.on_answer,),
            (COMPARED, "DecisionCompared"): (self.comparisons.on_compared,),
            (DOCUMENTS, "ConfigDocument"): (self.tasks.on_document,),
            (TASKS, "Task"): (self.tasks.on_task,),
            ("inventory.availability", "Availability"): (self.stock.on_availability,),
            (SHIPMENTS, "Shipped"): (self.parcels.on_shipped, self._on_moved),
            (RETURNS, "ReturnReceived"): (self._on_moved,),
            (REQUESTS, "WritebackRequest"): (self.parcels.on_request,),
            (ANSWERS, "WritebackResult"): (self.parcels.on_answer,),
            (STATUS, "WritebackChanged"): (self.parcels.on_changed,),
            # Only a warning, which changes nothing.
            (STATUS, "WritebackDeadlineNear"): (),
            **{(channel, ""): (self.outcomes.on_event,) for channel in CHANNEL_TOPICS},
            **{
                (channel, CORRECTED): (self.outcomes.on_event, self.receivers.on_correction)
                for channel in CHANNEL_TOPICS
            },
        }

    def feed(self, entry: Entry) -> None:
        """The next record of its partition."""
        self.records += 1
        self.cuts.met(entry.topic, entry.partition, entry.at_ms)
        count = self._partitions.get(entry.topic)
        if count and entry.key is not None and partition_of(entry.key, count) != entry.partition:
            self._misplaced.append(entry._replace(record={}, value=None))
        if REDRIVEN_FROM in entry.headers:
            # The same record stands before it in this topic and is judged there.
            self.outcomes.on_redriven(entry.headers[REDRIVEN_FROM])
            return
        handlers = self._handlers.get((entry.topic, entry.name))
        if handlers is not None:
            for handle in handlers:
                handle(entry)
        elif entry.topic == COMMANDS and entry.name in TOPICS[COMMANDS].records:
            # One in quarantine has no effect and no answer; its id may come again, corrected.
            if (entry.topic, entry.partition, entry.offset) not in self._quarantined:
                self.stock.on_command(entry)
        elif entry.topic == RESULTS:
            self.stock.on_answer(entry)
        else:
            self.unreadable(entry, f"a {entry.name or 'record without a name'} does not belong into this topic")

    def unreadable(self, entry: Entry, error: str) -> None:
        """A record of Penstock's own topics that cannot be decoded."""
        self.cuts.met(entry.topic, entry.partition, entry.at_ms)
        self._unreadable.append((entry._replace(value=None), error))

    def is_quiet(self) -> bool:
        """Whether nothing of what was fed waits for anything."""
        self.stock.skip(self._quarantined)
        waiting = (self.outcomes.in_flight(), *self.orders.unfinished(), self.stock.in_flight(), self.units.in_flight())
        return not any(waiting)

    def finish(self, at_rest: bool) -> Report:
        """Judges what was fed.

        Args:
            at_rest: nothing is under way: what waits, waits for ever, and the topics must agree with each other.
        """
        self.outcomes.finish(at_rest)
        for entry, error in self._unreadable:
            # A fault that was noticed and put aside is what quarantine is for.
            if (entry.topic, entry.partition, entry.offset) in self._quarantined:
                continue
            if self.cuts.may_hold(QUARANTINE, entry.at_ms):
                self.findings.leave("unreadable")
            else:
                self.findings.add("unreadable", entry.topic, entry.partition, entry.offset, entry.key, error)
        for entry in self._misplaced:
            self._judge_place(entry, at_rest)
        self.stock.finish(at_rest, self._quarantined)
        self.orders.finish(at_rest)
        if at_rest:
            self.units.finish(self.stock.reservations.values())
        self.parcels.finish()
        self.receivers.finish()
        self.comparisons.finish()
        self.tasks.finish(at_rest)
        self.merges.finish(at_rest)
        undecided, reserving = self.orders.unfinished()
        return Report(
            at_rest=at_rest,
            records=self.records,
            channels={channel: dict(counts) for channel, counts in self.outcomes.counts.items()},
            quarantined=len(self._quarantined),
            misplaced=len(self._misplaced),
            decisions=dict(self.orders.decisions),
            phases=dict(self.orders.phases),
            stock={**self.stock.counts, "balances": len(self.stock.levels)},
            under_way={
                "events": sum(counts[IN_FLIGHT] for counts in self.outcomes.counts.values()),
                "orders undecided": undecided,
                "orders reserving": reserving,
                "commands": self.stock.counts["in flight"],
            },
            cut=self.cuts.shown(),
            not_judged=dict(self.cuts.not_judged),
            violations=self.findings.violations,
            violation_counts=dict(self.findings.counts),
        )

    def _judge_place(self, entry: Entry, at_rest: bool) -> None:
        """A misplaced record belongs into quarantine: whoever decides it there knows nothing of what its key's owner decided."""
        due = at_rest or entry.offset < self._decided.get((entry.topic, entry.partition), 0)
        if not due or (entry.topic, entry.partition, entry.offset) in self._quarantined:
            return
        if self.cuts.may_hold(QUARANTINE, entry.at_ms):
            self.findings.leave("misplaced")
        else:
            right = partition_of(entry.key or b"", self._partitions[entry.topic])
            text = f"its key belongs to partition {right}, and it is not in quarantine"
            self.findings.add("misplaced", entry.topic, entry.partition, entry.offset, entry.key, text)

    def _on_moved(self, entry: Entry) -> None:
        """A warehouse has told of goods; what it told in quarantine has no effect, and may come again, corrected."""
        if (entry.topic, entry.partition, entry.offset) not in self._quarantined:
            (self.units.on_returned if entry.topic == RETURNS else self.units.on_shipped)(entry)

    def _on_quarantine(self, entry: Entry) -> None:
        topic, partition, offset = (entry.headers.get(name, "") for name in ("topic", "partition", "offset"))
        if partition.isdigit() and offset.isdigit():
            self._quarantined.add((topic, int(partition), int(offset)))
        self.outcomes.on_quarantine(entry, topic in OWN_TOPICS)
