"""A server that says it knows no TLS, as one on the way to the database can: whoever then goes on in clear tells it the password."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress

import asyncpg

from streams.settings import InvalidSetting, Settings

PASSWORD = "kept-to-ourselves"
#: Every word that Postgres' clients know, and none.
MODES = ("", "disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_TLS_ASKED = struct.pack("!ii", 8, 80877103)
_IN_CLEAR_PLEASE = b"R" + struct.pack("!ii", 8, 3)


async def told(mode: str) -> bytes:
    """What such a server hears of a client with this sslmode."""
    heard, serving = b"", list[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        if (task := asyncio.current_task()) is not None:
            serving.append(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            first = await reader.readexactly(8)
            if first == _TLS_ASKED:
                writer.write(b"N")
                first = await reader.readexactly(8)
            await reader.readexactly(struct.unpack("!i", first[:4])[0] - 8)
            writer.write(_IN_CLEAR_PLEASE)
            heard = await reader.read(1_000)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        query = f"?sslmode={mode}" if mode else ""
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError):
            await (
                await asyncpg.connect(f"postgresql://hub:{PASSWORD}@127.0.0.1:{port}/hub{query}", timeout=10)
            ).close()
        await asyncio.wait_for(asyncio.gather(*serving), 10)
    return heard


def taken(mode: str) -> bool:
    """Whether the settings take this sslmode for a database on another machine."""
    query = f"?sslmode={mode}" if mode else ""
    with suppress(InvalidSetting):
        Settings.from_env({"PENSTOCK_DATABASE_URL": f"postgresql://hub:{PASSWORD}@db.example/hub{query}"})
        return True
    return False


def attack() -> list[str]:
    """What was not as it should be."""
    heard = {mode: PASSWORD.encode() in asyncio.run(told(mode)) for mode in MODES}
    wrong = [] if heard["prefer"] else ["the server hears no password from anybody: this attack shows nothing"]
    # Who wrote "disable" has decided it, and is warned.
    return wrong + [
        f"with sslmode={mode!r} it was told the password"
        for mode in MODES
        if heard[mode] and taken(mode) and mode != "disable"
    ]
