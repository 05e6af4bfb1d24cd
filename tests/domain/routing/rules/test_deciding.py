"""What one decision rests on and says, where chance would not come: the cap of the search, and an order's own facts."""

from __future__ import annotations

import json
from typing import Any

from schemas.documents.rules.builtin import read
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.explaining import explained
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts, names_of_place, order_facts
from streams.domain.routing.rules.splitting import SETS_MAX

RANK = {"mode": "lexicographic", "criteria": [{"by": "distance"}]}


def fewest(facts: Facts) -> dict[str, Any]:
    document = {"version": 1, "name": "x", "default": {"rank": RANK, "allocate": {"split": "fewest"}}}
    rules = compiled(read(json.dumps(document)))
    return explained(rules, decide(rules, facts))


def warehouses(count: int, sells: dict[str, int]) -> tuple[WarehouseFacts, ...]:
    return tuple(WarehouseFacts(f"W{number:02}", sells, metres=number) for number in range(count))


def test_a_search_that_is_cut_short_says_so_and_the_order_is_split_all_the_same() -> None:
    """Only the last two can do it in two parcels, and they come after 1,325 other pairs."""
    last = (WarehouseFacts("Y", {"A": 3}, metres=98), WarehouseFacts("Z", {"B": 1}, metres=99))
    order = OrderFacts((LineFacts("1", "A", 3), LineFacts("2", "B", 1)))
    for nearer, notes in ((50, ["SPLIT_SEARCH_CAPPED"]), (40, [])):
        assert (nearer + 2) * (nearer + 1) // 2 > SETS_MAX or not notes
        said = fewest(Facts(order, (*warehouses(nearer, {"A": 1}), *last)))
        (attempt,) = said["attempts"]
        assert (said["outcome"], attempt["chosen"], attempt["notes"]) == ("allocated", ["Y", "Z"], notes)


def test_an_order_has_the_first_row_that_it_meets_however_rows_are_looked_up() -> None:
    """Two rows ask for a province by name and are found by it; the others stand before, between and after them."""
    rows = [
        {"when": [{"field": "pieces", "at_least": 9}], "warehouses": ["W00"]},
        {"when": [{"field": "province", "in": ["浙江"]}], "warehouses": ["W01"]},
        {"when": [{"field": "pieces", "at_least": 5}], "warehouses": ["W02"]},
        {"when": [{"field": "province", "in": ["四川"]}], "warehouses": ["W03"]},
        {"warehouses": ["W04"]},
    ]
    choice = {"rank": RANK, "filters": [{"filter": "table", "table": "t"}]}
    rules = compiled(
        read(json.dumps({"version": 1, "name": "x", "tables": [{"name": "t", "rows": rows}], "default": choice}))
    )
    for province, pieces, code in (
        *(("浙江省", 9, "W00"), ("浙江省", 5, "W01"), ("四川省", 9, "W00"), ("四川省", 5, "W02"), ("四川省", 1, "W03")),
        *(("", 9, "W00"), ("", 5, "W02"), ("", 1, "W04"), ("湖北省", 1, "W04")),
    ):
        order = OrderFacts((LineFacts("1", "A", pieces),), province=province)
        decision = decide(rules, Facts(order, warehouses(5, {"A": 99})))
        assert [part.warehouse for part in decision.parts] == [code], (province, pieces)


def test_a_tie_falls_by_the_warehouses_code_and_says_so() -> None:
    facts = Facts(
        OrderFacts((LineFacts("1", "A", 1),)),
        (WarehouseFacts("B", {"A": 1}, metres=5), WarehouseFacts("A", {"A": 1}, metres=5)),
    )
    (attempt,) = fewest(facts)["attempts"]
    assert (attempt["chosen"], attempt["runner_up"]) == (["A"], "B")
    assert attempt["margin"] == {"by": "warehouse", "difference": None}


def test_a_place_is_called_as_its_government_calls_it() -> None:
    assert names_of_place("Zhejiang", "杭州", "西湖区") == ("浙江省", "杭州市", "西湖区")
    assert names_of_place("北京", "", "朝阳区") == ("北京市", "北京市", "朝阳区")
    assert names_of_place("California", "Fresno", "") == ("California", "Fresno", "")


def test_an_order_is_what_this_merchant_has_still_to_send() -> None:
    line = {
        "unit_price_minor": 100,
        "bundle_line_no": "",
        "sent_by": "MERCHANT",
        "cancelled_quantity": 0,
        "shipped_quantity": 0,
    }
    order: Any = {
        "lines": [
            {**line, "line_no": "1", "sku": "A", "quantity": 5, "cancelled_quantity": 1, "shipped_quantity": 2},
            {**line, "line_no": "2", "sku": "B", "quantity": 1, "sent_by": "SUPPLIER"},
            {**line, "line_no": "3", "sku": "C", "quantity": 1, "shipped_quantity": 1},
        ],
        "receiver": {"country": "CN", "province": "浙江", "city": "杭州", "district": "", "town": ""},
        **dict.fromkeys(("channel", "shop", "currency"), ""),
        **dict.fromkeys(("total_minor", "placed_at_ms"), 0),
        **dict.fromkeys(("collect_minor", "paid_at_ms", "ship_by_ms")),
    }
    facts = order_facts(order)
    assert facts.lines == (LineFacts("1", "A", 2, 100),)
    assert (facts.province, facts.city) == ("浙江省", "杭州市")
