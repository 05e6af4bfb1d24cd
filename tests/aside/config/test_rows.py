"""What documents make of the hub's own records, against what a person would expect of the sum of them."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.bundles import document as bundles
from schemas.documents.pools import document as pools
from schemas.documents.warehouses import document as warehouses
from streams.aside.config.apply import planned
from streams.aside.config.rows import RowChanges, as_document, bundles_as_document, changed
from streams.aside.config.standing import Rows, Standing
from tests.aside.config.made import NOTHING, done

PLACES = ("浙江", "广东", "四川")
codes = st.sampled_from("ABCD")
#: name -> code -> (province, priority)
steps = st.lists(
    st.tuples(
        st.sampled_from(["east", "west"]),
        st.dictionaries(codes, st.tuples(st.sampled_from(PLACES), st.integers(0, 2)), min_size=1, max_size=4),
    ),
    max_size=8,
)


def document(name: str, rows: dict[str, tuple[str, int]]) -> warehouses.Document:
    them = (warehouses.Warehouse(code=c, province=p, priority=n) for c, (p, n) in sorted(rows.items()))
    return warehouses.Document(version=1, name=name, warehouses=tuple(them))


def written(standing: Standing, kind: str, wanted: msgspec.Struct, at_ms: int) -> Standing:
    plan = planned(standing, [(kind, wanted)])
    rows = changed(standing, plan.after, at_ms)
    for change in plan.changes:
        standing = done(standing, change)
    return standing._replace(
        rows=Rows(
            {**standing.rows.warehouses, **{w["warehouse"]: w for w in rows.warehouses}},
            {**standing.rows.bundles, **{b["sku"]: b for b in rows.bundles}},
        )
    )


@given(steps)
def test_a_warehouse_is_as_the_last_document_that_names_it_says_and_disabled_where_none_does_any_more(
    them: list[tuple[str, dict[str, tuple[str, int]]]],
) -> None:
    standing, live = NOTHING, dict[str, dict[str, tuple[str, int]]]()
    expected: dict[str, tuple[str, int, bool]] = {}
    for at_ms, (name, rows) in enumerate(them, start=1):
        before = standing.rows.warehouses
        standing = written(standing, "warehouses", document(name, rows), at_ms)
        gone = live.get(name, {}).keys() - rows.keys()
        live[name] = rows
        for code in gone:
            if not any(code in its for its in live.values()):
                expected[code] = (*expected[code][:2], False)
        expected |= {code: (province, priority, True) for code, (province, priority) in rows.items()}
        found = {c: (w["province"], w["priority"], w["enabled"]) for c, w in standing.rows.warehouses.items()}
        assert found == expected
        # A record has a new version exactly where it says something new.
        for code, record in standing.rows.warehouses.items():
            was = before.get(code)
            assert (was is None or record["version"] > was["version"]) == (was != record)
    for name in live:
        again = planned(standing, [("warehouses", document(name, live[name]))])
        assert not again.changes


@given(steps)
def test_records_as_a_document_make_just_these_records(them: list[tuple[str, dict[str, tuple[str, int]]]]) -> None:
    standing = NOTHING
    for at_ms, (name, rows) in enumerate(them, start=1):
        standing = written(standing, "warehouses", document(name, rows), at_ms)
    if standing.rows.warehouses:
        # As if nothing but the records were there.
        bare = NOTHING._replace(rows=standing.rows)
        made = as_document("by-hand", standing.rows.warehouses.values())
        assert changed(bare, {"warehouses/by-hand": made}, 99) == RowChanges((), ())


def test_a_place_that_is_no_provinces_middle_stays_to_the_last_digit() -> None:
    record: Any = {
        "warehouse": "A",
        "name": "A",
        "province": "浙江",
        "latitude": 30.27415000000001,
        "longitude": 120.1551,
        "max_open_units": None,
        "enabled": False,
        "priority": -2,
        "version": 7,
    }
    made = as_document("by-hand", [record])
    assert changed(NOTHING._replace(rows=Rows({"A": record}, {})), {"warehouses/by-hand": made}, 99) == RowChanges(
        (), ()
    )
    moved = {**record, "latitude": 30.27415000000002}
    (again,) = changed(NOTHING._replace(rows=Rows({"A": moved}, {})), {"warehouses/by-hand": made}, 99).warehouses
    assert again == {**record, "version": 99}


def test_a_record_that_is_newer_than_the_clock_gets_the_next_version() -> None:
    made = document("east", {"A": ("浙江", 1)})
    standing = written(NOTHING, "warehouses", made, 50)
    (again,) = changed(standing, {"warehouses/east": document("east", {"A": ("浙江", 2)})}, 10).warehouses
    assert again["version"] == 51


def test_a_bundle_that_no_document_names_any_more_is_none_and_those_set_by_hand_stay() -> None:
    def one(*skus: str) -> bundles.Document:
        them = (bundles.Bundle(sku, (bundles.BundlePart(f"{sku}-P", 2),)) for sku in skus)
        return bundles.Document(version=1, name="main", bundles=tuple(them))

    by_hand: Any = {"H": {"sku": "H", "parts": [{"sku": "H-P", "quantity": 1}], "version": 4}}
    standing = written(NOTHING._replace(rows=Rows({}, by_hand)), "bundles", one("S", "T"), 1)
    standing = written(standing, "bundles", one("T"), 2)
    found = {
        sku: ([(p["sku"], p["quantity"]) for p in b["parts"]], b["version"]) for sku, b in standing.rows.bundles.items()
    }
    assert found == {"H": ([("H-P", 1)], 4), "S": ([], 2), "T": ([("T-P", 2)], 1)}
    made = bundles_as_document("by-hand", standing.rows.bundles.values())
    assert [each.sku for each in made.bundles] == ["H", "T"]
    assert changed(NOTHING._replace(rows=standing.rows), {"bundles/by-hand": made}, 9) == RowChanges((), ())


def test_a_pool_is_set_where_its_row_is_new_or_another_and_closed_where_it_is_taken_out() -> None:
    def one(**caps: int) -> pools.Document:
        them = (pools.Pool(sku=s, cap=c, from_="2026-10-24 20:00", until="2026-11-12 00:00") for s, c in caps.items())
        return pools.Document(version=1, name="main", pools=tuple(them))

    def told(standing: Standing, wanted: pools.Document) -> list[tuple[str, int, bool]]:
        return [
            (each["command_id"], each["pool"]["cap"], each["pool"]["closed"])
            for each in changed(standing, {"pools/main": wanted}, 9).pools
        ]

    assert told(NOTHING, one(A=5, B=6)) == [("pools/main/1/A", 5, False), ("pools/main/1/B", 6, False)]
    standing = written(NOTHING, "pools", one(A=5, B=6), 1)
    assert told(standing, one(A=5, B=6)) == []
    assert told(standing, one(A=7)) == [("pools/main/2/A", 7, False), ("pools/main/2/B", 6, True)]
    # What stood before is set by another command: its id is a new one.
    standing = written(standing, "pools", one(A=7), 2)
    assert told(standing, one(A=5, B=6)) == [("pools/main/3/A", 5, False), ("pools/main/3/B", 6, False)]
