"""The ceiling: a plain confluent-kafka and RocksDB loop doing the same dedup with no guarantees. Settings from the environment."""

import os
import signal
import sys

import rocksdict
from confluent_kafka import Consumer, Producer

sink = os.environ["SINK"]
consumer = Consumer(
    {
        "bootstrap.servers": os.environ["BROKERS"],
        "group.id": os.environ["APP_ID"],
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "partition.assignment.strategy": "range",
    }
)
producer = Producer(
    {
        "bootstrap.servers": os.environ["BROKERS"],
        "partitioner": "murmur2_random",
        "compression.type": "lz4",
        "linger.ms": 5,
        "queue.buffering.max.messages": 1_000_000,
    }
)
db = rocksdict.Rdict(os.environ["DATADIR"] + "/plain", rocksdict.Options(raw_mode=True))
consumer.subscribe([os.environ["SOURCE"]])
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    keyed = {}
    for record in consumer.consume(4000, 0.1):
        if record.error() is None:
            keyed.setdefault(record.key(), record)
    if not keyed:
        producer.poll(0)
        continue
    keys = list(keyed)
    batch = rocksdict.WriteBatch(raw_mode=True)
    for key, known in zip(keys, db.get(keys), strict=True):
        if known is None:
            batch.put(key, b"1")
            producer.produce(f"{sink}-changelog", value=b"1", key=key)
            producer.produce(sink, value=keyed[key].value(), key=key)
    db.write(batch)
    producer.poll(0)
    consumer.commit(asynchronous=True)
