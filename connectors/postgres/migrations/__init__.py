"""The tables, version by version. See ``connectors/postgres/schema.py``."""

from __future__ import annotations

from pathlib import Path

from alembic import op

_VERSIONS = Path(__file__).parent / "versions"


def run(file: str) -> None:
    """Runs a file of SQL, as it stands, in the migration's transaction."""
    script = (_VERSIONS / file).read_text(encoding="utf-8")
    # Many statements at once, which only the driver's own call takes.
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(script))
