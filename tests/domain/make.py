"""Records for the tests of the domain, with only what a test is about spelled out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from streams.domain.allocation.step import View

AT_MS = 1_700_000_000_000


def level(warehouse: str, on_hand: int, reserved: int = 0, safety_stock: int = 0) -> dict[str, Any]:
    return {
        "warehouse": warehouse,
        "on_hand": on_hand,
        "reserved": reserved,
        "safety_stock": safety_stock,
        "open": on_hand - reserved > safety_stock,
    }


def stock(*levels: dict[str, Any], waiting: Sequence[tuple[str, int]] = (), sku: str = "MUG") -> dict[str, Any]:
    return {
        "sku": sku,
        "version": 1,
        "levels": sorted(levels, key=lambda each: each["warehouse"]),
        "waiting": [{"order_id": order_id, "quantity": quantity} for order_id, quantity in waiting],
        "pool": None,
    }


def warehouse(name: str, province: str = "浙江", **settings: Any) -> dict[str, Any]:
    latitude, longitude = {"浙江": (30.2, 120.2), "广东": (23.1, 113.3), "四川": (30.6, 104.0)}[province]
    return {
        "warehouse": name,
        "name": name,
        "province": province,
        "latitude": latitude,
        "longitude": longitude,
        "max_open_units": None,
        "enabled": True,
        "priority": 0,
        "version": 1,
        **settings,
    }


def reservation_command(reservation_id: str = "taobao:1/1.1/1/HZ", quantity: int = 2, **fields: Any) -> dict[str, Any]:
    return {
        "command_id": f"{reservation_id}/reserve",
        "reservation_id": reservation_id,
        "order_id": "taobao:1",
        "sku": "MUG",
        "warehouse": "HZ",
        "quantity": quantity,
        "expires_at_ms": None,
        "requested_at_ms": AT_MS,
        **fields,
    }


def resolution(verb: str, reservation_id: str = "taobao:1/1.1/1/HZ", **fields: Any) -> dict[str, Any]:
    command = {
        "command_id": f"{reservation_id}/{verb.lower()}",
        "reservation_id": reservation_id,
        "order_id": "taobao:1",
        "sku": "MUG",
        "warehouse": "HZ",
        "requested_at_ms": AT_MS,
        **({} if verb == "Expire" else {"quantity": None, "rest_id": ""}),
        **fields,
    }
    return {**command, "reason": "cancelled"} if verb == "Release" else command


def count(command_id: str = "c1", **fields: Any) -> dict[str, Any]:
    return {"command_id": command_id, "sku": "MUG", "warehouse": "HZ", "requested_at_ms": AT_MS, **fields}


def waiting(order_id: str, quantity: int | None = None) -> dict[str, Any]:
    command = {"command_id": f"{order_id}/1/await/MUG", "order_id": order_id, "sku": "MUG", "requested_at_ms": AT_MS}
    return command if quantity is None else {**command, "quantity": quantity}


def line(sku: str = "MUG", quantity: int = 1, line_no: str = "1", **facts: Any) -> dict[str, Any]:
    return {
        "line_no": line_no,
        "sku": sku,
        "title": sku.lower(),
        "quantity": quantity,
        "unit_price_minor": 990,
        "returned_quantity": 0,
        "shipped_quantity": 0,
        "cancelled_quantity": 0,
        "asked_back_quantity": 0,
        "sent_by": "MERCHANT",
        "sender": "",
        "bundle_line_no": "",
        **facts,
    }


def order(
    *lines: dict[str, Any],
    version: int = 1,
    status: str = "PAID",
    hold_reason: str | None = None,
    order_id: str = "taobao:1",
    province: str = "浙江省",
    address: str = "文三路 1 号",
    **facts: Any,
) -> dict[str, Any]:
    channel, _, order_no = order_id.partition(":")
    return {
        "order_id": order_id,
        "channel": channel,
        "shop": "tea",
        "order_no": order_no,
        "version": version,
        "fingerprint": version.to_bytes(8, "big"),
        "status": status,
        "hold_reason": hold_reason,
        "currency": "CNY",
        "total_minor": 990,
        "placed_at_ms": AT_MS,
        "paid_at_ms": AT_MS,
        "ship_by_ms": None,
        "not_before_ms": None,
        "collect_minor": None,
        "receiver": {
            "name": "王小明",
            "phone": "13800000000",
            "country": "CN",
            "province": province,
            "city": "",
            "district": "",
            "address": address,
            "postal_code": "",
            "oaid": None,
            "town": "",
            "company": "",
            "phone_extension": "",
            "forms": {},
        },
        "lines": list(lines) or [line()],
        "attributes": {},
        "received_at_ms": AT_MS - 5,
        "source": {"topic": "channel.taobao.events", "partition": 0, "offset": version},
        "correction_id": "",
        "receiver_from": "",
        "platform_receiver": None,
        **facts,
    }


def parcel_line(sku: str = "MUG", quantity: int = 1, line_no: str = "1") -> dict[str, Any]:
    return {"line_no": line_no, "sku": sku, "quantity": quantity}


def aftersale(aftersale_id: str = "a1", version: int = 1, **facts: Any) -> dict[str, Any]:
    return {
        "aftersale_id": aftersale_id,
        "order_id": "taobao:1",
        "channel": "taobao",
        "shop": "tea",
        "order_no": "1",
        "version": version,
        "fingerprint": version.to_bytes(8, "big"),
        "kind": "REFUND",
        "state": "OPEN",
        "platform_state": "WAIT_SELLER_AGREE",
        "before_shipping": None,
        "received": None,
        "currency": "CNY",
        "amount_minor": None,
        "whole": None,
        "lines": [],
        "reason": "",
        "reason_code": "",
        "reason_class": "BUYER",
        "tracking_no": "",
        "asked_at_ms": None,
        "received_at_ms": AT_MS,
        "source": {"topic": "channel.taobao.events", "partition": 0, "offset": version},
        **facts,
    }


def came_back(
    *lines: dict[str, Any], warehouse: str = "HZ", return_id: str = "r1", order_id: str = "taobao:1"
) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "order_id": order_id,
        "shipment_id": "",
        "warehouse": warehouse,
        "lines": [{"grade": "SELLABLE", **line} for line in lines or [parcel_line()]],
        "received_at_ms": AT_MS,
    }


def shipped(
    warehouse: str = "HZ", shipment_id: str = "s1", order_id: str = "taobao:1", lines: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    return {
        "shipment_id": shipment_id,
        "order_id": order_id,
        "warehouse": warehouse,
        "carrier": "SF",
        "tracking_no": "SF1",
        "shipped_at_ms": AT_MS,
        "lines": list(lines),
    }


def operator(action: str, decision_id: str = "d1", order_id: str = "taobao:1", **facts: Any) -> dict[str, Any]:
    return {
        "decision_id": decision_id,
        "order_id": order_id,
        "action": action,
        "by": "li",
        "reason": "called the buyer",
        "decided_at_ms": AT_MS,
        "task": "",
        "roles": [],
        **facts,
    }


def forgotten(order_id: str = "taobao:1") -> dict[str, Any]:
    return {"order_id": order_id, "by": "li", "reason": "asked for", "forgotten_at_ms": AT_MS}


def arrived(*levels: dict[str, Any], sku: str = "MUG", quantity: int = 1, order_id: str = "taobao:1") -> dict[str, Any]:
    return {"order_id": order_id, "sku": sku, "quantity": quantity, "levels": list(levels), "at_ms": AT_MS}


def view(
    levels: Mapping[str, Sequence[dict[str, Any]]],
    *warehouses: dict[str, Any],
    load: Mapping[str, int] | None = None,
    reservation_ttl_ms: int | None = None,
) -> View:
    return View(
        lambda sku: levels.get(sku, ()),
        warehouses or (warehouse("HZ"), warehouse("GZ", "广东")),
        load or {},
        reservation_ttl_ms,
    )
