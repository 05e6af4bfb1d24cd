"""The carrier that rules chose, told for each part of an allocation."""

from connectors.postgres.migrations import run

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run("0011_carrier.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
