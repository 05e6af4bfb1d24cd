"""A warehouse's system behind Qimen (奇门): takes delivery orders, takes them back until they are scanned, and reports.

``deliveryorder.create``, ``deliveryorder.query``, ``order.cancel`` at ``/router/qimen/service``, signed XML; reports go, signed, to
``/push/qimen/<its name>`` of the gateway, each again after the gaps until it is answered with ``<flag>success</flag>``. A delivery order
that is created twice is there twice, as in a warehouse that looks at no codes: ``created`` tells. Beside the common controls:

    GET  /_sim/deliveries    {"deliveries": {code: {"status", "created", "cancels": calls, "lines": {sku: units}, "carrier", "collect",
                              "receiver", "packages"}}}
    POST /_sim/scan          {"code", "packages": [{"express_code", "logistics_code", "items": {sku: units}}], "final", "out_biz_code"}
                             it leaves, and is confirmed; without packages in one with all of it. 409 when it was taken back
    POST /_sim/report        {"method", "body"}: any report, signed as it is
    PUT  /_sim/pace          {"scan_s": so long after its creation each is scanned by itself; 0: never}

Which codes real systems answer with is published nowhere: S003 to S008 are this simulator's.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from connectors.platforms.signing import same
from connectors.shops import Wms
from connectors.simulators import accounts
from connectors.simulators.clock import from_local, local
from connectors.simulators.controls import body_of, json_answer
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.simulator import Options, Simulator
from connectors.warehouse import xml_text
from connectors.warehouse.qimen import signed, system_params
from connectors.warehouse.xml_text import Element, NotXml

PATH = "/router/qimen/service"
#: How often a report is sent again is published nowhere.
GAPS_S = (60, 120, 300, 600, 1800, 3600)
_TIMEOUT_S = 10.0
_WINDOW_MS = 600_000
_NEEDED = (
    *("deliveryOrderCode", "orderType", "warehouseCode", "createTime", "placeOrderTime", "operateTime", "shopNick"),
    "logisticsCode",
)
_RECEIVER = ("name", "mobile", "province", "city", "detailAddress")


class Package(msgspec.Struct, forbid_unknown_fields=True):
    """Of a scan."""

    express_code: str
    logistics_code: str = "YTO"
    items: dict[str, int] = {}


class Scan(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sim/scan``."""

    code: str
    packages: list[Package] = []
    final: bool = True
    out_biz_code: str = ""


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sim/report``."""

    method: str
    body: str


class Pace(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT /_sim/pace``."""

    scan_s: float


