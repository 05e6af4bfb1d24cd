"""What is collected on delivery, told for each part of an allocation."""

from connectors.postgres.migrations import run

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run("0005_collected.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
