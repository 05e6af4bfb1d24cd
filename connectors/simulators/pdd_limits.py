"""How often PDD lets its calls come: per app for all (52101), per shop (70031), in windows of a second or a minute."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from connectors.simulators.pdd_shipping import PddError


class Limit(NamedTuple):
    """``calls`` in ``window_s`` seconds."""

    window_s: int
    calls: int
    per_shop: bool


#: The platform's published limits of 2023.
LIMITS: dict[str, tuple[Limit, ...]] = {
    "pdd.logistics.online.send": (Limit(1, 5_000, False),),
    "pdd.order.information.get": (Limit(60, 30_000, True), Limit(1, 2_000, False)),
    "pdd.order.number.list.increment.get": (Limit(60, 3_000, True),),
    "pdd.order.status.get": (Limit(60, 3_000, True),),
    "pdd.goods.quantity.update": (Limit(1, 4_200, False),),
    "pdd.logistics.companies.get": (Limit(10, 1_200, False),),
}


class Limits:
    """Counts calls in fixed windows."""

    def __init__(self, clock_s: Callable[[], float], limits: dict[str, tuple[Limit, ...]] = LIMITS) -> None:
        self._clock_s = clock_s
        self._limits = limits
        # (type, shop or "", window's length) -> which window, calls in it.
        self._calls: dict[tuple[str, str, int], tuple[int, int]] = {}

    def check(self, type_: str, shop: str) -> None:
        """Counts a call.

        Raises:
            PddError: it is one too many.
        """
        for limit in self._limits.get(type_, ()):
            key = (type_, shop if limit.per_shop else "", limit.window_s)
            window = int(self._clock_s() // limit.window_s)
            last, calls = self._calls.get(key, (window, 0))
            calls = calls + 1 if last == window else 1
            self._calls[key] = (window, calls)
            if calls > limit.calls:
                raise PddError(70031 if limit.per_shop else 52101, "调用过于频繁，请调整调用频率")
