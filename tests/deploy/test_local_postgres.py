"""The local Postgres: started, killed, brought back with its data, and ended with whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from deploy.local import AlreadyRunning, DatabaseMissing, DatabaseUnreachable, LocalPostgres, PortTaken
from deploy.local.config import HOST
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


def ask(url: str, query: str) -> object:
    async def answer() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(answer())


def test_what_is_committed_outlives_a_kill_on_the_same_port(tmp_path: Path) -> None:
    # As pytest itself does at every start of a run: closed to the account that Postgres runs as when we are root.
    tmp_path.chmod(0o700)
    postgres = LocalPostgres(tmp_path / "postgres")
    with pytest.raises(DatabaseUnreachable, match="No Postgres was ever started"):
        assert postgres.url
    with postgres:
        url = postgres.url
        ask(url, "CREATE TABLE kept AS SELECT 1 AS number")
        with pytest.raises(AlreadyRunning):
            LocalPostgres(tmp_path / "postgres").start()
        for end in (postgres.kill, postgres.stop_at_once, postgres.stop):
            end()
            assert not postgres.is_running
            with pytest.raises(OSError):
                ask(url, "SELECT 1")
            postgres.start()
            assert (postgres.url, ask(url, "SELECT number FROM kept")) == (url, 1)
        # Nobody comes in without the password, which nobody else can read.
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(url.replace("postgres:", "postgres:x"), "SELECT 1")
        assert (tmp_path / "postgres" / "password").stat().st_mode & 0o077 == 0
    assert not postgres.is_running


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from deploy.local import LocalPostgres\n"
        "with LocalPostgres(Path(sys.argv[1])): print('up', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "p")], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None and starter.stdout.readline() == b"up\n"
    postgres = LocalPostgres(tmp_path / "p")
    assert postgres.is_running
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + PATIENCE_S
    while postgres.is_running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not postgres.is_running


def test_a_port_that_is_taken_and_a_python_without_programs_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            LocalPostgres(tmp_path / "p", port).start()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DatabaseMissing, match="PENSTOCK_DATABASE_URL"):
        LocalPostgres(tmp_path / "p").start()
