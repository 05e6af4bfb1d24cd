"""The console as it is started: a process that signs in whom the command line added, and ends when it is told to."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.console.permissions import Grant, Kind
from schemas.codec import CODEC
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.conftest import Unique
from tests.connectors.console.conftest import OURS, PASSWORD, Browser, Console
from tests.integration.conftest import penstock, penstock_alone


def entries(brokers: str, subject: str) -> list[tuple[str, dict[str, str]]]:
    """What the audit says was done to somebody or something, with its details."""
    found = [CODEC.decode(m.value() or b"")[1] for m in Cluster(_settings(brokers)).read("audit", key=subject)]
    assert {entry["by"] for entry in found} <= {audit.account()}
    return [(entry["action"], entry["details"]) for entry in found]


def _settings(brokers: str) -> Settings:
    return Settings(brokers=brokers, data=Path("/nowhere"))


@pytest.fixture
def audited(kafka: str) -> str:
    """The address of a broker that takes entries of the audit."""
    Cluster(_settings(kafka)).create_topics()
    return kafka


def test_users_are_added_granted_listed_and_removed_with_an_entry_each(
    console_database: str, audited: str, unique: Unique
) -> None:
    env = {"PENSTOCK_DATABASE_URL": console_database, "PENSTOCK_BROKERS": audited}
    li, east = unique("li"), unique("east")
    assert penstock("console", "user", "add", li, typed=f"{PASSWORD}\n", **env).returncode == 0
    assert penstock("console", "department", east, OURS, "other", **env).returncode == 0
    for where in (("--shop", OURS), ("--department", east), ("--everywhere",)):
        assert penstock("console", "user", "grant", li, "viewer", *where, **env).returncode == 0
    assert penstock("console", "user", "revoke", li, "viewer", "--everywhere", **env).returncode == 0
    (listed,) = [
        user for user in json.loads(penstock("console", "user", "list", "--json", **env).stdout) if user["name"] == li
    ]
    assert listed["grants"] == [f"viewer:department:{east}", f"viewer:shop:{OURS}"]
    assert f"viewer:shop:{OURS}" in penstock("console", "user", "list", **env).stdout
    assert penstock("console", "user", "remove", li, **env).returncode == 0
    for line, says in (
        (("remove", li), f"there is no user {li}"),
        (("grant", li, "viewer", "--everywhere"), f"there is no user {li}"),
        (("grant", li, "king", "--everywhere"), "there is no role king"),
        (("grant", li, "viewer"), "say where, in one way"),
        (("grant", li, "viewer", "--everywhere", "--shop", "tea"), "say where, in one way"),
        (("revoke", li, "viewer", "--everywhere"), f"{li} was not granted that"),
    ):
        done = penstock("console", "user", *line, **env)
        assert done.returncode == 2 and says in done.stderr
    short = penstock("console", "user", "add", li, typed="too short\n", **env)
    assert short.returncode == 2 and "12 to 1024 characters" in short.stderr
    granted = {"role": "viewer"}
    assert entries(audited, f"department:{east}") == [("access.department_set", {"shops": f"{OURS}, other"})]
    assert entries(audited, f"user:{li}") == [
        ("access.user_added", {}),
        ("access.granted", granted | {"kind": "shop", "place": OURS}),
        ("access.granted", granted | {"kind": "department", "place": east}),
        ("access.granted", granted | {"kind": "all", "place": ""}),
        ("access.revoked", granted | {"kind": "all", "place": ""}),
        ("access.user_removed", {}),
    ]


def test_nobody_is_added_whom_no_audit_tells_of(console_database: str, unique: Unique) -> None:
    name, env = unique("wang"), {"PENSTOCK_DATABASE_URL": console_database}
    done = penstock("console", "user", "add", name, typed=f"{PASSWORD}\n", **env)
    assert done.returncode == 2 and "no broker" in done.stderr
    assert name not in penstock("console", "user", "list", **env).stdout


def test_a_database_without_roles_is_told_how_to_get_them(untouched_console: str) -> None:
    done = penstock("console", "user", "list", PENSTOCK_DATABASE_URL=untouched_console)
    assert done.returncode == 2 and "run penstock db roles --make" in done.stderr


def test_the_process_answers_and_ends_in_order(console: Console, console_database: str, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    env |= {"PENSTOCK_DATABASE_URL": console_database, "PENSTOCK_DATA": str(tmp_path), "PENSTOCK_LANG": "en"}
    wang = console.user(Grant("viewer", Kind.SHOP, OURS))
    command = [sys.executable, "-m", "streams.cli", "console", "--port", "0"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        try:
            # Without a broker it starts, and says what it cannot do.
            found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
            assert found, process.stderr.read()
            browser = Browser(int(found[1]))
            assert browser.ask("POST", "/api/session", {"name": wang, "password": PASSWORD}).status == 201
            assert [row["shop"] for row in browser.get("/api/orders").body["rows"]] == [OURS]
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, "stopped\n")
    assert "nothing can be changed or put on record: no broker" in err and PASSWORD not in err


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    done = penstock_alone("console", "--port", "1", "--host", "192.0.2.1", PENSTOCK_DATA=str(tmp_path))
    assert done.returncode == 2 and "cannot serve the console at 192.0.2.1:1" in done.stderr
