"""Amounts and times as platforms write them -> minor units and milliseconds, exactly or not at all.

amount   yuan "99.00", 99.5 or 99 -> 9900, 9950, 9900 fen; never through a float
time     "yyyy-MM-dd HH:mm:ss" is GMT+8; ISO 8601 with offset; unix seconds; 0 (also as it reads in China), "", 0001-01-01 and
1970-01-01 (JD) are "no value"; what is before 2000 is none either, and wrong
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

MAX_MINOR = 10**15  # money in minor units: far from the end of a long, far above any order.

_MIN_TIME_S = 946_684_800  # the year 2000: no order is older, a counter or a duration may look so
_MAX_TIME_S = 4_102_444_800  # the year 2100: a later one is milliseconds taken for seconds.
_CHINA = datetime(1970, 1, 1, 8)  # the epoch on a clock at GMT+8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = frozenset({"", "0001-01-01 00:00:00", "1970-01-01 00:00:00", "1970-01-01 08:00:00", "0000-00-00 00:00:00"})
_AMOUNT_FIX = 'expected an amount like "99.00"'
_TIME_FIX = "expected yyyy-MM-dd HH:mm:ss (GMT+8), ISO 8601 with offset, or unix seconds, 2000 to 2100"


class BadValue(ValueError):
    """A value that is not what its field needs: the reason's code, and the fix."""

    def __init__(self, code: str, fix: str) -> None:
        super().__init__(f"{code}: {fix}")
        self.code = code
        self.fix = fix


def is_whole(text: str) -> bool:
    """Digits, perhaps with a minus, short enough for a long."""
    return text.isascii() and len(text) < 20 and (text.isdigit() or (text[:1] == "-" and text[1:].isdigit()))


def to_minor(value: Any, digits: int) -> int:
    """An amount in main units as minor units; `digits` of the currency after the point. Raises BadValue."""
    if value.__class__ is not int and not isinstance(value, str):
        raise BadValue("wrong_type", _AMOUNT_FIX)
    # 28 characters fit Decimal's precision, so nothing below rounds; Decimal would also take "1_000" and digits of
    # other scripts.
    if isinstance(value, str) and (len(value) > 28 or not value.isascii() or "_" in value):
        raise BadValue("invalid_money", _AMOUNT_FIX)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise BadValue("invalid_money", _AMOUNT_FIX) from None
    # Bounds first: scaling 1E999999 up would build a number of a million digits.
    if not amount.is_finite() or amount < 0 or amount > MAX_MINOR:
        raise BadValue("out_of_range", "an amount is zero or more and finite")
    minor = amount.scaleb(digits)
    whole = int(minor)
    if whole != minor:
        raise BadValue("invalid_money", f"at most {digits} digits after the point")
    return whole


def to_ms(value: Any) -> int | None:
    """A time in ms since epoch, None when there is none. Raises BadValue."""
    if value is None or value == 0 or (value.__class__ is str and value in _NO_TIME):
        return None
    if value.__class__ is str:
        if value[4:5] == "-" or not is_whole(value):
            return _calendar(value)
        value = int(value)
    if value.__class__ is int and _MIN_TIME_S <= value < _MAX_TIME_S:
        return int(value * 1000)
    raise BadValue("invalid_time", _TIME_FIX)


def _calendar(value: str) -> int:
    try:
        moment = datetime.fromisoformat(value)
        since = moment - (_CHINA if moment.tzinfo is None else _EPOCH)
    except (ValueError, OverflowError):
        since = timedelta(-1)
    if since.days < _MIN_TIME_S // 86_400 or since.days > _MAX_TIME_S // 86_400 or len(value) < 16:
        raise BadValue("invalid_time", _TIME_FIX)
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
