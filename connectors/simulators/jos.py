"""JOS, the gateway of JD: one address, business parameters as one JSON text, errors with HTTP 200, ``_responce`` in every answer.

Source: the platform's reference and its list of gateway errors (codes 2 to 21, six minutes for a timestamp), the latter known through
a developer's reprint; 19 for a wrong access token from client code.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from aiohttp import web

from connectors.platforms import signing
from connectors.shops import Shop
from connectors.simulators.clock import from_local
from connectors.simulators.controls import json_answer
from connectors.simulators.simulator import ChannelSimulator

PATH = "/routerjson"
SKEW_MAX_MS = 6 * 60_000
Params = Mapping[str, Any]


class JosError(Exception):
    """An ``error_response``."""

    def __init__(self, code: str, zh_desc: str, en_desc: str) -> None:
        super().__init__(en_desc)
        self.code, self.zh_desc, self.en_desc = code, zh_desc, en_desc


class Answer(NamedTuple):
    """What stands under ``<method>_responce``, and what the counts call it."""

    body: dict[str, Any]
    outcome: str = "ok"


class Method(NamedTuple):
    """One API."""

    run: Callable[[Shop, Params], Answer]
    required: tuple[str, ...] = ()


class Jos(ChannelSimulator):
    """The gateway; what is behind it names its methods."""

    @abstractmethod
    def methods(self) -> Mapping[str, Method]:
        """Name -> API."""

    def routes(self) -> Sequence[web.RouteDef]:
        self._methods = self.methods()
        self._answers = {name: f"{name.replace('.', '_')}_responce" for name in self._methods}
        self._callers = {shop.app_key: shop for shop in self.shops.values()}
        route: Callable[[web.Request], Awaitable[web.StreamResponse]] = self._route
        return [web.post(PATH, route), web.get(PATH, route)]

    def shop_url(self, shop: Shop) -> str:
        return f"{self.url}{PATH}"

    def throttled(self, request: web.Request) -> web.StreamResponse:
        self.counts.call("throttled", "2")
        return _refusal(JosError("2", "限制时间内调用失败次数", "App Call Limited"))

    async def _route(self, request: web.Request) -> web.Response:
        body = await request.read()
        params = dict(request.query)
        name = ""
        try:
            try:
                params.update(parse_qsl(body.decode(), keep_blank_values=True))
            except UnicodeDecodeError as exc:
                raise JosError("12", "无效签名", "Invalid Signature") from exc
            name = params.get("method", "")
            method, shop = self._admitted(name, params)
            answer = method.run(shop, _business(method, params))
        except JosError as error:
            self.counts.call(name if name in self._methods else "unknown", error.code)
            if error.code == "12":
                self.counts.bad_signatures += 1
            return _refusal(error)
        self.counts.call(name, answer.outcome)
        return json_answer({self._answers[name]: {"code": "0", **answer.body}})

    def _admitted(self, name: str, params: Mapping[str, str]) -> tuple[Method, Shop]:
        if not name:
            raise JosError("14", "缺少方法名参数", "Missing Method")
        method = self._methods.get(name)
        if method is None:
            raise JosError("15", "不存在的方法名", "Invalid Method")
        if params.get("v") != "2.0":
            raise JosError("5" if params.get("v") else "4", "版本号参数错误", "Missing or Unsupported Version")
        shop = self._callers.get(params.get("app_key", ""))
        if shop is None:
            raise JosError("21", "无效app_key", "Invalid app_key")
        if not params.get("timestamp"):
            raise JosError("7", "缺少时间戳参数", "Missing Timestamp")
        at_ms = from_local(params["timestamp"])
        if at_ms is None or abs(at_ms - self.clock.now_ms()) > SKEW_MAX_MS:
            raise JosError("8", "非法的时间戳参数", "Invalid Timestamp")
        if not params.get("sign"):
            raise JosError("11", "缺少签名参数", "Missing Signature")
        if not signing.same(signing.jd(shop.secret, params), params["sign"]):
            raise JosError("12", "无效签名", "Invalid Signature")
        if not signing.same(shop.token, params.get("access_token", "")):
            raise JosError("19", "无效access_token", "Invalid access_token")
        return method, shop


def _business(method: Method, params: Mapping[str, str]) -> Params:
    try:
        found = msgspec.json.decode(params.get("360buy_param_json") or "{}", type=dict[str, Any])
    except msgspec.DecodeError as exc:
        raise JosError("43", "系统处理错误: 360buy_param_json 不是 JSON 对象", "Invalid arguments") from exc
    for name in method.required:
        if found.get(name) in (None, ""):
            raise JosError("40", f"缺少必选参数 {name}", f"Missing required arguments: {name}")
    return found


def _refusal(error: JosError) -> web.Response:
    said = {"code": error.code, "zh_desc": error.zh_desc, "en_desc": error.en_desc}
    return json_answer({"error_response": said})
