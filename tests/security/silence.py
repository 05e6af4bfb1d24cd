"""One client silences the gateway: connections that never say what they want, large bodies that nobody signed.

While they come, signed pushes must be answered within the time their platform gives, and the gateway's memory must not grow with them.
"""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import islice

import aiohttp
import psutil
from yarl import URL

from tests.connectors.channels.edge import Edge
from tests.connectors.channels.pushes import Case, good
from tests.security.crowd import strange

#: How long each platform waits for an answer (Douyin's time is not known: what the gateway promises), seconds.
WAITS_S = {"shopify": 5.0, "douyin": 2.0, "kuaidi100": 20.0}
#: What the gateway may hold of strangers: 16 MiB of bodies, 64 KiB of each connection that nobody has read yet (20 MiB of 320 that send a
#: body), 7 KiB for each connection itself (9 MiB of 1,300), and what the allocator keeps of what has gone.
GROWS_MAX_MIB = 64
_PAUSE_S = 0.2
#: The crowd has its places by then.
_GATHERS_S = 2.0

#: 1,000 half-open connections and 200 large bodies, and who drips into both.
CROWD = {"silent": 500, "half": 300, "slow": 200, "large": 200, "drip": 100, "oversized": 20}


@dataclass
class Outcome:
    """What came of it."""

    #: Channel -> seconds to the answer.
    took_s: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: What the crowd was answered.
    crowd: dict[str, dict[str, int]] = field(default_factory=dict)
    grew_mib: float = 0.0


def silence(edge: Edge, crowd: dict[str, int], seconds: float, waits_s: dict[str, float] = WAITS_S) -> Outcome:
    """The crowd for so long, and signed pushes beside it, each over a connection of its own."""
    outcome = Outcome()
    path = next(case.path for case in good(edge.shops, 1) if "/shopify/" in case.path)
    process = psutil.Process(edge.gateway.pid)
    before = process.memory_info().rss
    told = [f"{kind}={count}" for kind, count in crowd.items()]
    them = subprocess.Popen(
        [sys.executable, "-m", "tests.security.crowd", edge.gateway.url, path, str(seconds), *told],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        most = asyncio.run(_push(edge, outcome, seconds, process, waits_s))
        outcome.crowd = json.loads(them.communicate(timeout=seconds + 60)[0])
    finally:
        them.kill()
        them.wait()
    outcome.grew_mib = (most - before) / 2**20
    if outcome.grew_mib > GROWS_MAX_MIB:
        outcome.wrong.append(f"the gateway grew by {outcome.grew_mib:.0f} MiB, more than {GROWS_MAX_MIB}")
    outcome.wrong += strange(outcome.crowd)
    edge.gateway.check()
    return outcome


async def _push(
    edge: Edge, outcome: Outcome, seconds: float, process: psutil.Process, waits_s: dict[str, float]
) -> int:
    """The most memory that was seen."""
    cases = good(edge.shops, time.time_ns() % 10**9 + 2_000_000)
    most = 0
    ends_at = time.monotonic() + seconds
    await asyncio.sleep(_GATHERS_S)
    while time.monotonic() < ends_at - _PAUSE_S:
        for case in islice(cases, 3):
            channel = case.path.split("/")[2]
            began = time.monotonic()
            status = await _send(edge.gateway.url, case, waits_s[channel])
            took_s = time.monotonic() - began
            outcome.took_s.setdefault(channel, []).append(took_s)
            if status != 200 or took_s > waits_s[channel]:
                outcome.wrong.append(f"a signed push of {channel} was answered {status} after {took_s:.1f} s")
        most = max(most, process.memory_info().rss)
        await asyncio.sleep(_PAUSE_S)
    return most


async def _send(url: str, case: Case, waits_s: float) -> int:
    """Its status; 0: none in time."""
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=waits_s)) as http,
            http.post(URL(url + case.path, encoded=True), data=io.BytesIO(case.body), headers=case.headers) as answer,
        ):
            await answer.read()
            return answer.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return 0


def table(outcome: Outcome) -> str:
    """For people."""
    lines = [f"{'signed pushes of':20} {'number':>7} {'median s':>9} {'slowest s':>9} {'may take s':>10}"]
    for channel, took in sorted(outcome.took_s.items()):
        middle = sorted(took)[len(took) // 2]
        lines.append(f"{channel:20} {len(took):>7} {middle:>9.3f} {max(took):>9.3f} {WAITS_S[channel]:>10g}")
    for kind, answers in outcome.crowd.items():
        told = ", ".join(f"{what} {times}" for what, times in sorted(answers.items()))
        lines.append(f"{kind:20} were answered: {told}")
    lines.append(f"the gateway grew by {outcome.grew_mib:.0f} MiB")
    return "\n".join(lines)
