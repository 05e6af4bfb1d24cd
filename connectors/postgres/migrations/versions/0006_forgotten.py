"""Persons who are forgotten, by order."""

from connectors.postgres.migrations import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run("0006_forgotten.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
