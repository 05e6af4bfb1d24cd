"""The whole fulfilment domain in memory: logs with an order per key and none between keys, late views, repeated records."""
