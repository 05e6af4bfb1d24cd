"""Cainiao's e-waybills (菜鸟电子面单): ``cainiao.waybill.ii.get``, called and signed as Taobao's TOP. Source: the platform's reference.

The same object id, order numbers and package id get the same number again: a call that was lost, or whose caller died, is just made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from connectors.endings import Unavailable
from connectors.logistics.carriers import Carrier
from connectors.logistics.providers import printed
from connectors.logistics.providers.calling import posted
from connectors.logistics.providers.waybill import Given, Wanted
from connectors.platforms import signing, taobao_codes
from connectors.platforms.rules import error, words
from connectors.platforms.times import china, now_ms
from connectors.shops import LogisticsAccount
from schemas.json_text import compact

METHOD = "cainiao.waybill.ii.get"
#: Where the orders are from; the reference has more, of channels that are none of ours.
_CHANNELS = {"taobao": "TB", "jd": "JD"}
_OTHER_CHANNEL = "OTHERS"
#: The reference's limits of texts.
_NAME_MAX, _DETAIL_MAX, _ITEMS_MAX = 40, 256, 100


class Cainiao:
    """One account; ``account.customer`` is its session."""

    name = "cainiao"

    def __init__(self, account: LogisticsAccount, http: aiohttp.ClientSession) -> None:
        self._account = account
        self._http = http

    def gives(self, carrier: Carrier) -> bool:
        return bool(carrier.of("taobao"))

    async def waybill(self, wanted: Wanted) -> Given:
        """Raises CallError."""
        sender = wanted.sender
        document = {
            "cp_code": wanted.carrier.of("taobao"),
            "sender": {
                "name": sender.name[: _NAME_MAX - 1],
                "mobile": sender.phone,
                "address": _address(sender.province, sender.city, sender.district, sender.address),
            },
            # SF wants it.
            "goods_description": ", ".join(line["sku"] for line in wanted.request["lines"])[:_DETAIL_MAX],
            "trade_order_info_dtos": [_parcel(wanted, self._account.template)],
        }
        answer = await self._call({"param_waybill_cloud_print_apply_new_request": compact(document).decode()})
        return _given(answer, wanted.object_id)

    async def _call(self, params: Mapping[str, str]) -> dict[str, Any]:
        account = self._account
        signed = {
            **params,
            "method": METHOD,
            "app_key": account.key,
            "session": account.customer,
            "timestamp": china(now_ms() // 1000),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac",
        }
        signed["sign"] = signing.top(account.secret, signed, "hmac")
        answer = await posted(self._http, METHOD, account.url, signed)
        refusal = answer.get("error_response")
        if isinstance(refusal, dict):
            said = {name: str(refusal.get(name, "")) for name in ("code", "msg", "sub_code", "sub_msg")}
            code = said["sub_code"] or said["code"]
            text = words((said["sub_msg"] or said["msg"],), (account.secret,))
            rule = taobao_codes.rule(said["code"], said["sub_code"])
            raise error(rule, "cainiao answered", code, text, effect=False, wait_s=taobao_codes.wait_s(said["sub_msg"]))
        return answer


def _parcel(wanted: Wanted, template: str) -> dict[str, object]:
    """One parcel of the batch."""
    request, receiver = wanted.request, wanted.receiver
    recipient: dict[str, object] = {
        "name": receiver["name"],
        "mobile": printed.phone(receiver),
        # It has no field for a company.
        "address": _address(
            *(receiver["province"], receiver["city"], receiver["district"], printed.detail(receiver)),
            town=receiver["town"],
        ),
    }
    if receiver["oaid"]:
        # Name and phone are masked: the platform prints the true ones.
        recipient |= {"oaid": receiver["oaid"], "tid": request["order_no"]}
    return {
        "object_id": wanted.object_id,
        "order_info": {
            "order_channels_type": _CHANNELS.get(request["channel"], _OTHER_CHANNEL),
            "trade_order_list": [request["order_no"]],
        },
        "package_info": {
            "id": wanted.object_id,
            "items": [{"name": line["sku"], "count": line["quantity"]} for line in request["lines"][:_ITEMS_MAX]],
        },
        "recipient": recipient,
        "template_url": template,
        # A text of JSON within the JSON, in yuan.
        **({"logistics_services": _services(wanted.collect)} if wanted.collect else {}),
        **({"user_id": wanted.seller} if wanted.seller.isdigit() else {}),
    }


def _services(collect: str) -> str:
    """Cash on delivery (代收货款), as the print service calls it."""
    return compact({"SVC-COD": {"value": collect}}).decode()


def _address(province: str, city: str, district: str, detail: str, *, town: str = "") -> dict[str, str]:
    address = {"province": province, "city": city, "district": district, "detail": detail[: _DETAIL_MAX - 1]}
    return {**address, "town": town} if town else address


def _given(answer: Mapping[str, Any], object_id: str) -> Given:
    """The module with our object id. Of a mother and child parcels the mother's number counts."""
    modules: Any = answer.get("cainiao_waybill_ii_get_response", {}).get("modules")
    if isinstance(modules, dict):
        # The nesting in JSON is not documented: a list, or a list wrapped once more.
        modules = modules.get("waybill_cloud_print_response")
    for module in modules if isinstance(modules, list) else ():
        if isinstance(module, dict) and module.get("object_id") == object_id:
            number = str(module.get("parent_waybill_code") or module.get("waybill_code") or "")
            if number:
                return Given(number, str(module.get("real_cp_code") or module.get("cp_code") or ""))
    raise Unavailable("cainiao answered without a waybill of this parcel")
