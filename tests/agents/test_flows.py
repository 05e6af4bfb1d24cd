"""Orders under a released flow through the live agents, without a broker: deadlines that the ticks keep, and records on ``tasks``."""

from __future__ import annotations

import json
from typing import Any

from connectors.generator import warehouses
from schemas.topics import channel_topic
from streams.replay.trial.hub import Hub
from streams.settings import Settings
from tests.domain.allocation.flows import APPROVAL, HEAD, MINUTE_MS
from tests.domain.make import count, operator
from tests.domain.raw_orders import ORDER_NO, TEN_O_CLOCK_MS
from tests.domain.released import FLOWS, release, version
from tests.domain.sales import FROM_A_DAY, raw

ORDER_ID = f"taobao:{ORDER_NO['taobao']}"
#: Every order is asked about.
ASKS = APPROVAL.replace("at_least = 1_000", "at_least = 0").replace(
    '"large"], priority', '"large"], fields = [{ field = "desk", text = "two" }], priority'
)
FIELDS = 'fields = [{ name = "desk", type = "text" }]\n'
TRANSFORM = """
nodes = [
  { name = "came", do = "on", event = "accepted", then = "shape" },
  { name = "shape", do = "transform", source = "order", into = "fields", then = "send", steps = [
    { by = "path", to = "where", path = "province" },
    { by = "path", to = "first", path = "lines.0.sku" },
    { by = "path", to = "who", path = "receiver.name" },
    { by = "path", to = "_total", path = "total_minor", type = "number" },
    { by = "quotient", to = "yuan", of = "_total", divisor = 100 },
  ] },
  { name = "send", do = "route", rules = "built-in", then = "done" },
  { name = "done", do = "end" },
]
fields = [{ name = "where", type = "text" }, { name = "first", type = "text" }, { name = "yuan", type = "number" },
          { name = "who", type = "text" }]
"""


class Trade:
    """A hub of whose flow one version is live; its clock stands at ten o'clock until it is told otherwise."""

    def __init__(self, text: str) -> None:
        self.hub = Hub(Settings.from_env({}), ())
        self.at_ms = TEN_O_CLOCK_MS
        for each in warehouses():
            self.hub.put("config.warehouses", each["warehouse"], "Warehouse", each)
        self.hub.put("config.documents", f"{FLOWS}@1", "ConfigDocument", version(1, HEAD + text, FLOWS))
        self.hub.put("config.releases", FLOWS, "ConfigRelease", release(1, name=FLOWS))
        arrived = count("r1", sku="SKU-A", warehouse="hz1", quantity=9)
        self.put("inventory.commands", "SKU-A", "Receive", arrived)

    def put(self, topic: str, key: str, name: str, record: Any) -> None:
        self.hub.put(topic, key, name, record)
        self.hub.run(self.at_ms)

    def order(self) -> None:
        event = {
            "channel": "taobao",
            "shop": "tea",
            "order_no": ORDER_NO["taobao"],
            "kind": "order",
            "event_id": "e1",
            "occurred_at_ms": self.at_ms,
            "received_at_ms": self.at_ms,
            "content_type": "application/json",
            "payload": json.dumps(raw("taobao", FROM_A_DAY)).encode(),
        }
        self.put(channel_topic("taobao"), ORDER_ID, "ChannelEvent", event)

    def later(self, minutes: int) -> None:
        self.at_ms += minutes * MINUTE_MS
        self.hub.settle(self.at_ms)

    @property
    def stands(self) -> tuple[str, str]:
        state = self.hub.row("order_state", ORDER_ID)
        return state["phase"], state["hold_reason"]

    def tasks(self) -> list[tuple[str, str]]:
        return [(t.record["node"], t.record["state"]) for t in self.hub.told if t.name == "Task"]


def test_ticks_keep_each_deadline_until_nobody_at_all_ends_it() -> None:
    trade = Trade(ASKS + FIELDS)
    trade.order()
    reasons = trade.stands[1].split(",")
    assert (trade.stands[0], "flow:approval" in reasons) == ("HELD", True)
    trade.later(59)
    assert trade.tasks() == [("lead", "OPEN")]
    trade.later(1)
    # The proposal, read back from the log.
    assert [t.record["by"] for t in trade.hub.told if t.name == "OperatorDecision"] == ["clock"]
    assert trade.tasks()[1:] == [("lead", "LATE"), ("tell", "TOLD"), ("service", "OPEN")]
    assert "flow:overdue" in trade.stands[1]
    trade.later(1_440)
    assert trade.stands == ("CANCELLED", "")
    assert trade.tasks()[-1] == ("service", "LATE")
    kept = trade.hub.row("order_state", ORDER_ID)["flow"]
    assert (kept["tags"], kept["priority"], kept["closed"]) == (["large"], 1, True)
    assert [(each["name"], each["text"]) for each in kept["fields"]] == [("desk", "two")]
    count_ = len(trade.hub.told)
    trade.later(10_000)
    assert not [t for t in trade.hub.told[count_:] if t.name in ("Task", "OperatorDecision")]


def test_a_lead_says_yes_before_it_is_over() -> None:
    trade = Trade(ASKS + FIELDS)
    trade.order()
    trade.later(30)
    yes = operator("APPROVE", "y", ORDER_ID, by="wang", roles=["lead"], task="lead#1")
    trade.put("orders.decisions", ORDER_ID, "OperatorDecision", yes)
    assert trade.tasks() == [("lead", "OPEN"), ("lead", "APPROVED")]
    assert "flow" not in trade.stands[1]
    trade.later(31)
    assert trade.tasks()[2:] == []


def test_a_transform_fills_fields_from_the_order_and_what_it_is_not_shown_stays_missing() -> None:
    trade = Trade(TRANSFORM)
    trade.order()
    fields = {
        each["name"]: each["text"] or each["number"]
        for each in trade.hub.row("order_state", ORDER_ID)["flow"]["fields"]
    }
    assert fields.keys() == {"where", "first", "yuan"}
    assert fields["first"] == "SKU-A"
    assert not [t for t in trade.hub.told if t.topic == "penstock.quarantine"]
