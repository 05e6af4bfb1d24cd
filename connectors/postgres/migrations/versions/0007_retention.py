"""For how long the tables keep what tells of persons."""

from connectors.postgres.migrations import run

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run("0007_retention.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
