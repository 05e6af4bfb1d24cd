"""Orders of a sale and the SKU's owner, wired to each other as their topics do, for tests of both."""

from __future__ import annotations

from typing import Any

from schemas.codec import CODEC
from streams.domain.allocation import decide as allocation
from streams.domain.allocation.step import View
from tests.domain.make import AT_MS, order, warehouse
from tests.domain.pools import Ledger

WAREHOUSES = [warehouse("GZ", "广东"), warehouse("HZ", "浙江")]


class Sale:
    """Every command is answered at once, in order; nothing is read twice."""

    def __init__(self, **ledgers: Ledger) -> None:
        self.ledgers = {"MUG": Ledger(), **ledgers}
        self.states: dict[str, Any] = {}
        self.at_ms = AT_MS
        self.decided: list[tuple[str, Any]] = []
        self.said: dict[str, list[tuple[str, str]]] = {}
        #: All that was told of orders.
        self.told: list[tuple[str, Any]] = []

    @property
    def mug(self) -> Ledger:
        return self.ledgers["MUG"]

    def order(self, order_id: str, *lines: Any, **facts: Any) -> Sale:
        state = self.states.get(order_id)
        version = 1 if state is None else state["order_version"] + 1
        self.tell("Order", order(*lines, **{"order_id": order_id, "version": version, **facts}))
        return self

    def tell(self, name: str, record: Any) -> None:
        """One event of an order, and all that it leads to."""
        order_id = record["order_id"]
        self.told.append((name, record))
        decision = allocation.decide(self.states.get(order_id), name, record, self._view(), self.at_ms)
        if decision.state is not None:
            assert CODEC.decode(CODEC.encode_state("OrderState", decision.state)) == ("OrderState", decision.state)
            self.states[order_id] = decision.state
        self.decided += decision.events
        self.said.setdefault(order_id, []).extend((each["status"], each["reason"]) for each in decision.statuses)
        for kind, event in decision.events:
            assert CODEC.decode(CODEC.encode(kind, event)) == (kind, event)
        for verb, command in decision.commands:
            self.ask(command["sku"], verb, command)

    def ask(self, sku: str, name: str, command: Any) -> None:
        """One command about a SKU, and all that it leads to."""
        ledger = self.ledgers.setdefault(sku, Ledger())
        ledger.at_ms = self.at_ms
        assert CODEC.decode(CODEC.encode(name, command)) == (name, command)
        self.deliver(ledger.tell(name, command))

    def deliver(self, decision: Any) -> None:
        for name, record in decision.results:
            assert CODEC.decode(CODEC.encode(name, record)) == (name, record)
            if record["order_id"]:
                self.tell(name, record)

    def receive(self, quantity: int, warehouse: str = "HZ", sku: str = "MUG") -> Sale:
        ledger = self.ledgers.setdefault(sku, Ledger())
        ledger.receive(quantity, warehouse)
        for name, record in list(ledger.results):
            if record["order_id"]:
                self.tell(name, record)
        return self

    def expire(self) -> Sale:
        """As the tick proposes: whatever is due."""
        for reservation in list(self.mug.reservations.values()):
            due_ms = reservation["expires_at_ms"]
            if reservation["state"] == "RESERVED" and due_ms is not None and due_ms <= self.at_ms:
                command = {
                    "command_id": f"{reservation['reservation_id']}/expire",
                    "requested_at_ms": self.at_ms,
                    **{name: reservation[name] for name in ("reservation_id", "order_id", "sku", "warehouse")},
                }
                self.ask("MUG", "Expire", command)
        return self

    def phase(self, order_id: str) -> str:
        return str(self.states[order_id]["phase"])

    def last_said(self, order_id: str) -> str:
        return self.said[order_id][-1][1]

    def parts(self, order_id: str) -> list[tuple[str, int, str]]:
        return [(part["warehouse"], part["quantity"], part["state"]) for part in self.states[order_id]["parts"]]

    def _view(self) -> View:
        def levels(sku: str) -> Any:
            ledger = self.ledgers.get(sku)
            return ledger.stock["levels"] if ledger is not None and ledger.stock is not None else ()

        def pool(sku: str) -> Any:
            ledger = self.ledgers.get(sku)
            return ledger.pool if ledger is not None else None

        return View(levels, WAREHOUSES, {}, pool=pool)
