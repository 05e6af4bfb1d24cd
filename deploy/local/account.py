"""Whom a server runs as that refuses to run as root: an account of its own, which nothing else on the machine shares.

``nobody`` is none: other daemons run as it too, and whoever has one of them would have the database.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from deploy.local.errors import DatabaseDied

NAME = "penstock"
#: Where programs are copied to that the account can't reach: root's alone to write, everybody's to read.
COPIES = Path("/var/cache/penstock")
#: As long as several starts at once hold each other up over the list of accounts.
_PATIENCE_S = 20.0


def to_run_as() -> dict[str, Any]:
    """What Popen needs to run a program as the account, which is made when it is missing; empty unless we are root.

    Raises DatabaseDied.
    """
    if os.geteuid() != 0:
        return {}
    deadline = time.monotonic() + _PATIENCE_S
    problem = ""
    while True:
        with suppress(KeyError):
            found = pwd.getpwnam(NAME)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
        if time.monotonic() > deadline:
            raise DatabaseDied(
                f"Postgres does not run as root, and its account {NAME} can't be made: {problem}. Make it "
                f"(useradd --system {NAME}), start as another user, or set PENSTOCK_DATABASE_URL to a database of yours"
            )
        if problem:
            time.sleep(0.2)
        problem = _make()


def _make() -> str:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        done = subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", NAME],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    except OSError as exc:
        return str(exc)
    return " ".join(done.stdout.split()) or f"useradd ended with code {done.returncode}"


def readable(programs: Path, as_whom: Mapping[str, Any]) -> Path:
    """The folder of these programs, or of a copy where the account can't reach them: the way to them may be closed on purpose.

    ``programs`` is ``pginstall/bin`` of the wheel's package, whose libraries are beside the package.
    """
    if not as_whom or _runs(programs / "postgres", as_whom):
        return programs
    package = programs.parents[1]
    # Another installation has other times: what was copied from an older wheel is not taken for it.
    of = (programs / "postgres").stat()
    place = COPIES / f"postgres-{of.st_size}-{of.st_mtime_ns}"
    if not place.exists():
        COPIES.mkdir(0o755, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=COPIES, prefix="copying-") as folder:
            made = Path(folder) / "made"
            for each in (programs.parent, package.with_name(f"{package.name}.libs")):
                if each.exists():
                    shutil.copytree(each, made / each.relative_to(package.parent), symlinks=True)
            for path in (made, *made.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            # Another process may have been quicker.
            with suppress(OSError):
                made.rename(place)
        # umask holds for what is made along the way.
        COPIES.chmod(0o755)
    return place / programs.relative_to(package.parent)


def _runs(program: Path, as_whom: Mapping[str, Any]) -> bool:
    with suppress(PermissionError):
        return subprocess.run([program, "--version"], capture_output=True, cwd="/", **as_whom).returncode == 0
    return False


def check_owner(data: Path, as_whom: Mapping[str, Any]) -> None:
    """Raises DatabaseDied when a folder that is there is another account's: whose it is, is not changed behind anybody's back."""
    if as_whom and (owner := data.stat().st_uid) != as_whom["user"]:
        raise DatabaseDied(
            f"{data} belongs to user {owner}, and Postgres, started by root, runs as {NAME}: "
            f"chown -R {NAME}: {data}, or start as the user to whom it belongs"
        )
