"""How versions of a rule document that are tried fare beside what stands, of the rows that the sink keeps: for people and for JSON.

Each order counts once for each pair of versions, by its last plan. Freight and arrival are of the orders of which both sides know them,
parcels of those that both send: a figure that only one side has would compare different orders.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from connectors.postgres.reading import reading

_TIMEOUT_S = 60

#: Of a document ($1; empty: of all) from $2 on, of shops ($3; none: all).
_LAST = """
WITH last AS (
    SELECT DISTINCT ON (document, role, tried_version, stands_version, order_id) * FROM compared_decisions
    WHERE ($1 = '' OR document = $1) AND at >= $2 AND ($3::text[] = '{}' OR shop = ANY($3))
    ORDER BY document, role, tried_version, stands_version, order_id, at DESC, attempt DESC
)
"""
_BOTH_KNOW = "FILTER (WHERE stands_{0} IS NOT NULL AND tried_{0} IS NOT NULL)"
_SIDE = """
    count(*) FILTER (WHERE {0}_outcome = 'BACKORDERED') AS {0}_orders_backordered,
    sum({0}_backordered) AS {0}_pieces_backordered,
    avg(cardinality({0}_warehouses)) FILTER (WHERE stands_outcome = 'ALLOCATED' AND tried_outcome = 'ALLOCATED')
        AS {0}_parcels_per_order,
    avg({0}_freight_minor) {freight} AS {0}_freight_minor_per_order,
    avg({0}_arrival_minutes) {arrival} AS {0}_arrival_minutes,
    sum({0}_over_capacity) AS {0}_over_capacity, sum({0}_below_safety) AS {0}_below_safety,
    percentile_disc(0.99) WITHIN GROUP (ORDER BY {0}_micros) AS {0}_micros_p99"""
_FREIGHT, _ARRIVAL = _BOTH_KNOW.format("freight_minor"), _BOTH_KNOW.format("arrival_minutes")
_PAIRS = f"""{_LAST}
SELECT document, role, stands_version, tried_version, min(at) AS first_at, max(at) AS last_at, count(*) AS orders,
    count(*) FILTER (WHERE NOT equal) AS otherwise,
    count(*) FILTER (WHERE tried_outcome = 'FAILED') AS failed,
    count(*) FILTER (WHERE tried_outcome = 'UNDECIDED') AS undecided,
    count(*) {_FREIGHT} AS freight_known_of, count(*) {_ARRIVAL} AS arrival_known_of,
    CASE count(DISTINCT currency) WHEN 1 THEN min(currency) END AS currency,
    {_SIDE.format("stands", freight=_FREIGHT, arrival=_ARRIVAL)},
    {_SIDE.format("tried", freight=_FREIGHT, arrival=_ARRIVAL)}
FROM last GROUP BY document, role, stands_version, tried_version
ORDER BY document, role, tried_version, stands_version NULLS FIRST
"""
_WAY = "(SELECT coalesce(string_agg(code, '+' ORDER BY code), '-') FROM unnest({0}_warehouses) AS code)"
_MOVED = f"""{_LAST}
SELECT document, role, stands_version, tried_version, {_WAY.format("stands")} AS from_, {_WAY.format("tried")} AS to_,
    count(*) AS orders
FROM last WHERE NOT equal GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY orders DESC, from_, to_
"""
_EXAMPLES = f"""{_LAST}
SELECT *, {_WAY.format("stands")} AS from_, {_WAY.format("tried")} AS to_
FROM (SELECT *, row_number() OVER (PARTITION BY document, role, tried_version, stands_version ORDER BY at DESC, order_id) AS n
      FROM last WHERE NOT equal) AS numbered
WHERE n <= $4 ORDER BY at DESC, order_id
"""
_NAMES = (
    *("orders_backordered", "pieces_backordered", "parcels_per_order", "freight_minor_per_order"),
    *("arrival_minutes", "over_capacity", "below_safety", "micros_p99"),
)
_OF_AN_EXAMPLE = ("outcome", "warehouses", "freight_minor", "arrival_minutes", "backordered", "error")
_PAIR = ("document", "role", "stands_version", "tried_version")


async def compared(
    url: str, document: str, since: datetime, shops: Sequence[str], examples: int
) -> list[dict[str, Any]]:
    """One entry a pair of versions: counts, both sides' figures, ``moved`` from and to, and the newest examples with both traces.

    Raises NotKept, asyncpg's and OS errors.
    """
    asked = (document, since, list(shops))
    async with reading(url, _TIMEOUT_S) as connection:
        pairs = await connection.fetch(_PAIRS, *asked)
        moved = await connection.fetch(_MOVED, *asked)
        shown = await connection.fetch(_EXAMPLES, *asked, examples)
    return [_pair(row, [it for it in moved if _same(it, row)], [it for it in shown if _same(it, row)]) for row in pairs]


def _same(one: Any, other: Any) -> bool:
    return all(one[name] == other[name] for name in _PAIR)


def _pair(row: Any, moved: Sequence[Any], examples: Sequence[Any]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _PAIR},
        "first_at": row["first_at"].isoformat(),
        "last_at": row["last_at"].isoformat(),
        **{name: row[name] for name in ("orders", "otherwise", "failed", "undecided", "currency")},
        **{name: row[name] for name in ("freight_known_of", "arrival_known_of")},
        **{side: {name: _plain(row[f"{side}_{name}"]) for name in _NAMES} for side in ("stands", "tried")},
        "moved": [{"from": it["from_"], "to": it["to_"], "orders": it["orders"]} for it in moved],
        "examples": [_example(it) for it in examples],
    }


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else round(float(value), 2)


def _example(row: Any) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("order_id", "shop", "attempt", "effect", "currency")},
        "at": row["at"].isoformat(),
        "from": row["from_"],
        "to": row["to_"],
        **{side: _told(row, side) for side in ("stands", "tried")},
    }


def _told(row: Any, side: str) -> dict[str, Any]:
    trace = row[f"{side}_trace"]
    return {
        **{name: row[f"{side}_{name}"] for name in _OF_AN_EXAMPLE},
        "trace": None if trace is None else json.loads(trace),
    }
