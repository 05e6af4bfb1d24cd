"""Kuaidi100: tracking queries, subscriptions with pushes, e-waybills, and its own writeback to shops; form posts, each with its own sign.

Codes of query and subscription are those of its reference; those of a refused label are not published: here the query's. The same order
(``orderId``) gets the same e-waybill again. A push that is not answered with ``{"result":true,"returnCode":"200"}`` within 20 s comes
again after half an hour, three times. Beside the common controls:

    GET /_sim/parcels  {"labels": {order: number}, "subscriptions": [{"number", "company", "steps": how many, "signed"}], "sent": [...]}
    PUT /_sim/pace     {"step_s": seconds from one step of a followed parcel to the next}
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from connectors.platforms import signing
from connectors.shops import LogisticsAccount
from connectors.simulators import accounts
from connectors.simulators import kuaidi100_parcels as parcels
from connectors.simulators.carriers import Carrier, by_code
from connectors.simulators.faults import Scatter
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.simulator import Options, Simulator, json_answer

Form = Mapping[str, str]
GAPS_S = (1800, 1800, 1800)
_TIMEOUT_S = 20
_CARRIERS = by_code("kuaidi100")
#: Ask for the receiver's phone, or its last four digits.
_NEED_PHONE = frozenset(("shunfeng",))
_PERSON = ("name", "mobile", "printAddr")


class _No(Exception):
    """A refusal: its returnCode, and why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Kuaidi100Simulator(Simulator):
    """See the module's text."""

    name = "kuaidi100"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.account = accounts.logistics(self.name, options.seed)
        self.step_s = 1.0
        self._pusher = Pusher(Retries(GAPS_S, _TIMEOUT_S, confirmed, scale=options.retry_scale), self.counts)
        self._scatter = Scatter(self.faults, self._pusher.send)
        self._timers: set[asyncio.TimerHandle] = set()
        # (company, number, callback) -> parcel: the same again is a repeated subscription.
        self._followed: dict[tuple[str, str, str], parcels.Parcel] = {}
        self._labels: dict[str, tuple[str, str]] = {}
        self._sent: list[dict[str, str]] = []
        self._serial = options.seed % 1000 * 1_000_000 + 500_000

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            web.post("/poll/query.do", self._answering("query", self._query)),
            web.post("/poll", self._answering("subscribe", self._subscribe)),
            web.post("/printapi/printtask.do", self._answering("label", self._label)),
            web.post("/ent/logistics/send", self._answering("send", self._send)),
            web.get("/_sim/parcels", self._show_parcels),
            web.put("/_sim/pace", self._set_pace),
        ]

    def logistics_entries(self) -> Sequence[LogisticsAccount]:
        callback = f"{self.gateway}/push/kuaidi100" if self.gateway else ""
        return [replace(self.account, url=self.url, callback=callback)]

    async def started(self) -> None:
        await self._pusher.start()

    async def stopping(self) -> None:
        self._forget()
        await self._pusher.close()

    def cleared(self) -> None:
        self._forget()
        self._followed.clear()
        self._labels.clear()
        self._sent.clear()

    def _forget(self) -> None:
        self._scatter.stop()
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._pusher.clear()

    def pushes_pending(self) -> int:
        return self._pusher.pending + self._scatter.waiting

    def throttled(self, request: web.Request) -> web.StreamResponse:
        return json_answer({"result": False, "returnCode": "502", "message": "服务器繁忙"}, 429)

    # -- calls --

    def _answering(self, name: str, call: Callable[[Form], Any]) -> Any:
        async def handler(request: web.Request) -> web.Response:
            try:
                text = (await request.read()).decode()
                given = call({**request.query, **dict(parse_qsl(text, keep_blank_values=True))})
            except UnicodeDecodeError:
                return json_answer({"result": False, "returnCode": "400", "message": "参数不是UTF-8"})
            except _No as no:
                self.counts.call(name, no.code)
                return json_answer({"result": False, "returnCode": no.code, "message": str(no)})
            self.counts.call(name, "ok")
            return json_answer(given)

        return handler

    def _query(self, form: Form) -> Any:
        account, param = self.account, form.get("param", "")
        expected = signing.kuaidi100_query(param, account.key, account.customer)
        self._check(expected, form, form.get("customer") == account.customer)
        asked = _object(param, "400")
        company, number = asked.get("com", ""), asked.get("num", "")
        if company not in _CARRIERS or not 6 <= len(number) <= 32:
            raise _No("400", "提交的数据不完整，或者快递公司编码、单号有误")
        if company in _NEED_PHONE and not asked.get("phone"):
            raise _No("408", "快递公司参数异常：收件人或寄件人电话号码缺失")
        followed = next((p for p in self._followed.values() if (p.company, p.number) == (company, number)), None)
        if followed is None or not followed.steps:
            raise _No("500", "查询无结果，请隔段时间再查")
        return parcels.told(company, number, followed.steps, str(asked.get("resultv2", "")))

    def _subscribe(self, form: Form) -> Any:
        """Unsigned: the key stands in the parameter."""
        asked = _object(form.get("param", ""), "700")
        if form.get("schema") != "json":
            raise _No("700", "schema只支持json")
        if not signing.same(self.account.key, str(asked.get("key", ""))):
            self.counts.bad_signatures += 1
            raise _No("600", "您不是合法的订阅者")
        more = asked.get("parameters")
        more = more if isinstance(more, dict) else {}
        company, number = str(asked.get("company", "")), str(asked.get("number", ""))
        callback = str(more.get("callbackurl", ""))
        if not callback.startswith(("http://", "https://")) or not 6 <= len(number) <= 32:
            raise _No("700", "订阅方的订阅数据存在错误（如不支持的快递公司、单号为空、回调地址有误等）")
        if not company and str(more.get("autoCom")) == "1":
            company = _recognised(number)
            if not company:
                raise _No("702", "POLL:识别不到该单号对应的快递公司")
        if company not in _CARRIERS:
            raise _No("701", "拒绝订阅的快递公司")
        if company in _NEED_PHONE and not more.get("phone"):
            raise _No("700", "顺丰单号需要提供收件人或寄件人的电话号码")
        key = (company, number, callback)
        if key in self._followed:
            raise _No("501", "重复订阅")
        salt = more.get("salt")
        parcel = parcels.Parcel(company, number, callback, salt, str(more.get("resultv2", "")))
        self._followed[key] = parcel
        self._move_later(parcel)
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def _label(self, form: Form) -> Any:
        account, param, at_ms = self.account, form.get("param", ""), form.get("t", "")
        expected = signing.kuaidi100_label(param, at_ms, account.key, account.secret)
        self._check(expected, form, form.get("key") == account.key)
        if form.get("method") != "eOrder":
            raise _No("400", "method只支持eOrder")
        asked = _object(param, "400")
        company, order = str(asked.get("kuaidicom", "")), str(asked.get("orderId", ""))
        carrier = _CARRIERS.get(company)
        if carrier is None:
            raise _No("701", "快递公司不支持电子面单")
        for who in ("recMan", "sendMan"):
            person = asked.get(who)
            # An older form has the same without the inner object: recManName, recManMobile, recManPrintAddr.
            for field in _PERSON:
                flat = asked.get(f"{who}{field[0].upper()}{field[1:]}")
                if not (person.get(field) if isinstance(person, dict) else flat):
                    raise _No("400", f"{who}.{field}不能为空")
        return {
            "result": True,
            "returnCode": "200",
            "message": "提交成功",
            "data": self._waybill(order, company, carrier),
        }

    def _waybill(self, order: str, company: str, carrier: Carrier) -> dict[str, str]:
        known = self._labels.get(order) if order else None
        if known is None or known[0] != company:
            self._serial += 1
            known = (company, carrier.waybill(self._serial))
            self._labels[order or f"#{self._serial}"] = known
        return {"kuaidicom": company, "kuaidinum": known[1], "orderId": order, "taskId": f"T{known[1]}"}

    def _send(self, form: Form) -> Any:
        """Kuaidi100's own writeback: taken down, not passed on."""
        account, param = self.account, form.get("param", "")
        expected = signing.kuaidi100_eshop(param, account.key, account.secret)
        self._check(expected, form, form.get("key") == account.key)
        asked = _object(param, "400")
        missing = [name for name in ("shopType", "shopId", "orderNum", "kuaidiCom", "kuaidiNum") if not asked.get(name)]
        if missing:
            raise _No("400", f"{missing[0]}不能为空")
        if asked["kuaidiCom"] not in _CARRIERS:
            raise _No("701", "快递公司编码有误")
        self._sent.append({name: str(value) for name, value in asked.items()})
        return {"result": True, "returnCode": "200", "message": "提交成功"}

    def _check(self, expected: str, form: Form, known: bool) -> None:
        if not known or not signing.same(expected, form.get("sign", "")):
            self.counts.bad_signatures += 1
            raise _No("503", "验证签名失败")

    # -- parcels on their way --

    def _move_later(self, parcel: parcels.Parcel) -> None:
        def move() -> None:
            self._timers.discard(timer)
            self._move(parcel)

        timer = asyncio.get_running_loop().call_later(self.step_s, move)
        self._timers.add(timer)

    def _move(self, parcel: parcels.Parcel) -> None:
        """The next step, and its push."""
        parcel.steps.append((self.clock.now_ms(), parcels.WAY[len(parcel.steps)]))
        self.counts.changes += 1
        param = msgspec.json.encode(parcels.push_param(parcel)).decode()
        form = {"param": param}
        if parcel.salt is not None:
            form["sign"] = signing.kuaidi100_push(param, parcel.salt)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
        self._scatter.put(Push(parcel.callback, headers, urlencode(form).encode()))
        if not parcel.signed:
            self._move_later(parcel)

    async def _show_parcels(self, request: web.Request) -> web.Response:
        followed = [
            {"number": p.number, "company": p.company, "steps": len(p.steps), "signed": p.signed}
            for p in self._followed.values()
        ]
        labels = {order: number for order, (_, number) in self._labels.items()}
        return json_answer({"labels": labels, "subscriptions": followed, "sent": self._sent})

    async def _set_pace(self, request: web.Request) -> web.Response:
        try:
            pace = msgspec.json.decode(await request.read(), type=dict[str, float])
            self.step_s = max(0.0, pace["step_s"])
        except (msgspec.DecodeError, KeyError) as exc:
            return json_answer({"error": f'{exc}: give {{"step_s": seconds}}'}, 400)
        return json_answer({"step_s": self.step_s})


def confirmed(status: int, body: bytes) -> bool:
    """Whether a push was taken."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return (
        status == 200
        and isinstance(answer, dict)
        and answer.get("result") is True
        and str(answer.get("returnCode")) == "200"
    )


def _recognised(number: str) -> str:
    """The carrier whose number this looks like. SF takes nearly anything: it comes last."""
    fitting = [code for code, carrier in _CARRIERS.items() if carrier.takes(number)]
    return min(fitting, key=lambda code: code in _NEED_PHONE, default="")


def _object(text: str, code: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise _No(code, "param不是JSON对象") from exc
