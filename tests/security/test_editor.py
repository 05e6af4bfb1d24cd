"""What a person edits is somebody's data: nothing of it stays behind, however the editing ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
PROGRAM = "from streams.cli.editing import edited; edited(b'secret: Wang, 13800138000', 'record.json')"
#: As vi does, it keeps a file of its own beside what it edits.
EDITOR = 'cp "$1" "$1.swp"; echo $$ > "$PLACE/editor.pid"; exec sleep 600'


@pytest.mark.parametrize("end", [signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_a_terminal_that_is_closed_while_somebody_edits_leaves_no_file(tmp_path: Path, end: signal.Signals) -> None:
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\n{EDITOR}\n")
    editor.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    surroundings = {"TMPDIR": str(tmp_path / "tmp"), "VISUAL": str(editor), "PLACE": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **surroundings},
        cwd=ROOT,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    pid = tmp_path / "editor.pid"
    deadline = time.monotonic() + PATIENCE_S
    while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list((tmp_path / "tmp").rglob("*.swp")) != []
    process.send_signal(end)
    assert process.wait(PATIENCE_S) != 0
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not psutil.pid_exists(int(pid.read_text()))
