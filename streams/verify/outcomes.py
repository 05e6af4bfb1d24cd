"""Every channel event has exactly one outcome: accepted, duplicate, in review, or in quarantine."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from zlib import crc32

from schemas.topics import QUARANTINE as QUARANTINE_TOPIC
from streams.verify.entry import Entry
from streams.verify.findings import Findings

ACCEPTED, REVIEW, DUPLICATE, QUARANTINE = range(1, 5)
#: Where outcomes of a channel's partition stand: in the partition of the same number, but for what is in quarantine.
OUTCOME_TOPICS = ("orders", "aftersales", "orders.duplicates", "orders.review")
OUTCOMES = {ACCEPTED: "accepted", REVIEW: "review", DUPLICATE: "duplicate", QUARANTINE: "quarantine"}
IN_FLIGHT = "in flight"
#: Without an outcome that is left, while the logs of outcomes are cut.
CUT = "cut"

Place = tuple[str, int, int]

_CHUNK = 4096
_PRESENT = 8  # beside the outcome, which takes the three bits below


class _Marks:
    """What is known of each offset of one partition: a byte of marks, four of its content's checksum, four of its time (s)."""

    def __init__(self) -> None:
        # By chunks, because a log need not begin at 0.
        self._chunks: dict[int, tuple[bytearray, array[int], array[int]]] = {}

    def chunk(self, offset: int) -> tuple[bytearray, array[int], array[int]]:
        number = offset // _CHUNK
        if number not in self._chunks:
            nothing = bytes(4 * _CHUNK)
            self._chunks[number] = bytearray(_CHUNK), array("I", nothing), array("I", nothing)
        return self._chunks[number]

    def at_ms(self, offset: int) -> int:
        """When the event was written, to the second."""
        return self.chunk(offset)[2][offset % _CHUNK] * 1000

    def undecided(self) -> int:
        """Events that no outcome is known of."""
        return sum(marks.count(_PRESENT) for marks, _, _ in self._chunks.values())

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for number in sorted(self._chunks):
            for index, mark in enumerate(self._chunks[number][0]):
                if mark:
                    yield number * _CHUNK + index, mark


