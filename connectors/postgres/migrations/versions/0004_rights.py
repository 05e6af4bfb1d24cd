"""Nobody gets the owner's rights through the tables' own function; rights of roles follow in ``rights.sql``."""

from connectors.postgres.migrations import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run("0004_rights.sql")


def downgrade() -> None:
    raise NotImplementedError("forward only: a backup is the way back")
