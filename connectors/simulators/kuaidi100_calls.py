"""Kuaidi100's calls: tracking queries, subscriptions, e-waybills, and its own writeback to shops. Each has a sign of its own.

Codes of query and subscription are those of its reference; those of a refused label are not published: here the query's. The same order
(``orderId``) gets the same e-waybill again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from connectors.platforms import signing
from connectors.shops import LogisticsAccount
from connectors.simulators import kuaidi100_parcels as parcels
from connectors.simulators.carriers import Carrier, by_code
from connectors.simulators.counts import Counts

Form = Mapping[str, str]
Call = Callable[[Form], Any]
_CARRIERS = by_code("kuaidi100")
#: Ask for the receiver's phone, or its last four digits.
_NEED_PHONE = frozenset(("shunfeng",))
_PERSON = ("name", "mobile", "printAddr")


class No(Exception):
    """A refusal: its returnCode, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Calls:
    """Path -> (name, call), and what they remember. ``follow`` sets a subscribed parcel on its way."""

    def __init__(
        self, account: LogisticsAccount, counts: Counts, seed: int, follow: Callable[[parcels.Parcel], None]
    ) -> None:
        self.account = account
        self.counts = counts
        self._follow = follow
        # (company, number, callback) -> parcel: the same again is a repeated subscription.
        self.followed: dict[tuple[str, str, str], parcels.Parcel] = {}
        #: Order -> (carrier, number).
        self.labels: dict[str, tuple[str, str]] = {}
        #: What stands on each label, by its number.
        self.printed: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, str]] = []
        self._serial = seed % 1000 * 1_000_000 + 500_000
        self.by_path: dict[str, tuple[str, Call]] = {
            "/poll/query.do": ("query", self._query),
            "/poll": ("subscribe", self._subscribe),
            "/printapi/printtask.do": ("label", self._label),
            "/ent/logistics/send": ("send", self._send),
        }

    def clear(self) -> None:
        """Forgets all."""
        self.followed.clear()
        self.labels.clear()
        self.printed.clear()
        self.sent.clear()

    def _query(self, form: Form) -> Any:
        account, param = self.account, form.get("param", "")
        expected = signing.kuaidi100_query(param, account.key, account.customer)
        self._check(expected, form, form.get("customer") == account.customer)
        asked = _object(param, "400")
        company, number = asked.get("com", ""), asked.get("num", "")
        if company not in _CARRIERS or not 6 <= len(number) <= 32:
            raise No("400", "提交的数据不完整，或者快递公司编码、单号有误")
        if company in _NEED_PHONE and not asked.get("phone"):
            raise No("408", "快递公司参数异常：收件人或寄件人电话号码缺失")
        followed = next((p for p in self.followed.values() if (p.company, p.number) == (company, number)), None)
        if followed is None or not followed.steps:
            raise No("500", "查询无结果，请隔段时间再查")
        return parcels.told(company, number, followed.steps, str(asked.get("resultv2", "")))

    def _subscribe(self, form: Form) -> Any:
        """Unsigned: the key stands in the parameter."""
        asked = _object(form.get("param", ""), "700")
        if form.get("schema") != "json":
            raise No("700", "schema只支持json")
        if not signing.same(self.account.key, str(asked.get("key", ""))):
            self.counts.bad_signatures += 1
            raise No("600", "您不是合法的订阅者")
        more = asked.get("parameters")
        more = more if isinstance(more, dict) else {}
        company, number = str(asked.get("company", "")), str(asked.get("number", ""))
        callback = str(more.get("callbackurl", ""))
        if not callback.startswith(("http://", "https://")) or not 6 <= len(number) <= 32:
            raise No("700", "订阅方的订阅数据存在错误（如不支持的快递公司、单号为空、回调地址有误等）")
        if not company and str(more.get("autoCom")) == "1":
            company = _recognised(number)
            if not company:
                raise No("702", "POLL:识别不到该单号对应的快递公司")
        if company not in _CARRIERS:
            raise No("701", "拒绝订阅的快递公司")
        if company in _NEED_PHONE and not more.get("phone"):
            raise No("700", "顺丰单号需要提供收件人或寄件人的电话号码")
        key = (company, number, callback)
        if key in self.followed:
            raise No("501", "重复订阅")
        salt = more.get("salt")
        signed = None if salt is None else str(salt)
        parcel = parcels.Parcel(company, number, callback, signed, str(more.get("resultv2", "")))
        self.followed[key] = parcel
        self._follow(parcel)
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def _label(self, form: Form) -> Any:
        account, param, at_ms = self.account, form.get("param", ""), form.get("t", "")
        expected = signing.kuaidi100_label(param, at_ms, account.key, account.secret)
        self._check(expected, form, form.get("key") == account.key)
        if form.get("method") != "eOrder":
            raise No("400", "method只支持eOrder")
        asked = _object(param, "400")
        company, order = str(asked.get("kuaidicom", "")), str(asked.get("orderId", ""))
        carrier = _CARRIERS.get(company)
        if carrier is None:
            raise No("701", "快递公司不支持电子面单")
        for who in ("recMan", "sendMan"):
            person = asked.get(who)
            # An older form has the same without the inner object: recManName, recManMobile, recManPrintAddr.
            for field in _PERSON:
                flat = asked.get(f"{who}{field[0].upper()}{field[1:]}")
                if not (person.get(field) if isinstance(person, dict) else flat):
                    raise No("400", f"{who}.{field}不能为空")
        collection = asked.get("collection", 0)
        if isinstance(collection, bool) or not isinstance(collection, int | float) or collection < 0:
            raise No("400", "collection不合法")
        label = self._waybill(order, company, carrier)
        self.printed.setdefault(label["kuaidinum"], asked)
        return {"result": True, "returnCode": "200", "message": "提交成功", "data": label}

    def _waybill(self, order: str, company: str, carrier: Carrier) -> dict[str, str]:
        known = self.labels.get(order) if order else None
        if known is None or known[0] != company:
            self._serial += 1
            known = (company, carrier.waybill(self._serial))
            self.labels[order or f"#{self._serial}"] = known
        return {"kuaidicom": company, "kuaidinum": known[1], "orderId": order, "taskId": f"T{known[1]}"}

    def _send(self, form: Form) -> Any:
        """Kuaidi100's own writeback: taken down, not passed on."""
        account, param = self.account, form.get("param", "")
        expected = signing.kuaidi100_eshop(param, account.key, account.secret)
        self._check(expected, form, form.get("key") == account.key)
        asked = _object(param, "400")
        missing = [name for name in ("shopType", "shopId", "orderNum", "kuaidiCom", "kuaidiNum") if not asked.get(name)]
        if missing:
            raise No("400", f"{missing[0]}不能为空")
        if asked["kuaidiCom"] not in _CARRIERS:
            raise No("701", "快递公司编码有误")
        self.sent.append({name: str(value) for name, value in asked.items()})
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def _check(self, expected: str, form: Form, known: bool) -> None:
        if not known or not signing.same(expected, form.get("sign", "")):
            self.counts.bad_signatures += 1
            raise No("503", "验证签名失败")


def _recognised(number: str) -> str:
    """The carrier whose number this looks like. SF takes nearly anything: it comes last."""
    fitting = [code for code, carrier in _CARRIERS.items() if carrier.takes(number)]
    return min(fitting, key=lambda code: code in _NEED_PHONE, default="")


def _object(text: str, code: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise No(code, "param不是JSON对象") from exc
