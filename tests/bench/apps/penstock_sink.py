"""The sink into Postgres, driven as `penstock sink postgres` drives it, until it has taken RECORDS records; prints its figures.

The first flush is left out: connecting, joining the group and the first compilation of everything are in it.
"""

import asyncio
import json
import os
import time
from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry

from connectors.driver.sinks import Driver, Options, SinkMetrics
from connectors.postgres import PostgresSink
from connectors.postgres.batch import Batch
from streams.ops.sinks import Partition, Refused, Span

RECORDS = int(os.environ["RECORDS"])


class Timed(PostgresSink):
    """Notes when each flush is done, and how many records that makes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.taken = 0
        self.notes: list[tuple[float, int]] = []
        self.done = asyncio.Event()

    def accept(self, prepared: Batch) -> Sequence[Refused]:
        self.taken += len(prepared.records) + len(prepared.refused)
        return super().accept(prepared)

    async def flush(self, spans: Mapping[Partition, Span]) -> Sequence[Refused]:
        answered = await super().flush(spans)
        self.notes.append((time.perf_counter(), self.taken))
        if self.taken >= RECORDS:
            self.done.set()
        return answered


async def main() -> None:
    sink = Timed(os.environ["DATABASE_URL"])
    options = Options({"bootstrap.servers": os.environ["BROKERS"], "log_level": 0}, os.environ["APP_ID"])
    driver = Driver(sink, options, SinkMetrics(sink.name, CollectorRegistry()))
    running = asyncio.create_task(driver.run())
    waiting = asyncio.create_task(sink.done.wait())
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    driver.stop()
    await running
    (begun, before), (ended, after) = sink.notes[0], sink.notes[-1]
    print(json.dumps({"records": after - before, "seconds": ended - begun}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
