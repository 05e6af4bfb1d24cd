"""``make fuzz-pushes``: bad pushes at a gateway of its own, with its own Kafka and simulators; exit code 1 when one comes through."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from deploy.local import LocalKafka
from tests.connectors.channels.edge import Edge, Loop, make, until
from tests.connectors.channels.fuzz import fuzz, table


def attack(edge: Edge, count: int, seed: int) -> list[str]:
    """Sends them; prints what came of it. Returns what was not as it should be."""
    # A good push is answered 503 while Kafka does not take it: a broker that has just started is waited for.
    until(lambda: edge.gateway.get("/ready")[0], "the gateway is ready", lambda status: status == 200)
    before, spooled_before = len(edge.log.read()), edge.gateway.spooled()
    began = time.monotonic()
    outcome = asyncio.run(fuzz(edge.gateway.url, edge.shops, count, seed))
    print(table(outcome))
    print(f"in {time.monotonic() - began:.0f} s; seed {seed}")
    wrong = list(outcome.wrong)
    edge.gateway.check()
    stand = Counter((entry.topic, entry.key) for entry in edge.since(before) if not entry.topic.endswith("quarantine"))
    # The fetcher reads what the notices tell of, and the platform knows none of these orders: events come from pushes alone.
    more, less = stand - outcome.records, outcome.records - stand
    # What Kafka was slow to confirm went to the spool as well, and may stand twice: intake knows. Nothing else may.
    twice = sum(times for place, times in more.items() if place in outcome.records)
    spooled = edge.gateway.spooled() - spooled_before
    if twice > spooled:
        wrong.append(f"{twice} records stand twice, and {spooled} pushes were spooled")
    strangers = {place: times for place, times in more.items() if place not in outcome.records}
    for what, which in (("is in Kafka, and nobody may send it", strangers), ("is not in Kafka", less)):
        wrong += [f"{topic} {key} {what} ({times} times)" for (topic, key), times in which.items()]
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="bad pushes")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    loop = Loop()
    with tempfile.TemporaryDirectory(prefix="penstock-fuzz-") as folder, LocalKafka(Path(folder) / "kafka") as kafka:
        edge = make(kafka, Path(folder), loop)
        try:
            edge.gateway.start()
            wrong = attack(edge, options.count, options.seed)
            code = edge.gateway.stop()
        finally:
            edge.gateway.stop()
            edge.log.close()
            loop.run(edge.simulators.__aexit__(None, None, None))
            loop.close()
    if code:
        wrong.append(f"the gateway ended with code {code}")
        if wrong:
            print(edge.gateway.log.read_text()[-6000:])
    for line in wrong[:50]:
        print(line)
    print("refused as it should be, every one" if not wrong else f"{len(wrong)} are not as they should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
