"""What every function that makes rows needs: where its record stands, times as the tables have them, and how it says no."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

Row = tuple[Any, ...]
Rows = list[tuple[str, Row]]

FIXED_AT_SOURCE = "correct it where it comes from, and send it again"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Where a record stands in Kafka, and its time there."""

    topic: str
    partition: int
    offset: int
    logged_at: datetime


class Unfit(ValueError):
    """The record cannot be a row; the message has field, value and fix, and no personal data."""


def place_of(topic: str, partition: int, offset: int, timestamp_ms: int) -> Place:
    """Raises Unfit when the time is none."""
    return Place(topic, partition, offset, moment("timestamp", timestamp_ms))


def moment(field: str, ms: int) -> datetime:
    """A time of a record. Raises Unfit when it is none."""
    try:
        # Cached: what is decided together is logged together, and most times occur in several rows.
        return _moment(ms)
    except OverflowError:
        raise Unfit(
            f"{field} is {ms}: expected milliseconds since 1970, between the years 1 and 9999; {FIXED_AT_SOURCE}"
        ) from None


@lru_cache(8_192)
def _moment(ms: int) -> datetime:
    # Whole microseconds throughout: a float of seconds would round.
    return _EPOCH + timedelta(0, 0, 0, ms)


def moment_or_none(field: str, ms: int | None) -> datetime | None:
    """The same, of a field that may be empty."""
    return None if ms is None else moment(field, ms)


def no_repetition(path: str, field: str, items: Iterable[dict[str, Any]]) -> None:
    """Items of a list that become rows need a key each: one that is there twice would lose a row."""
    seen = set()
    for index, item in enumerate(items):
        value = item[field]
        if value in seen:
            raise Unfit(f"{path}[{index}].{field} is {value!r}, as one before: expected each once; {FIXED_AT_SOURCE}")
        seen.add(value)
