"""What can be wrong with a replay.

Exception
+- ReplayRefused   it can't be done as asked: nothing was changed; the message says what to do; exit code 2
+- ReplayStopped   it was under way and can't go on now: what is done is kept, and it can be resumed; exit code 1
"""

from __future__ import annotations


class ReplayRefused(Exception):
    """What was asked cannot be done as asked."""


class ReplayStopped(Exception):
    """A fault on the way; progress is kept."""
