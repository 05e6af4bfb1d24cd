"""Where simulators push to in tests: answers as it is told, and keeps what came."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from aiohttp import web

from tests.patience import PATIENCE_S


class Got(NamedTuple):
    """One delivery."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """Gives each delivery the next of ``answers`` (a status, or a status and a body), the last one for all that follow."""

    def __init__(self, answers: Sequence[int | tuple[int, bytes]]) -> None:
        self._answers = list(answers)
        self._got: asyncio.Queue[Got] = asyncio.Queue()
        self.url = ""

    async def __aenter__(self) -> Receiver:
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def got(self) -> Got:
        """The next delivery, in the order they came."""
        return await asyncio.wait_for(self._got.get(), PATIENCE_S)

    async def _take(self, request: web.Request) -> web.Response:
        self._got.put_nowait(Got(request.path, request.headers, await request.read()))
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        status, body = (answer, b"") if isinstance(answer, int) else answer
        return web.Response(status=status, body=body)
