"""The dedup stage in Bytewax: Kafka in, a state per key, Kafka out, recovery on. Settings from the environment.

State is in memory, its snapshots go to SQLite at each epoch (10 s, the default); the Kafka sink is at least once: "messages from the
resume epoch will be duplicated right after resume" (its docstring). Run with ``python -m bytewax.run``.
"""

import os

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource
from bytewax.dataflow import Dataflow

brokers = [os.environ["BROKERS"]]


def keyed(message):
    return message.key.decode(), message


def first(seen, message):
    return True, (() if seen else (KafkaSinkMessage(message.key, message.value),))


flow = Dataflow("dedup")
# 1000 messages a poll is the default, "a suitable starting point for higher throughput dataflows"; 4000 as for the other peers.
orders = op.input("orders", flow, KafkaSource(brokers, [os.environ["SOURCE"]], batch_size=4000))
new = op.stateful_flat_map("dedup", op.map("keyed", orders, keyed), first)
sink = KafkaSink(
    brokers,
    os.environ["SINK"],
    add_config={"compression.type": "lz4", "linger.ms": "50", "queue.buffering.max.messages": "1000000"},
)
op.output("new", op.map("unkeyed", new, lambda item: item[1]), sink)
