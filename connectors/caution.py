"""What a shops file and its secrets may not be: changed by others, sent in clear, mistyped.

Each raises InvalidSetting with the fix, never with the secret.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from urllib.parse import urlsplit

from streams.settings import InvalidSetting, is_loopback

_SAFE = {"https", "wss"}
_CLEAR = {"http", "ws"}
#: ``$NAME``, ``env.NAME``, ``ENV NAME``, and any short word before a colon that is neither env nor file.
_MISTYPED = re.compile(
    r"\s|\$|%[A-Za-z_]+%|\{|(env|file)\s*[.=({\s/]|[A-Za-z]{1,11}\s*:|.*\s$", re.IGNORECASE | re.DOTALL
)
#: What an environment variable is called, with no env: before it.
_BARE_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", re.ASCII)


def only_ours(path: Path, what: str) -> None:
    """Nobody but its owner, who is us or root, may write the file or put another one in its place.

    What is no file (/dev/null, a pipe) keeps nothing that others could have written before.
    """
    if path.exists() and not path.is_file():
        return
    for each, name in ((path, "it"), (path.absolute().parent, "its folder")):
        try:
            found = each.stat()
        except OSError:
            continue  # Whoever reads it says so.
        if found.st_uid not in (0, os.geteuid()):
            raise InvalidSetting(
                f"{what} {path} can be written by others: {name} belongs to user {found.st_uid}; chown it"
            )
        # In a folder like /tmp nobody replaces what is another's.
        if found.st_mode & 0o022 and not (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
            raise InvalidSetting(f"{what} {path} can be written by others: chmod go-w {each}")


def address(where: str, name: str, url: str) -> None:
    """Keys and people's data go there: encrypted, unless it is this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 -- it raises
    except ValueError as exc:
        raise InvalidSetting(f"{where}: {name} is no address ({exc}): write https://host/path") from None
    if parts.username is not None or parts.password is not None:
        raise InvalidSetting(f"{where}: {name} holds a user or password, which every log would show: take it out")
    safe = parts.scheme in _SAFE or (parts.scheme in _CLEAR and is_loopback(host))
    if not safe or not host:
        raise InvalidSetting(
            f"{where}: {name} is {url!r}: keys and orders would go there in clear; write https:// (wss:// for messages), "
            "http:// is for this machine alone"
        )


def secret(where: str, name: str, value: str) -> None:
    """One that stands in the file itself, and looks as if it was to come from elsewhere."""
    if _MISTYPED.match(value) or _BARE_NAME.fullmatch(value):
        raise InvalidSetting(
            f"{where}: {name} looks like the name of something that holds it: write env:NAME for an environment variable, file:PATH for "
            "a file, with nothing before or between"
        )
