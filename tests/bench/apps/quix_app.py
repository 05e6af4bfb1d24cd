"""The dedup stage in Quix Streams: a stateful filter on RocksDB with a changelog. Settings from the environment, GUARANTEE its own.

Bytes pass through without a serializer (state too: ``get_bytes``/``set_bytes``). The producer's settings are those that Confluent's
"Optimize for throughput" page gives for librdkafka clients. ``COMMIT_INTERVAL_S`` is Quix's own default, 5 s, when left out.
"""

import os

from quixstreams import Application

app = Application(
    broker_address=os.environ["BROKERS"],
    consumer_group=os.environ["APP_ID"],
    auto_offset_reset="earliest",
    processing_guarantee=os.environ["GUARANTEE"],
    commit_interval=float(os.environ.get("COMMIT_INTERVAL_S", "5")),
    state_dir=os.environ["DATADIR"],
    loglevel="WARNING",
    auto_create_topics=True,
    consumer_extra_config={"fetch.min.bytes": 100_000, "fetch.wait.max.ms": 100},
    producer_extra_config={"compression.type": "lz4", "linger.ms": 50, "queue.buffering.max.messages": 1_000_000},
)
source = app.topic(os.environ["SOURCE"], key_deserializer="bytes", value_deserializer="bytes")
sink = app.topic(os.environ["SINK"], key_serializer="bytes", value_serializer="bytes")


def is_new(order, state):
    if state.get_bytes("seen") is not None:
        return False
    state.set_bytes("seen", b"1")
    return True


app.dataframe(source).filter(is_new, stateful=True).to_topic(sink)

if __name__ == "__main__":
    app.run()
