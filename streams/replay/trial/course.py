"""A trial from step to step: snapshots of an order as its platform shows it, and what happens in between."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from schemas.records import Order, OrderState, Reason
from schemas.topics import channel_topic
from streams.domain import aftersales
from streams.domain.channels import MAPPERS, Snapshot
from streams.domain.channels.payload import read_object
from streams.domain.channels.settings import DEFAULT
from streams.domain.intake.kinds import kind_of
from streams.domain.routing.geography import centre_of
from streams.replay.trial import happening, step
from streams.replay.trial.happening import Happening
from streams.replay.trial.hub import Hub
from streams.replay.trial.step import Step
from streams.settings import Settings

#: 2026-01-01 00:00 at GMT+8. A trial's clock starts here, and is moved on by its snapshots: the same files give the same steps.
_DAWN_MS = 1_767_196_800_000
_STEP_MS = 1_000
#: No order's next word is later than that, nor than now: a snapshot that is comes from a broken clock, and moves the trial's not.
_LEAP_MAX_MS = 2 * 365 * 86_400_000


class Peek(NamedTuple):
    """What a payload says before anything is decided."""

    snapshot: Snapshot | None
    reasons: list[Reason]


class Trial:
    """One channel and shop. ``pushed``: a snapshot is news the platform pushed, not the order as the hub fetched it."""

    def __init__(self, channel: str, shop: str, settings: Settings, *, pushed: bool = False) -> None:
        self.channel = channel
        self._shop = shop
        self._fetched = not pushed
        self._hub = Hub(settings, {(channel, shop)})
        self._now_ms = _DAWN_MS
        self._steps = 0
        #: The order that a happening is about: that of the last snapshot.
        self._order_no = ""
        self._orders: dict[str, Order] = {}

    def warehouse(self, code: str, province: str) -> None:
        """Sets a warehouse up. Raises ValueError: nobody knows the province."""
        place = centre_of(province)
        if place is None:
            raise ValueError(f"unknown province {province!r}: write 浙江 or Zhejiang")
        record = {
            "warehouse": code,
            "name": code,
            "province": province,
            "latitude": place[0],
            "longitude": place[1],
            "max_open_units": None,
            "enabled": True,
            "priority": 0,
            "version": 1,
        }
        self._hub.put("config.warehouses", code, "Warehouse", record)
        self._hub.run(self._now_ms)

    def stock(self, sku: str, units: int, warehouse: str) -> None:
        """Counts units in; none makes the SKU known, and short."""
        command: dict[str, Any] = {
            "command_id": f"trial/{sku}/{warehouse}",
            "sku": sku,
            "warehouse": warehouse,
            "requested_at_ms": self._now_ms,
        }
        name, more = (
            ("Receive", {"quantity": units}) if units else ("Adjust", {"delta": 0, "reason": "counted", "order_id": ""})
        )
        self._hub.put("inventory.commands", sku, name, {**command, **more})
        self._hub.run(self._now_ms)

    def bundle(self, sku: str, parts: Mapping[str, int]) -> None:
        """Says what a SKU that is sold as one is shipped as."""
        record = {
            "sku": sku,
            "version": 1,
            "parts": [{"sku": part, "quantity": units} for part, units in parts.items()],
        }
        self._hub.put("config.bundles", sku, "Bundle", record)
        self._hub.run(self._now_ms)

    def snapshot(self, payload: bytes) -> Step:
        """The order as its platform shows it now."""
        found = peek(self.channel, payload)
        order_no = found.snapshot.order_no if found.snapshot is not None else ""
        if not order_no:
            # A gateway that finds no order in a push keeps it aside.
            return self._refused(found.reasons)
        self._order_no = order_no
        start = self._tick(found.snapshot.version if found.snapshot is not None else 0)
        return self._told_by_channel(kind_of(aftersale=False, fetched=self._fetched), payload, start)

    def happens(self, happened: Happening) -> Step:
        """Something else befalls the order of the last snapshot."""
        if not self._order_no:
            why = "there is no order yet: give a snapshot of it first"
            return self._refused([step.reason("no_order", "--event", "", why)])
        if isinstance(happened, datetime):
            return self._step("accepted", [], self._tick(round(happened.timestamp() * 1000)))
        if isinstance(happened, bytes):
            start = self._tick(_changed_ms(self.channel, happened))
            return self._told_by_channel(kind_of(aftersale=True, fetched=self._fetched), happened, start)
        start = self._tick(0)
        state = self._state()
        told = happening.message(
            happened, self._order_id, state["lines"] if state else (), self._steps + 1, self._now_ms
        )
        outcome, reasons = self._put(told.topic, told.name, told.record)
        if outcome == "accepted" and self._state() == state:
            outcome, reasons = (
                "duplicate",
                [step.reason("no_effect", told.name, "", "nothing to do: it was known before")],
            )
        return self._step(outcome, reasons, start)

    @property
    def _order_id(self) -> str:
        return f"{self.channel}:{self._order_no}"

    def _state(self) -> OrderState | None:
        state: OrderState | None = self._hub.row("order_state", self._order_id)
        return state

    def _tick(self, version_ms: int) -> int:
        """Moves the clock on; what is due by then comes first. Where the step's records begin."""
        start = len(self._hub.told)
        latest = max(self._now_ms + _LEAP_MAX_MS, time.time_ns() // 1_000_000)
        self._now_ms = max(self._now_ms + _STEP_MS, version_ms if version_ms <= latest else 0)
        self._hub.settle(self._now_ms)
        return start

    def _put(self, topic: str, name: str, record: Mapping[str, Any]) -> tuple[step.Outcome, list[Reason]]:
        start = len(self._hub.told)
        self._hub.put(topic, self._order_id, name, record)
        self._hub.run(self._now_ms)
        return step.outcome(self._hub.told[start:])

    def _told_by_channel(self, kind: str, payload: bytes, start: int) -> Step:
        event = {
            "channel": self.channel,
            "shop": self._shop,
            "order_no": self._order_no,
            "kind": kind,
            "event_id": f"trial/{self._steps + 1}",
            "occurred_at_ms": self._now_ms,
            "received_at_ms": self._now_ms,
            "content_type": "application/json",
            "payload": payload,
        }
        return self._step(*self._put(channel_topic(self.channel), "ChannelEvent", event), start)

    def _refused(self, reasons: list[Reason]) -> Step:
        return self._step("refused", reasons, len(self._hub.told))

    def _step(self, outcome: step.Outcome, reasons: list[Reason], start: int) -> Step:
        self._steps += 1
        told = self._hub.told[start:]
        for each in told:
            if each.name == "Order":
                self._orders[each.record["order_id"]] = each.record  # type: ignore[assignment]
        order, state = self._orders.get(self._order_id), self._state()
        return Step(
            step=self._steps,
            outcome=outcome,
            reasons=reasons,
            status=step.status(order["status"], state) if order is not None else None,
            hold_reason=step.hold_reason(state),
            phase=state["phase"] if state is not None and order is not None else None,
            lines=step.lines(state),
            receiver=step.receiver(order),
            reserved=step.reserved(self._hub.rows("reservations"), self._order_id),
            released=step.resolved(told, "RELEASED", "EXPIRED"),
            committed=step.resolved(told, "COMMITTED"),
            restocked=step.restocked(told),
            notes=step.notes(told),
        )


def peek(channel: str, payload: bytes) -> Peek:
    """Maps a payload, as intake will: to find the order's number, its version and its SKUs, which no setting changes."""
    reasons: list[Reason] = []
    doc = read_object(payload, reasons)
    return Peek(MAPPERS[channel](doc, reasons, DEFAULT) if doc is not None else None, reasons)


def _changed_ms(channel: str, aftersale: bytes) -> int:
    """When its platform changed an after-sale, ms since the epoch; 0: it does not say."""
    doc = read_object(aftersale, [])
    return aftersales.MAPPERS[channel](doc, []).version if doc is not None else 0


def named_skus(channel: str, payloads: Iterable[bytes]) -> list[str]:
    """Every SKU that a channel's payloads name."""
    snapshots = [peek(channel, payload).snapshot for payload in payloads]
    return list(
        dict.fromkeys(line["sku"] for each in snapshots if each is not None for line in each.lines if line["sku"])
    )


def whose(payloads: Iterable[bytes]) -> str | None:
    """The channel whose mapper finds an order in one of them, and least to complain of; None: no mapper finds one."""
    found = [
        (len(seen.reasons), channel)
        for payload in payloads
        for channel in MAPPERS
        if (seen := peek(channel, payload)).snapshot is not None and seen.snapshot.order_no
    ]
    return min(found)[1] if found else None
