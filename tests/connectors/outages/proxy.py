"""A TCP proxy that stands for the network between the sink and the database, and breaks as networks do."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress


class Proxy:
    """Listens on a free loopback port, and hands every byte on to ``port``; on a thread of its own."""

    def __init__(self, port: int) -> None:
        self._target = port
        #: Set: bytes flow. Clear: they are read by nobody, and no end of a connection is told either.
        self._flowing = asyncio.Event()
        #: Those of dead connections: the loop alone would not keep alive what waits for them.
        self._deaf: list[asyncio.Event] = []
        self._open = True
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()
        assert self._ready.wait(30)

    def cut(self) -> None:
        """Every connection is reset, new ones are closed at once."""
        self._call(self._cut)

    def stall(self) -> None:
        """Connections stay up, new ones too, and nothing comes through any more: a silent network."""
        self._call(self._flowing.clear)

    def drop_silently(self) -> None:
        """Half-open: what is connected now is dead and nobody is told; new connections work."""
        self._call(self._deafen)

    def mend(self) -> None:
        """Bytes flow; what was connected while they did not is gone."""
        self._call(self._mend)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _call(self, what: object) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(lambda: (what(), done.set()))  # type: ignore[operator]
        assert done.wait(30)

    def _cut(self) -> None:
        self._open = False
        self._reset()

    def _deafen(self) -> None:
        # Connections of before hold on to the event of before, which nobody sets again.
        self._flowing.clear()
        self._deaf.append(self._flowing)
        self._flowing = asyncio.Event()
        self._flowing.set()

    def _mend(self) -> None:
        if not self._flowing.is_set():
            self._reset()
        self._flowing.set()
        self._open = True

    def _reset(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._flowing.set()
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        # Whoever waits goes on, finds its connection gone, and ends.
        for flowing in (*self._deaf, self._flowing):
            flowing.set()
        self._reset()
        if tasks := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(tasks, timeout=30))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flowing = self._flowing
        self._writers.add(writer)
        try:
            if not self._open:
                return
            with suppress(OSError):
                far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
                self._writers.add(far_writer)
                try:
                    async with asyncio.TaskGroup() as both:
                        both.create_task(_pump(reader, far_writer, flowing))
                        both.create_task(_pump(far_reader, writer, flowing))
                except* OSError:
                    pass
                finally:
                    far_writer.transport.abort()
                    self._writers.discard(far_writer)
        finally:
            writer.transport.abort()
            self._writers.discard(writer)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event) -> None:
    while data := await reader.read(65_536):
        await flowing.wait()
        writer.write(data)
        await writer.drain()
    await flowing.wait()
    # One side has hung up: both do.
    raise ConnectionResetError
