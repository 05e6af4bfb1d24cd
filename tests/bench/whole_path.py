"""Whole path, raw channel event to allocation, exactly once: orders/s when the input waits, latency at given rates.

    python -m tests.bench.whole_path [--orders 20000] [--workers 1] [--rates 100,500]

A broker of its own, nothing else on it. Throughput: all events are published before the workers start; the time is from their first commit
to nothing left to decide. Latency: from the connector's hands to the order's first decision, as a consumer sees it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from deploy.local import LocalKafka
from schemas.codec import CODEC
from schemas.topics import channel_topic
from streams.cluster import Cluster, Publisher
from streams.demo.observer import Observer
from streams.demo.source import Source, generated
from streams.demo.tally import Tally
from streams.settings import Settings
from streams.workers import Workers


def take_in_stock(cluster: Cluster, source: Source) -> None:
    cluster.create_topics()
    cluster.publish(source.world())


def wait_until_decided(cluster: Cluster) -> None:
    while not cluster.at_rest():
        time.sleep(0.05)


def cpu_seconds(pids: list[int]) -> float:
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def throughput(settings: Settings, orders: int, workers: int) -> str:
    cluster, source = Cluster(settings), generated(orders, 3, time.time_ns() // 1_000_000)
    take_in_stock(cluster, source)
    crew = Workers(settings, workers)
    crew.start()
    try:
        time.sleep(4)
        wait_until_decided(cluster)
        crew.stop()
        with Publisher(settings) as publisher:
            for raw in source.events:
                topic = channel_topic(raw.event["channel"])
                publisher.send(topic, raw.key, CODEC.encode("ChannelEvent", raw.event))
        waiting = cluster.undecided()
        crew.start()
        while cluster.undecided() == waiting:
            time.sleep(0.02)
        started = time.monotonic()
        wait_until_decided(cluster)
        seconds = time.monotonic() - started
        cpu = cpu_seconds(crew.pids())
    finally:
        crew.stop()
    return (
        f"{orders / seconds:,.0f} orders/s ({len(source.events) / seconds:,.0f} events/s) with {workers} workers, "
        f"{cpu / orders * 1e6:,.0f} s CPU of the workers per million orders"
    )


def latency(settings: Settings, rate: float, seconds: float = 15.0) -> str:
    """Needs stock and running workers."""
    orders = int(rate * seconds)
    source = generated(orders, int(rate), time.time_ns() // 1_000_000)
    cluster, tally, crew = Cluster(settings), Tally(), Workers(settings, 1)
    take_in_stock(cluster, source)
    crew.start()
    observer = Observer(settings, tally, on_shipped=lambda order_id: None)
    try:
        time.sleep(4)
        wait_until_decided(cluster)
        observer.start()
        started = time.monotonic()
        with Publisher(settings) as publisher:
            for sent, raw in enumerate(source.events):
                time.sleep(max(0.0, started + sent / rate - time.monotonic()))
                event = {**raw.event, "received_at_ms": time.time_ns() // 1_000_000}
                publisher.send(channel_topic(event["channel"]), raw.key, CODEC.encode("ChannelEvent", event))
        wait_until_decided(cluster)
        time.sleep(1)
        observer.stop()
    finally:
        crew.stop()
    # The first second finds cold caches.
    sample = list(tally.latencies_ms)[int(rate) :]
    cuts = statistics.quantiles(sample, n=1000)
    return f"at {rate:,.0f} events/s: p50 {cuts[499]:.0f} ms, p99 {cuts[989]:.0f} ms, p99.9 {cuts[998]:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rates", default="100,500")
    args = parser.parse_args()
    out = Console(soft_wrap=True)
    for job in ("throughput", *filter(None, args.rates.split(","))):
        with tempfile.TemporaryDirectory() as folder, LocalKafka(Path(folder) / "kafka", console=out) as kafka:
            settings = replace(Settings.from_env({}), brokers=kafka.bootstrap, data=Path(folder))
            if job == "throughput":
                out.print(throughput(settings, args.orders, args.workers))
            else:
                out.print(latency(settings, float(job)))


if __name__ == "__main__":
    main()
