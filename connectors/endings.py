"""How a call to somebody else's system can end, beside its answer: the same for platforms, logistics providers, warehouses.

    CallError
     +- Unavailable    the request was certainly not carried out (refused connection, 5xx before it was taken, an `isp.*` code)
     +- Unsure         it may have been carried out (time-out or reset after sending): ask before sending again
     +- Throttled      the system wants to be left alone for ``wait_s`` seconds; not carried out
     +- Held           not now: the system holds what it is about (an open after-sale, a risk review, a date); not carried out
     +- Refused        the system says no; who calls it says in words of his own what kind of no

An error's text is the hub's own, with the system's code: it may be logged. What the system said may name a person and stands apart, in
``said``: for fields that are marked personal, without secrets and whole phone numbers.
"""

from __future__ import annotations


class CallError(Exception):
    """See the module's text for the tree. ``code`` is the system's own, empty when there is none; ``said`` its words."""

    def __init__(self, reason: str, code: str = "", said: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.said = said


class Unavailable(CallError):
    """Not carried out; try again later."""


class Unsure(CallError):
    """Sent, and no answer: it may have been carried out."""


class Throttled(CallError):
    """Not carried out; ``wait_s`` is the system's own figure; where it named none (``guessed``), a second."""

    def __init__(self, reason: str, wait_s: float | None, code: str = "", said: str = "") -> None:
        super().__init__(reason, code, said)
        self.guessed = wait_s is None
        self.wait_s = 1.0 if wait_s is None else wait_s


class Held(CallError):
    """Not carried out: the system holds it, for as long as it likes. Nothing to put right, nothing that failed."""


class Refused(CallError):
    """The system's answer is no."""
