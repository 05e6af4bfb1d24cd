"""What was in review and is settled, by shop."""

from connectors.postgres.migrations import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run("0009_settled.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
