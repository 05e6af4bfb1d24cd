"""The local Postgres: started, killed, brought back with its data, and ended with whoever started it."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import psutil  # type: ignore[import-untyped]
import pytest

from deploy.local import (
    POSTGRES_VERSION,
    AlreadyRunning,
    DatabaseDied,
    DatabaseMissing,
    DatabaseUnreachable,
    LocalPostgres,
    PortTaken,
    account,
    postgres,
)
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
    server = LocalPostgres(tmp_path / "postgres")
    with pytest.raises(DatabaseUnreachable, match="No Postgres was ever started"):
        assert server.url
    with server:
        url = server.url
        ask(url, "CREATE TABLE kept AS SELECT 1 AS number")
        with pytest.raises(AlreadyRunning):
            LocalPostgres(tmp_path / "postgres").start()
        for end in (server.kill, server.stop_at_once, server.stop):
            end()
            assert not server.is_running
            with pytest.raises(OSError):
                ask(url, "SELECT 1")
            server.start()
            assert (server.url, ask(url, "SELECT number FROM kept")) == (url, 1)
        # Nobody comes in without the password, which nobody else can read.
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(url.replace("postgres:", "postgres:x"), "SELECT 1")
        assert (tmp_path / "postgres" / "password").stat().st_mode & 0o077 == 0
    assert not server.is_running


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from deploy.local import LocalPostgres\n"
        "with LocalPostgres(Path(sys.argv[1])): print('up', flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "p")], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None and starter.stdout.readline() == b"up\n"
    server = LocalPostgres(tmp_path / "p")
    assert server.is_running
    os.kill(starter.pid, signal.SIGKILL)
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + PATIENCE_S
    while server.is_running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not server.is_running


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


def as_nobody(command: list[str]) -> str:
    """What a program prints that ``nobody`` runs; empty when it may not read."""
    other = pwd.getpwnam("nobody")
    done = subprocess.run(
        command, capture_output=True, text=True, user=other.pw_uid, group=other.pw_gid, extra_groups=[]
    )
    return done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="what root starts is tested by root")
def test_started_by_root_it_is_an_account_s_of_its_own_and_no_folder_is_opened_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A checkout in a folder that is closed on purpose, as /root is.
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    found = postgres.programs_folder().parents[1]
    shutil.copytree(found, closed / found.name)
    shutil.copytree(found.with_name(f"{found.name}.libs"), closed / f"{found.name}.libs")
    monkeypatch.setattr(postgres, "programs_folder", lambda: closed / found.name / "pginstall" / "bin")
    monkeypatch.setattr(account, "COPIES", Path(os.path.realpath("/tmp")) / f"copies-{tmp_path.name}")
    before = {path: path.stat().st_mode for path in (closed, *closed.parents)}
    server = LocalPostgres(closed / "postgres")
    try:
        with server:
            assert ask(server.url, "SELECT current_setting('server_version')") == POSTGRES_VERSION
            assert server.pid is not None
            assert psutil.Process(server.pid).username() == account.NAME
            for secret in (server.data_dir / "password", server.data_dir / "data" / "PG_VERSION"):
                assert (
                    as_nobody(["cat", str(secret)]) == as_nobody(["cat", f"/proc/{server.pid}/cwd/{secret.name}"]) == ""
                )
            server.restart()
            assert ask(server.url, "SELECT 1") == 1
        assert {path: path.stat().st_mode for path in before} == before
        assert len(list(account.COPIES.iterdir())) == 1
    finally:
        shutil.rmtree(account.COPIES, ignore_errors=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="what root starts is tested by root")
def test_a_folder_of_another_account_s_is_said_and_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    other = pwd.getpwnam("nobody")
    os.chown(data, other.pw_uid, other.pw_gid)
    with pytest.raises(DatabaseDied, match=f"belongs to user {other.pw_uid}.*chown -R {account.NAME}: {data}"):
        LocalPostgres(tmp_path / "postgres").start()
    assert data.stat().st_uid == other.pw_uid


def test_an_account_that_cannot_be_made_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account, "NAME", "not a name")
    monkeypatch.setattr(account, "_PATIENCE_S", 0.0)
    with pytest.raises(DatabaseDied, match=r"its account not a name can't be made: .*PENSTOCK_DATABASE_URL"):
        account.to_run_as()
