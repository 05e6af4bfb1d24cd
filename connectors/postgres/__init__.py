"""The hub's topics in a Postgres: ``sink.py`` is the sink, ``rows.py`` what a record is there, ``migrations/`` the tables."""

from connectors.postgres.sink import PostgresSink

__all__ = ["PostgresSink"]
