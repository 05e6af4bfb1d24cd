"""What a platform answers is bounded, whatever it unpacks to, and where it sends us we do not go: for every client there is."""

from __future__ import annotations

import asyncio
import gzip
import re
import tracemalloc
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

import connectors
from connectors import calls
from connectors.channels.pdd import PddSocket
from connectors.endings import CallError, Unavailable, Unsure
from connectors.logistics.providers import calling
from connectors.platforms.client import CLIENTS
from connectors.shops import Shop
from tests.connectors.platforms.rig import Server, connected

#: 300 MB, of which 290 KB are sent.
BOMB = gzip.compress(bytes(300_000_000), 6)


async def _order(channel: str, url: str) -> None:
    async with connected(channel, url) as platform:
        await platform.order("300000000001")


async def _provider(url: str) -> None:
    async with calling.session() as session:
        await calling.posted(session, "eOrder", url, {"key": "s3cret"})


async def _messages(url: str) -> None:
    await PddSocket(Shop("pdd", "tea", url, secret="s3cret", messages_url=url)).run(None)  # type: ignore[arg-type]


CALLS: dict[str, Callable[[str], Awaitable[None]]] = {
    **{channel: lambda url, channel=channel: _order(channel, url) for channel in CLIENTS},
    "provider": _provider,
    "messages": _messages,
}
FAILURES = (CallError, aiohttp.ClientError)


@pytest.mark.parametrize("name", [name for name in CALLS if name != "messages"])
def test_an_answer_is_bounded_also_when_it_is_unpacked(name: str) -> None:
    def answer(_: object) -> web.Response:
        return web.Response(body=BOMB, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    async def run() -> int:
        async with Server(answer) as server:
            tracemalloc.start()
            try:
                with pytest.raises((Unavailable, Unsure)):
                    await CALLS[name](server.url)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    # Read pieces and the whole of them.
    assert asyncio.run(run()) < 3 * calls.ANSWER_MAX_BYTES


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", CALLS)
def test_nobody_is_sent_elsewhere_with_our_credentials(name: str, status: int) -> None:
    async def run() -> None:
        async with Server(lambda _: web.json_response({})) as elsewhere:
            away = {"Location": f"{elsewhere.url}/here"}
            async with Server(lambda _: web.Response(status=status, headers=away)) as server:
                with pytest.raises(FAILURES):
                    await CALLS[name](server.url)
                assert server.asked
            assert not elsewhere.asked

    asyncio.run(run())


def test_every_client_is_made_in_one_place() -> None:
    """So that what is shown above of some holds for those to come."""
    folder = Path(connectors.__path__[0])
    other = re.compile(
        r"ClientSession\(|allow_redirects|(answer|response)\.(read|text|json)\(\)|urllib\.request|http\.client|import httpx"
    )
    found = [
        f"{path.relative_to(folder)}: {line.strip()}"
        for path in folder.rglob("*.py")
        if path.name != "calls.py"
        for line in path.read_text().splitlines()
        if other.search(line)
    ]
    assert not found
