"""Which shops the hub can ask: their names in the file of ``PENSTOCK_SHOPS``; ``connectors/shops.py`` reads all else of it."""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path

logger = logging.getLogger(__name__)


def named(path: Path | None) -> frozenset[tuple[str, str]]:
    """(channel, shop) of each ``[[shop]]``; none, with a warning, where the file can't be read."""
    if path is None:
        return frozenset()
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get("shop", [])
        return frozenset((str(entry["channel"]), str(entry["shop"])) for entry in entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        logger.warning("PENSTOCK_SHOPS is %s, and no shops are read from it: %s", path, type(exc).__name__)
        return frozenset()
