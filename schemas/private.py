"""Files and folders that hold records, or tell of them: for their owner alone, whatever umask a process was started with, and lasting."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER, FILE = 0o700, 0o600
#: For a process's start: what libraries create is nobody else's either.
UMASK = 0o077


def private_folder(path: Path) -> None:
    """Creates it and what is missing above it. A folder that is there stays as it is: it may be somebody else's."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(FOLDER, exist_ok=True)


def private(path: str, flags: int) -> int:
    """An opener for ``open``: a file that it creates is its owner's alone."""
    return os.open(path, flags, FILE)


def sync_folder(path: Path) -> None:
    """A new name is durable once its folder is. Raises OSError."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
