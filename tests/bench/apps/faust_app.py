"""The dedup stage in stock Faust: aiokafka, RocksDB tables, at least once. Settings from the environment.

For speed, as its documentation says: raw serializers, uvloop (``--loop uvloop``), ``send_soon`` (no task per message), a large fetch
and stream buffer, compressed and lingering producer.
"""

import os

import faust

app = faust.App(
    os.environ["APP_ID"],
    broker=f"kafka://{os.environ['BROKERS']}",
    store="rocksdb://",
    datadir=os.environ["DATADIR"],
    key_serializer="raw",
    value_serializer="raw",
    topic_partitions=int(os.environ["PARTITIONS"]),
    topic_replication_factor=1,
    topic_disable_leader=True,
    web_enabled=False,
    broker_max_poll_records=4000,
    stream_buffer_maxsize=16_384,
    stream_wait_empty=False,
    producer_compression_type="lz4",
    producer_linger=0.02,
    producer_max_batch_size=128 * 1024,
)
source = app.topic(os.environ["SOURCE"], key_type=bytes, value_type=bytes)
sink = app.topic(os.environ["SINK"], key_type=bytes, value_type=bytes)
seen = app.Table("seen", key_type=bytes, value_type=bytes)


@app.agent(source)
async def dedup(orders):
    async for key, order in orders.items():
        if key not in seen:
            seen[key] = b"1"
            sink.send_soon(key=key, value=order)


if __name__ == "__main__":
    app.main()
