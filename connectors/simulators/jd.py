"""JD POP: orders to search, to read and to ship; nothing is pushed.

Source: the platform's reference of ``jingdong.pop.order.*``. As there: only named fields come back, no page after the hundredth,
"modified" moves with state and waybill alone (other edits are missed by whoever asks for what was modified), success is the text "true".
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import msgspec
from aiohttp import web

from connectors.shops import Shop
from connectors.simulators import jd_aftersales as aftersales
from connectors.simulators.carriers import by_code
from connectors.simulators.clock import from_local, local
from connectors.simulators.controls import body_of, json_answer
from connectors.simulators.jd_orders import (
    CANCELLED,
    SHIPPED,
    TO_SHIP,
    Refusal,
    lines,
    not_shippable,
    order_info,
    pieces,
    shown,
)
from connectors.simulators.jd_stock import Stock
from connectors.simulators.jos import Answer, Jos, JosError, Method, Params
from connectors.simulators.orders import Doc, Order, Shipment, ShippedLine

#: The merchant delivers by himself: no number is stored.
SELF_DELIVERY = "1274"
PAGES_MAX = 100
_MONTH_MS = 31 * 24 * 3_600_000
_CARRIERS = by_code("jd")


class Split(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sim/split``: the skuIds of each child."""

    order_no: str
    lines: list[list[str]]


