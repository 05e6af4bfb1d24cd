"""The first choice is what the plan says it is."""

from connectors.postgres.migrations import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    run("0017_first_choice.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
