"""Clients that mean no good, many at a time, in a process of their own: ``python -m tests.security.crowd URL PATH SECONDS KIND=COUNT ...``

Each goes on until it is answered or cut off, waits a moment and comes again. On standard output stands what each kind was answered:
``{"silent": {"408": 12, "cut": 3}, ...}``; ``open`` are those that nobody had ended when the time was up.

    silent     connects and says nothing                  large      a body of the largest size, all but its last byte
    half       the half of a head                         drip       a body of a byte a second
    slow       a head of a byte a second                  oversized  a head that does not end
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from streams.ops.ports import raise_file_limit

_BODY = 1024 * 1024
_AGAIN_S = 1.0
Said = dict[str, Counter[str]]


#: What each may be answered; cut: when too many are on their way out for all to be told.
_REFUSED = {"503", "429", "cut", "open", "unconnected"}
ANSWERS = {kind: {"408", *_REFUSED} for kind in ("silent", "half", "slow", "large", "drip")}
# On a busy machine its time may be up before its room.
ANSWERS["oversized"] = {"431", "408", *_REFUSED}


async def crowd(url: str, path: str, seconds: float, kinds: dict[str, int], found: Said | None = None) -> Said:
    """What they were answered, in ``found`` as it comes."""
    found = defaultdict(Counter) if found is None else found
    host, port = urlsplit(url).hostname or "", urlsplit(url).port or 0
    ends_at = asyncio.get_running_loop().time() + seconds

    async def one(kind: str) -> None:
        while asyncio.get_running_loop().time() < ends_at:
            try:
                async with asyncio.timeout_at(ends_at):
                    reader, writer = await asyncio.open_connection(host, port)
            except (OSError, TimeoutError):
                found[kind]["unconnected"] += 1
                await asyncio.sleep(_AGAIN_S)
                continue
            try:
                async with asyncio.timeout_at(ends_at):
                    found[kind][await _answered(reader, writer, KINDS[kind], path)] += 1
                await asyncio.sleep(_AGAIN_S)
            except TimeoutError:
                found[kind]["open"] += 1
            finally:
                writer.transport.abort()

    async with asyncio.TaskGroup() as all_of_them:
        for kind, count in kinds.items():
            for _ in range(count):
                all_of_them.create_task(one(kind))
    return found


def strange(said: Said | dict[str, dict[str, int]]) -> list[str]:
    """Answers that nobody should have had."""
    return [
        f"{kind} was answered {what} ({times} times)"
        for kind, answers in said.items()
        for what, times in answers.items()
        if what not in ANSWERS[kind]
    ]


async def _answered(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    misbehave: Callable[[asyncio.StreamWriter, str], Awaitable[None]],
    path: str,
) -> str:
    """The status; cut: none came."""
    misbehaving = asyncio.create_task(_quietly(misbehave(writer, path)))
    try:
        line = await reader.readline()
        return line.split()[1].decode() if line.startswith(b"HTTP/1.1 ") else "cut"
    except OSError:
        return "cut"
    finally:
        misbehaving.cancel()


async def _quietly(it: Awaitable[None]) -> None:
    with suppress(OSError):
        await it


async def _silent(_: asyncio.StreamWriter, __: str) -> None:
    pass


async def _half(writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(_head(path, 10)[:-20])


async def _slow(writer: asyncio.StreamWriter, path: str) -> None:
    await _drop_by_drop(writer, _head(path, 10))


async def _large(writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(_head(path, _BODY))
    for _ in range(_BODY // 65_536 - 1):
        writer.write(b"x" * 65_536)
        await writer.drain()
    writer.write(b"x" * 65_535)
    await writer.drain()


async def _drip(writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(_head(path, 1_000))
    await _drop_by_drop(writer, b"x" * 1_000)


async def _oversized(writer: asyncio.StreamWriter, path: str) -> None:
    writer.write(_head(path, 10)[:-2])
    while True:
        writer.write(b"X-More: " + b"y" * 1_000 + b"\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _drop_by_drop(writer: asyncio.StreamWriter, text: bytes) -> None:
    for at in range(len(text)):
        writer.write(text[at : at + 1])
        await writer.drain()
        await asyncio.sleep(1)


def _head(path: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        f"X-Shopify-Hmac-Sha256: nobody\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


KINDS: dict[str, Callable[[asyncio.StreamWriter, str], Awaitable[None]]] = {
    "silent": _silent,
    "half": _half,
    "slow": _slow,
    "large": _large,
    "drip": _drip,
    "oversized": _oversized,
}


if __name__ == "__main__":
    raise_file_limit()
    told = {kind: int(count) for kind, count in (each.split("=") for each in sys.argv[4:])}
    print(json.dumps(asyncio.run(crowd(sys.argv[1], sys.argv[2], float(sys.argv[3]), told))))
