"""The edge: writebacks, checks against the channels, parcels' ways."""

from connectors.postgres.migrations import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run("0002_edge.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
