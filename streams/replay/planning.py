"""From what was asked to a plan: offsets are looked up and held against what the log has. Nothing is written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streams.ops.moments import local
from streams.replay.errors import ReplayRefused
from streams.replay.lock import SEAT_TOPIC
from streams.replay.log import Log, Range, Reading
from streams.replay.only import Only
from streams.replay.when import moment_ms

#: Read to say how many records there are and how long they will take.
_SAMPLE_RECORDS = 3_000
_SAMPLE_S = 5.0
#: Where the audit trail is kept, and where the lock is.
NEEDED = frozenset(("audit", SEAT_TOPIC))


@dataclass(frozen=True)
class Asked:
    """The command line's choice of a range. ``to_offset`` is the last one replayed; ``to_time`` is the first moment that is not."""

    partitions: Sequence[int] = ()
    from_offset: int | None = None
    from_time: str | None = None
    from_beginning: bool = False
    to_offset: int | None = None
    to_time: str | None = None


class Estimate(NamedTuple):
    """From a sample: records in the ranges and how many of them are meant; seconds to read (or, at a rate, to replay) them."""

    records: int
    meant: int
    exact: bool
    seconds: float


class Described(NamedTuple):
    """A range as the plan shows it: times in ms of its first and last record, None without records."""

    span: Range
    first_ms: int | None
    last_ms: int | None


def check_options(asked: Asked) -> None:
    """Raises ReplayRefused: options that contradict each other, or none that says where to begin."""
    begins = {
        "--from-offset": asked.from_offset is not None,
        "--from-time": asked.from_time is not None,
        "--from-beginning": asked.from_beginning,
    }
    given = [name for name, there in begins.items() if there]
    if len(given) != 1:
        said = f"{' and '.join(given)} contradict each other" if given else "nothing says where to begin"
        raise ReplayRefused(f"{said}: give one of {', '.join(begins)}")
    if asked.to_offset is not None and asked.to_time is not None:
        raise ReplayRefused(
            "--to-offset and --to-time contradict each other: give one of them, or none for the present end"
        )
    for name, value in (("--from-offset", asked.from_offset), ("--to-offset", asked.to_offset)):
        if value is not None and value < 0:
            raise ReplayRefused(f"{name} is {value}: offsets begin at 0")


def check_installation(log: Log) -> None:
    """Raises ReplayRefused: the topics that a replay itself needs are not there."""
    missing = NEEDED - log.topics().keys()
    if missing:
        raise ReplayRefused(f"there is no topic {min(missing)!r}: penstock topics create makes it")


def find_ranges(log: Log, topic: str, asked: Asked) -> tuple[Range, ...]:
    """The ranges asked for, as of now.

    Raises:
        ReplayRefused: no such topic or partition, an offset outside the log, a time before what it holds, options that contradict.
    """
    check_options(asked)
    now_ms = time.time_ns() // 1_000_000
    from_ms = moment_ms(asked.from_time, now_ms, "--from-time") if asked.from_time is not None else None
    to_ms = moment_ms(asked.to_time, now_ms, "--to-time") if asked.to_time is not None else None
    if from_ms is not None and to_ms is not None and to_ms <= from_ms:
        raise ReplayRefused(f"--to-time is {_exactly(to_ms)}, not after --from-time {_exactly(from_ms)}")
    held = [log.bounds(topic, partition) for partition in _partitions(log, topic, asked)]

    starts = {r.partition: r.start for r in held}
    if asked.from_offset is not None:
        starts = {r.partition: _inside("--from-offset", asked.from_offset, topic, r) for r in held}
    elif from_ms is not None:
        _check_held(log, topic, held, from_ms)
        starts = log.since(topic, from_ms, held)
    ends = {r.partition: r.end for r in held}
    if asked.to_offset is not None:
        ends = {r.partition: _inside("--to-offset", asked.to_offset, topic, r) + 1 for r in held}
        if asked.from_offset is not None and asked.to_offset < asked.from_offset:
            raise ReplayRefused(f"--to-offset is {asked.to_offset}, before --from-offset {asked.from_offset}")
    elif to_ms is not None:
        ends = log.since(topic, to_ms, held)
    return tuple(Range(p, start, max(start, ends[p])) for p, start in sorted(starts.items()))


