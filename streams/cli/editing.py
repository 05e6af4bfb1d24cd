"""Lets a person edit something that nobody else may read."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from streams.cli.common import Refused


def edited(content: bytes, name: str) -> bytes:
    """What $VISUAL or $EDITOR leaves of it; the file is in a folder of its own that goes with it.

    Raises:
        Refused: there is no editor, or it failed.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with TemporaryDirectory(prefix="penstock-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            subprocess.run([*shlex.split(editor), str(path)], check=True)
        except (OSError, ValueError, subprocess.CalledProcessError) as exc:
            raise Refused(f"the editor {editor!r} failed ({exc}): set EDITOR, or use --to FILE") from None
        return path.read_bytes()
