"""Failures as the tables tell of them, for tests without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.knowledge.failures import Deed, Failure

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)


def failure(number: int = 0, words: str = "", code: str = "", **fields: Any) -> Failure:
    """A parcel's of order ``number``, an hour after the one before."""
    about = {
        "kind": "writeback",
        "platform": "taobao",
        "operation": "writeback",
        "shop": "tea",
        "subject": f"taobao:{number}",
        "at": BEGIN + timedelta(hours=number),
    }
    return Failure(code=code, words=words, **{**about, **fields})


def deed(worked: bool | None = True, action: str = "redriven", hours: float = 1, because: str = "mended") -> Deed:
    return Deed(action, "li", because, BEGIN + timedelta(hours=hours), worked)
