"""A Faust app as its tutorial would write it, on the engine by settings alone: one event at a time, JSON, a table, a sink topic.

Besides, an agent in batches with ticks, and a replica: whatever the counting app leaves out.
"""

import os

import faust

from streams import engine

app_id = os.environ["APP_ID"]
app = faust.App(
    app_id,
    broker=f"penstock://{os.environ['BROKERS']}",
    datadir=os.environ["DATADIR"],
    topic_partitions=2,
    topic_replication_factor=1,
    **engine.SETTINGS,
)
words = app.topic(f"{app_id}-words", value_type=str, key_type=str)
tallies = app.topic(f"{app_id}-tallies", value_type=int, key_type=str)
counts = app.Table("tally", default=int, key_type=str, value_type=int)


@app.agent(words, sink=[app.topic(f"{app_id}-yielded", value_type=str)])
async def tally(stream):
    async for key, word in stream.items():
        if word == "wrong":
            raise RuntimeError("wrong word")
        counts[word] += 1
        await tallies.send(key=word, value=counts[word])
        if counts[word] == 3:
            del counts[word]
        yield f"{key}={word}"


class Text:
    def dumps(self, value: str) -> bytes:
        return value.encode()

    def loads(self, raw: bytes) -> str:
        return raw.decode()


timed = app.Table("timed", codec=Text(), sources=[f"{app_id}-timed"])
config = engine.Replica(app, f"{app_id}-config", Text().loads)


@app.agent(app.topic(f"{app_id}-timed", schema=engine.Batches(tick_s=0.2)))
async def remember(batches):
    async for batch in batches:
        if batch.is_tick:
            for key, value in timed.range(stop=b"m"):
                greeting = config.get("greeting", "?")
                batch.send(f"{app_id}-ticks", key, f"{batch.partition}:{value}:{greeting}:{batch.at_ms}".encode())
                timed.delete(key)
        else:
            timed.put_many({r.key(): r.value().decode() for r in batch.records})


if __name__ == "__main__":
    app.main()
