"""The tables, version by version, and who may do what with them. See ``connectors/postgres/schema.py`` and ``roles.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy import Connection

_FOLDER = Path(__file__).parent


def run(file: str) -> None:
    """Runs a version's file of SQL, as it stands, in the migration's transaction."""
    run_on(op.get_bind(), f"versions/{file}")


def run_on(connection: Connection, file: str) -> None:
    """Runs a file of SQL of this folder, as it stands, in the connection's transaction."""
    script = (_FOLDER / file).read_text(encoding="utf-8")
    # Many statements at once, which only the driver's own call takes.
    driver: Any = connection.connection.dbapi_connection
    driver.run_async(lambda own: own.execute(script))
