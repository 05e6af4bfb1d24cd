"""Lets a person edit something that nobody else may read."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from streams.cli.common import Refused

_ENDS = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)


def edited(content: bytes, name: str) -> bytes:
    """What $VISUAL or $EDITOR leaves of it; the file is in a folder of its own that goes with it, also when the terminal is closed
    meanwhile (SIGHUP), or the process told to end: the editor ends first then.

    Raises:
        Refused: there is no editor, or it failed.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with TemporaryDirectory(prefix="penstock-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            _run([*shlex.split(editor), str(path)])
        except (OSError, ValueError, subprocess.CalledProcessError) as exc:
            raise Refused(f"the editor {editor!r} failed ({exc}): set EDITOR, or use --to FILE") from None
        return path.read_bytes()


def _run(command: list[str]) -> None:
    """Signals that would end this process at once, with its files left behind, end the editor, and then this process in order."""
    asked: list[int] = []
    editor: subprocess.Popen[bytes] | None = None

    def leave(number: int, _: FrameType | None) -> None:
        asked.append(number)
        if editor is not None:
            editor.kill()

    before = {number: signal.signal(number, leave) for number in _ENDS}
    try:
        editor = subprocess.Popen(command)
        # It may have come while the editor was started.
        if asked:
            editor.kill()
        code = editor.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if asked:
        sys.exit(128 + asked[0])
    if code:
        raise subprocess.CalledProcessError(code, command)
