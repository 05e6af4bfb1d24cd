"""Ports to listen at, and how many connections a process may have."""

from __future__ import annotations

import os
import resource
import socket
from contextlib import suppress

#: The kernel has the last word (net.core.somaxconn). Whoever finds the queue full is heard only when he tries again, seconds later.
BACKLOG = 16_384
#: The kernel keeps twice as much, a quarter of it for itself, and gives all of it at once: 48 KiB. Without it a connection has megabytes,
#: and all that send a body are read, 250 KB each, before anybody can end one of them. A body of 100 KB takes as long as before.
_RECEIVED_BYTES = 32 * 1024
#: More than this is no use to a server that holds 2,000 connections.
_FILES_MAX = 65_536


class CannotServe(Exception):
    """The port can't be listened on; the message says what to do."""


def bind(what: str, host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. ``what``: to do what, for the error's text. Raises CannotServe."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        it = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as exc:
        reason = "no such port"
        if isinstance(exc, OSError):
            # Its own text names the address once more.
            reason = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else str(exc.strerror)
        raise CannotServe(f"cannot {what} at {host}:{port}: {reason}; set another port") from exc
    # Those that are accepted have it from here.
    it.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED_BYTES)
    it.setblocking(False)
    return it


def raise_file_limit() -> int:
    """Raises the limit of open files as far as this process may, and tells it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_MAX if hard == resource.RLIM_INFINITY else min(hard, _FILES_MAX)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _FILES_MAX if soft == resource.RLIM_INFINITY else soft
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
