"""The whole fulfilment domain in memory: logs ordered per key and not between keys, late views, repeated records."""