def still_held(log: Log, topic: str, ranges: Sequence[Range]) -> tuple[Range, ...]:
    """What of the ranges retention has left; where a resumed replay has come to by then is checked when it is known."""
    held = {r.partition: log.bounds(topic, r.partition) for r in ranges}
    return tuple(
        Range(p, max(start, min(held[p].start, end)), max(end, min(held[p].start, end))) for p, start, end in ranges
    )


def describe(log: Log, topic: str, ranges: Sequence[Range]) -> list[Described]:
    """The times of each range's first and last record."""
    return [Described(r, log.first_ms(topic, r), log.last_ms(topic, r)) for r in ranges]


def estimate(log: Log, topic: str, ranges: Sequence[Range], only: Only, rate: float | None) -> Estimate:
    """Reads a sample of the ranges."""
    offsets = sum(r.end - r.start for r in ranges)
    reading, records, meant = Reading(log, topic, ranges), 0, 0
    started = time.monotonic()
    while not reading.done and records < _SAMPLE_RECORDS and time.monotonic() - started < _SAMPLE_S:
        messages = reading.next(_SAMPLE_RECORDS)
        records += len(messages)
        meant += sum(map(only, messages))
    only.undecodable = 0
    took_s = max(time.monotonic() - started, 0.001)
    read = sum(reading.positions[r.partition] - r.start for r in ranges)
    share = offsets / read if read else 1.0
    all_meant = round(meant * share)
    seconds = took_s * share if rate is None else max(all_meant / rate, took_s * share)
    return Estimate(round(records * share), all_meant, reading.done, seconds)


def _partitions(log: Log, topic: str, asked: Asked) -> list[int]:
    count = log.topics().get(topic)
    if count is None:
        raise ReplayRefused(f"there is no topic {topic!r}; penstock topics list shows those there are")
    for partition in asked.partitions:
        if not 0 <= partition < count:
            raise ReplayRefused(f"{topic} has no partition {partition}: it has 0 to {count - 1}")
    chosen = sorted(set(asked.partitions)) or list(range(count))
    if len(chosen) > 1 and (asked.from_offset is not None or asked.to_offset is not None):
        raise ReplayRefused(
            f"an offset means another record in each of the {len(chosen)} partitions of {topic}: add one --partition, or use times"
        )
    return chosen


def _inside(option: str, offset: int, topic: str, held: Range) -> int:
    if held.start == held.end:
        raise ReplayRefused(f"{option} is {offset}, but {topic}/{held.partition} holds no records")
    if not held.start <= offset < held.end:
        raise ReplayRefused(
            f"{option} is {offset}, outside the log: {topic}/{held.partition} holds {held.start} to {held.end - 1}"
        )
    return offset


def _check_held(log: Log, topic: str, held: Sequence[Range], from_ms: int) -> None:
    """A time from which records may be missing is refused: a replay that silently begins later is no replay of that time."""
    firsts = {r: log.first_ms(topic, r) for r in held if r.start < r.end}
    earliest = min((first for first in firsts.values() if first is not None), default=None)
    if earliest is None:
        raise ReplayRefused(f"{topic} holds no records in {', '.join(f'partition {r.partition}' for r in held)}")
    if from_ms < earliest:
        raise ReplayRefused(
            f"--from-time is {_exactly(from_ms)}, before the earliest record {topic} holds, {_exactly(earliest)}: "
            "--from-beginning takes all that is held"
        )
    for r, first in firsts.items():
        if r.start > 0 and first is not None and from_ms < first:
            raise ReplayRefused(
                f"--from-time is {_exactly(from_ms)}, but {topic}/{r.partition} holds nothing before {_exactly(first)} any more: "
                "begin there, or --from-beginning takes all that is held"
            )


def _exactly(at_ms: int) -> str:
    """So that it can be typed in its place."""
    return local(at_ms, "milliseconds")
