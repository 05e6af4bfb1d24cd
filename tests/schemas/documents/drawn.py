"""Documents of every kind; of rules, flows, warehouses and bundles any: sound in their form, with whatever text a person may write."""

from __future__ import annotations

from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

from schemas.documents.bundles.document import Bundle, BundlePart
from schemas.documents.bundles.document import Document as Bundles
from schemas.documents.kinds import KINDS, drafted
from schemas.documents.warehouses.document import Document as Warehouses
from schemas.documents.warehouses.document import Warehouse
from tests.domain.flow.made import document as flow
from tests.domain.routing.rules import made
from tests.schemas.documents.test_kinds import text

_CHARACTERS = st.characters(codec="utf-8")
names = st.text(_CHARACTERS, min_size=1, max_size=20)
remarks = st.text(_CHARACTERS, max_size=30)
numbers = st.integers(0, 10**12)

warehouse = st.builds(
    Warehouse,
    code=names,
    province=names,
    name=remarks,
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    max_open_units=st.none() | numbers,
    enabled=st.booleans(),
    priority=st.integers(-1_000_000, 1_000_000),
)
bundle = st.builds(
    Bundle,
    sku=names,
    parts=st.lists(st.builds(BundlePart, sku=names, pieces=st.integers(1, 1_000)), min_size=1, max_size=4).map(tuple),
)
DRAWN: dict[str, st.SearchStrategy[Any]] = {
    "rules": st.integers(0, 10**9).map(lambda seed: msgspec.convert(made.document(Random(seed)), KINDS["rules"].type)),
    "flows": st.integers(0, 10**9).map(lambda seed: msgspec.convert(flow(Random(seed)), KINDS["flows"].type)),
    "warehouses": st.builds(
        Warehouses,
        version=st.just(1),
        name=names,
        warehouses=st.lists(warehouse, min_size=1, max_size=5).map(tuple),
        description=remarks,
    ),
    "bundles": st.builds(
        Bundles,
        version=st.just(1),
        name=names,
        bundles=st.lists(bundle, min_size=1, max_size=5).map(tuple),
        description=remarks,
    ),
}

#: Of kinds that have tests of their own for what they may hold: one each.
DRAWN |= {kind: st.just(drafted(text(kind))[1].document) for kind in KINDS.keys() - DRAWN.keys()}


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, msgspec.Struct]:
    """(kind, document)"""
    kind = draw(st.sampled_from(sorted(DRAWN)))
    return kind, draw(DRAWN[kind])
