"""Who sends a line."""

from __future__ import annotations

from typing import NamedTuple

from schemas.records import Sender


class Who(NamedTuple):
    """As the canonical model names it, and as the platform does; for NOBODY, why."""

    sent_by: Sender = "MERCHANT"
    sender: str = ""


OURS = Who()
