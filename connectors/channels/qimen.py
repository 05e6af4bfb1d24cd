"""Qimen's reports: ``POST /push/qimen/<system>?method=...&sign=...``, signed XML; answered in XML, with HTTP 200.

Sources: SDK comments (2026-04). ``deliveryorder.confirm`` tells parcels, or how far an order is; ``returnorder.confirm`` goods that came
back; ``stockchange.report`` and ``inventory.report`` stock; ``orderprocess.report`` progress. Any other method is answered with a
failure that names these. ``outBizCode`` is a report's id; where there is none it is one of what is told.

Not verified with an account: how far a clock may be off (TOP's ten minutes are taken), and in which answers a system stops sending again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from connectors.channels.base import Answer, BadSignature, Malformed, Outgoing, Push, Stale
from connectors.channels.payload import time_ms
from connectors.channels.reports import Reports
from connectors.platforms.signing import same
from connectors.warehouse import xml_text
from connectors.warehouse.qimen import PLATFORMS, signed
from connectors.warehouse.xml_text import Element, NotXml
from schemas.records import ParcelLine, ReportedParcel, ReportedUnits

_WINDOW_S = 600
_ALL_LEFT = frozenset(("", "DELIVERED", "PARTDELIVERED"))
_WHOLE = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_WEIGHT = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_CHANNELS = {code: channel for channel, code in PLATFORMS.items()} | {"TM": "taobao"}
_ORDER_NO = re.compile(r"[\w-]{1,64}", re.ASCII)


class QimenReports(Reports):
    """See the module's text."""

    content_types = ("text/xml", "application/xml")

    def verify(self, push: Push) -> None:
        try:
            body = push.body.decode()
        except UnicodeDecodeError:
            raise BadSignature("the body is not UTF-8") from None
        params = {name: str(value) for name, value in push.query.items()}
        if not same(signed(self.account, params, body), params.get("sign", ""), ignore_case=True):
            raise BadSignature("sign is not that of the parameters and the body")
        if params.get("customerId", "") != self.account.customer or params.get("app_key", "") != self.account.app_key:
            raise BadSignature("customerId or app_key is another system's")
        at_ms = time_ms(params.get("timestamp", ""))
        if at_ms is None or abs(push.received_ms - at_ms) > _WINDOW_S * 1000:
            off = "" if at_ms is None else f", {abs(push.received_ms - at_ms) // 1000} s off the hub's clock"
            raise Stale(f"timestamp is {params.get('timestamp', '')[:20]!r}{off}: at most {_WINDOW_S} s, at GMT+8")

    def read(self, push: Push) -> Sequence[Outgoing]:
        try:
            method = push.query.get("method", "").removeprefix("taobao.qimen.")
            read = _METHODS.get(method)
            if read is None:
                raise Malformed(f"method is {method[:60]!r}: this door takes {', '.join(_METHODS)}")
            try:
                root = xml_text.read(push.body)
            except NotXml as exc:
                raise Malformed(str(exc)) from None
            if root.name != "request":
                raise Malformed("the outermost element is not request")
            return read(self, push, root)
        except Malformed as exc:
            raise self.kept(push, exc) from None

    def answer(self, status: int, reason: str) -> Answer:
        said = {
            "flag": "success" if status == 200 else "failure",
            "code": "0" if status == 200 else f"penstock.{status}",
        }
        body = xml_text.write("response", {**said, "message": "" if status == 200 else reason})
        # A no about what it says is an answer as any other; only what is no request of Qimen's is told so by HTTP.
        http = 200 if status in (400, 401, 403) else status
        return Answer(http, body.encode(), "text/xml")

    # -- its methods

    def confirmed(self, push: Push, root: Element) -> tuple[Outgoing, ...]:
        """``deliveryorder.confirm``."""
        order = partial(root.text_of, "deliveryOrder")
        code, status = _needed(root, "deliveryOrder", "deliveryOrderCode"), order("status")
        where = self.warehouse(order("warehouseCode"), "deliveryOrder.warehouseCode")
        at_ms = _time(root, "deliveryOrder", "orderConfirmTime") or _time(root, "deliveryOrder", "operateTime")
        common: dict[str, Any] = {
            "delivery_id": code,
            "warehouse": where,
            "report_id": order("outBizCode"),
            "status": status,
        }
        packages = root.all("packages", "package")
        if status not in _ALL_LEFT and not packages:
            return (self.report(push, "PROGRESS", **common, happened_at_ms=at_ms),)
        parcels: list[ReportedParcel] = [
            {
                "carrier": self.carrier("qimen", each.text_of("logisticsCode")),
                "tracking_no": _needed(each, "expressCode", of="packages.package"),
                "weight_g": _grams(each),
                "lines": [_line(item, "quantity") for item in each.all("items", "item")],
            }
            for each in packages
        ]
        units = [_unit(line, "actualQty") for line in root.all("orderLines", "orderLine")]
        final = order("confirmType") in ("", "0")
        told: dict[str, Any] = {"final": final, "parcels": parcels, "units": units, "happened_at_ms": at_ms}
        report = self.report(push, "LEFT", **common, **told)
        return (report,)

    def returned(self, push: Push, root: Element) -> tuple[Outgoing, ...]:
        """``returnorder.confirm``: the order is named by the delivery order it came of, else by its number at its platform."""
        order = partial(root.text_of, "returnOrder")
        units = [_unit(line, "actualQty") for line in root.all("orderLines", "orderLine")]
        if not units or any(unit["quantity"] < 0 for unit in units):
            raise Malformed("orderLines.orderLine: at least one, with an actualQty of 0 or more")
        number = next(
            (it for line in root.all("orderLines", "orderLine") if (it := line.text_of("sourceOrderCode"))), ""
        )
        channel = _CHANNELS.get(order("sourcePlatformCode"), "")
        named = f"{channel}:{number}" if channel and _ORDER_NO.fullmatch(number) else ""
        report = self.report(
            push,
            "RETURNED",
            report_id=order("outBizCode") or _needed(root, "returnOrder", "returnOrderCode"),
            warehouse=self.warehouse(order("warehouseCode"), "returnOrder.warehouseCode"),
            delivery_id=order("preDeliveryOrderCode"),
            order_id="" if order("preDeliveryOrderCode") else named,
            document=_needed(root, "returnOrder", "returnOrderCode"),
            final=order("confirmType") in ("", "0"),
            units=units,
            happened_at_ms=_time(root, "returnOrder", "orderConfirmTime"),
        )
        return (report,)

    def stock_changed(self, push: Push, root: Element) -> tuple[Outgoing, ...]:
        """``stockchange.report``: each of its items is a report of its own."""
        items = root.all("items", "item")
        if not items:
            raise Malformed("items.item: at least one")
        return tuple(
            self.report(
                push,
                "STOCK",
                report_id=_needed(item, "outBizCode", of="items.item"),
                document=_needed(item, "outBizCode", of="items.item"),
                warehouse=self.warehouse(item.text_of("warehouseCode"), "items.item.warehouseCode"),
                units=[
                    {**_unit(item, "quantity"), "cause": f"{item.text_of('orderType')}/{item.text_of('orderCode')}"}
                ],
                happened_at_ms=_time(item, "changeTime"),
            )
            for item in items
        )

    def counted(self, push: Push, root: Element) -> tuple[Outgoing, ...]:
        """``inventory.report``: one page of a stocktake."""
        page, pages = _number(root, "currentPage"), _number(root, "totalPage")
        if not 1 <= page <= pages <= 1_000:
            raise Malformed(f"currentPage is {page} of {pages}: from 1 to totalPage, at most 1000")
        report = self.report(
            push,
            "STOCKTAKE",
            report_id=_needed(root, "outBizCode") + (f"/{page}" if pages > 1 else ""),
            document=_needed(root, "checkOrderCode"),
            warehouse=self.warehouse(root.text_of("warehouseCode"), "warehouseCode"),
            status=root.text_of("adjustType"),
            units=[_unit(item, "quantity") for item in root.all("items", "item")],
            page=page,
            pages=pages,
            happened_at_ms=_time(root, "checkTime"),
        )
        return (report,)

    def progressed(self, push: Push, root: Element) -> tuple[Outgoing, ...]:
        """``orderprocess.report``."""
        report = self.report(
            push,
            "PROGRESS",
            report_id="",
            delivery_id=_needed(root, "order", "orderCode"),
            warehouse=self.warehouse(root.text_of("order", "warehouseCode"), "order.warehouseCode"),
            status=_needed(root, "process", "processStatus"),
            happened_at_ms=_time(root, "process", "operateTime"),
        )
        return (report,)


