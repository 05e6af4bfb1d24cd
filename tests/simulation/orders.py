"""A simulated shop's input: what connectors publish, from one plan. Told twice, out of order, in contradiction, or unfit to be decided."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any, NamedTuple

from schemas.codec import CODEC
from tests.domain.make import operator
from tests.domain.raw_orders import TAOBAO
from tests.simulation.kafka import EPOCH_MS

SKUS = ("MUG", "POT", "TEA")
#: Events come within this time.
SPAN_S = 2.0

#: Bytes of a message that a worker may send.
MESSAGE_MAX = 20_000


class Event(NamedTuple):
    """``at_s``: seconds after the beginning. ``unfit``: it must come to nothing but quarantine."""

    at_s: float
    topic: str
    key: str
    value: bytes
    unfit: bool = False
    misplaced: bool = False


def events_of(plan: Random, plenty: bool) -> list[Event]:
    """What connectors publish, in the order of their times."""
    events: list[Event] = []
    for number in range(plan.randint(2, 5)):
        tid = 2_300_000_000_000_000_000 + number
        snapshots = _snapshots(plan, tid)
        if plan.random() < 0.3:
            plan.shuffle(snapshots)
        at_s = plan.random() * SPAN_S
        for snapshot in snapshots:
            value = CODEC.encode("ChannelEvent", _envelope(tid, snapshot))
            for _ in range(1 + (plan.random() < 0.3)):
                events.append(Event(at_s, "channel.taobao.events", f"taobao:{tid}", value))
                at_s += plan.choice((0.0, 0.01, 0.4))
        if not plenty and plan.random() < 0.15:
            record = operator("CANCEL", f"{tid}/no", f"taobao:{tid}")
            events.append(Event(at_s, "orders.decisions", f"taobao:{tid}", CODEC.encode("OperatorDecision", record)))
    events += _unfit(plan, [event for event in events if event.topic.startswith("channel.")])
    return sorted(events, key=lambda event: event.at_s)


def _unfit(plan: Random, sound: list[Event]) -> list[Event]:
    """What no agent can digest, what is too large for quarantine, what makes an agent send too much, and a sound one out of its place."""
    envelope = {**_envelope(0, {}), "payload": b"{" * (MESSAGE_MAX - 200)}
    kinds = (
        ("taobao:poison", b"not ours"),
        ("taobao:poison-large", b"not ours" * (MESSAGE_MAX // 4)),
        # It fits, but not with what its review says of it.
        ("taobao:too-much", CODEC.encode("ChannelEvent", envelope)),
    )
    found = [
        Event(plan.random() * SPAN_S, "channel.taobao.events", key, value, unfit=True)
        for key, value in kinds
        if plan.random() < 0.3
    ]
    if plan.random() < 0.3:
        copied = plan.choice(sound)
        found.append(copied._replace(at_s=plan.random() * SPAN_S, unfit=True, misplaced=True))
    return found


def _snapshots(plan: Random, tid: int) -> list[dict[str, Any]]:
    statuses = ["WAIT_SELLER_SEND_GOODS"]
    if plan.random() < 0.3:
        statuses.insert(0, "WAIT_BUYER_PAY")
    while plan.random() < 0.3:
        statuses.append("WAIT_SELLER_SEND_GOODS")
    if plan.random() < 0.25:
        statuses.append("TRADE_CLOSED")
    told = []
    for minute, status in enumerate(statuses):
        # Now and then the platform contradicts itself: the same time, other content.
        same = minute and plan.random() < 0.15
        told.append(_snapshot(plan, tid, status, minute - 1 if same else minute))
    return told


def _snapshot(plan: Random, tid: int, status: str, minute: int) -> dict[str, Any]:
    trade = copy.deepcopy(TAOBAO)
    line = trade["orders"]["order"][0]
    lines = []
    for number in range(plan.choice((1, 1, 2))):
        sku = plan.choice(SKUS) if plan.random() < 0.95 else "NO-SUCH-SKU"
        lines.append(
            {**line, "oid": tid * 10 + number, "outer_sku_id": sku, "num": plan.randint(1, 3), "status": status}
        )
    state = plan.choice(("浙江省", "广东省", "四川省"))
    modified = f"2026-01-01 10:{minute:02d}:00"
    return {
        **trade,
        **{"tid": tid, "status": status, "modified": modified, "receiver_state": state},
        "orders": {"order": lines},
    }


def _envelope(tid: int, snapshot: dict[str, Any]) -> dict[str, Any]:
    return {
        "channel": "taobao",
        "shop": "tea",
        "order_no": str(tid),
        "kind": "order",
        "event_id": "e",
        "occurred_at_ms": EPOCH_MS,
        "received_at_ms": EPOCH_MS,
        "content_type": "application/json",
        "payload": json.dumps(snapshot).encode(),
    }
