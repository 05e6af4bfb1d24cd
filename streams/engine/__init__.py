"""Exactly-once stream processing for any Faust app: Faust's agents and tables on librdkafka, one Kafka transaction per batch.

    app = faust.App("wordcount", broker="penstock://localhost:9092", **engine.SETTINGS)
    words = app.topic("words", schema=engine.Batches())
    counts = app.Table("counts", value_type=int)

Start with :mod:`streams.engine.cycle`: it is the worker's loop. Nothing in this package knows what the records are about.
"""

from streams.engine.batch import Batch, Batches
from streams.engine.errors import EngineError, Fault, KafkaFault, Misconfigured, PartitionsDiffer, StateFault
from streams.engine.metrics import Metrics
from streams.engine.options import SETTINGS, Options
from streams.engine.replica import Replica
from streams.engine.table import Table, ValueCodec

__all__ = [
    "SETTINGS",
    "Batch",
    "Batches",
    "EngineError",
    "Fault",
    "KafkaFault",
    "Metrics",
    "Misconfigured",
    "Options",
    "PartitionsDiffer",
    "Replica",
    "StateFault",
    "Table",
    "ValueCodec",
]
