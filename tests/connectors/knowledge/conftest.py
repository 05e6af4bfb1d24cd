"""A database with the hub's tables, one for each test."""

from tests.connectors.postgres.conftest import hub, migrated

__all__ = ["hub", "migrated"]
