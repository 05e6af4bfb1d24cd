"""The version of a database's tables: which one it has, which one this program needs, and the migrations between them.

Migrations are alembic's, each a file of plain SQL, forward only. One transaction runs all that are missing, so a database is
at one version or another, never between two. Two that migrate at once wait for each other.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from connectors.postgres.roles import act_as_owner, put_right
from streams.ops.sinks import SinkMisfit

_FOLDER = Path(__file__).parent / "migrations"
#: Any number that nobody else locks in this database.
_LOCK = 0x70656E73
_TIMEOUT_S = 20.0
_REFUSED = "SELECT count(*) FROM refused_rows"
_KEPT = "SELECT kind, kept_days, emptied, looked_at::text FROM personal_retention ORDER BY kind"


class Version(NamedTuple):
    """What the database has (None: no tables yet), and what is needed."""

    found: str | None
    needed: str

    @property
    def fits(self) -> bool:
        return self.found == self.needed

    def advice(self) -> str:
        """What to do about it, in one line; empty when it fits."""
        if self.fits:
            return ""
        if self.found is None:
            return f"the database has no tables yet, version {self.needed} is needed: run penstock db migrate"
        if self.found in versions():
            return f"the database is at version {self.found}, {self.needed} is needed: run penstock db migrate"
        return (
            f"the database is at version {self.found}, which is newer than this program's {self.needed}: "
            "run the program that migrated it; there is no way back but a backup"
        )


@cache
def versions() -> list[str]:
    """Every version there is, oldest first."""
    return [script.revision for script in _scripts().walk_revisions()][::-1]


class Status(NamedTuple):
    """What a database has: its version, how far the sink has come by hub and topic, how many records it refused, how long rows are kept."""

    version: Version
    positions: list[dict[str, Any]]
    refused: int
    kept: list[dict[str, Any]]


async def status(url: str) -> Status:
    """Raises asyncpg's and OS errors."""
    connection = await asyncpg.connect(url, timeout=_TIMEOUT_S, command_timeout=_TIMEOUT_S)
    try:
        version = await version_of(connection)
        if not version.fits:
            return Status(version, [], 0, [])
        positions = await connection.fetch(
            "SELECT hub, topic, count(*) AS partitions, sum(position)::bigint AS offsets, max(moved_at)::text AS moved_at "
            "FROM sink_positions GROUP BY hub, topic ORDER BY hub, topic"
        )
        kept = await connection.fetch(_KEPT)
        refused = await connection.fetchval(_REFUSED)
        return Status(version, [dict(row) for row in positions], refused, [dict(row) for row in kept])
    finally:
        await connection.close()


async def version_of(connection: asyncpg.Connection) -> Version:
    """Raises asyncpg's errors."""
    if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
        return Version(None, versions()[-1])
    return Version(await connection.fetchval("SELECT version_num FROM alembic_version"), versions()[-1])


async def migrate(url: str, to: str = "") -> tuple[str | None, str]:
    """Runs the migrations that are missing, up to version ``to`` (empty: all); returns the versions before and after.

    Raises SinkMisfit when the database is newer than this program; asyncpg's and OS errors.
    """
    # Not through SQLAlchemy, which reads some URLs differently (several hosts, SSL) and wraps what goes wrong.
    raw = await asyncpg.connect(url, timeout=_TIMEOUT_S)

    async def connected(*_: object) -> asyncpg.Connection:
        return raw

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connected, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade, to or versions()[-1])
    except DBAPIError as error:
        raise (error.orig and error.orig.__cause__) or error from error
    finally:
        await engine.dispose()
        await raw.close()


def _upgrade(connection: Connection, to: str) -> tuple[str | None, str]:
    connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    before = _found(connection)
    for version in (before, to):
        if version is not None and version not in versions():
            raise SinkMisfit(Version(version, versions()[-1]).advice())
    has_roles = act_as_owner(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    if has_roles:
        put_right(connection)
    return before, to


def _found(connection: Connection) -> str | None:
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
