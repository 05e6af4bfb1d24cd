"""What can be wrong with a backup.

Exception
+- BackupRefused   it can't be done as asked: nothing was changed; the message says what to do; exit code 2
+- BackupStopped   it was under way and can't go on now; the message says what became of what was done; exit code 1
+- Damaged         a file of a backup is not what was written; names the file
"""

from __future__ import annotations


class BackupRefused(Exception):
    """What was asked cannot be done as asked."""


class BackupStopped(Exception):
    """A fault on the way."""


class Damaged(Exception):
    """A file of a backup is not what was written."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why
