"""The listing stage's agent on tables in memory: one status for all that a batch did, parts to bundles, and its index of times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.codec import CODEC
from streams.agents.listing import ListingAgent
from streams.domain.expiry import expiry_key
from streams.domain.listing.state import due_ms
from streams.engine import Batch
from tests.agents.test_writeback import Memory, Message
from tests.domain.listing.make import listed, place, stock
from tests.domain.make import AT_MS


class Rig:
    """The agent, its tables, and what it has sent."""

    def __init__(self) -> None:
        self.states, self.due = Memory(), Memory()
        self.sent: list[tuple[str, str, Any]] = []
        self.agent = ListingAgent(self.states, self.due)  # type: ignore[arg-type]

    def read(self, topic: str, name: str, *records: Mapping[str, Any]) -> None:
        messages = [Message(topic, record["sku"], name, record) for record in records]
        self.agent.on_batch(Batch(topic, 0, messages, AT_MS, self))  # type: ignore[arg-type]
        self.check()

    def tick(self, at_ms: int) -> None:
        self.agent.on_tick(Batch("listing.commands", 0, [], at_ms, self))  # type: ignore[arg-type]
        self.check()

    def send(self, topic: str, key: bytes, value: bytes) -> None:
        name, record = CODEC.decode(value)
        assert record["sku"] == key.decode()
        self.sent.append((topic, name, record))

    def on(self, topic: str) -> list[Any]:
        return [record for where, _, record in self.sent if where == topic]

    def check(self) -> None:
        """The index is as the states say."""
        due = ((due_ms(state), key.decode()) for key, state in self.states.items.items())
        assert self.due.items == {expiry_key(at_ms, sku): None for at_ms, sku in due if at_ms is not None}


def test_a_batch_has_one_status_of_a_sku_and_what_nobody_lists_has_none() -> None:
    hub = Rig()
    hub.read("listing.commands", "ListSku", listed(place()))
    hub.read("inventory.availability", "Availability", stock(9), stock(8, 2), stock(5, sku="POT"))
    assert [record["quantity"] for record in hub.on("listing.requests")] == [9]
    assert [(it["sku"], it["listed"][0]["wanted"]) for it in hub.on("listing.status")] == [("MUG", None), ("MUG", 8)]
    assert set(hub.states.items) == {b"MUG", b"POT"}


def test_a_part_tells_its_bundles_under_their_keys() -> None:
    hub = Rig()
    hub.read("inventory.availability", "Availability", stock(9, sku="CUP"))
    hub.read("listing.commands", "ListSku", listed(sku="CUP", bundles=["SET"]))
    hub.read("inventory.availability", "Availability", stock(7, 2, sku="CUP"))
    parts = hub.on("listing.commands")
    assert [(it["sku"], it["stock"]["sku"], it["stock"]["version"]) for it in parts] == [
        *(("SET", "CUP", 1), ("SET", "CUP", 2))
    ]
    about = listed(place(), sku="SET", parts=[{"sku": "CUP", "quantity": 2}])
    hub.read("listing.commands", "ListSku", about)
    hub.read("listing.commands", "PartStock", *parts)
    assert [record["quantity"] for record in hub.on("listing.requests")] == [4]


def test_what_waits_is_told_by_a_tick() -> None:
    hub = Rig()
    hub.read("listing.commands", "ListSku", listed(place(every_ms=5_000)))
    hub.read("inventory.availability", "Availability", stock(9))
    (request,) = hub.on("listing.requests")
    result = {
        **{name: request[name] for name in ("request_id", "sku", "number", "quantity")},
        **{name: request["place"][name] for name in ("place", "channel", "shop")},
        **{"outcome": "DONE", "code": "", "reason": "", "at_ms": AT_MS},
    }
    hub.read("listing.results", "ListingResult", result)
    hub.read("inventory.availability", "Availability", stock(8, 2))
    hub.tick(AT_MS + 4_999)
    assert len(hub.on("listing.requests")) == 1
    hub.tick(AT_MS + 5_000)
    assert [record["quantity"] for record in hub.on("listing.requests")] == [9, 8]
    assert hub.due.items == {}
