"""What the fuzzer begins with: sound payloads of each platform, and the words its mapper looks for."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from streams.domain import aftersales, channels
from tests.domain.aftersales.raw import FORMS
from tests.domain.raw_orders import SOUND
from tests.kinds.trials import CASES

#: What is fuzzed: the mappers of orders, by their channel, and those of after-sales.
TARGETS = (*channels.MAPPERS, *(f"{channel}-aftersale" for channel in aftersales.MAPPERS))
_ROOMS = {False: Path(channels.__file__).parent, True: Path(aftersales.__file__).parent}
#: Cases' names begin with their platform's letter.
_LETTER = {"taobao": "T", "jd": "J", "pdd": "P", "douyin": "D", "shopify": "S"}


def channel_of(target: str) -> tuple[str, bool]:
    """The channel, and whether it is its after-sales'."""
    channel, _, what = target.partition("-")
    return channel, bool(what)


def payloads(target: str) -> Iterator[dict[str, Any]]:
    """Sound ones, and those of the cases."""
    channel, aftersale = channel_of(target)
    if aftersale:
        yield from (doc for whose, doc in FORMS.values() if whose == channel)
        return
    yield SOUND[channel]
    for path in sorted(CASES.glob(f"{_LETTER[channel]}*.json")):
        yield from json.loads(path.read_text("utf-8"))["payloads"]


@cache
def texts(target: str) -> tuple[bytes, ...]:
    """The same, as they are sent."""
    return tuple(json.dumps(each, ensure_ascii=False).encode() for each in payloads(target))


@cache
def words(target: str) -> tuple[str, ...]:
    """Every text in the mapper's code that may be a field's name or a value: what it looks for, without a list kept by hand."""
    channel, aftersale = channel_of(target)
    found: set[str] = set()
    for path in (*_ROOMS[aftersale].glob(f"{channel}*.py"), _ROOMS[False] / "snapshot.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= 40:
                found.add(node.value)
    return tuple(sorted(found))


def strange(rng: Random) -> Any:
    """A value that somebody's export has had; the caller's own, who may change it."""
    return copy.deepcopy(rng.choice(_STRANGE))


_STRANGE: tuple[Any, ...] = (
    *(None, True, False, "", " ", "0", 0, 1, 2, 3, -1, "-1", "1", "2", "3", "1.0", 1.5, "1e3", "１", "NaN", "1,000.00"),
    *(
        1_000_000,
        1_000_001,
        2**31 - 1,
        2**31,
        2**53 + 1,
        2**63,
        10**30,
        1e308,
        "99.00",
        "0.01",
        "999999999999.99",
        0.1 + 0.2,
    ),
    *(
        "0001-01-01 00:00:00",
        "1970-01-01 00:00:00",
        "2026-02-30 10:00:00",
        "2026-01-20 00:00:00",
        "9999-12-31 23:59:59",
    ),
    *(1767232800, 1768838400, "1768838400", "2026-01-20T00:00:00+08:00", 4102444800),
    *([], {}, [[]], [None], {"": ""}, "null", "true", "SKU-A", "SKU-B", "13800000000-1234", "+85291234567", "***"),
    *(
        "浙江杭州市西湖区文三路1号",
        "香港特别行政区",
        "台湾省",
        "海外",
        "加拿大",
        "\u200b",
        "\ufeff",
        "𠮷" * 3,
        "a" * 70,
        "\u0000",
    ),
)
