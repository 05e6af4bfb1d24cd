"""Exactly-once stream processing for any Faust app: Faust's agents and tables on librdkafka, one Kafka transaction per batch.

    app = faust.App("wordcount", broker="penstock://localhost:9092", **engine.SETTINGS)
    words = app.topic("words", schema=engine.Batches())
    counts = app.Table("counts", value_type=int)

Start with :mod:`streams.engine.cycle`: it is the worker's loop. Nothing in this package knows what the records are about.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from streams.engine.errors import EngineError, Fault, KafkaFault, Misconfigured, PartitionsDiffer, StateFault
from streams.engine.metrics import Metrics
from streams.engine.options import SETTINGS, Options

if TYPE_CHECKING:
    from streams.engine.batch import Batch, Batches
    from streams.engine.replica import Replica
    from streams.engine.table import Table, ValueCodec

#: Imported when they are first asked for: they need Faust, which takes longer to import than most commands to run.
_LATER = {"Batch": "batch", "Batches": "batch", "Replica": "replica", "Table": "table", "ValueCodec": "table"}

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


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found
