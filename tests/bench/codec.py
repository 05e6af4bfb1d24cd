"""Table 7, what a record's Avro body costs: microseconds of CPU to write and to read it, by fastavro and by the generated functions.

The records are those that the hub itself tells when generated orders go through its stages in memory; of the types that do not occur
there, the released example. Both contestants get the same records in turn, in one process; a figure is the least of some repetitions.
"""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer

from schemas.avro_bodies import BODIES
from schemas.avsc import GOLDEN, fingerprint, load, released
from schemas.codec import CODEC
from schemas.topics import TOPICS, channel_topic
from streams.demo.source import generated
from streams.replay.trial.hub import Hub
from streams.settings import Settings
from tests.bench.measure import Bench, Spread, interleaved
from tests.bench.report import Report, spread, spread_json

#: Orders that go through; records of a type that are measured, and how often.
ORDERS, ORDERS_QUICK = 300, 20
_RECORDS_MAX = 300
_REPETITIONS, _REPETITIONS_QUICK = 7, 1
START_MS = 1_760_000_000_000


def samples(orders: int, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Records by type: every type that stands on a topic, those told most often first."""
    source = generated(orders, 3, START_MS)
    hub = Hub(Settings("", folder), ())
    for topic, key, name, record in source.world():
        hub.put(topic, key, name, record)
    for raw in source.events:
        key = raw.key if isinstance(raw.key, str) else raw.key.decode()
        hub.put(channel_topic(raw.event["channel"]), key, "ChannelEvent", raw.event)
        hub.run(raw.event["received_at_ms"])
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for told in hub.told:
        found[told.name].append(dict(told.record))
    versions = released()
    for name in {name for topic in TOPICS.values() for name in topic.records} - found.keys():
        found[name].append(CODEC.decode((GOLDEN / f"{name}.v{len(versions[name])}.bin").read_bytes())[1])
    found.pop("Quarantined", None)  # told of a record that its stage refused; no message
    often = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: records[:_RECORDS_MAX] for name, records in often}


def run(bench: Bench) -> Iterable[Report]:
    by_type = samples(ORDERS_QUICK if bench.quick else ORDERS, bench.folder)
    times = _REPETITIONS_QUICK if bench.quick else _REPETITIONS
    contestants = {name: partial(measure, name, records, times) for name, records in by_type.items()}
    yield report(by_type, interleaved(contestants, bench, "codec"))


def report(by_type: Mapping[str, Sequence[Any]], figures: Mapping[str, Mapping[str, Spread]]) -> Report:
    rows = [
        (
            name,
            f"{len(by_type[name]):,}",
            f"{found['bytes'].median:,.0f}",
            *(
                text
                for way in ("write", "read")
                for text in (
                    f"{found[f'{way}_fastavro'].median:.1f}",
                    f"{found[way].median:.1f}",
                    f"{spread(found[f'{way}_ratio'], 2)}",
                )
            ),
        )
        for name, found in figures.items()
    ]
    columns = (
        "µs per record",
        "records",
        "bytes",
        "write: fastavro",
        "generated",
        "x",
        "read: fastavro",
        "generated",
        "x",
    )
    data = {name: {figure: spread_json(found[figure]) for figure in found} for name, found in figures.items()}
    note = "Records of the hub's own stages, fed with generated orders; one record: the released example of its type."
    return Report("codec", "7. Avro bodies: fastavro and the generated functions", columns, rows, data, notes=[note])


def measure(name: str, records: Sequence[dict[str, Any]], times: int) -> dict[str, float]:
    """Microseconds a record, and how many times fastavro's is the generated functions' own."""
    schema = load()[name]
    write, read = BODIES[fingerprint(schema)]
    parsed = parse_schema(schema)
    bodies = [write(record) for record in records]

    def write_fastavro(record: dict[str, Any]) -> bytes:
        body = BytesIO()
        schemaless_writer(body, parsed, record, strict=True)
        return body.getvalue()

    gc.collect()
    took = _least(
        times,
        {
            "write_fastavro": (write_fastavro, records),
            "write": (write, records),
            "read_fastavro": (lambda body: schemaless_reader(BytesIO(body), parsed, None), bodies),
            "read": (lambda body: read(body, 0), bodies),
        },
    )
    ratios = {f"{way}_ratio": took[f"{way}_fastavro"] / took[way] for way in ("write", "read")}
    return {**took, **ratios, "bytes": sum(map(len, bodies)) / len(bodies)}


def _least(times: int, contestants: Mapping[str, tuple[Callable[[Any], object], Sequence[Any]]]) -> dict[str, float]:
    """In turn; what disturbs can only add."""
    micros: dict[str, float] = {}
    for _ in range(times):
        for name, (function, items) in contestants.items():
            # Enough of them for the clock.
            rounds = max(1, 200 // len(items))
            started = time.process_time()
            for _ in range(rounds):
                for item in items:
                    function(item)
            took = (time.process_time() - started) / rounds / len(items) * 1e6
            micros[name] = min(took, micros.get(name, took))
    return micros
