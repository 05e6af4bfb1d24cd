"""TOP, the gateway of Taobao and Cainiao: one address, the method a parameter, every call signed, errors with HTTP 200.

Source: the platform's reference of its system parameters and error codes. A call is checked in this order: method, version, app key,
timestamp, signature, session; what is wrong first is answered.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import parse_qsl

from aiohttp import web

from connectors.platforms import signing
from connectors.simulators.clock import from_local
from connectors.simulators.controls import json_answer
from connectors.simulators.simulator import Simulator

Params = Mapping[str, str]
PATH = "/router/rest"
#: How far a call's timestamp may be from the platform's clock.
SKEW_MAX_MS = 10 * 60_000
_SIGN_METHODS = ("md5", "hmac", "hmac-sha256")


class TopError(Exception):
    """An ``error_response``."""

    def __init__(self, code: int, msg: str, sub_code: str = "", sub_msg: str = "") -> None:
        super().__init__(msg)
        self.code, self.msg, self.sub_code, self.sub_msg = code, msg, sub_code, sub_msg

    @property
    def outcome(self) -> str:
        """What the counts call it."""
        return self.sub_code or str(self.code)


class Caller(NamedTuple):
    """Who may call: an app, and the session of the account it calls for."""

    #: The shop's name; a provider's account has one of its own.
    account: str
    secret: str
    session: str


class Method(NamedTuple):
    """One API; ``run`` answers with what stands under ``<method>_response``."""

    run: Callable[[Caller, Params], Any]
    required: tuple[str, ...] = ()
    needs_session: bool = True


def missing(name: str) -> TopError:
    """A parameter that is not there."""
    return TopError(40, "Missing required arguments:" + name, "isv.missing-parameter:" + name, f"缺少必选参数 {name}")


def invalid(name: str, why: str) -> TopError:
    """A parameter that makes no sense."""
    return TopError(41, "Invalid arguments:" + name, "isv.invalid-parameter:" + name, why)


def remote_error(sub_code: str, sub_msg: str) -> TopError:
    """The service behind the gateway refuses."""
    return TopError(15, "Remote service error", sub_code, sub_msg)


def whole_number(params: Params, name: str, default: int, low: int, high: int) -> int:
    """A number of a parameter, within its limits."""
    text = params.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise invalid(name, f"{name} 必须在 {low} 到 {high} 之间")
    return int(text)


class Top(Simulator):
    """The gateway. A platform behind it names its callers and its methods."""

    @abstractmethod
    def callers(self) -> Mapping[str, Caller]:
        """App key -> who calls with it."""

    @abstractmethod
    def methods(self) -> Mapping[str, Method]:
        """Name -> API."""

    def routes(self) -> Sequence[web.RouteDef]:
        self._callers = self.callers()
        self._methods = self.methods()
        self._answers = {name: f"{name.removeprefix('taobao.').replace('.', '_')}_response" for name in self._methods}
        self._request_no = 0
        route: Callable[[web.Request], Awaitable[web.StreamResponse]] = self._route
        return [web.post(PATH, route), web.get(PATH, route)]

    def throttled(self, request: web.Request) -> web.StreamResponse:
        wait_s = self.rng.randint(1, 3)
        self.counts.call("throttled", "7")
        return self._refusal(
            TopError(
                7,
                "App Call Limited",
                "accesscontrol.limited-by-app-access-count",
                f"This ban will last for {wait_s} more seconds",
            )
        )

    async def _route(self, request: web.Request) -> web.Response:
        body = await request.read()
        params = dict(request.query)
        try:
            params.update(parse_qsl(body.decode(), keep_blank_values=True))
        except UnicodeDecodeError:
            return self._refusal(TopError(25, "Invalid signature", "isv.invalid-signature", "请求不是 UTF-8"))
        name = params.get("method", "")
        try:
            method, caller = self._admitted(name, params)
            for required in method.required:
                if not params.get(required):
                    raise missing(required)
            answer = method.run(caller, params)
        except TopError as error:
            self.counts.call(name if name in self._methods else "unknown", error.outcome)
            if error.code == 25:
                self.counts.bad_signatures += 1
            return self._refusal(error)
        self.counts.call(name, "ok")
        return json_answer({self._answers[name]: {**answer, "request_id": self._request_id()}})

    def _admitted(self, name: str, params: Params) -> tuple[Method, Caller]:
        if not name:
            raise TopError(21, "Missing method")
        method = self._methods.get(name)
        if method is None:
            raise TopError(22, "Invalid method", "isv.invalid-method", f"{name} 不存在")
        if params.get("v") != "2.0":
            raise TopError(33, "Invalid version") if params.get("v") else TopError(32, "Missing version")
        if not params.get("app_key"):
            raise TopError(28, "Missing app Key")
        caller = self._callers.get(params["app_key"])
        if caller is None:
            raise TopError(29, "Invalid app Key", "isv.appkey-not-exists")
        if not params.get("timestamp"):
            raise TopError(30, "Missing timestamp")
        at_ms = from_local(params["timestamp"])
        if at_ms is None or abs(at_ms - self.clock.now_ms()) > SKEW_MAX_MS:
            raise TopError(31, "Invalid timestamp", "isv.invalid-timestamp", "非法的时间戳参数")
        self._check_signature(caller, params)
        self._check_session(method, caller, params)
        return method, caller

    def _check_signature(self, caller: Caller, params: Params) -> None:
        if not params.get("sign"):
            raise TopError(24, "Missing signature")
        by = params.get("sign_method", "md5")
        if by not in _SIGN_METHODS:
            raise TopError(25, "Invalid signature", "isv.invalid-sign-method", f"sign_method {by}")
        expected = signing.top(caller.secret, params, cast(Literal["md5", "hmac", "hmac-sha256"], by))
        if not signing.same(expected, params["sign"]):
            raise TopError(25, "Invalid signature", "isv.invalid-signature", "无效签名")

    def _check_session(self, method: Method, caller: Caller, params: Params) -> None:
        session = params.get("session", "")
        if not session and method.needs_session:
            raise TopError(26, "Missing session", "isv.missing-session", "缺少 SessionKey")
        if session and not signing.same(caller.session, session):
            raise TopError(27, "Invalid session", "invalid-sessionkey", "SessionKey 非法")

    def _request_id(self) -> str:
        self._request_no += 1
        return f"sim{self._request_no:012x}"

    def _refusal(self, error: TopError) -> web.Response:
        said = {"code": error.code, "msg": error.msg, "request_id": self._request_id()}
        if error.sub_code:
            said.update(sub_code=error.sub_code, sub_msg=error.sub_msg)
        return json_answer({"error_response": said})
