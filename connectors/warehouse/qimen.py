"""Qimen (奇门) towards the warehouse: ``deliveryorder.create``, ``deliveryorder.query``, ``order.cancel``.

Sources: SDK comments and public clients (2026-04); signed as ``signing.qimen``. Not verified with an account, and therefore settings or
caution: which codes a system answers with (they differ by WMS; a no to a creation or a cancellation is looked up before it counts), the
query's form, and whether the secret stands at both ends of what is signed (``sign = "tail"`` in the shops file: at the end alone).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from connectors.endings import CallError, Refused, Throttled, Unavailable, Unsure
from connectors.logistics.carriers import Carriers
from connectors.platforms import signing
from connectors.platforms.rules import words
from connectors.platforms.times import china, now_ms
from connectors.shops import Sender, Wms
from connectors.warehouse import xml_text
from connectors.warehouse.base import Standing, TooLate
from connectors.warehouse.calling import posted
from connectors.warehouse.xml_text import Element, NotXml
from schemas.records import DeliveryRequest, Receiver

#: How Qimen calls where an order is from; the others are OTHERS.
PLATFORMS = {"taobao": "TB", "jd": "JD", "pdd": "PDD", "douyin": "DYXD"}
_LEFT = frozenset(("DELIVERED", "PARTDELIVERED"))
_GONE = frozenset(("CANCELED", "CLOSED", "REJECT"))
#: TOP's own, in front of the system: too often, and faults that are nobody's order's.
_THROTTLED = frozenset(("7", "app-call-limited", "isp.call-limited"))


class Qimen:
    """See ``base.Wms``. ``carriers``: the dictionary in use."""

    def __init__(
        self,
        account: Wms,
        http: aiohttp.ClientSession,
        carriers: Callable[[], Carriers],
        sender: Callable[[str], Sender | None],
    ) -> None:
        self._account, self._http, self._carriers, self._sender = account, http, carriers, sender

    async def create(self, request: DeliveryRequest) -> str:
        """See base."""
        body = created(request, self._account, self._carriers(), self._sender(request["warehouse"]))
        answer = await self._call("deliveryorder.create", body, effect=True)
        if answer.text_of("flag") != "success":
            # Perhaps for having it already: no code says so for every system.
            found = await self._look_again(request, answer)
            if found.known and not found.cancelled:
                return found.wms_id
            raise self._refused("deliveryorder.create", answer)
        return answer.text_of("deliveryOrderId")

    async def standing(self, request: DeliveryRequest) -> Standing:
        """See base."""
        wanted = {"ownerCode": self._account.owner, "orderCode": request["delivery_id"], "orderId": request["wms_id"]}
        answer = await self._call("deliveryorder.query", wanted, effect=False)
        if answer.text_of("flag") != "success":
            return Standing(False)
        status, code = answer.text_of("deliveryOrder", "status"), answer.text_of("deliveryOrder", "deliveryOrderCode")
        if code != request["delivery_id"]:
            return Standing(False)
        wms_id = answer.text_of("deliveryOrder", "deliveryOrderId")
        return Standing(True, status, wms_id, cancelled=status in _GONE, left=status in _LEFT)

    async def cancel(self, request: DeliveryRequest) -> None:
        """See base."""
        body = {
            "warehouseCode": self._account.theirs(request["warehouse"]),
            "ownerCode": self._account.owner,
            "orderCode": request["delivery_id"],
            "orderId": request["wms_id"],
            "orderType": "JYCK",
            "cancelReason": "the order was cancelled or changed",
        }
        answer = await self._call("order.cancel", body, effect=True)
        if answer.text_of("flag") == "success":
            return
        found = await self._look_again(request, answer)
        if not found.known or found.cancelled:
            return
        # A no, and it stands: the warehouse has gone too far with it.
        raise TooLate(
            f"the warehouse can't take it back any more, it is {found.status or 'under way'}",
            answer.text_of("code"),
            self._words(answer),
        )

    async def _look_again(self, request: DeliveryRequest, answer: Element) -> Standing:
        """What a no meant. Raises what it is when it can't be told yet."""
        try:
            return await self.standing(request)
        except CallError as exc:
            raise Unsure(
                f"answered with a no, and what it means could not be read: {exc}", answer.text_of("code")
            ) from exc

    async def _call(self, method: str, content: Mapping[str, Any], *, effect: bool) -> Element:
        """The answer. Raises Unavailable, Unsure, Throttled."""
        body = xml_text.write("request", content)
        params = system_params(self._account, f"taobao.qimen.{method}", now_ms() // 1000)
        params["sign"] = signed(self._account, params, body)
        url = f"{self._account.url}?{_query(params)}"
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        status, raw = await posted(self._http, method, url, body.encode(), headers, effect=effect)
        lost = Unsure if effect else Unavailable
        try:
            answer = xml_text.read(raw)
        except NotXml as exc:
            raise lost(f"{method} gave no answer that can be read: HTTP {status}, {len(raw)} bytes: {exc}") from exc
        flag, code = answer.text_of("flag"), answer.text_of("code")
        if flag not in ("success", "failure"):
            raise lost(f"{method} gave no answer that can be read: HTTP {status}, no flag")
        if flag == "failure" and code in _THROTTLED:
            raise Throttled(f"{method} was answered with {code}", None, code, self._words(answer))
        if flag == "failure" and code.startswith(("isp.", "Service")):
            raise lost(f"{method} was answered with {code}: a fault of the system", code, self._words(answer))
        return answer

    def _refused(self, method: str, answer: Element) -> Refused:
        code = answer.text_of("code")
        return Refused(
            f"{method} was refused{f' with {code}' if code else ''}: correct it there or here, then redrive it",
            code[:100],
            self._words(answer),
        )

    def _words(self, answer: Element) -> str:
        return words((answer.text_of("message"),), (self._account.secret,))


def system_params(account: Wms, method: str, at_s: int) -> dict[str, str]:
    """What stands in the address, but for the signature."""
    return {
        "method": method,
        "timestamp": china(at_s),
        "format": "xml",
        "app_key": account.app_key,
        "v": "2.0",
        "sign_method": "md5",
        "customerId": account.customer,
    }


def signed(account: Wms, params: Mapping[str, str], body: str) -> str:
    """The signature, as the account has it."""
    if account.sign == "tail":
        text = "".join(f"{name}{params[name]}" for name in sorted(params) if name != "sign" and params[name] != "")
        return hashlib.md5(f"{text}{body}{account.secret}".encode()).hexdigest().upper()
    return signing.qimen(account.secret, params, body)


def created(request: DeliveryRequest, account: Wms, carriers: Carriers, sender: Sender | None) -> dict[str, Any]:
    """The body of ``deliveryorder.create``. Raises Refused for what it can't hold."""
    receiver = request["receiver"]
    if receiver is None:
        raise Refused("receiver is not kept any more: send it by hand, and abandon it here")
    total = sum(line["unit_price_minor"] * line["quantity"] for line in request["lines"])
    collect = request["collect_minor"]
    # totalAmount = arAmount (to collect) + gotAmount (paid) = itemAmount + freight: what is collected beyond the goods is freight.
    freight = max(0, (collect or 0) - total)
    flags = [name for name, so in (("COD", collect is not None),) if so]
    return {
        "deliveryOrder": {
            "deliveryOrderCode": request["delivery_id"],
            "orderType": "JYCK",
            "warehouseCode": account.theirs(request["warehouse"]),
            "orderFlag": "^".join(flags),
            "sourcePlatformCode": PLATFORMS.get(request["channel"], "OTHERS"),
            "createTime": china(request["allocated_at_ms"] // 1000),
            "placeOrderTime": china(request["placed_at_ms"] // 1000),
            "payTime": china(request["paid_at_ms"] // 1000) if request["paid_at_ms"] is not None else "",
            "operateTime": china(request["allocated_at_ms"] // 1000),
            "shopNick": request["shop"],
            "totalAmount": _yuan(total + freight),
            "itemAmount": _yuan(total),
            "freight": _yuan(freight),
            "arAmount": _yuan(collect) if collect is not None else "",
            "gotAmount": _yuan(total + freight - (collect or 0)),
            "logisticsCode": _carrier(request, carriers),
            "deliveryRequirements": {"latestDeliveryTime": china(request["ship_by_ms"] // 1000)},
            **_together(request),
            "senderInfo": _sender(sender),
            "receiverInfo": _receiver(receiver, account),
        },
        "orderLines": {
            "orderLine": [
                {
                    "orderLineNo": line["line_no"],
                    "sourceOrderCode": request["order_no"],
                    "subSourceOrderCode": line["line_no"],
                    "ownerCode": account.owner,
                    "itemCode": line["sku"],
                    "itemName": line["title"],
                    "inventoryType": "ZP",
                    "planQty": line["quantity"],
                    "actualPrice": _yuan(line["unit_price_minor"]),
                }
                for line in request["lines"]
            ]
        },
    }


def _together(request: DeliveryRequest) -> dict[str, str]:
    """The remark that says which orders are packed as one parcel: no field of the interface is known to be for that."""
    merged = request["merged"]
    if merged is None:
        return {}
    others = [each.partition(":")[2] for each in merged["orders"] if each != request["order_id"]]
    return {"remark": f"合单 {merged['code']}: 与订单 {', '.join(others)} 合并一个包裹发出"[:500]}


def _carrier(request: DeliveryRequest, carriers: Carriers) -> str:
    """OTHER: the warehouse chooses."""
    if not request["carrier"]:
        return "OTHER"
    found = carriers.find(request["carrier"])
    code = found.of("qimen") if found is not None else ""
    if not code:
        raise Refused(
            f"carrier is {request['carrier']!r}, which has no code at Qimen: add it with penstock carriers update, then redrive"
        )
    return code


def _receiver(receiver: Receiver, account: Wms) -> dict[str, Any]:
    hidden = sorted(name for name, form in receiver["forms"].items() if form == "cipher")
    if hidden and not receiver["oaid"] and account.ciphertext != "pass":
        raise Refused(
            f"receiver.{hidden[0]} is ciphertext, and there is no oaid to read it with: send it by hand, or correct the receiver"
        )
    phone = receiver["phone"] + (f"-{receiver['phone_extension']}" if receiver["phone_extension"] else "")
    return {
        "company": receiver["company"],
        "name": receiver["name"],
        "zipCode": receiver["postal_code"],
        "mobile": phone,
        "countryCode": receiver["country"],
        "province": receiver["province"],
        "city": receiver["city"],
        "area": receiver["district"],
        "town": receiver["town"],
        "detailAddress": receiver["address"],
        "oaid": receiver["oaid"] or "",
    }


def _sender(sender: Sender | None) -> dict[str, Any] | None:
    if sender is None:
        return None
    return {
        "name": sender.name,
        "mobile": sender.phone,
        "province": sender.province,
        "city": sender.city,
        "area": sender.district,
        "detailAddress": sender.address,
    }


def _yuan(minor: int) -> str:
    sign, whole = ("-" if minor < 0 else ""), abs(minor)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def _query(params: Mapping[str, str]) -> str:
    return urlencode(params)
