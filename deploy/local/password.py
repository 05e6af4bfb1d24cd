"""Passwords of the local stack's servers: drawn once, and kept beside their data for their owner alone."""

from __future__ import annotations

import secrets
from pathlib import Path

from schemas.private import private


def draw() -> str:
    """A password nobody guesses, of letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(18)


def make(path: Path) -> str:
    """The password that stands there; drawn when there is none."""
    # Empty: the disk was full, or the power went.
    if path.exists() and (known := path.read_text().strip()):
        return known
    path.unlink(missing_ok=True)
    drawn = draw()
    with open(path, "x", opener=private) as file:
        file.write(drawn + "\n")
    return drawn
