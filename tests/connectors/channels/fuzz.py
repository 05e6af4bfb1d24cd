"""Bad pushes by the thousand, good ones among them, over real HTTP at a real gateway: ``python -m tests.connectors.channels``.

Each bad one must be answered with its status; each good one with 200, while the bad ones are under way; and in Kafka stand the good ones'
records, and nothing else. Connections that speak no HTTP, or stop in the middle, are among them; and all the while a crowd of silent,
slow, half-open and oversized clients (``tests.security.crowd``) takes what room it can get.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from connectors.shops import Shops
from tests.connectors.channels.pushes import Case, bad, good
from tests.security.crowd import Said, crowd, strange

#: One in so many is good; one in so many is no request at all.
_GOOD_EVERY, _NOISE_EVERY = 10, 25
_AT_ONCE = 24
_CROWD = {"silent": 20, "half": 20, "slow": 10, "large": 4, "drip": 10, "oversized": 2}


@dataclass
class Outcome:
    """What came of it. ``wrong``: answers that are not what they should be, each with its seed and number."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    #: What was wrong with the push, and its answer -> how often.
    refused: Counter[tuple[str, int]] = field(default_factory=Counter)
    accepted: int = 0
    noise: int = 0
    #: What the crowd was answered.
    crowd: Said = field(default_factory=lambda: defaultdict(Counter))
    #: Topic and key of the records that the good ones are.
    records: Counter[tuple[str, str]] = field(default_factory=Counter)


async def fuzz(url: str, shops: Shops, count: int, seed: int) -> Outcome:
    """``count`` bad pushes to the gateway at ``url``."""
    outcome = Outcome(seed)
    cases = _mixed(shops, count, seed)
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=60), cookie_jar=aiohttp.DummyCookieJar()
    ) as http:
        path = next(case.path for case in good(shops, seed))
        them = asyncio.create_task(crowd(url, path, 3_600, _CROWD, outcome.crowd))
        try:
            async with asyncio.TaskGroup() as senders:
                for _ in range(_AT_ONCE):
                    senders.create_task(_send_all(http, url, cases, outcome))
        finally:
            them.cancel()
            with suppress(asyncio.CancelledError):
                await them
    outcome.wrong += strange(outcome.crowd)
    return outcome


def _mixed(shops: Shops, count: int, seed: int) -> Iterator[tuple[int, Case | bytes]]:
    rng, ours, theirs = Random(f"noise/{seed}"), good(shops, seed), bad(shops, seed)
    for number in range(count):
        yield number, next(theirs)
        if number % _GOOD_EVERY == 0:
            yield number, next(ours)
        if number % _NOISE_EVERY == 0:
            yield number, _noise(rng)


async def _send_all(
    http: aiohttp.ClientSession, url: str, cases: Iterator[tuple[int, Case | bytes]], outcome: Outcome
) -> None:
    for number, case in cases:
        if isinstance(case, bytes):
            await _shout(url, case)
            outcome.noise += 1
            continue
        status = await _send(http, url, case)
        if case.why == "good":
            outcome.accepted += status == 200
            outcome.records.update(case.records)
        else:
            outcome.refused[case.why, status] += 1
        if status != case.expected:
            again = f"--seed {outcome.seed}, number {number}"
            outcome.wrong.append(
                f"{case.why}: {case.method} {case.path[:60]} -> {status}, not {case.expected} ({again})"
            )


async def _send(http: aiohttp.ClientSession, url: str, case: Case) -> int:
    """Its status; 0: the connection ended without one."""
    body = _pieces(case.body) if case.chunked else io.BytesIO(case.body) if case.body else None
    # An exact path, and no header that the case does not have.
    at = URL(url + case.path, encoded=True)
    try:
        async with http.request(
            case.method, at, data=body, headers=case.headers, skip_auto_headers=("Content-Type",), compress=None
        ) as answer:
            await answer.read()
            return answer.status
    except aiohttp.ClientConnectionError:
        # Refused before its body was through: the gateway may close on who goes on sending. Ask with less haste.
        if len(case.body) <= 64 * 1024:
            return 0
        return await _send_slowly(url, case)


async def _send_slowly(url: str, case: Case) -> int:
    """The head first, and the body until there is an answer."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        length = "Transfer-Encoding: chunked" if case.chunked else f"Content-Length: {len(case.body)}"
        head = [f"{case.method} {case.path} HTTP/1.1", "Host: gateway", length]
        head += [f"{name}: {value}" for name, value in case.headers.items()]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        answer = asyncio.ensure_future(reader.readline())
        for at in range(0, len(case.body), 16_384):
            if answer.done():
                break
            piece = case.body[at : at + 16_384]
            writer.write(b"%x\r\n%b\r\n" % (len(piece), piece) if case.chunked else piece)
            with suppress(ConnectionError):
                await writer.drain()
            await asyncio.sleep(0)
        return int((await asyncio.wait_for(answer, 60)).split()[1])
    finally:
        writer.close()


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 65_536):
        yield body[at : at + 65_536]


async def _shout(url: str, noise: bytes) -> None:
    """Bytes at the port; whatever comes back."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    with suppress(ConnectionError, TimeoutError):
        writer.write(noise)
        await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(reader.read(1_000), 10)
    writer.close()


def _noise(rng: Random) -> bytes:
    head = b"POST /push/shopify/x HTTP/1.1\r\nHost: x\r\n"
    return rng.choice(
        [
            rng.randbytes(rng.randint(1, 2_000)),
            b"GET / HTTP/9.9\r\n\r\n",
            b"POST " + b"/" * 20_000 + b" HTTP/1.1\r\n\r\n",
            head + b"Content-Length: -1\r\n\r\n",
            head + b"Content-Length: 99999999999999999999\r\n\r\n",
            head + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            head + b"Content-Length: 1000\r\n\r\nshort",
            head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            head + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
            head + b"".join(b"H%d: v\r\n" % n for n in range(3_000)) + b"\r\n",
            head + b"Bad Header\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + rng.randbytes(500),
            b"\r\n\r\n",
            b"",
        ]
    )


def table(outcome: Outcome) -> str:
    """What was sent and answered, for people."""
    lines = [f"{'what was wrong':45} {'answer':>6} {'times':>7}"]
    for (why, status), times in sorted(outcome.refused.items(), key=lambda item: item[0]):
        lines.append(f"{why:45} {status:>6} {times:>7,}")
    total = sum(outcome.refused.values())
    lines.append(f"{'all bad pushes':45} {'':6} {total:>7,}")
    lines.append(f"{'connections that speak no HTTP':45} {'':6} {outcome.noise:>7,}")
    for kind, answers in sorted(outcome.crowd.items()):
        lines += [f"{f'{kind} clients':45} {what:>6} {times:>7,}" for what, times in sorted(answers.items())]
    lines.append(f"{'good pushes among them':45} {200:>6} {outcome.accepted:>7,}")
    return "\n".join(itertools.chain(lines, outcome.wrong[:20]))
