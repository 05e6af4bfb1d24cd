"""The ways in which a database goes away: each is inflicted, holds for a while, and is mended."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from deploy.local import LocalPostgres
from streams.ops.processes import SinkProcess
from tests.connectors.outages.proxy import Proxy

#: What the sink's statements wait for at the most, in seconds; a lock for half of it, silence for ten seconds more.
TIMEOUT_S = 3.0


@dataclass
class Scene:
    """What there is to break."""

    postgres: LocalPostgres
    proxy: Proxy
    sink: SinkProcess
    #: The process that holds a lock, until it is mended.
    holder: subprocess.Popen[bytes] | None = None

    #: Gives the sink something to do.
    beat: Callable[[], object] = lambda: None
    patience_s: float = 180.0

    def ask(self, *statements: str) -> Any:
        """Runs statements on the server itself, past the proxy; answers the last one's value."""
        return asyncio.run(self._ask(statements))

    async def _ask(self, statements: tuple[str, ...]) -> Any:
        connection = await asyncpg.connect(self.postgres.url, timeout=60)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()


@dataclass(frozen=True)
class Fault:
    """One way. ``heals``: over when it has happened; a sink that had nothing under way may not even see it."""

    inflict: Callable[[Scene], None]
    mend: Callable[[Scene], None]
    heals: bool = False


def _nothing(scene: Scene) -> None:
    """It is over as soon as it has happened."""


def _start(scene: Scene) -> None:
    scene.postgres.start()


def _cut_in_mid_batch(scene: Scene) -> None:
    # In the middle for certain: rows are on their way into a table that someone holds, and then the connection is gone.
    _lock(scene)
    try:
        deadline = time.monotonic() + scene.patience_s
        scene.beat()
        while not scene.ask(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {_WAITING}"):
            assert time.monotonic() < deadline, "the sink never waited for the lock"
            scene.beat()
            time.sleep(0.1)
    finally:
        _unlock(scene)


_WAITING = "application_name = 'penstock sink' AND wait_event_type = 'Lock'"


def _read_only(on: bool) -> Callable[[Scene], None]:
    # What a standby says to writes before it is promoted, and a server whose operator protects it: 25006.
    return lambda scene: scene.ask(
        f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}", "SELECT pg_reload_conf()"
    )


def _disk_full(scene: Scene) -> None:
    # The server itself answers 53100 in the middle of a flush, when rows are brought in. A disk that is really full needs a file
    # system of its own, and so the right to mount one; where it says so, and that it undoes the transaction, is the same.
    scene.ask(
        "CREATE OR REPLACE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$",
        *(f"CREATE TRIGGER full_disk BEFORE INSERT ON {t} EXECUTE FUNCTION disk_is_full()" for t in _WRITTEN),
    )


def _disk_free(scene: Scene) -> None:
    scene.ask(*(f"DROP TRIGGER full_disk ON {t}" for t in _WRITTEN))


_WRITTEN = ("order_status", "health_checks")


def _lock(scene: Scene) -> None:
    # Someone's migration, or a person's forgotten transaction: 55P03 once lock_timeout has passed.
    scene.holder = subprocess.Popen([sys.executable, "-c", _HOLD, scene.postgres.url], stdout=subprocess.PIPE)
    assert scene.holder.stdout is not None and scene.holder.stdout.readline() == b"held\n"


def _unlock(scene: Scene) -> None:
    assert scene.holder is not None
    scene.holder.kill()
    scene.holder.communicate()
    scene.holder = None


_HOLD = """
import asyncio, sys, asyncpg
async def hold():
    connection = await asyncpg.connect(sys.argv[1], timeout=60)
    async with connection.transaction():
        await connection.execute("LOCK TABLE order_status, health_checks IN ACCESS EXCLUSIVE MODE")
        print("held", flush=True)
        await asyncio.sleep(3600)
asyncio.run(hold())
"""

FAULTS: dict[str, Fault] = {
    "kill -9 of the whole server": Fault(lambda s: s.postgres.kill(), _start),
    "immediate stop": Fault(lambda s: s.postgres.stop_at_once(), _start),
    "restart": Fault(lambda s: s.postgres.restart(), _nothing, heals=True),
    "network cut": Fault(lambda s: s.proxy.cut(), lambda s: s.proxy.mend()),
    "network silent": Fault(lambda s: s.proxy.stall(), lambda s: s.proxy.mend()),
    "connection half-open": Fault(lambda s: s.proxy.drop_silently(), lambda s: s.proxy.mend(), heals=True),
    "connection cut in mid-batch": Fault(_cut_in_mid_batch, _nothing, heals=True),
    "disk full": Fault(_disk_full, _disk_free),
    "read-only": Fault(_read_only(True), _read_only(False)),
    "table locked": Fault(_lock, _unlock),
    "kill -9 of the sink": Fault(lambda s: s.sink.kill(), lambda s: s.sink.start()),
}
#: What the issue asks to happen at random.
AT_RANDOM = (
    *("kill -9 of the whole server", "immediate stop", "network cut", "network silent", "connection half-open"),
    *("connection cut in mid-batch", "disk full", "read-only", "table locked"),
)
