"""The same topics into Postgres by Quix Streams' PostgreSQLSink, until it has taken RECORDS records; prints its figures.

Set up as its documentation recommends for a topic that says the newest of its keys: a primary key and upserts; one table for each type
of record, nested values as JSONB. At least once, with upserts by the key of the record: what is there twice is there once. Its batches
are those of a commit: as many records as Penstock's flush has.
"""

import json
import os
import time
from urllib.parse import urlsplit

from quixstreams import Application
from quixstreams.sinks.community.postgresql import PostgreSQLSink

from schemas.codec import CODEC

RECORDS = int(os.environ["RECORDS"])
BATCH = 5_000
#: The natural key of each type of record, as Penstock's tables have it; what only happens has a key of its own.
KEYS = {
    "Order": ["order_id"],
    "OrderStatusChanged": ["order_id"],
    "OrderAllocated": ["order_id", "attempt"],
    "OrderBackordered": ["order_id", "attempt"],
    "AllocationReleased": ["order_id", "attempt"],
    "Reserved": ["reservation_id"],
    "ReservationRejected": ["reservation_id"],
    "ReservationResolved": ["command_id"],
    "StockCommandAnswered": ["command_id"],
    "StockArrived": ["order_id", "sku", "at_ms"],
    "Availability": ["sku"],
    "StockAlert": ["sku", "warehouse", "at_ms"],
    "Shipped": ["order_id", "shipment_id"],
    "OperatorDecision": ["decision_id"],
    "Warehouse": ["warehouse"],
    "AuditEntry": ["entry_id"],
    "HealthCheck": ["interface", "checked_at_ms"],
}


class Timed(PostgreSQLSink):
    """Notes when each batch is in, and how many records that makes."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.taken = 0
        self.notes: list[tuple[float, int]] = []

    def write(self, batch) -> None:
        super().write(batch)
        self.taken += batch.size
        self.notes.append((time.perf_counter(), self.taken))
        if self.taken >= RECORDS:
            (begun, before), (ended, after) = self.notes[0], self.notes[-1]
            print(json.dumps({"records": after - before, "seconds": ended - begun}), flush=True)
            app.stop()


def fields_of(message: bytes) -> dict[str, object]:
    name, record = CODEC.decode(message)
    record["record"] = name
    if name in ("Duplicate", "Review"):
        # Where it was read from is what tells one from another.
        source = record["source"]
        record["event"] = f"{source['topic']}/{source['partition']}@{source['offset']}"
    return record


url = urlsplit(os.environ["DATABASE_URL"])
app = Application(
    broker_address=os.environ["BROKERS"],
    consumer_group=os.environ["APP_ID"],
    auto_offset_reset="earliest",
    commit_every=BATCH,
    loglevel="ERROR",
    consumer_extra_config={"isolation.level": "read_committed", "fetch.min.bytes": 100_000, "fetch.wait.max.ms": 100},
)
sink = Timed(
    host=url.hostname,
    port=url.port,
    dbname=url.path[1:],
    user=url.username,
    password=url.password,
    table_name=lambda item: item.value["record"].lower(),
    primary_key_columns=lambda item: KEYS.get(item.value["record"], ["event"]),
    upsert_on_primary_key=True,
)
for name in os.environ["TOPICS"].split(","):
    topic = app.topic(name, key_deserializer="str", value_deserializer="bytes")
    app.dataframe(topic).apply(fields_of).sink(sink)

if __name__ == "__main__":
    app.run()
