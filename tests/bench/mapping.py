"""Table 6, what reading an order costs: microseconds of CPU per event, by channel and step, in one process and without Kafka.

The same generated events go through each step of intake: decode the Avro envelope, parse the JSON payload, the whole ``read_event``
(of which mapping and validation is what the first two don't explain), ``dedup`` against an empty table, encode the order. Channels are
interleaved; a figure is the median over the rounds of the mean over the events.
"""

from __future__ import annotations

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from schemas.codec import CODEC
from schemas.json_text import parser
from streams.demo.source import Source, generated
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import Decimals
from streams.domain.intake.dedup import Reading, dedup
from streams.domain.intake.reading import read_event
from tests.bench.measure import Bench, Spread, interleaved
from tests.bench.report import Report, spread, spread_json

#: Events per channel and repetition; how often a round repeats each step.
EVENTS, EVENTS_QUICK = 1_000, 50
REPETITIONS_PER_ROUND = 5
#: As the channels' mappers parse: a fraction is money, never a float.
_parse = parser(Decimals)
_SOURCE: Any = {"topic": "channel.taobao.events", "partition": 0, "offset": 0}


class Sample:
    """Events of one channel that are orders, as they come from Kafka and as each step gets them."""

    def __init__(self, messages: list[tuple[bytes, bytes]], skus: frozenset[str]) -> None:
        self.messages = messages
        self.skus = skus
        self.payloads = [CODEC.decode(value)[1]["payload"] for value, _ in messages]
        self.readings: list[Reading] = [read_event(value, key, _SOURCE, skus) for value, key in messages]

    def steps(self) -> Mapping[str, Callable[[], None]]:
        return {
            "decode": lambda: _each(CODEC.decode, [value for value, _ in self.messages]),
            "parse": lambda: _each(_parse, self.payloads),
            "read": lambda: _each(lambda m: read_event(m[0], m[1], _SOURCE, self.skus), self.messages),
            "dedup": lambda: _each(lambda reading: dedup(reading, None), self.readings),
            "encode": lambda: _each(partial(CODEC.encode, "Order"), [reading.order for reading in self.readings]),
        }


def samples(source: Source, events: int) -> dict[str, Sample]:
    """By channel, the first events that intake accepts."""
    skus = frozenset(source.skus)
    found: dict[str, list[tuple[bytes, bytes]]] = defaultdict(list)
    for raw in source.events:
        channel, value, key = raw.event["channel"], CODEC.encode("ChannelEvent", raw.event), _bytes(raw.key)
        if len(found[channel]) < events and read_event(value, key, _SOURCE, skus).order is not None:
            found[channel].append((value, key))
    return {channel: Sample(found[channel], skus) for channel in MAPPERS}


def run(bench: Bench) -> Iterable[Report]:
    events = EVENTS_QUICK if bench.quick else EVENTS
    # The rarest channel has a twelfth of the events.
    by_channel = samples(generated(events * 16, 7, 1_760_000_000_000), events)
    contestants = {channel: partial(_measure, sample) for channel, sample in by_channel.items()}
    yield report(by_channel, interleaved(contestants, bench, "mapping"))


def report(by_channel: Mapping[str, Sample], figures: Mapping[str, Mapping[str, Spread]]) -> Report:
    rows = [
        (
            channel,
            *(f"{found[step].median:.1f}" for step in ("decode", "parse", "map", "dedup", "encode")),
            spread(found["total"], 1),
            f"{1e6 / found['total'].median:,.0f}",
            f"{sum(map(len, by_channel[channel].payloads)) / len(by_channel[channel].payloads):,.0f}",
        )
        for channel, found in figures.items()
    ]
    columns = (
        "µs per order",
        "decode",
        "parse JSON",
        "map, validate",
        "dedup",
        "encode",
        "total",
        "orders/s",
        "payload bytes",
    )
    data = {channel: {step: spread_json(found[step]) for step in found} for channel, found in figures.items()}
    note = "One process, no Kafka, no state: the ceiling of one worker's intake. Map, validate: read_event less the two before it."
    return Report("mapping", "6. Decode and map cost per channel", columns, rows, data, notes=[note])


def _measure(sample: Sample) -> dict[str, float]:
    """Microseconds per event of each step, the least of a few repetitions: what disturbs can only add."""
    micros: dict[str, float] = {}
    # What earlier contestants left is not this one's to collect.
    gc.collect()
    for _ in range(REPETITIONS_PER_ROUND):
        for step, work in sample.steps().items():
            took = _timed(work) / len(sample.messages) * 1e6
            micros[step] = min(took, micros.get(step, took))
    micros["map"] = max(0.0, micros["read"] - micros["decode"] - micros["parse"])
    micros["total"] = micros["read"] + micros["dedup"] + micros["encode"]
    return micros


def _timed(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _each(function: Callable[[Any], object], items: Iterable[Any]) -> None:
    for item in items:
        function(item)


def _bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()
