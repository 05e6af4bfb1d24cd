"""A small app for the engine's tests, run as a worker process: dedup by key, and a running count per group.

Reads ``{id}-in`` (value: group name; b"poison..." makes the agent fail, b"huge" makes it send what no broker takes, b"keyless" send
without a key to ``{id}-compacted``, b"tell" passes it on each time), writes ``{id}-out`` with ``group:count`` for each record whose key is
new. Its output says exactly which records were decided and in which order, so a lost or a doubled decision shows.
Settings come from the environment: BROKERS, APP_ID, DATADIR, KILL_AT ("step:n" kills the process at the n-th time it enters the step),
PAUSE_AT ("step:file": its first entry into the step lasts until the file is there), GROUP_PROTOCOL, BATCH_SIZE, PAUSE_S (how long each
batch takes), TICK_S (ticks so often; their times go to ``{id}-ticks``), CLOCK_AHEAD (a file that says by how many ms the host's clock is
ahead), SOURCE (another input), FAILS (b"tell" makes the agent fail), MORE ("1": it reads ``{id}-more`` too, as a later version might),
OUTSIDE ("1": its input comes from outside, and {id}-more is its own),
TIELESS (it writes what versions wrote that knew no ties), WATCH_S (between two looks at the topics).
"""

import asyncio
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import faust
from prometheus_client import CollectorRegistry

from streams import engine
from streams.engine import probes, transport
from streams.engine.ledger import Entry, Ledger
from streams.engine.store import Checkpoint
from streams.engine.tying import Tying
from streams.ops.http import serve


class Number:
    """An int as decimal text."""

    def dumps(self, value: int) -> bytes:
        return b"%d" % value

    def loads(self, raw: bytes) -> int:
        return int(raw)


def pauser(spec: str):
    """The first entry into a step lasts until a file is there."""
    step, _, file = spec.partition(":")
    entered: set[str] = set()

    def on_step(name: str) -> None:
        if name == step and name not in entered:
            entered.add(name)
            print(f"pausing at {name}", file=sys.stderr, flush=True)
            while not Path(file).exists():
                time.sleep(0.05)

    return on_step


def killer(spec: str):
    """SIGKILL at the n-th entry into a step; None when nothing is asked for."""
    if not spec:
        return None
    step, _, nth = spec.partition(":")
    seen: Counter[str] = Counter()

    def on_step(name: str) -> None:
        seen[name] += 1
        if name == step and seen[name] == int(nth or 1):
            os.kill(os.getpid(), signal.SIGKILL)

    return on_step


def clock(ahead: str):
    """The host's clock, as wrong as the file says."""
    wrong = Path(ahead) if ahead else None
    return lambda: time.time_ns() // 1_000_000 + (int(wrong.read_text()) if wrong is not None else 0)


def make_app() -> faust.App:
    app_id = os.environ["APP_ID"]
    app = faust.App(
        app_id,
        broker=f"penstock://{os.environ['BROKERS']}",
        datadir=os.environ["DATADIR"],
        topic_partitions=int(os.environ.get("PARTITIONS", "4")),
        topic_replication_factor=1,
        **engine.SETTINGS,
    )
    source, sink = os.environ.get("SOURCE", f"{app_id}-in"), f"{app_id}-out"
    app.engine_options = engine.Options(
        group_protocol=os.environ.get("GROUP_PROTOCOL", "classic"),
        batch_size_max=int(os.environ.get("BATCH_SIZE", "200")),
        session_timeout_ms=int(os.environ.get("SESSION_TIMEOUT_MS", "3000")),
        transaction_timeout_ms=4000,
        outside={source} if os.environ.get("OUTSIDE") else (),
        quarantine_topic=os.environ.get("QUARANTINE", ""),
        clock_ms=clock(os.environ.get("CLOCK_AHEAD", "")),
        fault_patience_s=float(os.environ.get("PATIENCE_S", "30")),
        on_step=pauser(pause) if (pause := os.environ.get("PAUSE_AT")) else killer(os.environ.get("KILL_AT", "")),
    )
    if metrics_file := os.environ.get("METRICS_FILE"):
        app.engine_metrics = metrics = engine.Metrics(CollectorRegistry())
        live = probes.live(metrics, float(os.environ.get("HANGS_S", "60")))
        # Port 0: the system chooses, and the file says which.
        server = serve(0, metrics.registry, live=live, ready=probes.ready(app), host="127.0.0.1")
        Path(metrics_file).write_text(str(server.port))
    if os.environ.get("TIELESS"):
        Ledger.next = lambda ledger, work: Entry()
        Tying.checkpoints = lambda tying, ends, entry: {
            shard: Checkpoint(end, tying._clock_ms()) for shard, end in ends.items()
        }
    transport._WATCH_S = float(os.environ.get("WATCH_S", "15"))
    sources = [source, f"{app_id}-more"] if os.environ.get("MORE") == "1" else [source]
    records = app.topic(*sources, schema=engine.Batches(tick_s=float(os.environ.get("TICK_S", "0")) or None))
    seen = app.Table("seen", codec=Number(), sources=sources, frozen=True)
    counts = app.Table("counts", codec=Number(), sources=sources, frozen=True)
    pause_s = float(os.environ.get("PAUSE_S", "0"))

    @app.agent(records)
    async def count(batches):
        async for batch in batches:
            if batch.is_tick:
                batch.send(f"{app_id}-ticks", None, b"%d" % batch.at_ms)
                continue
            known = seen.get_many(r.key() for r in batch.records)
            tallies = counts.get_many({r.value() for r in batch.records})
            new = {}
            for record in batch.records:
                key, group = record.key(), record.value()
                if group.startswith(b"poison"):
                    raise ValueError("poison")
                if group == b"tell":
                    if "FAILS" in os.environ:
                        raise ValueError("a bug")
                    batch.send(sink, key, group)
                    continue
                if group == b"huge":
                    batch.send(sink, key, bytes(5 * 1024 * 1024))
                if group == b"keyless":
                    batch.send(f"{app_id}-compacted", None, b"")
                if key in known or key in new:
                    continue
                new[key] = record.offset()
                tallies[group] = tallies.get(group, 0) + 1
                batch.send(sink, key, b"%s:%d" % (group, tallies[group]))
            seen.put_many(new)
            counts.put_many(tallies)
            if pause_s:
                await asyncio.sleep(pause_s)

    return app


if __name__ == "__main__":
    make_app().main()
