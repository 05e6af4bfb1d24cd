"""The short form: every way in which the database goes away, once, while a few orders flow."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.demo.tables import Comparison, Fold, judge
from tests.connectors.outages.faults import AT_RANDOM, FAULTS
from tests.connectors.outages.run import drawn, run


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_tables_say_what_the_topics_say_after_every_kind_of_outage(tmp_path: Path) -> None:
    plan = drawn(1_200, 0, seed=5, each=True)
    assert sorted(plan.outages) == sorted(FAULTS)
    outcome = run(plan, tmp_path, print)
    assert outcome.comparison.differences == [] == outcome.problems
    assert len(outcome.outages) == len(FAULTS)
    # Each of these was seen by the sink, said once, and ended once; killed and restarted ones it may not have met.
    assert outcome.paused >= len(set(AT_RANDOM) - {"connection half-open"})
    assert outcome.paused == outcome.resumed
    rows = outcome.comparison.rows
    assert rows["orders"] > 1_000 and rows["allocations"] > 800 and rows["stock"] > 500 and rows["shipments"] > 10


def test_the_comparison_sees_what_it_is_there_to_see() -> None:
    fold = Fold()
    alert = {"sku": "MUG", "warehouse": "hz1", "kind": "SALE_CLOSED", "sellable": 0}
    fold.add("StockAlert", alert, "inventory.alerts", 0, 7)
    fold.add("StockAlert", alert, "inventory.alerts", 0, 9)
    expected = fold.tables["stock_alerts"]
    seventh, ninth = (0, 7, "MUG", "hz1", "SALE_CLOSED", 0), (0, 9, "MUG", "hz1", "SALE_CLOSED", 0)

    def differences(*found: tuple[object, ...]) -> list[str]:
        result = Comparison()
        judge(result, "stock_alerts", 2, list(found), expected)
        return [d.split(":")[1].split(",")[0].strip() for d in result.differences]

    assert differences(seventh, ninth) == []
    assert differences(ninth) == ["1 rows missing"]
    assert differences(seventh, ninth, ninth) == ["1 rows stand there more than once"]
    assert differences(seventh, (*ninth[:4], "SALE_REOPENED", 0)) == ["1 rows other than the topic says"]
    assert differences(seventh, ninth, (1, *ninth[1:])) == ["1 rows of no record"]


def test_lines_of_an_order_are_replaced_with_it() -> None:
    fold = Fold()
    line = {"line_no": "1", "sku": "MUG", "title": "m", "quantity": 1, "unit_price_minor": 1}
    line |= {"shipped_quantity": 0, "cancelled_quantity": 0}
    to = dict.fromkeys(("name", "phone", "district", "town", "address", "postal_code", "oaid", "province", "city"), "x")
    fields = ("channel", "shop", "order_no", "status", "currency")
    order = {**dict.fromkeys(fields, "x"), "order_id": "x:1", "version": 1, "total_minor": 1, "receiver": to}
    order |= {"source": {"topic": "t", "partition": 0, "offset": 0}, "lines": [line, {**line, "line_no": "2"}]}
    fold.add("Order", order, "orders", 0, 1)
    fold.add("Order", {**order, "version": 2, "lines": [{**line, "line_no": "2"}]}, "orders", 0, 5)
    assert list(fold.tables["order_lines"]) == [("x:1", "2")]
    assert list(fold.tables["order_events"]) == [("orders", 0, 1), ("orders", 0, 5)]
