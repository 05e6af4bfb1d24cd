"""A SKU with a pool, and everything asked of it, for the tests of pools."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streams.domain.inventory import decide as inventory
from streams.domain.inventory.serving import Turns, is_frozen, waits
from streams.domain.inventory.stock import StockDecision, check_stock, sellable_total
from tests.domain.make import AT_MS, count, resolution

DAY_MS = 86_400_000
CHANNELS = ("taobao", "jd", "pdd", "douyin", "shopify")


def pool(
    cap: int = 5,
    *,
    name: str = "autumn",
    quotas: Mapping[str, int] | None = None,
    chains: Mapping[str, Sequence[str]] | None = None,
    soft_ms: int | None = DAY_MS,
    **fields: Any,
) -> dict[str, Any]:
    """Without quotas every channel draws on all of it; with them on its own part, then on the one called shared."""
    parts = dict(quotas) if quotas is not None else {"all": cap}
    draws = chains or {channel: [each for each in (channel, "shared", "all") if each in parts] for channel in CHANNELS}
    return {
        "document": f"pools/{name}",
        "name": name,
        "cap": sum(parts.values()),
        "sold": 0,
        "frozen": 0,
        "waiting": 0,
        "turns": 0,
        "from_ms": AT_MS - DAY_MS,
        "until_ms": AT_MS + DAY_MS,
        "soft_ms": soft_ms,
        "near_bp": 8_000,
        "closed": False,
        "parts": [{"name": each, "units": units, "sold": 0} for each, units in parts.items()],
        "chains": [{"channel": channel, "parts": list(names), "waiting": 0} for channel, names in draws.items()],
        **fields,
    }


def set_pool(number: int, wanted: dict[str, Any], sku: str = "MUG") -> dict[str, Any]:
    return {
        "command_id": f"{wanted['document']}/{number}/{sku}",
        "sku": sku,
        "warehouse": "",
        "pool": wanted,
        "requested_at_ms": AT_MS,
    }


def freeze(
    order_id: str, quantity: int = 1, *, hard: bool = True, verb: str = "freeze", **fields: Any
) -> dict[str, Any]:
    reservation_id = f"{order_id}/1.1/1/pool"
    return {
        "command_id": f"{reservation_id}/{verb}",
        "reservation_id": reservation_id,
        "order_id": order_id,
        "sku": "MUG",
        "warehouse": "",
        "channel": order_id.partition(":")[0],
        "quantity": quantity,
        "hard": hard,
        "placed_at_ms": AT_MS,
        "requested_at_ms": AT_MS,
        **fields,
    }


class Ledger:
    """What the inventory keeps of one SKU, command by command, held against the invariant after each."""

    def __init__(self, *, decide: Any = inventory.decide) -> None:
        self.stock: Any = None
        self.reservations: dict[str, Any] = {}
        self.applied: dict[str, Any] = {}
        self.results: list[Any] = []
        self.alerts: list[Any] = []
        self.at_ms = AT_MS
        self._decide = decide

    def set_pool(self, number: int, wanted: dict[str, Any]) -> Ledger:
        self.tell("SetPool", set_pool(number, wanted))
        return self

    def freeze(self, order_id: str, quantity: int = 1, **fields: Any) -> Ledger:
        self.tell("Freeze", freeze(order_id, quantity, **fields))
        return self

    def resolve(self, verb: str, order_id: str, suffix: str = "", **fields: Any) -> Ledger:
        reservation_id = f"{order_id}/1.1/1/pool{suffix}"
        warehouse = self.reservations.get(reservation_id, {"warehouse": ""})["warehouse"]
        self.tell(verb, resolution(verb, reservation_id, order_id=order_id, warehouse=warehouse, **fields))
        return self

    def receive(self, quantity: int, warehouse: str = "HZ", number: int | None = None) -> Ledger:
        number = len(self.applied) if number is None else number
        self.tell("Receive", count(f"receive/{number}", warehouse=warehouse, quantity=quantity))
        return self

    def tell(self, name: str, command: Any) -> StockDecision:
        place = inventory.prior_key(name, command)
        prior = None
        if place is not None:
            prior = (self.reservations if place[0] == "reservations" else self.applied).get(place[1])
        rest_known = inventory.rest_key(command) in self.reservations
        decision = self._decide(self.stock, name, command, prior, self.at_ms, rest_known, self.turns())
        if decision.stock is not None:
            self.stock = decision.stock
        for each in (decision.reservation, decision.rest, *decision.others):
            if each is not None:
                self.reservations[each["reservation_id"]] = each
        if decision.applied is not None:
            self.applied[decision.applied["command_id"]] = decision.applied
        self.results = list(decision.results)
        self.alerts = [alert["kind"] for alert in decision.pool_alerts]
        self.check()
        return decision

    def turns(self) -> Turns:
        return Turns(lambda: iter(self._in_turn(is_frozen)), lambda: iter(self._in_turn(waits)))

    def _in_turn(self, which: Any) -> list[Any]:
        found = [each for each in self.reservations.values() if which(each)]
        return sorted(found, key=lambda each: (each["pool"]["turn"], each["reservation_id"]))

    @property
    def pool(self) -> Any:
        return self.stock["pool"] if self.stock is not None else None

    def figures(self) -> tuple[int, int, int]:
        """Sold, frozen, waiting."""
        return self.pool["sold"], self.pool["frozen"], self.pool["waiting"]

    def answer(self) -> str:
        name, record = self.results[0]
        return str(record.get("answer", name))

    def served(self) -> list[tuple[str, str, int]]:
        """Who came further, where to, with how many."""
        return [
            (record["order_id"], record["warehouse"], record["quantity"])
            for name, record in self.results
            if name == "PoolServed"
        ]

    def check(self) -> None:
        """The pool as its reservations have it, counted anew."""
        if self.stock is None:
            return
        check_stock(self.stock)
        for level in self.stock["levels"]:
            mine = self._of(lambda r, level=level: r["state"] == "RESERVED" and r["warehouse"] == level["warehouse"])
            assert level["reserved"] == sum(each["quantity"] for each in mine)
        if self.pool is None:
            return
        name = self.pool["name"]
        own = [each for each in self.reservations.values() if each["pool"] is not None and each["pool"]["name"] == name]
        has = [each for each in own if each["state"] in ("RESERVED", "COMMITTED")]
        sold: dict[str, int] = {}
        for each in has:
            for drawn in each["pool"]["drawn"]:
                sold[drawn["part"]] = sold.get(drawn["part"], 0) + drawn["units"]
        assert sum(sold.values()) == self.pool["sold"] <= self.pool["cap"]
        for part in self.pool["parts"]:
            assert sold.get(part["name"], 0) == part["sold"] <= part["units"]
        frozen = [each for each in has if each["state"] == "RESERVED" and not each["warehouse"]]
        assert sum(each["quantity"] for each in frozen) == self.pool["frozen"] <= self.pool["sold"]
        assert sum(1 for each in own if each["pool"]["waits"]) == self.pool["waiting"]
        if frozen:
            assert not sellable_total(self.stock["levels"]), "goods lie on a shelf, and orders are frozen"

    def _of(self, which: Any) -> Iterator[Any]:
        return (each for each in self.reservations.values() if which(each))
