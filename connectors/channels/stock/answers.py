"""What a platform's no to a call about stock means. Its codes for orders are tables of ``connectors.platforms``; these are those of stock.

No platform publishes a list of them: sources are public clients and ``platforms3.md`` 3.3. What stands in none is for a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal, NamedTuple

from connectors.endings import CallError, Held, Refused, Unavailable
from connectors.platforms import base as platforms
from connectors.platforms import rules

#: DONE: what was asked for stands, a repetition was met.
Kind = Literal["DONE", "HELD", "UNAVAILABLE", "REFUSED"]


class Meaning(NamedTuple):
    """Of a code. ``fix``: of REFUSED, field and what to do."""

    kind: Kind
    fix: str = ""


class AlreadyDone(Exception):
    """The platform has had this very call."""


#: A sale of the platform's own: the number can be raised, and not lowered.
_ACTIVITY = re.compile("活动|资源位")


@contextmanager
def explained(meanings: Mapping[str, Meaning]) -> Iterator[None]:
    """Turns what a call ends with into what it means of stock. ``meanings``: by the code or its tail. Raises CallError, AlreadyDone."""
    try:
        yield
    except CallError as exc:
        raise _explained(exc, meanings) from None


def _explained(error: CallError, meanings: Mapping[str, Meaning]) -> CallError | AlreadyDone:
    found = meanings.get(error.code) or meanings.get(error.code.rpartition(":")[2])
    if found is None:
        if not isinstance(error, Held) and _ACTIVITY.search(error.said):
            return Held(f"{error}: it is in an activity there", error.code, error.said)
        retryable = isinstance(error, platforms.Refused) and error.outcome == "RETRYABLE"
        if retryable or (isinstance(error, rules.Ambiguous) and error.verdict == "RETRYABLE"):
            return Unavailable(str(error), error.code, error.said)
        if isinstance(error, rules.Ambiguous):
            return Refused(str(error), error.code, error.said)
        return error
    match found.kind:
        case "DONE":
            return AlreadyDone(error.code)
        case "HELD":
            return Held(f"{error}: {found.fix}" if found.fix else str(error), error.code, error.said)
        case "UNAVAILABLE":
            return Unavailable(str(error), error.code, error.said)
        case "REFUSED":
            return Refused(f"{error}: {found.fix}", error.code, error.said)
