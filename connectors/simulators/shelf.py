"""What a platform shows of its shops' stock: one number a shop, item, variant and place, put by calls and lowered by sales.

PUT  /_sim/stock       {"shelves": [{"shop", "item", "variant": "", "location": "", "quantity": 0, "held": 0, "busy": false}]}
                       there are such; ``held``: of the quantity, what unpaid orders keep; ``busy``: in an activity, it can't be lowered
POST /_sim/stock/sell  {"shop", "item", "variant": "", "location": "", "units": 1}: buyers have them; 409 where there are too few
GET  /_sim/stock       {"shelves": [{..., "puts": [{"quantity", "key", "at_ms"}]}]}: what was put, in the order it came about;
                       a repetition that changes nothing (the same key, the same number) is not among them
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from connectors.simulators.controls import body_of, json_answer, refused

#: Shop, item, variant, location: as the hub names places, but for the channel.
Place = tuple[str, str, str, str]


class Put(msgspec.Struct):
    """A number that was put. ``key``: an idempotency key it came with."""

    quantity: int
    key: str
    at_ms: int


class Slot(msgspec.Struct, forbid_unknown_fields=True):
    """One number. ``quantity`` has ``held`` in it."""

    shop: str
    item: str
    variant: str = ""
    location: str = ""
    quantity: int = 0
    held: int = 0
    busy: bool = False
    puts: list[Put] = []
    sold: int = 0

    @property
    def place(self) -> Place:
        """Its name."""
        return self.shop, self.item, self.variant, self.location

    @property
    def usable(self) -> int:
        """What buyers may order."""
        return self.quantity - self.held


class _Slots(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT /_sim/stock``."""

    shelves: list[Slot]


class _Sale(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sim/stock/sell``."""

    shop: str
    item: str
    variant: str = ""
    location: str = ""
    units: int = 1


class Shelf:
    """One platform's. ``now_ms``: its clock."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._slots: dict[Place, Slot] = {}
        #: Results of calls by the shop's and the idempotency key: with what, and what was answered.
        self.keys: dict[tuple[str, str], tuple[Any, Any]] = {}

    def find(self, shop: str, item: str, variant: str = "", location: str = "") -> Slot | None:
        """One number, where there is such."""
        return self._slots.get((shop, item, variant, location))

    def of(self, shop: str) -> list[Slot]:
        """All of a shop's."""
        return [slot for slot in self._slots.values() if slot.shop == shop]

    def of_variant(self, shop: str, variant: str, location: str = "") -> Slot | None:
        """By the SKU's id alone, as some platforms ask."""
        return next((it for it in self.of(shop) if (it.variant, it.location) == (variant, location)), None)

    def put(self, slot: Slot, quantity: int, key: str = "") -> None:
        """A call puts a number."""
        slot.quantity = quantity
        slot.puts.append(Put(quantity, key, self._now_ms()))

    def clear(self) -> None:
        """Forgets all of it."""
        self._slots.clear()
        self.keys.clear()

    def routes(self) -> list[web.RouteDef]:
        """The controls."""
        return [
            web.put("/_sim/stock", self._there_are),
            web.get("/_sim/stock", self._show),
            web.post("/_sim/stock/sell", self._sell),
        ]

    async def _there_are(self, request: web.Request) -> web.Response:
        for slot in (await body_of(request, _Slots)).shelves:
            slot.puts = []
            self._slots[slot.place] = slot
        return json_answer({})

    async def _show(self, request: web.Request) -> web.Response:
        return json_answer({"shelves": list(self._slots.values())})

    async def _sell(self, request: web.Request) -> web.Response:
        sale: _Sale = await body_of(request, _Sale)
        slot = self.find(sale.shop, sale.item, sale.variant, sale.location)
        if slot is None:
            return refused(f"{sale.shop} has no {sale.item}/{sale.variant}/{sale.location}: PUT /_sim/stock makes it")
        if sale.units > slot.usable:
            return json_answer({"error": f"{slot.usable} are left"}, 409)
        slot.quantity -= sale.units
        slot.sold += sale.units
        return json_answer({"quantity": slot.quantity})
