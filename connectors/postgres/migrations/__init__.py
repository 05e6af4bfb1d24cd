"""The tables, version by version. See ``connectors/postgres/schema.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def run(file: str) -> None:
    """Runs a file of SQL, as it stands, in the migration's transaction."""
    script = (_VERSIONS / file).read_text(encoding="utf-8")
    # Many statements at once, which only the driver's own call takes.
    driver: Any = op.get_bind().connection.dbapi_connection
    driver.run_async(lambda connection: connection.execute(script))
