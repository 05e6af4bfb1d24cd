"""Cainiao's e-waybills, called through TOP: numbers of the carrier's form, from a balance that runs out.

Source: the platform's reference of ``cainiao.waybill.ii.get``, ``.cancel`` and ``.search``. Its error codes are not published: those here
are this simulator's. The same request (object id and order numbers) gets the same number again, so that a lost answer costs none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
from aiohttp import web

from connectors.shops import LogisticsAccount
from connectors.simulators import accounts
from connectors.simulators.carriers import Carrier, by_code
from connectors.simulators.controls import body_of, json_answer
from connectors.simulators.orders import Doc
from connectors.simulators.simulator import Options
from connectors.simulators.top import PATH, Caller, Method, Params, Top, invalid, remote_error

#: What a branch has at the start.
BALANCE = 1_000_000
_CARRIERS = by_code("taobao")
_YUAN = re.compile(r"\d{1,6}(\.\d{1,2})?")
_ORDER_NO = re.compile(r"[0-9A-Za-z_-]+")


class Address(msgspec.Struct):
    """Of a sender or recipient."""

    province: str
    detail: str
    city: str = ""
    district: str = ""
    town: str = ""


class Party(msgspec.Struct):
    """Who sends or receives."""

    name: str
    address: Address
    mobile: str = ""
    phone: str = ""
    oaid: str = ""
    tid: str | int = ""
    caid: str = ""


class OrderInfo(msgspec.Struct):
    """The orders a parcel is for."""

    order_channels_type: str
    trade_order_list: list[str]


class Item(msgspec.Struct):
    """Goods in the parcel."""

    name: str
    count: int


class PackageInfo(msgspec.Struct):
    """The parcel."""

    items: list[Item]
    id: str | int = ""
    weight: int | None = None
    volume: int | None = None
    total_packages_count: int | None = None


class Wanted(msgspec.Struct):
    """One e-waybill that is wanted."""

    object_id: str
    order_info: OrderInfo
    package_info: PackageInfo
    recipient: Party
    template_url: str
    user_id: str | int = ""
    #: JSON: service -> {"value": ...}; SVC-COD is cash on delivery, in yuan.
    logistics_services: str = ""


class Service(msgspec.Struct):
    """What is asked for beside the carriage."""

    value: str


class Request(msgspec.Struct):
    """``param_waybill_cloud_print_apply_new_request``."""

    cp_code: str
    sender: Party
    trade_order_info_dtos: list[Wanted]
    product_code: str = ""
    goods_description: str = ""
    need_encrypt: bool = False


class Balance(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT /_sim/balance``: what each carrier's branch has left."""

    quantity: int


@dataclass(slots=True)
class Waybill:
    """One that was given."""

    waybill_code: str
    cp_code: str
    object_id: str
    trade_orders: Sequence[str]
    #: What is printed on it.
    recipient: Party
    cod: str = ""
    cancelled: bool = False


