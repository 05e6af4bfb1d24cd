"""What is told to warehouses and to the shelves of channels."""

from connectors.postgres.migrations import run

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    run("0018_parcels.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
