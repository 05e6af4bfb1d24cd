"""What rules are measured on: one document, orders by chance, and the same as GoRules' graph.

A switch of three strategies, a table of 12 rows by four facts, 6 warehouses past two filters, and points by distance, load and the
table's row. Needs the standard library alone: the peer's Python reads it too.
"""

from __future__ import annotations

from random import Random
from typing import Any

PROVINCES = (
    "浙江省",
    "江苏省",
    "上海市",
    "广东省",
    "四川省",
    "北京市",
    "天津市",
    "湖北省",
    "湖南省",
    "山东省",
    "河南省",
    "河北省",
)
CODES = tuple(f"W{number}" for number in range(6))
METRES_MAX, LOAD_MAX = 3_000_000, 9_500
WEIGHTS = {"distance": 5_000, "load": 2_000, "table": 3_000}


def rows() -> list[list[str]]:
    """Warehouses of each province's row, best first."""
    return [[CODES[(at + place) % 6] for place in range(6)] for at in range(len(PROVINCES))]


def orders(count: int) -> list[dict[str, Any]]:
    """Warehouses' distances and loads differ within an order, so that no score is a division by 0."""
    random = Random(7)
    return [
        {
            "channel": random.choice(("taobao", "pdd")),
            "province": random.choice(PROVINCES),
            "total": random.randint(100, 90_000),
            "cod": False,
            "warehouses": [
                {"code": code, "metres": metres, "load": load}
                for code, metres, load in zip(
                    CODES,
                    random.sample(range(10_000, 3_200_000, 100), 6),
                    random.sample(range(0, 9_900, 100), 6),
                    strict=True,
                )
            ],
        }
        for _ in range(count)
    ]


def document() -> dict[str, Any]:
    """As Penstock reads it."""
    asks = [{"field": "total_minor", "at_least": 100}, {"field": "cod", "is": False}]
    channels = {"field": "channel", "in": ["taobao", "pdd"]}
    nearest = {"mode": "lexicographic", "criteria": [{"by": "distance"}]}
    criteria = [
        {"by": name, "weight": weight, **({"table": "regions"} if name == "table" else {})}
        for name, weight in WEIGHTS.items()
    ]
    table = [
        {"when": [{"field": "province", "in": [province]}, channels, *asks], "warehouses": row}
        for province, row in zip(PROVINCES, rows(), strict=True)
    ]
    return {
        "version": 1,
        "name": "bench",
        "tables": [{"name": "regions", "rows": table}],
        "strategies": [
            {"name": "jd", "when": [{"field": "channel", "in": ["jd"]}], "rank": nearest},
            {"name": "cash on delivery", "when": [{"field": "cod", "is": True}], "rank": nearest},
            {
                "name": "the rest",
                "when": [channels],
                "filters": [{"filter": "distance", "metres": METRES_MAX}, {"filter": "load", "at_most": LOAD_MAX}],
                "rank": {"mode": "weighted", "criteria": criteria},
            },
        ],
        "default": {"rank": nearest},
    }


def graph() -> dict[str, Any]:
    """As GoRules' engine reads it (JDM)."""
    table = [
        {
            "_id": f"r{at}",
            "p": f'"{province}"',
            "c": '"taobao", "pdd"',
            "t": ">= 100",
            "d": "false",
            "o": "{" + ", ".join(f"{code}: {place}" for place, code in enumerate(row)) + "}",
        }
        for at, (province, row) in enumerate(zip(PROVINCES, rows(), strict=True))
    ]
    expressions = [f"filter(warehouses, #.metres <= {METRES_MAX} and #.load <= {LOAD_MAX})"]
    for fact in ("#.metres", "#.load", "row[#.code]"):
        expressions += [f"max(map($.e0, {fact}))", f"min(map($.e0, {fact}))"]
    terms = [
        f"{weight} * floor(($.e{at} - {fact}) * 10000 / ($.e{at} - $.e{at + 1}))"
        for at, fact, weight in zip((1, 3, 5), ("#.metres", "#.load", "row[#.code]"), WEIGHTS.values(), strict=True)
    ]
    expressions.append(f"map($.e0, {' + '.join(terms)})")
    switch = [
        {"id": "s1", "condition": 'channel == "jd"'},
        {"id": "s2", "condition": "cod == true"},
        {"id": "s3", "condition": 'channel in ["taobao", "pdd"]'},
    ]
    inputs = [
        {"id": name, "name": name, "field": field}
        for name, field in zip("pctd", ("province", "channel", "total", "cod"), strict=True)
    ]
    nodes: list[tuple[str, str, dict[str, Any]]] = [
        ("in", "inputNode", {}),
        ("switch", "switchNode", {"hitPolicy": "first", "statements": switch}),
        (
            "table",
            "decisionTableNode",
            {
                "hitPolicy": "first",
                "passThrough": True,
                "inputs": inputs,
                "outputs": [{"id": "o", "name": "o", "field": "row"}],
                "rules": table,
            },
        ),
        (
            "score",
            "expressionNode",
            {"expressions": [{"id": f"x{at}", "key": f"e{at}", "value": each} for at, each in enumerate(expressions)]},
        ),
        ("out", "outputNode", {}),
    ]
    edges = (("in", "switch", ""), ("switch", "table", "s3"), ("table", "score", ""), ("score", "out", ""))
    return {
        "nodes": [
            {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}, "content": content}
            for name, kind, content in nodes
        ],
        "edges": [
            {
                "id": f"{source}-{target}",
                "type": "edge",
                "sourceId": source,
                "targetId": target,
                **({"sourceHandle": handle} if handle else {}),
            }
            for source, target, handle in edges
        ],
    }
