"""Whose fault is what went wrong: Postgres' error classes, sorted by what the sink does about them.

What RECORD and MISFIT say counts on a new connection only: an old one knows tables as they were before somebody altered them.

| fault | what follows | error classes |
| --- | --- | --- |
| RETRY | the same transaction again, at once, a few times | 40001, 40P01: lost against another transaction |
| RECORD | halved down to the record, which is set aside | 21, 22, 23, 44, 54, P0: values, constraints, limits, the owner's triggers |
| MISFIT | the sink ends: a person must act | 0A, 28, 42, 3F: permission, password, tables that are not there |
| UNAVAILABLE | pause, back off, the same flush again | the rest: 08 connection, 25006 read-only, 3D000, 53 disk and memory full, |
| | | 55P03 lock held, 57 shut down or cancelled, 58 I/O; sockets, timeouts |

What nobody has thought of is UNAVAILABLE: it costs time, never a record.
"""

from __future__ import annotations

from enum import Enum, auto

import asyncpg


class Fault(Enum):
    """See the module's text."""

    RETRY = auto()
    RECORD = auto()
    MISFIT = auto()
    UNAVAILABLE = auto()


_STATES = {"40001": Fault.RETRY, "40P01": Fault.RETRY}
_CLASSES = {
    **dict.fromkeys(("21", "22", "23", "44", "54", "P0"), Fault.RECORD),
    **dict.fromkeys(("0A", "28", "42", "3F"), Fault.MISFIT),
}


def fault_of_state(sqlstate: str) -> Fault:
    """The fault of an error by its five characters."""
    return _STATES.get(sqlstate) or _CLASSES.get(sqlstate[:2], Fault.UNAVAILABLE)


def fault_of(error: BaseException) -> Fault | None:
    """The fault of an exception that asyncpg raises; None when it tells of a mistake in this program."""
    if isinstance(error, asyncpg.PostgresError):
        return fault_of_state(error.sqlstate or "")
    if isinstance(error, OverflowError):
        return Fault.RECORD
    if isinstance(error, (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError)):
        # Connection refused, cut, silent; InterfaceError: it was found closed.
        return Fault.UNAVAILABLE
    return None


def reason_of(error: BaseException) -> str:
    """One line for a person. Without Postgres' details, which quote values of rows."""
    if isinstance(error, asyncpg.PostgresError):
        text = str(error.args[0]) if error.args else type(error).__name__
        return f"{text} (SQLSTATE {error.sqlstate})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return " ".join(str(error).split()) or type(error).__name__
