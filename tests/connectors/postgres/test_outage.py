"""The database goes away at every moment of a flush: what was written is kept, the same flush brings it in, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from connectors.postgres import PostgresSink
from connectors.postgres.schema import migrate
from deploy.local import LocalPostgres
from streams.ops.sinks import Partition, SinkUnavailable, Span
from tests.connectors.postgres.records import an_order

ORDERS = Partition("orders", 0)


class Proxy:
    """Between the sink and its database; cuts the connection, towards both, when a side says ``cut_at``."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        #: ("client" or "server", what it says): cut before that is passed on. Once.
        self.cut_at: tuple[str, bytes] | None = None
        #: The server's answer to what the client says is not passed on: cut there.
        self.cut_after: bytes | None = None
        #: What the client says behind this statement is passed on no more, and nobody is told of any end: half-open. Once.
        self.silent_behind: bytes | None = None
        self._deaf = False

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            host = f"{self._to.username}:{self._to.password}@127.0.0.1:{port}"
            yield urlunsplit(self._to._replace(netloc=host))

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_connection(self._to.hostname, self._to.port)
        self._deaf = False
        both = [
            asyncio.create_task(self._pass_on("client", client, to_server)),
            asyncio.create_task(self._pass_on("server", server, to_client)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            for writer in (to_client, to_server):
                writer.close()

    async def _pass_on(self, side: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            if self._deaf and side == "server":
                # It has answered, so it has done it; nobody will know.
                return
            if self.cut_at and side == self.cut_at[0] and self.cut_at[1] in data:
                self.cut_at = None
                return
            if self.cut_after and side == "client" and self.cut_after in data:
                self.cut_after, self._deaf = None, True
            silent = side == "client" and self.silent_behind and self.silent_behind in data
            if silent:
                assert self.silent_behind is not None
                # The text of a statement comes behind a letter and its length, which counts itself.
                begins = data.index(self.silent_behind) - 4
                data = data[: begins + int.from_bytes(data[begins : begins + 4])]
            writer.write(data)
            with suppress(ConnectionError):
                await writer.drain()
            if silent:
                self.silent_behind = None
                await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("moment", ["UPDATE sink_positions", "COPY ", "INSERT INTO orders", "COMMIT;"])
def test_a_connection_cut_in_mid_flush_costs_a_flush(hub: str, moment: str) -> None:
    async def live() -> None:
        proxy = Proxy(hub)
        async with proxy.listening() as url:
            sink = PostgresSink(url)
            await sink.setup()
            await sink.write([an_order(0)])
            await sink.flush({ORDERS: Span(0, 1)})
            # One that is new, one that is known (they go different ways), one that cannot be stored.
            await sink.write([an_order(1), an_order(2, number="0"), an_order(3, placed_at_ms=2**62)])
            proxy.cut_at = ("client", moment.encode())
            with pytest.raises(SinkUnavailable):
                await sink.flush({ORDERS: Span(1, 4)})
            assert await _counts(hub) == (1, 1, 0)
            assert await sink.flush({ORDERS: Span(1, 4)}) == []
            assert await _counts(hub) == (2, 4, 1)
            await sink.close()

    asyncio.run(live())


def test_what_a_silent_connection_left_locked_is_free_for_the_next(hub: str) -> None:
    """A server that waits for the rest of a COPY listens to no time-out, and holds what it has locked."""

    async def live() -> None:
        proxy = Proxy(hub)
        async with proxy.listening() as url:
            sink = PostgresSink(url, timeout_s=2)
            await sink.setup()
            await sink.write([an_order(0)])
            proxy.silent_behind = b"COPY "
            with pytest.raises(SinkUnavailable, match="no answer in time"):
                await sink.flush({ORDERS: Span(0, 1)})
            assert proxy.silent_behind is None
            assert await sink.flush({ORDERS: Span(0, 1)}) == []
            assert await _counts(hub) == (1, 1, 0)
            await sink.close()

    asyncio.run(live())


def test_a_commit_whose_answer_is_lost_is_not_done_again(hub: str) -> None:
    async def live() -> None:
        proxy = Proxy(hub)
        async with proxy.listening() as url:
            sink = PostgresSink(url)
            await sink.setup()
            await (connection := await asyncpg.connect(hub)).execute("ALTER TABLE orders ADD CHECK (currency <> 'XXX')")
            await connection.close()
            await sink.write([an_order(0), an_order(1, currency="XXX")])
            proxy.cut_after = b"COMMIT;"
            with pytest.raises(SinkUnavailable):
                await sink.flush({ORDERS: Span(0, 2)})
            assert await _counts(hub) == (1, 2, 1)
            # What the lost answer would have said: the record that was refused.
            assert [each.record.offset for each in await sink.flush({ORDERS: Span(0, 2)})] == [1]
            assert await _counts(hub) == (1, 2, 1)
            # And on from there.
            await sink.write([an_order(2)])
            await sink.flush({ORDERS: Span(2, 3)})
            assert await _counts(hub) == (2, 3, 1)
            await sink.close()

    asyncio.run(live())


def test_a_lock_held_and_a_database_that_is_read_only_are_outages_that_pass(hub: str) -> None:
    async def live() -> None:
        sink = PostgresSink(hub, timeout_s=2)
        await sink.setup()
        await sink.write([an_order(0)])
        owner = await asyncpg.connect(hub)
        async with owner.transaction():
            await owner.execute("LOCK TABLE orders")
            with pytest.raises(SinkUnavailable, match="55P03"):
                await sink.flush({ORDERS: Span(0, 1)})
        await owner.execute(f"ALTER DATABASE {urlsplit(hub).path[1:]} SET default_transaction_read_only = on")
        with pytest.raises(SinkUnavailable, match="25006"):
            await sink.flush({ORDERS: Span(0, 1)})
        await owner.execute("SET default_transaction_read_only = off")
        await owner.execute(f"ALTER DATABASE {urlsplit(hub).path[1:]} RESET default_transaction_read_only")
        await sink.flush({ORDERS: Span(0, 1)})
        await owner.close()
        await sink.close()
        assert await _counts(hub) == (1, 1, 0)

    asyncio.run(live())


def test_a_server_that_is_killed_and_comes_back_has_each_record_once(tmp_path: Path) -> None:
    with LocalPostgres(tmp_path / "postgres") as postgres:

        async def live() -> None:
            await migrate(postgres.url)
            sink = PostgresSink(postgres.url)
            await sink.setup()
            for offset, away in enumerate((postgres.kill, postgres.stop_at_once, postgres.stop)):
                await sink.write([an_order(2 * offset)])
                await sink.flush({ORDERS: Span(2 * offset, 2 * offset + 1)})
                away()
                await sink.write([an_order(2 * offset + 1)])
                span = {ORDERS: Span(2 * offset + 1, 2 * offset + 2)}
                with pytest.raises(SinkUnavailable):
                    await sink.flush(span)
                with pytest.raises(SinkUnavailable):
                    await sink.flush(span)
                sink.paused("it is away")
                postgres.start()
                await sink.flush(span)
            assert await _counts(postgres.url) == (6, 6, 0)
            assert await sink.positions([ORDERS]) == {ORDERS: 6}
            await sink.close()

        asyncio.run(live())


def test_after_a_rebalance_what_was_in_memory_comes_from_the_log_again(hub: str) -> None:
    async def live() -> None:
        sink = PostgresSink(hub)
        await sink.setup()
        await sink.write([an_order(0, number="given up"), an_order(1, number="at fault", shop="\0")])
        assert await sink.positions([ORDERS]) == {}
        # Nothing of it is left: not a row, not a refusal, and its offsets can be written again.
        assert await sink.flush({}) == ()
        await sink.write([an_order(0, number="read again")])
        await sink.flush({ORDERS: Span(0, 1)})
        connection = await asyncpg.connect(hub)
        assert [row[0] for row in await connection.fetch("SELECT order_no FROM orders")] == ["read again"]
        await connection.close()
        assert await _counts(hub) == (1, 1, 0)
        await sink.close()

    asyncio.run(live())


async def _counts(url: str) -> tuple[int, int, int]:
    """Orders, position in the first partition of orders, records refused."""
    connection = await asyncpg.connect(url)
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM orders), (SELECT max(position) FROM sink_positions), "
        "(SELECT count(*) FROM refused_rows)"
    )
    await connection.close()
    return tuple(row)
