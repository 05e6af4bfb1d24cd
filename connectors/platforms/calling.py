"""One shop's connections, and what every platform's client shares: a call that ends in an answer or in the right error.

Which error a call without an answer ends in is decided by whether the request can have reached the platform:

    not connected (refused, no such host, TLS, time-out while connecting)    Unavailable
    connected, then reset, cut short, timed out, or an answer nobody can read
      - a call that changes something                                        Unsure
      - a read                                                               Unavailable
    HTTP 429                                                                 Throttled
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import quote_plus

import aiohttp
import msgspec
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from connectors import calls
from connectors.endings import CallError, Held, Throttled, Unavailable, Unsure
from connectors.shops import Shop
from streams.domain.channels.values import BadValue, to_ms

from . import rules
from .base import Parcel, Platform, Refused, Told
from .holding import hold_reason
from .times import now_ms

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json; charset=utf-8"

#: Parts of an answer by name, each still text: one is taken out byte for byte, and the others are never built.
Parts = dict[str, msgspec.Raw]

_READS_MAX = 4
# Most of a call's parameters are those of the last one, and quoting a long list of fields costs as much as signing it.
_quoted = lru_cache(maxsize=1024)(quote_plus)
_parts = msgspec.json.Decoder(Parts)
_T = TypeVar("_T")


class Reply(NamedTuple):
    """An HTTP answer."""

    method: str
    status: int
    body: bytes
    #: The call was to change something.
    effect: bool


class HttpPlatform(Platform):
    """A platform that is called over HTTP, with connections of its own, kept open between calls.

    :param connect_s: to be connected, waiting for a free connection included; :param total_s: to have the whole answer.
    :param connections: how many calls may be under way at once; :param now: the time in seconds since the epoch.
    :param pause_s: before a read that a shipment depends on is tried again; it grows.
    """

    def __init__(
        self,
        shop: Shop,
        *,
        connect_s: float = 10.0,
        total_s: float = 30.0,
        connections: int = 100,
        pause_s: float = 0.2,
        now: Callable[[], float] = lambda: now_ms() / 1000,
    ) -> None:
        super().__init__(shop)
        self._timeout = aiohttp.ClientTimeout(total=total_s, connect=min(connect_s, total_s))
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        # Shipping has few attempts, and what is read on the way can be read again.
        self._reading = AsyncRetrying(
            stop=stop_after_attempt(_READS_MAX),
            wait=wait_random_exponential(multiplier=pause_s, max=10 * pause_s),
            retry=retry_if_exception_type(Unavailable),
            reraise=True,
        )
        self._pause_s = pause_s
        self._now = now

    async def __aenter__(self) -> Self:
        self._session = calls.session(self._timeout, self._connections)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ship(self, parcel: Parcel) -> Told:
        try:
            return await self._ship(parcel)
        except rules.Ambiguous as problem:
            return await self._decide(parcel, problem)

    @abstractmethod
    async def _ship(self, parcel: Parcel) -> Told:
        """Tells a parcel. Raises Ambiguous where the platform's no may mean that it has it, or that it holds the order now."""

    async def _decide(self, parcel: Parcel, problem: rules.Ambiguous) -> Told:
        """Whether the platform's no means that it has the parcel, or that it holds the order, by reading the order."""
        try:
            standing = await self._read_again(self.standing, parcel.order_no)
            settled = standing.shipped or standing.closed or parcel.tracking_no in standing.tracking_nos
            # A number that is wrong is so whatever holds the order.
            ask = not settled and problem.verdict != "NUMBER_WRONG"
            held = await self._read_again(self._held, parcel.order_no) if ask else ""
        except CallError as unread:
            # This call changed nothing, that much was said; whether an earlier one did is to be asked again.
            raise Unavailable(
                f"{problem}; whether it has it could not be read: {unread}", problem.code, problem.said
            ) from unread
        if parcel.tracking_no in standing.tracking_nos or (standing.shipped and not standing.numbers_known):
            return Told("ALREADY_SHIPPED", problem.code, f"{problem}; its status is {standing.status}", problem.said)
        if standing.closed:
            raise Refused(
                "ORDER_FORBIDS", f"{problem}; the order is closed ({standing.status})", problem.code, problem.said
            )
        if standing.shipped:
            known = ", ".join(standing.tracking_nos)
            reason = f"{problem}; it is shipped with other numbers ({known})"
            raise Refused("ORDER_FORBIDS", reason, problem.code, problem.said)
        reason = f"{problem}; its status is {standing.status}"
        if held or problem.verdict == "HELD":
            raise Held(f"{reason}, it is held: {held}" if held else reason, problem.code, problem.said)
        raise Refused(problem.verdict, reason, problem.code, problem.said)

    async def _held(self, order_no: str) -> str:
        """Why the platform holds the order now; empty: it does not, as far as the order shows."""
        return hold_reason(self.channel, (await self.order(order_no)).payload)

    async def _read_again(self, read: Callable[..., Awaitable[_T]], *about: object) -> _T:
        """A read that a shipment depends on: again while the platform is unavailable, a few times."""
        # Of its own: what a retrying counts is not kept apart by task.
        found: _T = await self._reading.copy()(read, *about)
        return found

    async def _form(self, method: str, url: str, params: Mapping[str, str], *, effect: bool) -> Reply:
        body = "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in params.items()])
        return await self._post(method, url, body.encode(), {"Content-Type": FORM}, effect=effect)

    async def _post(self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, effect: bool) -> Reply:
        """The answer, whatever its status but 429. Raises Unavailable, Unsure, Throttled."""
        if self._session is None:
            raise RuntimeError("a platform's client is to be used in `async with`")
        try:
            async with self._session.post(url, data=body, headers=headers) as response:
                reply = Reply(method, response.status, await calls.whole(response), effect)
                wait = response.headers.get("Retry-After", "")
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.InvalidURL,
            aiohttp.NonHttpUrlClientError,
        ) as exc:
            # Not chained: an address that can't be used may hold a token.
            raise Unavailable(
                self._words(f"{self.channel} was not reached for {method}:", type(exc).__name__, exc)
            ) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise self._lost(method, _why(exc), said=self._words(exc), effect=effect) from None
        if reply.status == 429:
            seconds = float(wait) if wait.isascii() and wait.isdigit() else None
            raise Throttled(f"{self.channel} answered {method} with HTTP 429", seconds, "429")
        return reply

    def _parts_of(self, reply: Reply) -> Parts:
        """The answer's outermost object. Raises Unsure or Unavailable for what is none, as a proxy's HTML page."""
        try:
            return _parts.decode(reply.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise self._unreadable(reply, "no JSON object") from exc

    def _read(self, reply: Reply, part: bytes | msgspec.Raw | None, decoder: msgspec.json.Decoder[_T], name: str) -> _T:
        """A part of the answer as its type has it. Raises Unsure or Unavailable when it is missing or of another form."""
        if reply.status != 200:
            raise self._unreadable(reply, "no error of the platform's own")
        if part is None:
            raise self._unreadable(reply, f"without {name}")
        try:
            return decoder.decode(part)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            # msgspec names the place and the types, never the value.
            raise self._unreadable(reply, f"{name} is not as its reference says ({exc})") from exc

    def _refusal(self, reply: Reply, part: msgspec.Raw, decoder: msgspec.json.Decoder[_T]) -> _T:
        """An error_response as its type has it, whatever the status it came with. Raises Unsure or Unavailable."""
        try:
            return decoder.decode(part)
        except msgspec.MsgspecError as exc:
            raise self._unreadable(reply, "an error_response of another form") from exc

    def _same_order(self, reply: Reply, found: int | str, order_no: str) -> None:
        """Raises unless the platform answered about the order it was asked for."""
        if str(found) != order_no:
            raise Unavailable(f"{self.channel} answered {reply.method} for {order_no} with order {found}")

    def _same_sale(self, reply: Reply, found: int | str, aftersale_id: str) -> None:
        """The same of an after-sale."""
        if str(found) != aftersale_id:
            raise Unavailable(f"{self.channel} answered {reply.method} for after-sale {aftersale_id} with {found}")

    def _unreadable(self, reply: Reply, why: str) -> Unsure | Unavailable:
        what = f"HTTP {reply.status}, {len(reply.body)} bytes: {why}"
        return self._lost(reply.method, what, effect=reply.effect)

    def _lost(self, method: str, why: str, *, effect: bool, said: str = "") -> Unsure | Unavailable:
        reason = f"{self.channel} gave no answer to {method} that can be read: {why}"
        return Unsure(reason, said=said) if effect else Unavailable(reason, said=said)

    def _refused(
        self, reply: Reply, rule: rules.Rule, code: str, *said: object, wait_s: float | None = None
    ) -> CallError:
        """The error of a platform's no to this call."""
        asked = f"{self.channel} answered {reply.method}"
        return rules.error(rule, asked, code, self._words(*said), effect=reply.effect, wait_s=wait_s)

    def _words(self, *parts: object) -> str:
        return rules.words(parts, (self.shop.secret, self.shop.token))

    def _told(self, reply: Reply) -> Told:
        return Told("SHIPPED", "", said=self._words(reply.body.decode("utf-8", "replace")))

    def _time_ms(self, reply: Reply, name: str, value: Any) -> int:
        """A platform's time in ms; a missing one is an unreadable answer."""
        try:
            found = to_ms(value)
        except BadValue as exc:
            raise self._unreadable(reply, f"{name} is no time") from exc
        if found is None:
            raise self._unreadable(reply, f"without {name}")
        return found


def true(value: bool | int | str | None) -> bool:
    """A success flag, which platforms write as true, "true" or 1. Anything else is not success."""
    return value is True or (isinstance(value, str) and value.lower() == "true") or value == 1


def as_number(ident: str) -> int | str:
    """An id as the JSON number that it is to some platforms; one that isn't digits stays a text."""
    return int(ident) if ident.isascii() and ident.isdigit() else ident


def _why(exc: BaseException) -> str:
    """A connection's error in words; of what was being read its own text quotes some."""
    said = exc.strerror if isinstance(exc, OSError) else ""
    return f"{type(exc).__name__} {said or ''}".strip()
