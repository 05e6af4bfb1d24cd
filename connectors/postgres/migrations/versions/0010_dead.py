"""Dead writebacks by shop, the most urgent first."""

from connectors.postgres.migrations import run

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run("0010_dead.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
