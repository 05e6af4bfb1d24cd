"""What flows ask of persons, shop by shop."""

from connectors.postgres.migrations import run

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    run("0016_tasks_by_shop.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
