"""ISO 4217: how many digits a currency's minor unit has. Pure."""

from __future__ import annotations

from functools import cache

from .data import table


def digits_of(currency: str) -> int | None:
    """The digits behind the point: CNY 2, JPY 0, KWD 3. None: no code of the standard, or one without amounts (gold, XAU)."""
    return _digits().get(currency)


@cache
def _digits() -> dict[str, int]:
    return {code: int(digits) for code, digits in table("currencies") if digits.isdecimal()}
