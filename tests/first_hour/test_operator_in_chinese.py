"""An operator who reads Chinese, from ``penstock up --with-simulators`` on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.first_hour import walks
from tests.first_hour.typed import Shell
from tests.first_hour.up import needs_curl, port_of, up

pytestmark = [pytest.mark.long, pytest.mark.timeout(900), needs_curl]


def test_from_review_to_release(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "hub")
    with up(shell, walks.START, tmp_path / "up.log") as it:
        shell.known["PORT"] = port_of(it.said(), "jd")
        walks.from_review_to_release_in_chinese(shell)
