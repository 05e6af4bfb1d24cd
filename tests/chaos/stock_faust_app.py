"""The counting app on stock Faust: as published, its own transport (aiokafka), its RocksDB store, at least once.

Written as its user guide writes such an agent: look into the table, mark, count, send. Nothing of ``streams`` is imported.
Reads ``{id}-in``, writes ``{id}-out``; settings from the environment as in the counting app: BROKERS, APP_ID, DATADIR, PARTITIONS.

Packages it needs beside ours: none. Faust's RocksDB store takes rocksdict (what its extra ``faust-streaming[rocksdict]`` installs), its
transport aiokafka.
"""

import os

import faust

app_id, partitions = os.environ["APP_ID"], int(os.environ.get("PARTITIONS", "4"))
app = faust.App(
    app_id,
    broker=f"kafka://{os.environ['BROKERS']}",
    datadir=os.environ["DATADIR"],
    store="rocksdb://",
    topic_partitions=partitions,
    topic_replication_factor=1,
    topic_disable_leader=True,
    # There is one worker: nobody could hold a standby.
    table_standby_replicas=0,
    # So that a killed worker's successor need not wait a minute for its partitions.
    broker_session_timeout=6.0,
    broker_heartbeat_interval=1.5,
    broker_rebalance_timeout=8.0,
    key_serializer="raw",
    value_serializer="raw",
)
raw = {"key_type": bytes, "value_type": bytes}
source = app.topic(f"{app_id}-in", **raw)
sink = app.topic(f"{app_id}-out", **raw)
seen = app.Table("seen", partitions=partitions, **raw)
counts = app.Table("counts", partitions=partitions, **raw)


@app.agent(source)
async def count(stream):
    async for key, group in stream.items():
        if key in seen:
            continue
        seen[key] = b"1"
        total = int(counts.get(group) or 0) + 1
        counts[group] = b"%d" % total
        await sink.send(key=key, value=b"%s:%d" % (group, total))


if __name__ == "__main__":
    app.main()
