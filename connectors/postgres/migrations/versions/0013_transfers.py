"""Cross-warehouse pieces, by day, shop and warehouse."""

from connectors.postgres.migrations import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run("0013_transfers.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
