"""The dedup stage alone: one agent, one table, one output topic. Settings from the environment, as for the engine's counting app."""

import os

import faust

from streams import engine


class Mark:
    """The table's only value."""

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, raw: bytes) -> bytes:
        return raw


source, sink = os.environ["SOURCE"], os.environ["SINK"]
app = faust.App(
    os.environ["APP_ID"],
    broker=f"penstock://{os.environ['BROKERS']}",
    datadir=os.environ["DATADIR"],
    topic_partitions=int(os.environ["PARTITIONS"]),
    topic_replication_factor=1,
    **engine.SETTINGS,
)
app.engine_options = engine.Options(batch_size_max=int(os.environ.get("BATCH_SIZE", "4000")))
seen = app.Table("seen", codec=Mark(), sources=[source])


@app.agent(app.topic(source, schema=engine.Batches()))
async def dedup(batches):
    async for batch in batches:
        keyed = {}
        for record in batch.records:
            keyed.setdefault(record.key(), record)
        known = seen.get_many(keyed)
        new = {key: record for key, record in keyed.items() if key not in known}
        seen.put_many(dict.fromkeys(new, b"1"))
        for key, record in new.items():
            batch.send(sink, key, record.value())


if __name__ == "__main__":
    app.main()
