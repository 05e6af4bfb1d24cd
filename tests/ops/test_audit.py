"""Who did it is the account that the system knows."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.settings import Settings

ME = pwd.getpwuid(os.getuid()).pw_name


def cluster(**kafka: str) -> Cluster:
    return Cluster(Settings(brokers="localhost:1", data=Path(), kafka=kafka))


@pytest.fixture(autouse=True)
def _nobody_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    login = tmp_path / "loginuid"
    login.write_text(str(2**32 - 1))
    monkeypatch.setattr(audit, "_LOGIN", login)
    monkeypatch.delenv("SUDO_UID", raising=False)
    return login


@pytest.mark.parametrize("name", ["USER", "LOGNAME", "LNAME", "USERNAME", "SUDO_USER"])
def test_no_variable_makes_somebody_else_of_the_caller(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "boss")
    assert audit.operator(cluster()).who == ME


def test_the_account_that_logged_in_is_named_beside_the_one_that_runs(_nobody_logged_in: Path) -> None:
    other = next(entry for entry in pwd.getpwall() if entry.pw_uid != os.getuid())
    _nobody_logged_in.write_text(str(other.pw_uid))
    assert audit.operator(cluster()).who == f"{other.pw_name} as {ME}"


def test_sudos_caller_is_believed_of_root_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    other = next(entry for entry in pwd.getpwall() if entry.pw_uid not in (0, os.getuid()))
    monkeypatch.setenv("SUDO_UID", str(other.pw_uid))
    monkeypatch.setattr(os, "getuid", lambda: 0)
    assert audit.operator(cluster()).who == f"{other.pw_name} as root"
    monkeypatch.setattr(os, "getuid", lambda: other.pw_uid)
    monkeypatch.setenv("SUDO_UID", "0")
    assert audit.operator(cluster()).who == other.pw_name


def test_kafkas_principal_and_whom_it_is_done_for_are_named() -> None:
    assert audit.operator(cluster(**{"sasl.username": "ops"}), "night shift").who == f"{ME}, kafka ops, for night shift"


def test_an_account_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert audit.operator(cluster()).who == "uid 3999999999"