class CainiaoSimulator(Top):
    """See the module's text. Beside the common controls: ``GET /_sim/waybills`` and ``PUT /_sim/balance`` {"quantity": n}."""

    name = "cainiao"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.account = accounts.logistics(self.name, options.keys)
        self.cleared()

    def cleared(self) -> None:
        self._balance: dict[str, int] = dict.fromkeys(_CARRIERS, BALANCE)
        self._waybills: dict[str, Waybill] = {}
        # What was asked for, to be answered with the same number again.
        self._given: dict[tuple[str, str, tuple[str, ...], str], Waybill] = {}
        self._serial = self.options.seed % 1000 * 1_000_000

    def callers(self) -> Mapping[str, Caller]:
        account = self.account
        return {account.key: Caller(self.name, account.secret, account.customer)}

    def methods(self) -> Mapping[str, Method]:
        name = "param_waybill_cloud_print_apply_new_request"
        return {
            "cainiao.waybill.ii.get": Method(self._get, (name,)),
            "cainiao.waybill.ii.cancel": Method(self._cancel, ("cp_code", "waybill_code")),
            "cainiao.waybill.ii.search": Method(self._search),
        }

    def logistics_entries(self) -> Sequence[LogisticsAccount]:
        return [replace(self.account, url=f"{self.url}{PATH}", salt="")]

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            *super().routes(),
            web.get("/_sim/waybills", self._show_waybills),
            web.put("/_sim/balance", self._set_balance),
        ]

    # -- methods --

    def _get(self, caller: Caller, params: Params) -> Doc:
        name = "param_waybill_cloud_print_apply_new_request"
        try:
            request = msgspec.json.decode(params[name], type=Request)
        except msgspec.DecodeError as exc:
            raise invalid(name, str(exc)) from exc
        carrier = _carrier(request.cp_code)
        _check(request)
        given = [self._waybill(request.cp_code, carrier, wanted) for wanted in request.trade_order_info_dtos]
        rows = [
            {
                "object_id": waybill.object_id,
                "waybill_code": waybill.waybill_code,
                "cp_code": waybill.cp_code,
                "real_cp_code": waybill.cp_code,
                "print_data": _print_data(waybill, wanted),
            }
            for waybill, wanted in zip(given, request.trade_order_info_dtos, strict=True)
        ]
        return {"modules": {"waybill_cloud_print_response": rows}}

    def _waybill(self, cp_code: str, carrier: Carrier, wanted: Wanted) -> Waybill:
        orders = tuple(wanted.order_info.trade_order_list)
        key = (cp_code, wanted.object_id, orders, str(wanted.package_info.id).lower())
        known = self._given.get(key)
        if known is not None and not known.cancelled:
            return known
        if self._balance[cp_code] < 1:
            raise remote_error("isv.waybill-balance-not-enough", "电子面单余额不足")
        self._balance[cp_code] -= 1
        self._serial += 1
        cod = _services(wanted).get("SVC-COD")
        number, collect = carrier.waybill(self._serial), cod.value if cod is not None else ""
        waybill = Waybill(number, cp_code, wanted.object_id, orders, wanted.recipient, collect)
        self._waybills[waybill.waybill_code] = self._given[key] = waybill
        return waybill

    def _cancel(self, caller: Caller, params: Params) -> Doc:
        waybill = self._waybills.get(params["waybill_code"])
        if waybill is None or waybill.cp_code != params["cp_code"]:
            raise remote_error("isv.waybill-not-exist", "电子面单不存在")
        if not waybill.cancelled:
            waybill.cancelled = True
            self._balance[waybill.cp_code] += 1
        return {"cancel_result": True}

    def _search(self, caller: Caller, params: Params) -> Doc:
        code = params.get("cp_code", "")
        if code:
            _carrier(code)
        rows = [self._branch(cp_code) for cp_code in ([code] if code else _CARRIERS)]
        return {"waybill_apply_subscription_cols": {"waybill_apply_subscription_info": rows}}

    def _branch(self, cp_code: str) -> Doc:
        ours = [waybill for waybill in self._waybills.values() if waybill.cp_code == cp_code]
        cancelled = sum(waybill.cancelled for waybill in ours)
        branch = {
            "branch_code": f"{cp_code}-1",
            "branch_name": f"{_CARRIERS[cp_code].name}网点",
            "quantity": self._balance[cp_code],
            "allocated_quantity": len(ours),
            "cancel_quantity": cancelled,
            "shipp_address_cols": {
                "address_dto": [{"province": "浙江省", "city": "杭州市", "detail": "仓前街道 1 号"}]
            },
        }
        return {"cp_code": cp_code, "branch_account_cols": {"waybill_branch_account": [branch]}}

    # -- controls --

    async def _show_waybills(self, request: web.Request) -> web.Response:
        return json_answer({"waybills": list(self._waybills.values())})

    async def _set_balance(self, request: web.Request) -> web.Response:
        balance: Balance = await body_of(request, Balance)
        self._balance = dict.fromkeys(_CARRIERS, balance.quantity)
        return json_answer(balance)


def _carrier(code: str) -> Carrier:
    carrier = _CARRIERS.get(code)
    if carrier is None:
        raise invalid("cp_code", f"物流公司 {code} 不存在")
    return carrier


def _check(request: Request) -> None:
    wanted = request.trade_order_info_dtos
    if not 1 <= len(wanted) <= 10:
        raise invalid("trade_order_info_dtos", "一次 1 到 10 个")
    if not (request.sender.mobile or request.sender.phone):
        raise invalid("sender", "mobile 与 phone 不能同时为空")
    if request.cp_code == "SF" and not request.goods_description:
        raise invalid("goods_description", "顺丰必填")
    ids = [str(one.package_info.id).lower() for one in wanted if one.package_info.id != ""]
    if len(set(ids)) < len(ids):
        raise invalid("package_info.id", "同一批次内包裹号重复")
    for one in wanted:
        _services(one)
        recipient = one.recipient
        orders = one.order_info.trade_order_list
        if not 1 <= len(orders) <= 100 or not all(_ORDER_NO.fullmatch(order) for order in orders):
            raise invalid("trade_order_list", "1 到 100 个订单号, 数字, 字母, _, -")
        if not 1 <= len(one.package_info.items) <= 100:
            raise invalid("package_info.items", "1 到 100 个")
        if not (recipient.oaid or recipient.caid or recipient.mobile or recipient.phone):
            raise invalid("recipient", "mobile, phone 与 oaid 不能同时为空")
        if recipient.oaid and not str(recipient.tid):
            raise invalid("recipient.tid", "加密订单必须同时传 oaid 与 tid")


def _services(wanted: Wanted) -> dict[str, Service]:
    try:
        found = msgspec.json.decode(wanted.logistics_services or "{}", type=dict[str, Service])
    except msgspec.DecodeError as exc:
        raise invalid("logistics_services", f"不是服务的 JSON: {exc}") from exc
    cod = found.get("SVC-COD")
    if cod is not None and not _YUAN.fullmatch(cod.value):
        raise invalid("logistics_services", "SVC-COD 的金额不合法")
    return found


def _print_data(waybill: Waybill, wanted: Wanted) -> str:
    """What the print client takes: encrypted at the platform, here only the number and the template."""
    data = {"encryptedData": f"AES:{waybill.waybill_code}", "templateURL": wanted.template_url, "ver": "waybill_print"}
    return msgspec.json.encode(data).decode()
