"""Shipping at Taobao: one parcel for all, parcels with lines and pieces, another number for what is sent.

Source: the platform's reference of ``taobao.logistics.offline.send``, ``alibaba.ascp.logistics.offline.send`` and
``taobao.logistics.consign.resend``; which error suffix stands for what is known from client code alone. What the trade does not allow is
refused before anything changes; a call changes all of its parcels or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from connectors.simulators.carriers import by_code
from connectors.simulators.orders import Doc, Order, Shipment, ShippedLine
from connectors.simulators.taobao_trades import (
    CLOSED,
    OVER,
    PART_SENT,
    SENT,
    SHIPPABLE,
    gone,
    held,
    lines,
    pieces,
    refunding,
    sent_pieces,
    trade,
)
from connectors.simulators.top import Params, TopError, invalid, remote_error

OFFLINE = "isv.logistics-offline-service-error"
RESEND = "isv.logistics-update-company-or-mailno-error"
CARRIERS = by_code("taobao")
NAMES = {code: carrier.name for code, carrier in CARRIERS.items()}
_WORDS = {
    "B01": "物流订单不存在",
    "B02": "订单状态不允许发货",
    "B04": "订单已发货或已关闭",
    "B27": "订单暂不能发货",
    "B52": "物流公司不存在",
    "B59": "运单号为空",
    "B60": "运单号不符合规则或已经被使用",
    "B98": "订单类型不匹配",
    "CD19": "订单未发货, 不能修改",
    "CD22": "拆单发货: 子订单不属于该订单",
    "CD24": "拆单发货: 数量超过未发货数量",
    "F04": "运单号已被其他订单使用",
    "P03": "物流公司不存在",
    "P07": "没有任何修改",
    "P10": "运单号不符合规则或已经被使用",
}


class Goods(msgspec.Struct):
    """Of a package of the multi-parcel call."""

    sub_tid: int | str
    num: int
    item_type: int = 0


class Package(msgspec.Struct):
    """One parcel of the multi-parcel call."""

    out_sid: str
    company_code: str
    goods: list[Goods] = []


class Counter:
    """The counter where parcels are handed in. ``ship(order, *shipments)`` takes those of a call, ``changed`` hears of other changes."""

    def __init__(
        self,
        ship: Callable[..., None],
        changed: Callable[[Order], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._ship = ship
        self._changed = changed
        self._now_ms = now_ms
        # Number -> who gets the parcel with it: parcels may be merged for one receiver, not for two.
        self._used: dict[str, tuple[object, ...]] = {}

    def clear(self) -> None:
        """Forgets which numbers were used."""
        self._used.clear()

    def offline_send(self, order: Order | None, params: Params) -> Doc:
        """One parcel: with the whole trade, or with the lines of ``sub_tid``."""
        order = self._tried(order)
        split = params.get("is_split") == "1"
        if bool(params.get("sub_tid")) != split:
            raise invalid("sub_tid", "sub_tid 与 is_split 必须同时使用")
        self._check_number(order, params.get("out_sid", ""), params["company_code"], OFFLINE)
        self._check_trade(order)
        chosen = {oid.strip() for oid in params["sub_tid"].split(",")} if split else None
        goods = self._whole_lines(order, chosen)
        self._take(order, [(params["out_sid"].strip(), params["company_code"], goods)])
        return {"shipping": {"is_success": True}}

    def packages_send(self, order: Order | None, params: Params) -> Doc:
        """Parcels with lines and pieces."""
        order = self._tried(order)
        kind = params.get("consign_type", "1")
        if kind not in ("0", "1", "2", "3"):
            raise invalid("consign_type", "consign_type 必须是 0, 1, 2 或 3")
        packages = _decoded(params["consign_pkgs"], list[Package], "consign_pkgs")
        if not packages:
            raise invalid("consign_pkgs", "包裹列表为空")
        if kind == "3":
            if len(packages) != 1:
                raise invalid("consign_pkgs", "补发只支持一个包裹")
            self._change_number(order, packages[0].out_sid, packages[0].company_code, None)
            return {"result": {"success": True}}
        for package in packages:
            self._check_number(order, package.out_sid, package.company_code, OFFLINE)
        self._check_trade(order)
        self._take(order, [(p.out_sid.strip(), p.company_code, self._goods(order, p, kind)) for p in packages])
        return {"result": {"success": True}}

    def resend(self, order: Order | None, params: Params) -> Doc:
        """Another number for what is sent."""
        order = self._tried(order, RESEND)
        chosen = set(params["sub_tid"].split(",")) if params.get("is_split") == "1" and params.get("sub_tid") else None
        self._change_number(order, params.get("out_sid", ""), params["company_code"], chosen)
        return {"shipping": {"is_success": True}}

    def _tried(self, order: Order | None, prefix: str = OFFLINE) -> Order:
        if order is None:
            raise _error("B01", prefix)
        order.ship_calls += 1
        return order

    def _check_number(self, order: Order, number: str, company: str, prefix: str) -> None:
        wrong_number, wrong_company = ("P10", "P03") if prefix == RESEND else ("B60", "B52")
        carrier = CARRIERS.get(company)
        if carrier is None:
            raise _error(wrong_company, prefix)
        if not number.strip():
            raise _error("B59", prefix)
        if not carrier.takes(number.strip()):
            raise _error(wrong_number, prefix)
        receiver = self._used.get(number.strip())
        if receiver is not None and receiver != _receiver(order):
            raise _error("F04", prefix)

    def _check_trade(self, order: Order) -> None:
        shown = trade(order.doc)
        status = shown.get("status")
        if status in OVER:
            raise _error("B04")
        if shown.get("type") == "cod":
            raise _error("B98")
        if status not in SHIPPABLE:
            raise _error("B02")
        if held(shown):
            raise _error("B27")

    def _whole_lines(self, order: Order, chosen: set[str] | None) -> list[ShippedLine]:
        """What remains of the chosen lines, or of all."""
        known = {str(line.get("oid")): line for line in lines(trade(order.doc))}
        if chosen is not None and not chosen <= known.keys():
            raise _error("CD22")
        sent, goods = sent_pieces(order), []
        for oid, line in known.items():
            if chosen is not None and oid not in chosen:
                continue
            left = pieces(line) - sent.get(oid, 0)
            if gone(line) or left <= 0:
                if chosen is not None:
                    raise _error("B04")
                continue
            if refunding(line):
                raise _error("B02")
            goods.append(ShippedLine(oid, left))
        if not goods:
            raise _error("B04")
        return goods

    def _goods(self, order: Order, package: Package, kind: str) -> list[ShippedLine]:
        if order.has_shipped(package.out_sid.strip()):
            raise _error("B04")
        if kind == "0" or not package.goods:
            return self._whole_lines(order, {str(it.sub_tid) for it in package.goods} or None)
        known = {str(line.get("oid")): line for line in lines(trade(order.doc))}
        sent, goods = sent_pieces(order), []
        for it in package.goods:
            oid = str(it.sub_tid)
            line = known.get(oid)
            if line is None:
                raise _error("CD22")
            if gone(line) or sent.get(oid, 0) >= pieces(line):
                raise _error("B04")
            if refunding(line):
                raise _error("B02")
            if it.num < 1 or sent.get(oid, 0) + it.num > pieces(line):
                raise _error("CD24")
            goods.append(ShippedLine(oid, it.num))
        return goods

    def _take(self, order: Order, parcels: Iterable[tuple[str, str, list[ShippedLine]]]) -> None:
        now_ms = self._now_ms()
        taken = [Shipment(number, company, goods, now_ms) for number, company, goods in parcels]
        _check_together(order, taken)
        for shipment in taken:
            self._used[shipment.tracking_no] = _receiver(order)
        self._ship(order, *taken)

    def _change_number(self, order: Order, number: str, company: str, chosen: set[str] | None) -> None:
        status = trade(order.doc).get("status")
        if status in CLOSED:
            raise _error("P06", RESEND)
        if status not in (SENT, PART_SENT) or not order.shipments:
            raise _error("CD19", RESEND)
        self._check_number(order, number, company, RESEND)
        number = number.strip()
        changed = [s for s in order.shipments if chosen is None or any(line.line_no in chosen for line in s.lines)]
        if all((s.tracking_no, s.carrier) == (number, company) for s in changed):
            raise _error("P07", RESEND)
        for shipment in changed:
            shipment.tracking_no, shipment.carrier = number, company
        self._used[number] = _receiver(order)
        order.ship_effects += 1
        self._changed(order)


def _check_together(order: Order, taken: list[Shipment]) -> None:
    """Parcels of one call may not carry more of a line than it has, nor the same number twice."""
    if len({shipment.tracking_no for shipment in taken}) < len(taken):
        raise _error("B60")
    sent = sent_pieces(order)
    known = {str(line.get("oid")): pieces(line) for line in lines(trade(order.doc))}
    for shipment in taken:
        for line in shipment.lines:
            sent[line.line_no] = sent.get(line.line_no, 0) + line.quantity
            if sent[line.line_no] > known[line.line_no]:
                raise _error("CD24")


def _receiver(order: Order) -> tuple[object, ...]:
    shown = trade(order.doc)
    fields = ("name", "state", "city", "district", "address")
    return tuple(shown.get(f"receiver_{field}") for field in fields)


def _decoded(text: str, type_: Any, name: str) -> Any:
    try:
        return msgspec.json.decode(text, type=type_)
    except msgspec.DecodeError as exc:
        raise invalid(name, f"{name} 不是合法的 JSON: {exc}") from exc


def _error(suffix: str, prefix: str = OFFLINE) -> TopError:
    return remote_error(f"{prefix}:{suffix}", _WORDS.get(suffix, "操作不允许"))
