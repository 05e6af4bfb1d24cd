"""What all of Shopify's GraphQL shares: global ids, UTC times, and connections, whose pages are cut by cursors."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from graphql import GraphQLError

View = dict[str, Any]
Row = tuple[Sequence[Any], Any]

PAGE_MAX = 250


def in_place(items: Iterable[Any]) -> list[Row]:
    """Rows of a list that does not move: keyed by their place."""
    return [((place,), item) for place, item in enumerate(items)]


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def number(kind: str, text: str) -> int:
    """A global id's number. Raises GraphQLError when it is none of this kind."""
    prefix = f"gid://shopify/{kind}/"
    tail = text.removeprefix(prefix).partition("?")[0]
    if not text.startswith(prefix) or not tail.isdecimal():
        raise GraphQLError(f"Invalid global id '{text}'")
    return int(tail)


def utc(at: str | int | None) -> str | None:
    """A time as it is written here, in UTC; webhooks write it with the shop's offset. Takes their text, or ms."""
    if at is None:
        return None
    moment = datetime.fromtimestamp(at / 1000, UTC) if isinstance(at, int) else datetime.fromisoformat(at)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def connection(rows: Sequence[Row], view: Callable[[Any], View], first: int | None, after: str | None) -> View:
    """A page of ``rows``, each with the key that it is sorted by: a cursor is a key, so rows that move while paging shift no other."""
    if first is None:
        raise GraphQLError("you must provide one of first or last")
    if not 0 <= first <= PAGE_MAX:
        raise GraphQLError(f"first must be between 0 and {PAGE_MAX}")
    start = 0
    if after is not None:
        mark = _key(after)
        start = next((at for at, (key, _) in enumerate(rows) if list(key) > mark), len(rows))
    page = rows[start : start + first]
    cursors = [_cursor(key) for key, _ in page]
    nodes = [view(item) for _, item in page]
    return {
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": start + len(page) < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _cursor(key: Sequence[Any]) -> str:
    return base64.b64encode(json.dumps(list(key)).encode()).decode()


def _key(cursor: str) -> list[Any]:
    try:
        key = json.loads(base64.b64decode(cursor, validate=True))
        if isinstance(key, list):
            return key
    except (binascii.Error, ValueError):
        pass
    raise GraphQLError("Invalid cursor for current pagination sort.")