class No(Exception):
    """An answer with a failure."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Delivery:
    """One delivery order."""

    code: str
    warehouse: str
    lines: list[tuple[str, str, int]]
    carrier: str
    collect: str
    receiver: str
    status: str = "ACCEPT"
    created: int = 1
    cancels: int = 0
    packages: list[str] = field(default_factory=list)


class QimenSimulator(Simulator):
    """See the module's text."""

    name = "qimen"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.account = accounts.wms(self.name, options.seed, options.keys)
        self.deliveries: dict[str, Delivery] = {}
        self.scan_s = 0.0
        self._timers: set[asyncio.TimerHandle] = set()
        self._serial = 0
        self._pusher = Pusher(Retries(GAPS_S, _TIMEOUT_S, confirmed, scale=options.retry_scale), self.counts)

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post(PATH, self._call),
            web.get("/_sim/deliveries", self._show),
            web.post("/_sim/scan", self._scan),
            web.post("/_sim/report", self._report),
            web.put("/_sim/pace", self._set_pace),
        ]

    def wms_entries(self) -> Sequence[Wms]:
        return [dataclasses.replace(self.account, url=f"{self.url}{PATH}")]

    async def started(self) -> None:
        await self._pusher.start()

    async def stopping(self) -> None:
        self._forget()
        await self._pusher.close()

    def cleared(self) -> None:
        self._forget()
        self.deliveries.clear()

    def _forget(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._pusher.clear()

    def pushes_pending(self) -> int:
        return self._pusher.pending

    def throttled(self, request: web.Request) -> web.StreamResponse:
        return _answer({"flag": "failure", "code": "isp.call-limited", "message": "调用频率超限"})

    # -- calls --

    async def _call(self, request: web.Request) -> web.Response:
        method = request.query.get("method", "").removeprefix("taobao.qimen.")
        try:
            body = (await request.read()).decode()
            self._check(request, body)
            call = {
                "deliveryorder.create": self._create,
                "deliveryorder.query": self._query,
                "order.cancel": self._cancel,
            }.get(method)
            if call is None:
                raise No("S001", f"no method {method}")
            answer = call(xml_text.read(body.encode()))
        except (NotXml, UnicodeDecodeError) as exc:
            answer = {"flag": "failure", "code": "S002", "message": str(exc)}
        except No as no:
            answer = {"flag": "failure", "code": no.code, "message": str(no)}
        self.counts.call(method, "ok" if answer["flag"] == "success" else str(answer["code"]))
        return _answer(answer)

    def _check(self, request: web.Request, body: str) -> None:
        params = dict(request.query)
        if not same(signed(self.account, params, body), params.get("sign", "")):
            self.counts.bad_signatures += 1
            raise No("sign-check-failure", "签名错误")
        at_ms = from_local(params.get("timestamp", ""))
        if at_ms is None or abs(at_ms - self.clock.now_ms()) > _WINDOW_MS:
            raise No("invalid-timestamp", "时间戳超过10分钟")
        if params.get("customerId") != self.account.customer:
            raise No("S001", "no such customer")

    def _create(self, root: Element) -> dict[str, Any]:
        order = root.find("deliveryOrder") or Element("")
        missing = [name for name in _NEEDED if not order.text_of(name)]
        missing += [f"receiverInfo.{name}" for name in _RECEIVER if not order.text_of("receiverInfo", name)]
        lines = root.all("orderLines", "orderLine")
        missing += [
            f"orderLine.{name}"
            for line in lines
            for name in ("ownerCode", "itemCode", "planQty", "actualPrice")
            if not line.text_of(name)
        ]
        if missing or not lines:
            raise No("S003", f"{', '.join(missing) or 'orderLines'} is missing")
        if not self.account.our(order.text_of("warehouseCode")):
            raise No("S004", "no such warehouse")
        code = order.text_of("deliveryOrderCode")
        known = self.deliveries.get(code)
        if known is not None and known.status != "CANCELED":
            known.created += 1
        else:
            self.deliveries[code] = Delivery(
                code,
                order.text_of("warehouseCode"),
                [(it.text_of("orderLineNo"), it.text_of("itemCode"), int(it.text_of("planQty"))) for it in lines],
                order.text_of("logisticsCode"),
                order.text_of("arAmount"),
                order.text_of("receiverInfo", "name"),
                created=1 + (known.created if known else 0),
            )
            self.counts.changes += 1
        if self.scan_s:
            self._scan_later(code)
        return {
            "flag": "success",
            "code": "0",
            "deliveryOrderId": f"W{code}",
            "createTime": local(self.clock.now_ms()),
        }

    def _query(self, root: Element) -> dict[str, Any]:
        it = self.deliveries.get(root.text_of("orderCode"))
        if it is None:
            raise No("S005", "no such order")
        about = {"deliveryOrderCode": it.code, "deliveryOrderId": f"W{it.code}", "status": it.status}
        return {"flag": "success", "code": "0", "deliveryOrder": about}

    def _cancel(self, root: Element) -> dict[str, Any]:
        it = self.deliveries.get(root.text_of("orderCode"))
        if it is None:
            raise No("S005", "no such order")
        it.cancels += 1
        if it.status == "DELIVERED":
            raise No("S008", "已出库，不能取消")
        if it.status != "CANCELED":
            it.status = "CANCELED"
            self.counts.changes += 1
        return {"flag": "success", "code": "0"}

    # -- what it tells --

    def _scan_later(self, code: str) -> None:
        def scan() -> None:
            self._timers.discard(timer)
            it = self.deliveries.get(code)
            if it is not None and it.status == "ACCEPT":
                self.scan(Scan(code))

        timer = asyncio.get_running_loop().call_later(self.scan_s, scan)
        self._timers.add(timer)

    def scan(self, scan: Scan) -> None:
        """It leaves. Raises KeyError."""
        it = self.deliveries[scan.code]
        self._serial += 1
        packages = scan.packages or [Package(f"YT{self.options.seed:04d}{self._serial:09d}")]
        it.status = "DELIVERED" if scan.final else "PARTDELIVERED"
        it.packages += [each.express_code for each in packages]
        self.counts.changes += 1
        body = {
            "deliveryOrder": {
                "deliveryOrderCode": it.code,
                "deliveryOrderId": f"W{it.code}",
                "warehouseCode": it.warehouse,
                "orderType": "JYCK",
                "status": it.status,
                "outBizCode": scan.out_biz_code or f"OB-{self.options.seed}-{self._serial}",
                "confirmType": "0" if scan.final else "1",
                "orderConfirmTime": local(self.clock.now_ms()),
            },
            "packages": {
                "package": [
                    {
                        "logisticsCode": each.logistics_code,
                        "expressCode": each.express_code,
                        "weight": "0.500",
                        "items": {
                            "item": [{"itemCode": sku, "quantity": units} for sku, units in _items(it, each).items()]
                        },
                    }
                    for each in packages
                ]
            },
        }
        self.tell("deliveryorder.confirm", xml_text.write("request", body))

    def tell(self, method: str, body: str) -> None:
        """A report, signed when it is sent and each time it is sent again."""

        def address() -> str:
            params = system_params(self.account, f"taobao.qimen.{method}", self.clock.now_ms() // 1000)
            params["sign"] = signed(self.account, params, body)
            return f"{self.gateway}/push/qimen/{self.account.name}?{urlencode(params)}"

        if self.gateway:
            self._pusher.send(Push("", {"Content-Type": "text/xml; charset=utf-8"}, body.encode(), address=address))

    async def _show(self, request: web.Request) -> web.Response:
        return json_answer(
            {
                "deliveries": {
                    it.code: {
                        "status": it.status,
                        "created": it.created,
                        "cancels": it.cancels,
                        "lines": {sku: units for _, sku, units in it.lines},
                        "carrier": it.carrier,
                        "collect": it.collect,
                        "receiver": it.receiver,
                        "packages": it.packages,
                    }
                    for it in self.deliveries.values()
                }
            }
        )

    async def _scan(self, request: web.Request) -> web.Response:
        wanted = await body_of(request, Scan)
        it = self.deliveries.get(wanted.code)
        if it is None or it.status == "CANCELED":
            return json_answer({"error": "it is not there, or was taken back"}, 409)
        self.scan(wanted)
        return json_answer({})

    async def _report(self, request: web.Request) -> web.Response:
        wanted = await body_of(request, Report)
        self.tell(wanted.method, wanted.body)
        return json_answer({})

    async def _set_pace(self, request: web.Request) -> web.Response:
        self.scan_s = (await body_of(request, Pace)).scan_s
        return json_answer({})


def confirmed(status: int, body: bytes) -> bool:
    """Whether a report was taken."""
    try:
        return status == 200 and xml_text.read(body).text_of("flag") == "success"
    except NotXml:
        return False


def _items(delivery: Delivery, package: Package) -> dict[str, int]:
    if package.items:
        return package.items
    found: dict[str, int] = {}
    for _, sku, units in delivery.lines:
        found[sku] = found.get(sku, 0) + units
    return found


def _answer(content: dict[str, Any]) -> web.Response:
    return web.Response(text=xml_text.write("response", content), content_type="text/xml")
