"""The first tables: orders, allocations, reservations, stock, reviews, shipments, audit and what the sink itself keeps."""

from connectors.postgres.migrations import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    run("0001_tables.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