class Outcomes:
    """Fed with channel events and their outcomes, in any order; judged at the end."""

    def __init__(self, findings: Findings, decided: Mapping[tuple[str, int], int]) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        self._decided = decided
        self._logs: dict[tuple[str, int], _Marks] = {}
        # What has to be compared with the event once all is read: few.
        self._copies: list[tuple[Entry, Place, int, str]] = []
        self._repeats: list[tuple[Entry, Place, Place]] = []
        #: Records of Penstock's own in quarantine, and the places there that a person has sent something back from.
        self._own: list[tuple[Entry, Place, str]] = []
        self._redriven: set[str] = set()
        self.counts: dict[str, Counter[str]] = {}

    def on_event(self, entry: Entry) -> None:
        """A record of a channel topic."""
        marks, sums, times = self._log(entry.topic, entry.partition).chunk(entry.offset)
        marks[entry.offset % _CHUNK] |= _PRESENT
        sums[entry.offset % _CHUNK] = crc32(entry.value or b"")
        times[entry.offset % _CHUNK] = max(0, entry.at_ms // 1000)

    def on_order(self, entry: Entry) -> None:
        self._mark(entry, _source(entry.record["source"]), ACCEPTED)

    def on_aftersale(self, entry: Entry) -> None:
        self._mark(entry, _source(entry.record["source"]), ACCEPTED)

    def on_duplicate(self, entry: Entry) -> None:
        source = _source(entry.record["source"])
        self._mark(entry, source, DUPLICATE)
        self._repeats.append((_without_content(entry), source, _source(entry.record["first_source"])))

    def on_review(self, entry: Entry) -> None:
        source = _source(entry.record["source"])
        self._mark(entry, source, REVIEW)
        reasons = entry.record["reasons"]
        if not reasons or not all(reason["code"] for reason in reasons):
            self._add("review_without_reason", entry, f"the event at {_shown(source)} is in review without a reason")
        if not entry.record["event"]:
            self._add("review_without_bytes", entry, f"the event at {_shown(source)} is in review without its bytes")
        else:
            copy = crc32(entry.record["event"])
            self._copies.append((_without_content(entry), source, copy, "review_without_bytes"))

    def on_quarantine(self, entry: Entry, is_own: bool) -> None:
        """A record an agent could not digest; ``is_own``: it stood in a topic only Penstock's stages write to."""
        try:
            source = entry.headers["topic"], int(entry.headers["partition"]), int(entry.headers["offset"])
            error = entry.headers["error"]
        except (KeyError, ValueError):
            self._add("quarantine_without_reason", entry, f"its headers are {dict(entry.headers)}")
            return
        if not error:
            self._add("quarantine_without_reason", entry, f"the record at {_shown(source)} is there without an error")
        if source[0].startswith("channel."):
            self._mark(entry, source, QUARANTINE)
            # Too large for quarantine, it stands there by reference: the event itself must be in the log (``_judge``).
            if "sha256" not in entry.headers:
                copy = crc32(entry.value or b"")
                self._copies.append((_without_content(entry), source, copy, "quarantine_without_bytes"))
        elif is_own:
            self._own.append((_without_content(entry), source, error))

    def on_redriven(self, from_place: str) -> None:
        """A record was sent back from its place in quarantine to where it came from: it stands there twice."""
        self._redriven.add(from_place)

    def in_flight(self) -> int:
        """Events that no outcome was read of, and whose outcome is not gone."""
        if not self._cuts:
            return sum(log.undecided() for log in self._logs.values())
        return sum(
            1
            for (_, partition), log in self._logs.items()
            for offset, mark in log
            if mark == _PRESENT and not self._outcome_may_be_gone(partition, log.at_ms(offset))
        )

    def finish(self, at_rest: bool) -> None:
        """Judges what was fed. ``at_rest``: nothing is under way any more, every event must have its outcome."""
        for (topic, partition), log in sorted(self._logs.items()):
            # channel.NAME.events; a record may name any source.
            channel = topic.split(".")[1] if topic.startswith("channel.") else topic
            counts = self.counts.setdefault(channel, Counter())
            decided = self._decided.get((topic, partition), 0)
            for offset, mark in log:
                self._judge((topic, partition, offset), mark, at_rest or offset < decided, counts)
        for entry, source, error in self._own:
            # Sent back, it must have its effect like any other: whether it has, is judged there.
            if _shown((entry.topic, entry.partition, entry.offset)) in self._redriven:
                continue
            # What was sent back stands behind the original.
            if self._cuts.gone(*source):
                self._findings.leave("own_record_in_quarantine")
            else:
                text = f"{_shown(source)} could not be digested: {error}"
                self._add("own_record_in_quarantine", entry, text)
        for entry, source, copy, kind in self._copies:
            present, content = self._look(source)
            if present & _PRESENT and content != copy:
                self._add(kind, entry, f"its bytes are not those of the event at {_shown(source)}")
        for entry, source, first in self._repeats:
            outcome = self._look(first)[0] & ~_PRESENT
            if first != source and not outcome and self._may_be_gone(first):
                self._findings.leave("duplicate_of_nothing")
            elif first == source or outcome not in (ACCEPTED, REVIEW):
                was = OUTCOMES.get(outcome, "not decided")
                text = f"the event at {_shown(source)} is called a duplicate of {_shown(first)}, which was {was}"
                self._add("duplicate_of_nothing", entry, text)

    def _judge(self, place: Place, mark: int, due: bool, counts: Counter[str]) -> None:
        outcome = mark & ~_PRESENT
        topic, partition, offset = place
        if not mark & _PRESENT:
            if self._cuts.gone(*place):
                self._findings.leave("outcome_without_event")
                return
            text = f"it was {OUTCOMES[outcome]}, but no such event is in the log"
            self._findings.add("outcome_without_event", topic, partition, offset, None, text)
            return
        counts["events"] += 1
        if not outcome and self._may_be_gone(place):
            counts[CUT] += 1
            self._findings.leave("event_without_outcome")
            return
        counts[OUTCOMES.get(outcome, IN_FLIGHT)] += 1
        if not outcome and due:
            text = (
                "no outcome in orders, aftersales, orders.review, orders.duplicates or the quarantine names this event"
            )
            self._findings.add("event_without_outcome", topic, partition, offset, None, text)

    def _may_be_gone(self, place: Place) -> bool:
        """Whether an event's outcome may stand in what was cut; the event itself may be gone too."""
        topic, partition, offset = place
        if not self._cuts:
            return False
        if self._cuts.gone(*place):
            return True
        present = self._look(place)[0] & _PRESENT
        return bool(present) and self._outcome_may_be_gone(partition, self._log(topic, partition).at_ms(offset))

    def _outcome_may_be_gone(self, partition: int, at_ms: int) -> bool:
        cuts = self._cuts
        in_its_own = any(cuts.may_hold(topic, at_ms, partition) for topic in OUTCOME_TOPICS)
        return in_its_own or cuts.may_hold(QUARANTINE_TOPIC, at_ms)

    def _log(self, topic: str, partition: int) -> _Marks:
        log = self._logs.get((topic, partition))
        if log is None:
            log = self._logs[topic, partition] = _Marks()
        return log

    def _mark(self, entry: Entry, source: Place, outcome: int) -> None:
        topic, partition, offset = source
        marks = self._log(topic, partition).chunk(offset)[0]
        before = marks[offset % _CHUNK] & ~_PRESENT
        if before:
            text = f"the event at {_shown(source)} was {OUTCOMES[before]} and then {OUTCOMES[outcome]}"
            self._add("event_with_two_outcomes", entry, text)
        else:
            marks[offset % _CHUNK] |= outcome

    def _look(self, place: Place) -> tuple[int, int]:
        """(marks, checksum) of an event."""
        topic, partition, offset = place
        marks, sums, _ = self._log(topic, partition).chunk(offset)
        return marks[offset % _CHUNK], sums[offset % _CHUNK]

    def _add(self, kind: str, entry: Entry, text: str) -> None:
        self._findings.add(kind, entry.topic, entry.partition, entry.offset, entry.key, text)


def _source(source: Mapping[str, int | str]) -> Place:
    return str(source["topic"]), int(source["partition"]), int(source["offset"])


def _without_content(entry: Entry) -> Entry:
    return entry._replace(record={}, value=None)


def _shown(place: Place) -> str:
    return "{}/{}@{}".format(*place)
