"""Which messages Douyin sends of a change, and how: an array of several in one body, each with its data as JSON within JSON.

The tags: 100 created, 101 paid, 110 paid and under review, 106 cancelled, 108 shipped in part, 102 shipped, 103 finished, 105 address
changed, 109 amount changed, 113 remark, 126 deadline changed, 200 after-sale applied for, 206 refunded, 207 after-sale closed. How long
the platform collects messages for a body is not published: here 20 ms, or 20 messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from connectors.simulators import douyin_shipping as shipping
from connectors.simulators.orders import Order

_COLLECT_S = 0.02
_BODY_MAX = 20
_BY_STATUS = {
    shipping.RISK: "110",
    shipping.TO_SHIP: "101",
    shipping.CANCELLED: "106",
    shipping.SHIPPED: "102",
    shipping.FINISHED: "103",
}


class Seen(NamedTuple):
    """Of an order, what its last messages told of."""

    status: int = 0
    parcels: int = 0
    address: str = ""
    amount: int = 0
    remark: str = ""
    deadline: int = 0
    after_sales: tuple[tuple[str, int], ...] = ()


class Message(NamedTuple):
    """One item of a body."""

    tag: str
    msg_id: str
    data: str


def seen(order: Order) -> Seen:
    """What there is to tell of an order; what a spoilt snapshot lacks is nothing."""
    doc = order.doc
    lines = doc.get("sku_order_list")
    return Seen(
        status=_number(doc, "order_status"),
        parcels=len(order.shipments),
        address=str((doc.get("post_addr") or {}).get("encrypt_detail", "")),
        amount=_number(doc, "pay_amount"),
        remark=str(doc.get("seller_words", "")),
        deadline=_number(doc, "exp_ship_time"),
        after_sales=tuple(_after_sales(lines if isinstance(lines, list) else [])),
    )


def tags(old: Seen | None, new: Seen) -> Iterator[tuple[str, str]]:
    """(tag, line's id or "") of a change, in the order things happened."""
    if old is None:
        yield "100", ""
        old = new._replace(status=0, parcels=0, after_sales=())
    if new.status != old.status and new.status in _BY_STATUS:
        yield _BY_STATUS[new.status], ""
    elif new.parcels > old.parcels:
        yield "108", ""
    for tag, before, now in (
        ("105", old.address, new.address),
        ("109", old.amount, new.amount),
        ("113", old.remark, new.remark),
        ("126", old.deadline, new.deadline),
    ):
        if before != now:
            yield tag, ""
    told, now_open = dict(old.after_sales), dict(new.after_sales)
    for line in sorted(told | now_open):
        if told.get(line, 0) != now_open.get(line, 0):
            yield _after_sale_tag(now_open.get(line, 0)), line


def _after_sale_tag(status: int) -> str:
    return "206" if status == 12 else "200" if status in shipping.OPEN_AFTER_SALE else "207"


def message(order: Order, tag: str, line: str, shop_id: int) -> Message:
    """One message of an order as it is now."""
    doc = order.doc
    lines = [one["order_id"] for one in doc.get("sku_order_list", ()) if isinstance(one, dict) and "order_id" in one]
    data: dict[str, Any] = {
        # A text in one tag, a number in all others.
        "p_id": order.order_no if tag == "126" else int(order.order_no),
        "s_ids": [int(one) for one in lines],
        "shop_id": shop_id,
        "order_status": _number(doc, "order_status"),
        "order_type": _number(doc, "order_type"),
        "biz": 2,
        **_more(order, tag),
    }
    if line:
        data |= {
            "s_id": int(line),
            "aftersale_id": int(line),
            "aftersale_status": dict(seen(order).after_sales).get(line, 0),
        }
    return Message(tag, f"{order.order_no}-{order.change_no}-{tag}{line}", msgspec.json.encode(data).decode())


def _more(order: Order, tag: str) -> dict[str, Any]:
    doc = order.doc
    if tag == "100":
        return {"create_time": _number(doc, "create_time")}
    if tag == "101":
        return {name: _number(doc, name) for name in ("pay_amount", "pay_time", "pay_type")}
    if tag == "106":
        return {"cancel_reason": "", "cancel_time": order.changed_at_ms // 1000}
    if tag == "108":
        last = order.shipments[-1]
        lines = [{"shipped_order_id": one.line_no, "shipped_num": one.quantity} for one in last.lines]
        pack = shipping.pack_id(order.order_no, len(order.shipments) - 1)
        told = {"express_company_id": last.carrier, "logistics_code": last.tracking_no, "pack_id": pack}
        return {"logistics_msg": {**told, "shipped_order_info": lines}}
    if tag == "113":
        return {"remark": str(doc.get("seller_words", "")), "star": str(doc.get("seller_remark_stars", 0))}
    return {"126": {"exp_delivery_time": _number(doc, "exp_ship_time")}}.get(tag, {})


class Batch:
    """Messages of one shop on their way into one body; ``send`` gets it."""

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._send = send
        self._waiting: list[Message] = []
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, one: Message) -> None:
        """It leaves with those that come soon after."""
        self._waiting.append(one)
        if len(self._waiting) >= _BODY_MAX:
            self._flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_COLLECT_S, self._flush)

    def clear(self) -> None:
        """Forgets what waits."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        body = msgspec.json.encode([one._asdict() for one in self._waiting])
        self.clear()
        self._send(body)


def _after_sales(lines: list[Any]) -> Iterator[tuple[str, int]]:
    for line in lines:
        info = line.get("after_sale_info") if isinstance(line, Mapping) else None
        status = _number(info, "after_sale_status") if isinstance(info, Mapping) else 0
        if status:
            yield str(line["order_id"]), status


def _number(doc: Mapping[str, Any], name: str) -> int:
    value = doc.get(name)
    return value if isinstance(value, int) else 0
