"""Marks of pages: where the next one begins, in a form that is nobody's to read."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from connectors.console.problems import Problem


def marked(at: datetime, key: str) -> str:
    """The mark behind a row, by what its list is sorted by."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode().rstrip("=")


def behind(mark: str) -> tuple[datetime, str]:
    """What ``marked`` was given. Raises Problem."""
    try:
        at, key = json.loads(base64.b64decode(mark + "=" * (-len(mark) % 4), altchars=b"-_", validate=True))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None or not isinstance(key, str) or "\0" in key:
            raise ValueError(mark)
        return moment, key
    except (ValueError, TypeError, AttributeError, OverflowError, binascii.Error):
        raise Problem("bad_cursor", field="after") from None
