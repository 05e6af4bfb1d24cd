"""What versions of the rules that are tried make of orders."""

from connectors.postgres.migrations import run

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run("0012_compared.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
