"""Which shops the hub can ask: names and addresses in the file of ``PENSTOCK_SHOPS``; ``connectors/shops.py`` reads all else of it."""

from __future__ import annotations

import logging
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)


def named(path: Path | None) -> frozenset[tuple[str, str]]:
    """(channel, shop) of each ``[[shop]]``; none, with a warning, where the file can't be read."""
    return frozenset((entry["channel"], entry["shop"]) for entry in _entries(path))


def addresses(path: Path | None) -> dict[str, str]:
    """``channel.CHANNEL.SHOP`` -> host:port of its platform's API, and ``....messages`` -> that of its messages, where it has them."""
    found = {}
    for entry in _entries(path):
        name = f"channel.{entry['channel']}.{entry['shop']}"
        for each, field in ((name, "url"), (f"{name}.messages", "messages_url")):
            if address := _address(entry.get(field, "")):
                found[each] = address
    return found


def systems(path: Path | None) -> dict[str, str]:
    """``wms.NAME`` -> host:port of each warehouse's system."""
    found = {}
    for entry in _entries(path, "wms", {"name", "url"}):
        if address := _address(entry["url"]):
            found[f"wms.{entry['name']}"] = address
    return found


def _address(url: str) -> str:
    """host:port; empty where it is none, which whoever calls it says."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    return f"{f'[{host}]' if ':' in host else host}:{port or (80 if parts.scheme in ('http', 'ws') else 443)}"


def _entries(
    path: Path | None, kind: str = "shop", needed: frozenset[str] | set[str] = frozenset(("channel", "shop"))
) -> list[dict[str, str]]:
    if path is None:
        return []
    try:
        entries = tomllib.loads(path.read_text("utf-8")).get(kind, [])
        found = [{name: str(value) for name, value in entry.items()} for entry in entries]
        if any(needed - entry.keys() for entry in found):
            raise KeyError
        return found
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        logger.warning("PENSTOCK_SHOPS is %s, and no shops are read from it: %s", path, type(exc).__name__)
        return []
