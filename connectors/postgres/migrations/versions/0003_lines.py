"""The order's facts: who sends a line and what became of it, receivers abroad and in companies, after-sales, returns, bundles."""

from connectors.postgres.migrations import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run("0003_lines.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
