"""The door, over real sockets: who is refused, with which words, and who keeps his place."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_network
from typing import Any

import pytest
import uvloop
from aiohttp import web

from streams.ops.connection import Connection, Limits, connection_of
from streams.ops.door import Door
from streams.ops.ports import bind

LIMITS = Limits(connections=4, per_address=3, head_s=0.4, head_max_bytes=2_000, answer_s=0.4, rest_s=5, leave_s=0.3)
HEAD = b"GET /slow HTTP/1.1\r\nHost: x\r\n"


class House:
    """A door with an application behind it, and those who come."""

    def __init__(self, limits: Limits) -> None:
        self.refused: Counter[str] = Counter()
        self.go_on = asyncio.Event()
        self.writers: list[asyncio.StreamWriter] = []
        self.reading = 0
        app = web.Application()
        app.add_routes([web.get("/", self._root), web.post("/slow", self._slow), web.get("/large", self._large)])
        app.add_routes([web.post("/read", self._read)])
        self.door = Door(app, limits, lambda why: self.refused.update([why]))

    async def _root(self, _: web.Request) -> web.Response:
        return web.Response(text="here")

    async def _slow(self, request: web.Request) -> web.Response:
        connection = connection_of(request)
        assert isinstance(connection, Connection)
        connection.prove()
        await self.go_on.wait()
        return web.Response(text="done")

    async def _read(self, request: web.Request) -> web.Response:
        self.reading += 1
        try:
            return web.Response(body=await request.read())
        finally:
            self.reading -= 1

    async def _large(self, _: web.Request) -> web.Response:
        return web.Response(body=b"x" * 50_000_000)

    async def come(self, says: bytes = b"", source: str = "127.0.0.1") -> Client:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        self.writers.append(writer)
        writer.write(says)
        return Client(reader, writer)

    port = 0


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def status(self) -> int:
        """Of the next answer; 0: closed without one."""
        async with asyncio.timeout(30):
            try:
                head = await self._reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return 0
            length = next(int(line.split()[1]) for line in head.splitlines() if line.lower().startswith(b"content-len"))
            await self._reader.readexactly(length)
            return int(head.split()[1])


@asynccontextmanager
async def opened(limits: Limits) -> AsyncIterator[House]:
    house = House(limits)
    listening = bind("listen", "127.0.0.1", 0)
    house.port = listening.getsockname()[1]
    await house.door.open(listening)
    try:
        yield house
    finally:
        house.go_on.set()
        for writer in house.writers:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        await house.door.close()


def in_house(limits: Limits = LIMITS) -> Callable[[Callable[[House], Coroutine[Any, Any, None]]], Callable[[], None]]:
    """A test of the house with these limits."""

    def wrap(test: Callable[[House], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        async def run() -> None:
            async with opened(limits) as house:
                await test(house)

        def call() -> None:
            asyncio.run(run())

        return call

    return wrap


GET, POST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


@in_house()
async def test_who_does_not_say_what_he_wants_is_told_408(house: House) -> None:
    silent, half = await house.come(), await house.come(HEAD)
    assert (await silent.status(), await half.status()) == (408, 408)
    assert house.refused == {"slow_head": 2}


@in_house()
async def test_a_head_that_drips_gets_no_more_time(house: House) -> None:
    client = await house.come()

    async def drip() -> None:
        for at in range(len(HEAD)):
            client.writer.write(HEAD[at : at + 1])
            await asyncio.sleep(0.05)

    dripping = asyncio.create_task(drip())
    assert await client.status() == 408
    dripping.cancel()


@in_house()
async def test_nor_does_the_head_of_a_second_request(house: House) -> None:
    client = await house.come(GET)
    assert await client.status() == 200
    client.writer.write(HEAD)
    assert await client.status() == 408


@in_house()
async def test_who_was_answered_may_rest_longer_than_a_head_may_take(house: House) -> None:
    client = await house.come(GET)
    assert await client.status() == 200
    await asyncio.sleep(2 * LIMITS.head_s)
    client.writer.write(GET)
    assert await client.status() == 200
    assert not house.refused


@in_house()
async def test_a_head_that_does_not_end_is_told_431(house: House) -> None:
    client = await house.come(HEAD + b"X: " + b"y" * LIMITS.head_max_bytes)
    assert await client.status() == 431
    assert house.refused == {"large_head": 1}


@pytest.mark.parametrize(
    "head", [b"GET / HTTP/1.1\r\nHost: x\r\nX: \xff\xfe\r\n\r\n", b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n"]
)
def test_a_head_that_is_no_text_is_told_400(head: bytes) -> None:
    @in_house()
    async def told(house: House) -> None:
        assert await (await house.come(head)).status() == 400

    told()


@in_house(LIMITS._replace(trusted=(ip_network("127.0.0.1"),)))
async def test_an_address_has_so_many_places_and_a_proxy_all_there_are(house: House) -> None:
    theirs = [await house.come(POST, "127.0.0.7") for _ in range(LIMITS.per_address)]
    assert await (await house.come(GET, "127.0.0.7")).status() == 429
    assert await (await house.come(GET, "127.0.0.8")).status() == 200
    assert house.refused == {"address": 1}
    house.go_on.set()
    assert [await each.status() for each in theirs] == [200] * 3
    for each in theirs:
        each.writer.close()
    while house.door.inside > 1:
        await asyncio.sleep(0.01)
    assert await (await house.come(GET, "127.0.0.7")).status() == 200, "places come back"
    proxied = [await house.come(POST) for _ in range(LIMITS.connections)]
    assert [await each.status() for each in proxied] == [200] * LIMITS.connections


@in_house(LIMITS._replace(head_s=30))
async def test_when_it_is_full_who_waits_longest_without_a_proof_goes(house: House) -> None:
    signed = await house.come(POST)
    first = await house.come(HEAD)
    others = [await house.come() for _ in range(2)]
    while house.door.inside < LIMITS.connections:
        await asyncio.sleep(0.01)
    assert await (await house.come(GET)).status() == 200
    assert await first.status() == 503
    assert house.refused == {"full": 1}
    house.go_on.set()
    assert await signed.status() == 200
    del others


@in_house()
async def test_when_all_are_at_work_the_newcomer_is_told_503(house: House) -> None:
    working = [await house.come(POST) for _ in range(LIMITS.connections)]
    while len(house.door._unproven):
        await asyncio.sleep(0.01)
    assert await (await house.come(GET)).status() == 503
    house.go_on.set()
    assert [await each.status() for each in working] == [200] * LIMITS.connections


@in_house()
async def test_who_does_not_take_his_answer_is_cut_off(house: House) -> None:
    await house.come(GET.replace(b"/", b"/large", 1))
    async with asyncio.timeout(30):
        # Its socket is closed a moment after that is said.
        while not house.refused or house.door.inside:
            await asyncio.sleep(0.05)
    assert house.refused == {"unread": 1}


@in_house(LIMITS._replace(per_address=3, trusted=()))
async def test_who_goes_away_in_the_middle_of_a_body_gives_one_place_back(house: House) -> None:
    for _ in range(6):
        client = await house.come(b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1234")
        while not house.reading:
            await asyncio.sleep(0.01)
        client.writer.transport.abort()
        while house.reading:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert house.door.inside == 0
    # Nor has its address more places than before.
    all_of_them = [await house.come() for _ in range(4)]
    assert await all_of_them[-1].status() == 429


@pytest.mark.parametrize("policy", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_of_what_nobody_reads_little_is_taken_in(
    policy: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a chunk is large, nor all that comes before the kernel lets the client wait."""
    taken, unread = list[int](), list[int]()
    receive = Connection.data_received

    def received(self: Connection, data: bytes) -> None:
        taken.append(len(data))
        receive(self, data)

    async def live() -> None:
        async with opened(LIMITS) as house:
            client = await house.come(b"POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
            client.writer.write(b"x" * 8_000_000)
            while not unread or sum(taken) > unread[-1]:
                unread.append(sum(taken))
                await asyncio.sleep(0.3)

    monkeypatch.setattr(Connection, "data_received", received)
    with asyncio.Runner(loop_factory=policy) as runner:
        runner.run(live())
    assert 0 < max(taken) <= 52 * 1024
    assert unread[-1] <= 68 * 1024
