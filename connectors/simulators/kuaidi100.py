"""Kuaidi100: tracking queries, subscriptions with pushes, e-waybills, and its own writeback to shops; form posts, each with its own sign.

A push that is not answered with ``{"result":true,"returnCode":"200"}`` within 20 s comes again after half an hour, three times. Beside the
common controls:

    GET /_sim/parcels  {"labels": {order: number}, "subscriptions": [{"number", "company", "steps": how many, "signed"}], "sent": [...]}
    PUT /_sim/pace     {"step_s": seconds from one step of a followed parcel to the next}
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from connectors.platforms import signing
from connectors.shops import LogisticsAccount
from connectors.simulators import accounts
from connectors.simulators import kuaidi100_parcels as parcels
from connectors.simulators.faults import Scatter
from connectors.simulators.kuaidi100_calls import Call, Calls, No
from connectors.simulators.pushing import Push, Pusher, Retries
from connectors.simulators.simulator import Options, Simulator, json_answer

GAPS_S = (1800, 1800, 1800)
_TIMEOUT_S = 20


class Kuaidi100Simulator(Simulator):
    """See the module's text."""

    name = "kuaidi100"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.account = accounts.logistics(self.name, options.keys)
        self.step_s = 1.0
        self._pusher = Pusher(Retries(GAPS_S, _TIMEOUT_S, confirmed, scale=options.retry_scale), self.counts)
        self._scatter = Scatter(self.faults, self._pusher.send)
        self._timers: set[asyncio.TimerHandle] = set()
        self._calls = Calls(self.account, self.counts, options.seed, self._move_later)

    def routes(self) -> Sequence[web.RouteDef]:
        return [
            *(web.post(path, self._answering(name, call)) for path, (name, call) in self._calls.by_path.items()),
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
        self._calls.clear()

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

    def _answering(self, name: str, call: Call) -> Any:
        async def handler(request: web.Request) -> web.Response:
            try:
                text = (await request.read()).decode()
                given = call({**request.query, **dict(parse_qsl(text, keep_blank_values=True))})
            except UnicodeDecodeError:
                return json_answer({"result": False, "returnCode": "400", "message": "参数不是UTF-8"})
            except No as no:
                self.counts.call(name, no.code)
                return json_answer({"result": False, "returnCode": no.code, "message": str(no)})
            self.counts.call(name, "ok")
            return json_answer(given)

        return handler

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
            for p in self._calls.followed.values()
        ]
        labels = {order: number for order, (_, number) in self._calls.labels.items()}
        return json_answer({"labels": labels, "subscriptions": followed, "sent": self._calls.sent})

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
