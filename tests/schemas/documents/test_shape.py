"""Values are held to types: no fault exactly where msgspec takes them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import msgspec

from schemas.documents import shape
from schemas.documents.rules.document import Document
from tests.domain.routing.rules import made

_SHAPE = msgspec.inspect.type_info(Document)
OTHER = (
    None,
    True,
    False,
    -1,
    0,
    10**13,
    1.5,
    "x",
    "",
    "x" * 65,
    [],
    {},
    [[]],
    ["a"],
    [0],
    {"by": 3},
    {"filter": "load"},
    {"x": 1},
)


def changed(random: Random, document: dict[str, Any]) -> None:
    place: Any = document
    while True:
        keys = [*place] if isinstance(place, dict) else list(range(len(place)))
        key = random.choice(keys)
        if not isinstance(place[key], (dict, list)) or not place[key] or random.random() < 0.2:
            break
        place = place[key]
    if isinstance(place, dict) and random.random() < 0.3:
        del place[key]
    else:
        place[key] = random.choice(OTHER)


def test_no_fault_is_found_exactly_where_msgspec_takes_it() -> None:
    taken = 0
    for seed in range(1_500):
        random = Random(seed)
        document = made.document(random)
        assert list(shape.faults(document, _SHAPE)) == []
        for _ in range(random.randint(1, 2)):
            changed(random, document)
        try:
            msgspec.convert(document, Document)
            takes = True
        except msgspec.ValidationError:
            takes = False
        found = list(shape.faults(document, _SHAPE))
        assert (not found) is takes, (seed, found, json.dumps(document))
        taken += takes
    assert 100 < taken < 1_400
