"""Points in time as they are shown, in ISO 8601, so that what is shown can be typed again where a command asks for a time.

people      in the zone of ``PENSTOCK_TZ``, else the system's, with the offset that goes with it
machines    (``--json``, files) in UTC
"""

from __future__ import annotations

from datetime import UTC, datetime

from streams.settings import zone


def local(at_ms: int | None, to: str = "seconds") -> str:
    """For people: ``2026-11-11T00:00:05+08:00``; ``to`` as in ``datetime.isoformat``. A dash when there is none. Raises InvalidSetting."""
    return "-" if at_ms is None else _at(at_ms).astimezone(zone()).isoformat(timespec=to)


def local_day(at_ms: int) -> str:
    """For people: ``2026-11-11``. Raises InvalidSetting."""
    return _at(at_ms).astimezone(zone()).date().isoformat()


def utc(at_ms: int, to: str = "seconds") -> str:
    """For machines: ``2026-11-10T16:00:05+00:00``."""
    return _at(at_ms).isoformat(timespec=to)


def _at(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
