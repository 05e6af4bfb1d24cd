"""Dates before which an order is not to be sent, in the forms that platforms write them: a moment, a day, days after payment."""

from __future__ import annotations

from collections.abc import Iterable

from .values import BadValue, is_whole, to_ms

_DAY_MS = 86_400_000
_DAYS_MAX = 365


def promised_ms(text: str, paid_at_ms: int | None) -> int | None:
    """A promised time in ms since the epoch; None where the text says none that can be read.

    2026-02-10 23:59:59      that moment, GMT+8
    2026-02-10, 20260210     the beginning of that day; so does 1_2026-02-10, as a merchant sets it
    5, 2_5, 付款后5天内      so many days after payment
    """
    kind, _, rest = text.partition("_")
    if kind in ("1", "2") and rest:
        text = rest
    if "天" in text or (text.isdigit() and len(text) < 4):
        digits = "".join(char if char.isascii() and char.isdigit() else " " for char in text).split()
        days = int(digits[-1]) if digits and len(digits[-1]) < 4 else 0
        return paid_at_ms + days * _DAY_MS if paid_at_ms is not None and 0 < days <= _DAYS_MAX else None
    if len(text) == 8 and is_whole(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    try:
        return to_ms(f"{text} 00:00:00" if len(text) == 10 and text[4:5] == "-" else text)
    except BadValue:
        return None


def later(moments: Iterable[int | None], version: int) -> int | None:
    """The latest of these times, ms since the epoch, if it is after the snapshot itself; None: the order may go."""
    latest = max((at_ms for at_ms in moments if at_ms is not None), default=0)
    return latest if latest > version else None
