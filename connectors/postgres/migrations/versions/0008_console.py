"""Who may use the console: users, what they may do in which shops, and their sessions."""

from connectors.postgres.migrations import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run("0008_console.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
