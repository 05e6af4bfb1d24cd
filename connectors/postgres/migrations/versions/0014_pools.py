"""What is sold of a SKU before it is there."""

from connectors.postgres.migrations import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run("0014_pools.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
