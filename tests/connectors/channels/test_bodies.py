"""Of a body that was not taken nothing stays in memory, though its error does."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import Any, cast

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from connectors.channels.bodies import Bodies, GaveWay, TooLarge
from streams.ops.connection import Connection

SIZE, MANY = 50_000, 40


class _NoDoor:
    """Of a connection a body needs no more."""

    hurry = None


async def failed(bodies: Bodies, most_bytes: int) -> Exception:
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.transport = asyncio.Transport()
    content = StreamReader(protocol, 2**16, loop=loop)
    content.feed_data(bytes(SIZE))
    with pytest.raises((TooLarge, GaveWay)) as raised:
        await bodies.read(content, most_bytes, cast(Connection, _NoDoor()))
    return raised.value


@pytest.mark.parametrize(("all_max", "one_max"), [(SIZE // 2, 10 * SIZE), (100 * SIZE, SIZE // 2)])
def test_what_is_refused_is_let_go_at_once(all_max: int, one_max: int) -> None:
    async def live() -> int:
        bodies, errors = Bodies(all_max), list[Any]()
        errors.append(await failed(bodies, one_max))
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(MANY):
            # As who logs it, or a frame that nobody has cleared away, keeps it.
            errors.append(await failed(bodies, one_max))
        assert bodies.size == 0
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        kept = asyncio.run(live())
    finally:
        tracemalloc.stop()
    assert kept < MANY * SIZE // 2