_METHODS: dict[str, Callable[[QimenReports, Push, Element], tuple[Outgoing, ...]]] = {
    "deliveryorder.confirm": QimenReports.confirmed,
    "returnorder.confirm": QimenReports.returned,
    "stockchange.report": QimenReports.stock_changed,
    "inventory.report": QimenReports.counted,
    "orderprocess.report": QimenReports.progressed,
}


def _needed(element: Element, *path: str, of: str = "") -> str:
    """Raises Malformed, naming the field."""
    found = element.text_of(*path)
    if not found:
        raise Malformed(f"{'.'.join((of, *path) if of else path)} is missing")
    return found


def _number(element: Element, *path: str) -> int:
    text = _needed(element, *path)
    if not _WHOLE.fullmatch(text):
        raise Malformed(f"{'.'.join(path)} is {text[:20]!r}: a whole number")
    return int(text)


def _time(element: Element, *path: str) -> int | None:
    text = element.text_of(*path)
    at_ms = time_ms(text) if text else None
    if text and at_ms is None:
        raise Malformed(f"{'.'.join(path)} is {text[:30]!r}: write yyyy-MM-dd HH:mm:ss at GMT+8")
    return at_ms


def _grams(package: Element) -> int:
    text = package.text_of("weight") or package.text_of("theoreticalWeight")
    return round(float(text) * 1000) if _WEIGHT.fullmatch(text) else 0


def _line(item: Element, count: str) -> ParcelLine:
    quantity = _number(item, count)
    if quantity < 1:
        raise Malformed(f"{count} is {quantity}: at least 1")
    return {"line_no": item.text_of("orderLineNo"), "sku": _needed(item, "itemCode"), "quantity": quantity}


def _unit(item: Element, count: str) -> ReportedUnits:
    return {
        "line_no": item.text_of("orderLineNo"),
        "sku": _needed(item, "itemCode"),
        "quantity": _number(item, count),
        "condition": item.text_of("inventoryType") or "ZP",
        "cause": "",
    }
