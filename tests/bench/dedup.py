"""Dedup stage, side by side: Penstock exactly once, and a plain loop without guarantees as the ceiling.

    python -m tests.bench.dedup [--brokers HOST:PORT] [--orders 1000000] [--rounds 3]

Rounds are interleaved on the same broker and the same input; each worker starts with nothing and is timed from the first to the last
commit of its input offsets. CPU is the worker process's own, start-up included.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.local import LocalKafka

PARTITIONS = 4
PEERS = {
    "penstock": ["tests.bench.dedup_app", "worker", "-l", "warn", "--without-web"],
    "plain loop": ["tests.bench.plain_loop"],
}
#: A small order's size on the wire.
VALUE_BYTES = 110


def create(brokers: str, *topics: str) -> None:
    admin = AdminClient({"bootstrap.servers": brokers})
    for future in admin.create_topics([NewTopic(t, PARTITIONS, 1) for t in topics]).values():
        future.result(30)


def publish(brokers: str, topic: str, orders: int) -> None:
    """Orders with distinct keys; every 25th is followed by an exact repeat."""
    producer = Producer(
        {"bootstrap.servers": brokers, "partitioner": "murmur2_random", "linger.ms": 20, "compression.type": "lz4"}
    )
    for i in range(orders):
        key, value = b"taobao:%015d" % i, (b"%d," % i) * (VALUE_BYTES // 8)
        for _ in range(2 if i % 25 == 0 else 1):
            while True:
                try:
                    producer.produce(topic, key=key, value=value)
                    break
                except BufferError:
                    producer.poll(0.1)
    producer.flush()


def timed(brokers: str, peer: str, source: str, orders: int) -> tuple[float, float, int]:
    """(orders/s, CPU seconds, peak RSS in MiB) of one run from nothing."""
    name = f"bench-{uuid.uuid4().hex[:8]}"
    create(brokers, f"{name}-out", f"{name}-out-changelog")
    with tempfile.TemporaryDirectory() as folder:
        env = {"BROKERS": brokers, "APP_ID": name, "DATADIR": folder, "SOURCE": source, "SINK": f"{name}-out"}
        worker = subprocess.Popen(
            [sys.executable, "-m", *PEERS[peer]],
            env={**os.environ, **env, "PARTITIONS": str(PARTITIONS)},
            cwd=Path(__file__).resolve().parents[2],
            stdout=subprocess.DEVNULL,
        )
        try:
            seconds = _time_input(brokers, name, source, worker)
        finally:
            worker.send_signal(signal.SIGTERM)
            _, code, usage = os.wait4(worker.pid, 0)
            worker.returncode = os.waitstatus_to_exitcode(code)
        return orders / seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10


def _time_input(brokers: str, group: str, topic: str, worker: subprocess.Popen[bytes]) -> float:
    """Seconds from the first committed input offset to the last, scaled to the whole input."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": group, "enable.auto.commit": False})
    tps = [TopicPartition(topic, p) for p in range(PARTITIONS)]
    total = sum(consumer.get_watermark_offsets(tp, timeout=10)[1] for tp in tps)
    first: tuple[float, int] | None = None
    try:
        while True:
            if worker.poll() is not None:
                raise SystemExit(f"a worker ended with code {worker.returncode}")
            done = sum(max(tp.offset, 0) for tp in consumer.committed(tps, timeout=30))
            now = time.monotonic()
            if first is None and done:
                first = (now, done)
            if first is not None and done >= total:
                return (now - first[0]) * total / max(total - first[1], 1)
            time.sleep(0.02)
    finally:
        consumer.close()


def compare(brokers: str, orders: int, rounds: int) -> None:
    """Publishes the input and prints each run and the medians."""
    source = f"bench-{uuid.uuid4().hex[:8]}-in"
    create(brokers, source)
    publish(brokers, source, orders)
    results: dict[str, list[tuple[float, float, int]]] = {peer: [] for peer in PEERS}
    for _ in range(rounds):
        for peer, runs in results.items():
            runs.append(timed(brokers, peer, source, orders))
            print(f"{peer:12} {runs[-1][0]:>9,.0f} orders/s  {runs[-1][1]:5.1f} s CPU  {runs[-1][2]} MiB", flush=True)
    medians = {peer: statistics.median(run[0] for run in runs) for peer, runs in results.items()}
    for peer, median in medians.items():
        print(f"{peer:12} median {median:>9,.0f} orders/s, {median / medians['plain loop']:.2f} x the plain loop")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", default="", help="host:port of an existing Kafka; one of its own when left out")
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    if args.brokers:
        compare(args.brokers, args.orders, args.rounds)
    else:
        with tempfile.TemporaryDirectory() as folder, LocalKafka(Path(folder)) as kafka:
            compare(kafka.bootstrap, args.orders, args.rounds)


if __name__ == "__main__":
    main()