class JdSimulator(Jos):
    """See the module's text. Beside the common controls: ``POST /_sim/split`` {"order_no", "lines": [[skuId, ...], ...]}."""

    name = "jd"

    def methods(self) -> Mapping[str, Method]:
        search = ("order_state", "optional_fields", "page", "page_size")
        return {
            "jingdong.pop.order.search": Method(lambda shop, params: self._search(shop, params, False), search),
            "jingdong.pop.order.enSearch": Method(lambda shop, params: self._search(shop, params, True), search),
            "jingdong.pop.order.get": Method(
                lambda shop, params: self._get(shop, params, False), ("order_id", "optional_fields")
            ),
            "jingdong.pop.order.enGet": Method(
                lambda shop, params: self._get(shop, params, True), ("order_id", "optional_fields")
            ),
            "jingdong.pop.order.shipment": Method(self._ship, ("orderId", "logiCoprId")),
            "360buy.order.sop.waybill.update": Method(self._change_numbers, ("order_id", "logistics_id")),
            "jingdong.pop.afs.soa.refundapply.queryPageList": Method(
                lambda shop, params: aftersales.applications(self._sales(shop), params), ("pageIndex", "pageSize")
            ),
            "jingdong.asc.sync.list": Method(
                lambda shop, params: aftersales.services(self._sales(shop), params),
                ("buId", "operatePin", "operateNick", "pageNumber", "pageSize"),
            ),
            **Stock(self.shelf).methods(),
        }

    # -- an order's snapshot --

    def order_no(self, doc: Doc) -> str:
        return str(order_info(doc)["orderId"])

    def date(self, doc: Doc, at_ms: int) -> None:
        order_info(doc)["modified"] = local(at_ms)

    def status(self, doc: Doc) -> str:
        return str(order_info(doc).get("orderState"))

    def show_shipments(self, order: Order) -> None:
        info = order_info(order.doc)
        if info.get("orderState") == TO_SHIP:
            info["orderState"] = SHIPPED
        numbers: dict[str, list[str]] = {}
        for shipment in order.shipments:
            numbers.setdefault(shipment.carrier, []).append(shipment.tracking_no)
        info["logisticsId"] = "|".join(numbers)
        info["waybill"] = "|".join(",".join(filter(None, of_carrier)) for of_carrier in numbers.values()).strip("|")

    def announce(self, order: Order, before: str | None) -> None:
        """No push is documented."""

    def aftersale_id(self, doc: Doc) -> str:
        return aftersales.id_of(doc)

    def date_aftersale(self, doc: Doc, at_ms: int) -> None:
        aftersales.date(doc, at_ms)

    def announce_aftersale(self, sale: Order, before: Doc | None) -> None:
        """Nor of after-sales."""

    def _sales(self, shop: Shop) -> list[Order]:
        return [sale for sale in self.aftersales if sale.shop == shop.shop]

    def place(self, shop: str, doc: Doc) -> Order:
        """Like the others', but an edit that moves neither state nor waybill is dated as before: searches miss it."""
        known = self.orders.get(self.order_no(doc))
        if known is None:
            return super().place(shop, doc)
        before, old = order_info(known.doc), known.doc
        known.doc = doc
        if known.shipments:
            self.show_shipments(known)
        now = order_info(doc)
        if all(now.get(name) == before.get(name) for name in ("orderState", "waybill")):
            now["modified"] = before.get("modified")
            return known
        self.changed(known, self.status(old))
        return known

    # -- methods --

    def _search(self, shop: Shop, params: Params, ciphered: bool) -> Answer:
        states = frozenset(state.strip() for state in str(params["order_state"]).split(","))
        page, size = _number(params, "page", 10**6), _number(params, "page_size", 100)
        start_ms, end_ms = self._window(params, states)
        created = str(params.get("dateType", "")) == "1"
        descending = str(params.get("sortType", "")) == "1"
        found = self._found(shop.shop, start_ms, end_ms, states, created)
        if descending:
            found.reverse()
        rows = found[(page - 1) * size : page * size] if page <= PAGES_MAX else []
        fields = str(params["optional_fields"])
        answer = {
            "apiResult": _success(),
            "orderTotal": len(found),
            "orderInfoList": [shown(order_info(row.doc), fields, ciphered) for row in rows],
        }
        return Answer({"searchorderinfo_result": answer})

    def _window(self, params: Params, states: frozenset[str]) -> tuple[int, int]:
        start, end = params.get("start_date"), params.get("end_date")
        if not start and not end and states == {TO_SHIP}:
            now_ms = self.clock.now_ms()
            return now_ms - _MONTH_MS, now_ms
        start_ms, end_ms = from_local(str(start)), from_local(str(end))
        if start_ms is None or end_ms is None or not 0 <= end_ms - start_ms <= _MONTH_MS:
            raise JosError("41", "时间格式错误, 或时间跨度超过一个月", "Invalid arguments: start_date, end_date")
        # Texts have seconds: an order modified later within the last one is in the window.
        return start_ms, end_ms + 999

    def _found(self, shop: str, start_ms: int, end_ms: int, states: frozenset[str], created: bool) -> list[Order]:
        """Orders of the window, oldest first: by when they were modified, or created."""
        if not created:
            changes = self.orders.changed(shop, start_ms, end_ms)
            rows = changes.page(1, len(changes), descending=False)
            return [row for row in rows if self.status(row.doc) in states]
        dated = [
            (from_local(str(order_info(row.doc).get("orderStartTime"))), row)
            for row in self.orders
            if row.shop == shop and self.status(row.doc) in states
        ]
        inside = [(at_ms, row) for at_ms, row in dated if at_ms is not None and start_ms <= at_ms <= end_ms]
        return [row for _, row in sorted(inside, key=lambda one: one[0])]

    def _get(self, shop: Shop, params: Params, ciphered: bool) -> Answer:
        order = self._own(shop, params["order_id"])
        if order is None:
            result = {
                "success": False,
                "numberCode": 400,
                "chineseErrCode": "订单不存在",
                "englishErrCode": "no such order",
            }
            return Answer({"orderDetailInfo": {"apiResult": result}}, "400")
        info = shown(order_info(order.doc), str(params["optional_fields"]), ciphered)
        return Answer({"orderDetailInfo": {"apiResult": _success(), "orderInfo": info}})

    def _own(self, shop: Shop, order_no: object) -> Order | None:
        order = self.orders.get(str(order_no))
        return order if order is not None and order.shop == shop.shop else None

    def _ship(self, shop: Shop, params: Params) -> Answer:
        order = self._own(shop, params["orderId"])
        if order is None:
            return _failure("10400001", "订单不存在")
        order.ship_calls += 1
        refusal = not_shippable(order)
        if refusal is not None:
            return _failure(*refusal)
        parcels = self._parcels(params["logiCoprId"], params.get("logiNo"))
        if isinstance(parcels, Refusal):
            return _failure(*parcels)
        # JD ships an order as a whole: which parcel holds which line is not told.
        parcels[0].lines = [ShippedLine(str(line.get("skuId")), pieces(line)) for line in lines(order.doc)]
        self.shipped(order, *parcels)
        result = {"success": "true", "chineseErrCode": "SOP订单 订单出库成功", "englishErrCode": "", "errorCode": ""}
        return Answer({"sopjosshipment_result": result})

    def _parcels(self, carriers: object, numbers: object) -> list[Shipment] | Refusal:
        """Carriers joined by ``|``, and their numbers: of one carrier joined by ``,``."""
        codes = str(carriers).split("|")
        groups = [part.split(",") for part in str(numbers or "").split("|")]
        if len(groups) != len(codes):
            return Refusal("10400005", "承运商与运单号的个数不一致")
        now_ms, parcels = self.clock.now_ms(), []
        for carrier, of_carrier in zip(codes, groups, strict=True):
            if carrier == SELF_DELIVERY:
                parcels.append(Shipment("", carrier, [], now_ms))
                continue
            known = _CARRIERS.get(carrier)
            if known is None:
                return Refusal("10400003", "承运商不存在或未签约")
            if not all(known.takes(number.strip()) for number in of_carrier):
                return Refusal("10400004", "运单号不符合规则")
            parcels += [Shipment(number.strip(), carrier, [], now_ms) for number in of_carrier]
        return parcels

    def _change_numbers(self, shop: Shop, params: Params) -> Answer:
        """All numbers of a shipped order anew. Those it had stay as they were told; the same again changes nothing."""
        order = self._own(shop, params["order_id"])
        if order is None:
            raise JosError("10400001", "订单不存在", "no such order")
        order.ship_calls += 1
        if self.status(order.doc) != SHIPPED:
            words = "order state is not suitable for modifying waybill number"
            raise JosError("10400014", "当前状态的订单不能修改运单号", words)
        parcels = self._parcels(params["logistics_id"], params.get("waybill"))
        if isinstance(parcels, Refusal):
            raise JosError(parcels.code, parcels.words, parcels.code)
        told = {(one.carrier, one.tracking_no): one for one in order.shipments}
        numbers = {(one.carrier, one.tracking_no): one for one in parcels}
        if numbers.keys() != told.keys():
            order.shipments = [told.get(key, one) for key, one in numbers.items()]
            order.ship_effects += 1
            self.show_shipments(order)
            self.changed(order, SHIPPED)
        return Answer({"order_id": order.order_no})

    # -- controls --

    def _controls(self) -> list[web.RouteDef]:
        return [*super()._controls(), web.post("/_sim/split", self._split)]

    async def _split(self, request: web.Request) -> web.Response:
        """JD splits an order: children with its lines take its place, the parent is closed."""
        wanted: Split = await body_of(request, Split)
        parent = self.orders.get(wanted.order_no)
        if parent is None:
            return json_answer({"error": "no such order"}, 404)
        children = []
        for number, skus in enumerate(wanted.lines, start=1):
            doc = copy.deepcopy(parent.doc)
            info = order_info(doc)
            info["orderId"] = f"{parent.order_no}{number}"
            info["directParentOrderId"] = info["parentOrderId"] = parent.order_no
            info["itemInfoList"] = [line for line in lines(doc) if line.get("skuId") in skus]
            children.append(self.place(parent.shop, doc).order_no)
        closed = order_info(parent.doc)
        before = self.status(parent.doc)
        closed.update(orderState=CANCELLED, orderStateRemark="订单已拆分")
        self.changed(parent, before)
        return json_answer({"orders": children})


def _success() -> Doc:
    return {"success": True, "numberCode": 0, "chineseErrCode": "", "englishErrCode": ""}


def _failure(code: str, words: str) -> Answer:
    result = {"success": "false", "errorCode": code, "chineseErrCode": words, "englishErrCode": code}
    return Answer({"sopjosshipment_result": result}, code)


def _number(params: Params, name: str, high: int) -> int:
    text = str(params[name])
    if not text.isdecimal() or not 1 <= int(text) <= high:
        raise JosError("41", f"{name} 必须在 1 到 {high} 之间", f"Invalid arguments: {name}")
    return int(text)
