"""One order and everything said about it, for the tests of its saga."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.codec import CODEC
from streams.domain.allocation import decide as allocation
from streams.domain.allocation.step import View
from tests.domain.make import AT_MS, aftersale, came_back, level, line, order, shipped, view

PLENTY = {"MUG": [level("GZ", 50), level("HZ", 50)], "POT": [level("GZ", 50), level("HZ", 50)]}
NOTHING: dict[str, list[dict[str, Any]]] = {}


class Saga:
    """One order and everything said about it. What the inventory grants or rejects is up to the test."""

    def __init__(self, known: View | None = None) -> None:
        self.view = known or view(PLENTY)
        self.at_ms = AT_MS
        self.state: Any = None
        self.commands: list[Any] = []
        self.events: list[Any] = []
        self.statuses: list[Any] = []
        self.troubles: list[str] = []
        self.compared: list[Any] = []
        self.tasks: list[Any] = []

    def tell(self, name: str, record: Any) -> Saga:
        """Let one event happen; what it says is kept until the next."""
        decision = allocation.decide(self.state, name, record, self.view, self.at_ms)
        # What was sent or stored may be used as it is or as its bytes: they must say the same, a list for a list.
        self.compared, self.tasks = list(decision.compared), list(decision.tasks)
        compared = [
            *[("DecisionCompared", each) for each in self.compared],
            *[("Task", each) for each in self.tasks],
        ]
        for kind, sent in (*decision.commands, *decision.events, *compared):
            assert CODEC.decode(CODEC.encode(kind, sent)) == (kind, sent)
        if decision.state is not None:
            assert CODEC.decode(CODEC.encode_state("OrderState", decision.state)) == ("OrderState", decision.state)
        self.state = decision.state
        self.commands, self.events = list(decision.commands), list(decision.events)
        self.troubles = [status["trouble"] for status in decision.statuses if status["trouble"]]
        self.statuses = [(status["status"], status["reason"]) for status in decision.statuses]
        return self

    def order(self, *lines: Any, **fields: Any) -> Saga:
        return self.tell("Order", order(*lines, **fields))

    def aftersale(self, version: int = 1, **facts: Any) -> Saga:
        return self.tell("AfterSale", aftersale(version=version, **facts))

    def parcel(self, *lines: Any, warehouse: str = "HZ", shipment_id: str = "s1") -> Saga:
        return self.tell("Shipped", shipped(warehouse, shipment_id, lines=lines))

    def came_back(self, *lines: Any, return_id: str = "r1", warehouse: str = "HZ") -> Saga:
        return self.tell("ReturnReceived", came_back(*lines, return_id=return_id, warehouse=warehouse))

    def grant(self, only: Iterable[str] | None = None) -> Saga:
        """The inventory grants every part asked for, or those of some SKUs."""
        for part in self.asked(only):
            self.tell("Reserved", self.answer(part))
        return self

    def reject(self, *fresh: Any, only: Iterable[str] | None = None) -> Saga:
        for part in self.asked(only):
            rejected = {**self.answer(part), "shortfall": part["quantity"], "levels": list(fresh)}
            self.tell("ReservationRejected", rejected)
        return self

    def resolve(self, answer: str, index: int = 0) -> Saga:
        return self.tell("ReservationResolved", {**self.answer(self.state["parts"][index]), "answer": answer})

    def asked(self, only: Iterable[str] | None = None) -> list[Any]:
        return [
            part for part in self.state["parts"] if part["state"] == "ASKED" and (only is None or part["sku"] in only)
        ]

    def answer(self, part: Any) -> Any:
        return {
            "command_id": f"{part['reservation_id']}/reserve",
            "reservation_id": part["reservation_id"],
            "order_id": self.state["order_id"],
            "sku": part["sku"],
            "warehouse": part["warehouse"],
            "quantity": part["quantity"],
            "at_ms": AT_MS,
        }

    def sent(self) -> list[tuple[str, ...]]:
        """What went to the inventory: verb, SKU, and the warehouse where there is one."""
        return [
            (name, sent["sku"], *([sent["warehouse"]] if "warehouse" in sent else [])) for name, sent in self.commands
        ]

    def units(self) -> list[tuple[Any, ...]]:
        """What went to the inventory: verb, warehouse, units (None: all of the reservation)."""
        return [(name, sent["warehouse"], sent.get("delta", sent.get("quantity"))) for name, sent in self.commands]

    def parts(self) -> list[tuple[str, int, str]]:
        return [(part["warehouse"], part["quantity"], part["state"]) for part in self.state["parts"]]

    def decided(self) -> list[str]:
        return [name for name, _ in self.events]

    def silent(self) -> bool:
        return not (self.commands or self.events or self.statuses)


def allocated(*lines: Any) -> Saga:
    return Saga().order(*lines).grant()


def backordered(*lines: Any) -> Saga:
    return Saga(view(NOTHING)).order(*lines)


def two_warehouses() -> Saga:
    """An order allocated in two parts: MUG from HZ, POT from GZ."""
    saga = Saga(view({"MUG": [level("HZ", 5)], "POT": [level("GZ", 5)]}))
    return saga.order(line("MUG", 2), line("POT", 1, "2")).grant()
