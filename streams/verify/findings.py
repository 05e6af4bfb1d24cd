"""What the verifier finds: violations, each with the place in the log it was found at."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from streams.verify.cuts import Cuts

KINDS = {
    "event_without_outcome": "a channel event was neither accepted, nor a duplicate, nor in review, nor in quarantine",
    "event_with_two_outcomes": "a channel event has more than one outcome",
    "outcome_without_event": "an outcome names a channel event that is not in the log",
    "misplaced": "a record stands in another partition than its key's, and was decided there",
    "duplicate_of_nothing": "an event is called a duplicate of itself, or of one that was not decided",
    "review_without_reason": "an event is in review and nobody says why",
    "review_without_bytes": "an event is in review without its original bytes",
    "quarantine_without_reason": "a record is in quarantine without error, or without the place it came from",
    "quarantine_without_bytes": "a record is in quarantine with other bytes than the original ones",
    "own_record_in_quarantine": "a stage could not digest what another stage wrote",
    "unreadable": "a record of Penstock's own topics cannot be decoded",
    "order_accepted_twice": "a version of an order that is not newer than the accepted one was accepted again",
    "receiver_lost": "an order goes to another receiver than people said, or is not held although its platform shows a third one",
    "order_undecided": "an accepted order has no status",
    "order_decided_twice": "an attempt of an order was decided more than once",
    "allocated_while_allocated": "an order was decided again while its allocation stands",
    "allocation_incomplete": "an allocation has other quantities than its order",
    "allocation_not_reserved": "an allocation stands on a reservation that does not hold its units",
    "status_contradicts": "an order's status and its decisions contradict each other",
    "compared_wrongly": "versions of the rules are compared twice for one attempt, or another one decided it than they say",
    "task_wrong": "what a flow asked is not what its document says, was answered otherwise or twice, or did not hold its order",
    "merged_wrongly": "orders of one parcel leave from several warehouses, or with others than they were told, or one of them twice",
    "waits_too_long": "an order waits for companions although its window is over",
    "still_reserving": "an order still waits for answers although nothing is under way",
    "command_unanswered": "a command has no answer",
    "answer_without_command": "an answer has no command, or the command was answered more often than sent",
    "answer_wrong": "an answer that the balance does not allow",
    "resolved_twice": "a reservation was resolved more than once",
    "expired_early": "a reservation was ended by an expiry that came into the log before its time",
    "applied_twice": "a stock command was applied more than once",
    "oversold": "0 <= reserved <= on_hand does not hold",
    "pool_oversold": "0 <= frozen <= sold <= cap does not hold, or a quota does not",
    "pool_served_differs": "who waits for a sale's pieces or goods came further out of turn, or did not",
    "reservation_leaked": "units stay reserved for an order that does not hold them",
    "reserved_for_others": "units were asked for that others send, or that are not shipped at all",
    "sent_twice": "more units left, or stand reserved, than an order has to send, and nobody was told",
    "shelf_differs": "what left the shelf for an order is not what its parcels carried, and nobody was told",
    "sold_before_received": "units went back to sale that no warehouse had received",
    "received_unsold": "units that came back fit for sale are not on the shelf, and nobody was told",
    "requested_wrongly": "a request to write a parcel back stands there twice, or one before it is missing",
    "written_twice": "a platform took a parcel's number more than once",
    "written_unshipped": "a platform was told of a parcel that no warehouse shipped",
    "writeback_undone": "a parcel that was written back is said not to be",
    "availability_differs": "the published balance is not the one the commands lead to",
}
# A log that is wrong in one way is wrong in it many times; the first places are enough to look.
KEPT_PER_KIND = 100


class Violation(NamedTuple):
    """Something that must hold and does not. ``kind`` is a key of KINDS."""

    kind: str
    topic: str
    partition: int
    offset: int
    key: str
    text: str


class Findings:
    """Collects violations: all are counted, the first KEPT_PER_KIND of each kind are kept."""

    def __init__(self, cuts: Cuts | None = None) -> None:
        self.cuts = cuts or Cuts({})
        self.violations: list[Violation] = []
        self.counts: Counter[str] = Counter()

    def leave(self, kind: str) -> None:
        """This can't be judged: what would prove it may have stood in the part of a log that is gone."""
        self.cuts.not_judged[kind] += 1

    def add(self, kind: str, topic: str, partition: int, offset: int, key: str | bytes | None, text: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"{kind} is no kind of violation")
        self.counts[kind] += 1
        if self.counts[kind] <= KEPT_PER_KIND:
            shown = key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key or ""
            self.violations.append(Violation(kind, topic, partition, offset, shown, text))
