"""What flows ask of persons."""

from connectors.postgres.migrations import run

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run("0015_tasks.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
