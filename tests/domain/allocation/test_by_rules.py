"""An order that a released rule document decides: whose turn it is, what pins it, what its trace says; and nothing of it where none is."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.codec import CODEC
from schemas.documents.hashing import canonical
from schemas.documents.rules.builtin import default
from streams.agents.rulebook import Rulebook
from streams.domain.allocation.by_rules import facts_of, merge_group
from streams.domain.allocation.step import View
from streams.domain.releases.sharing import Release, Share, assigned, salt_of
from streams.domain.routing.planning import plan
from streams.domain.routing.rules.facts import Facts, warehouse_facts
from tests.domain.allocation.saga import PLENTY, Saga
from tests.domain.make import AT_MS, arrived, forgotten, level, line, operator, order, view, warehouse
from tests.domain.released import RULES, by_sequence, release, rulebook, version
from tests.domain.routing.rules import made
from tests.domain.routing.rules.reference import decided
from tests.domain.routing.rules.test_default import surroundings
from tests.domain.routing.rules.test_reference import rules_of

#: The built-in rule sends from HZ, which is nearer.
GZ_FIRST, HZ_FIRST = by_sequence("GZ", "HZ"), by_sequence("HZ", "GZ")
NOWHERE = by_sequence("GZ", filters=[{"filter": "distance", "metres": 1}])
BOTH = [version(1, GZ_FIRST), version(2, HZ_FIRST)]


def seen(rules: Rulebook, levels: Any = None) -> View:
    return view(PLENTY if levels is None else levels)._replace(book=rules.book)


def sender(saga: Saga) -> str:
    (asked,) = [record for name, record in saga.commands if name == "Reserve"]
    return str(asked["warehouse"])


def by(saga: Saga) -> Any:
    return saga.state["decided_by"]


def test_what_is_live_decides_and_the_trace_names_it() -> None:
    saga = Saga(seen(rulebook(BOTH, release(live=1)))).order(line("MUG", 2))
    assert sender(saga) == "GZ"
    mine = {"document": RULES, "version": 1, "share": None, "tables": []}
    assert by(saga) == mine

    (_, told), *_ = saga.grant().events
    (round_,) = told["trace"]["rounds"]
    assert round_["by_rules"]["decided_by"] == mine
    assert [(each["warehouse"], each["chosen"], each["reason"]) for each in round_["considered"]] == [
        ("GZ", True, "number 1 of 2 by rank"),
        ("HZ", False, "number 2 of 2 by rank"),
    ]
    (attempt,) = round_["by_rules"]["attempts"]
    assert (attempt["criteria"], attempt["chosen"], attempt["runner_up"]) == (["sequence"], ["GZ"], "HZ")
    assert [(each["warehouse"], each["costs"]) for each in attempt["warehouses"]] == [("HZ", [1]), ("GZ", [0])]


def test_nothing_released_is_the_built_in_rule() -> None:
    for rules in (rulebook([]), rulebook(BOTH), rulebook(BOTH, release()), rulebook(BOTH, release(withdrawn=(1,)))):
        saga = Saga(seen(rules)).order()
        assert rules.book is None
        assert (sender(saga), by(saga), saga.state["routing"]) == ("HZ", None, None)
        assert saga.state["trace"]["rounds"][0]["by_rules"] is None


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_nothing_released_plans_as_the_planner_and_its_document_does(random: Random) -> None:
    needs, levels, warehouses, load = surroundings(random)
    lines = [line(need.sku, need.quantity, need.line_no) for need in needs]
    planned = plan(needs, levels, warehouses, load, "浙江省", "CN")
    released = rulebook([version(1, canonical(default()).decode())], release(live=1))
    for book in (None, rulebook([]).book, released.book):
        saga = Saga(View(lambda sku: levels.get(sku, ()), warehouses, load, None, book)).order(*lines)
        asked = [record for name, record in saga.commands if name == "Reserve"]
        assert [(each["sku"], each["warehouse"], each["quantity"]) for each in asked] == [
            (part.sku, part.warehouse, part.quantity) for part in planned.parts
        ]
        (round_,) = (saga.state["trace"] or saga.events[0][1]["trace"])["rounds"]
        if book is None:
            expected = {"round": 1, "considered": planned.considered, "rejected": planned.missing}
            expected |= {"by_rules": None, "first_choice": planned.first_choice, "pools": []}
            assert (round_, saga.state["routing"]) == (expected, None)
        assert sorted(map(str, round_["rejected"])) == sorted(map(str, planned.missing))


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_the_document_it_decides_as_the_reference_does(random: Random) -> None:
    text = made.document(random)
    if rules_of(text) is None or "daily_capacity" in str(text):
        return
    needs, levels, warehouses, load = surroundings(random)
    lines = [line(need.sku, need.quantity, need.line_no, unit_price_minor=50) for need in needs]
    known = View(
        lambda sku: levels.get(sku, ()), warehouses, load, None, rulebook([version(1, text)], release(live=1)).book
    )
    saga = Saga(known).order(*lines, province=random.choice(("浙江省", "广东", "")))
    assert by(saga)["version"] == 1
    routing, state = saga.state["routing"], saga.state
    stand = warehouse_facts(
        list(dict.fromkeys(need.sku for need in needs)), levels, warehouses, load, state["province"], "CN"
    )
    expected = decided(text, Facts(facts_of(state, routing, needs), stand, AT_MS))
    asked = [record for name, record in saga.commands if name == "Reserve"]
    assert [(each["sku"], each["warehouse"], each["quantity"]) for each in asked] == [
        (part["sku"], part["warehouse"], part["quantity"]) for part in expected["parts"]
    ]


def test_a_share_decides_those_whose_turn_it_is() -> None:
    rules = rulebook(BOTH, release(live=2, share=(1, 3_000)))
    trial = Release(2, None, Share(1, 3_000, salt_of(RULES, 1)))
    versions = []
    for number in range(300):
        saga = Saga(seen(rules)).order(order_id=f"taobao:{number}", address=f"文三路 {number} 号")
        its = assigned(trial, merge_group(saga.state))
        assert (by(saga)["version"], by(saga)["share"]) == (its.version, 3_000 if its.why == "share" else None)
        versions.append(its.version)
    assert 60 < versions.count(1) < 120


def test_orders_of_one_receiver_have_one_turn_and_those_of_whom_nothing_is_known_each_their_own() -> None:
    groups = [merge_group(Saga().order(order_id=f"taobao:{number}").state) for number in range(2)]
    assert groups[0] == groups[1]
    other = merge_group(Saga().order(address="文三路 2 号").state)
    hidden = [
        merge_group({**Saga().order(order_id=f"taobao:{number}").state, "receiver_mark": mark})
        for number in range(2)
        for mark in ("12345678 - - -", "forgotten", "")
    ]
    assert len({groups[0], other, *hidden}) == 2 + 2


def test_the_first_decision_pins_its_version_and_a_rollback_lets_it_go() -> None:
    before, wider = rulebook(BOTH, release(live=1)), rulebook(BOTH, release(live=2, previous=1))
    saga = Saga(seen(before)).order()
    saga.view = seen(wider)
    saga.reject(level("GZ", 9), level("HZ", 9))
    assert (sender(saga), by(saga)["version"]) == ("GZ", 1)

    saga = Saga(seen(wider)).order()
    assert by(saga)["version"] == 2
    saga.view = seen(rulebook(BOTH, release(live=1, withdrawn=(2,))))
    saga.reject(level("GZ", 9), level("HZ", 9))
    assert (sender(saga), by(saga)["version"]) == ("GZ", 1)


def test_a_backorder_goes_on_with_the_version_that_made_it() -> None:
    documents = [version(1, NOWHERE), version(2, HZ_FIRST)]
    saga = Saga(seen(rulebook(documents, release(live=1)))).order()
    assert (saga.events[0][0], saga.events[0][1]["reason"]) == ("OrderBackordered", "no_warehouse_can_send")
    reasons = [each["reason"] for each in saga.state["trace"]["rounds"][0]["considered"]]
    assert len(reasons) == 2 and all(each.endswith("m away, and 1 m is the limit") for each in reasons)
    saga.view = seen(rulebook(documents, release(live=2, previous=1)))
    saga.tell("StockArrived", arrived(level("HZ", 50), level("GZ", 50)))
    assert saga.state["phase"] == "BACKORDERED" and by(saga)["version"] == 1
    saga.view = seen(rulebook(documents, release(live=2, withdrawn=(1,))))
    saga.tell("StockArrived", arrived(level("HZ", 50), level("GZ", 50)))
    assert (sender(saga), by(saga)["version"]) == ("HZ", 2)


def test_an_order_goes_on_with_the_tables_of_its_first_decision() -> None:
    name = "carriers/default"
    by_sf = version(1, by_sequence("HZ", "GZ", filters=[{"filter": "carrier", "in": ["SF"]}]))
    tables = [
        version(
            number,
            {
                "kind": "carriers",
                "version": 1,
                "name": "default",
                "carriers": [{"warehouse": code, "carrier": "SF", "regions": ["*"]}],
            },
            name,
        )
        for number, code in ((1, "GZ"), (2, "HZ"))
    ]
    first = rulebook([by_sf, *tables], release(live=1), release(live=1, name=name))
    later = rulebook([by_sf, *tables], release(live=1), release(live=2, previous=1, name=name))
    saga = Saga(seen(first)).order()
    assert (sender(saga), by(saga)["tables"]) == ("GZ", [f"{name}@1"])
    saga.view = seen(later)
    saga.reject(level("GZ", 9), level("HZ", 9))
    assert (sender(saga), by(saga)["tables"]) == ("GZ", [f"{name}@1"])
    assert sender(Saga(seen(later)).order()) == "HZ"


def with_carriers() -> Rulebook:
    """DBL takes up to 4 kg from each of two warehouses, SF all; a mug and a pot weigh 3 kg each. No price list: by their names."""
    carriers = [
        {"warehouse": code, "carrier": carrier, "regions": ["*"], **limit}
        for code in ("HZ", "GZ")
        for carrier, limit in (("SF", {}), ("DBL", {"grams_max": 4_000}))
    ]
    documents = {
        "carriers/default": {"kind": "carriers", "version": 1, "name": "default", "carriers": carriers},
        "products/default": {
            "kind": "products",
            "version": 1,
            "name": "default",
            "products": [{"sku": sku, "grams": 3_000} for sku in ("MUG", "POT")],
        },
    }
    tables = [version(1, document, name) for name, document in documents.items()]
    releases = [release(live=1, name=name) for name in documents]
    return rulebook([version(1, by_sequence("HZ", "GZ")), *tables], release(live=1), *releases)


def told_carriers(saga: Saga) -> dict[str, str]:
    (_, told) = next(each for each in saga.events if each[0] == "OrderAllocated")
    return {part["warehouse"]: part["carrier"] for part in told["parts"]}


def test_who_takes_an_order_is_told_with_its_parts() -> None:
    known = seen(with_carriers())
    assert told_carriers(Saga(known).order(line("MUG", 1)).grant()) == {"HZ": "DBL"}
    assert told_carriers(Saga(known).order(line("MUG", 2)).grant()) == {"HZ": "SF"}


def test_of_a_split_order_each_parcel_goes_with_who_takes_that() -> None:
    apart = {"MUG": [level("HZ", 50)], "POT": [level("GZ", 50)]}
    saga = Saga(seen(with_carriers(), apart)).order(line("MUG", 1), line("POT", 1, line_no="2")).grant()
    assert told_carriers(saga) == {"HZ": "DBL", "GZ": "DBL"}


def test_what_stays_of_an_allocation_keeps_its_carrier() -> None:
    saga = Saga(seen(with_carriers())).order(line("MUG", 2)).grant()
    saga.order(line("MUG", 2, cancelled_quantity=1), version=2)
    assert told_carriers(saga) == {"HZ": "SF"}


def test_without_tables_nobody_is_chosen() -> None:
    saga = Saga(seen(rulebook([version(1, HZ_FIRST)], release(live=1)))).order(line("MUG", 1)).grant()
    assert told_carriers(saga) == {"HZ": None}


def test_all_rolled_back_is_the_built_in_rule_again() -> None:
    saga = Saga(seen(rulebook(BOTH, release(share=(1, 9_999))))).order()
    assert by(saga)["share"] == 9_999
    saga.view = seen(rulebook(BOTH, release(withdrawn=(1,))))
    saga.reject(level("GZ", 9), level("HZ", 9))
    assert (sender(saga), by(saga)) == ("HZ", None)


def test_an_order_of_before_the_first_release_goes_by_the_built_in_rule_until_its_next_version() -> None:
    live = rulebook(BOTH, release(live=1))
    saga = Saga(seen(rulebook([]))).order(status="HOLD", hold_reason="risk")
    saga.view = seen(live)
    saga.tell("OperatorDecision", operator("RELEASE_HOLD"))
    assert (sender(saga), by(saga)) == ("HZ", None)
    saga.reject(level("GZ", 9), level("HZ", 9))
    assert (sender(saga), by(saga)) == ("HZ", None)
    saga.order(version=2, address="文三路 2 号")
    assert (sender(saga), by(saga)["version"]) == ("GZ", 1)


def test_a_parcel_that_has_left_is_met_whatever_rules_say() -> None:
    saga = Saga(
        seen(
            rulebook([version(1, by_sequence("GZ", filters=[{"filter": "warehouses", "in": ["GZ"]}]))], release(live=1))
        )
    )
    saga.parcel(warehouse="HZ")
    saga.order()
    assert sender(saga) == "HZ"
    assert saga.state["trace"]["rounds"][0]["by_rules"] is None


def test_nothing_of_where_somebody_lives_stands_in_a_trace_and_a_forgotten_one_has_no_district() -> None:
    text = by_sequence("GZ", "HZ")
    text["strategies"] = [
        {
            "name": "near",
            "when": [{"field": field, "in": ["龙岗区" if field == "district" else "南湾街道"]}],
            "rank": text["default"]["rank"],
        }
        for field in ("district", "town")
    ]
    text["strategies"][1]["name"] = "nearer"
    home = order()["receiver"] | {"city": "杭州市", "district": "西湖区", "town": "北山街道"}
    saga = Saga(seen(rulebook([version(1, text)], release(live=1)))).order(receiver=home)
    passed = saga.state["trace"]["rounds"][0]["by_rules"]["passed_over"]
    assert [(each["field"], each["actual"]) for each in passed] == [("district", []), ("town", [])]
    told = saga.grant().events[0]
    assert "西湖区" not in str(told) and "北山街道" not in str(told)
    assert saga.state["routing"]["district"] == "西湖区"
    saga.tell("PersonForgotten", forgotten())
    assert "西湖区" not in str(saga.state) and "北山街道" not in str(saga.state)
    saga.order(version=2, receiver=home)
    assert (saga.state["routing"]["district"], saga.state["routing"]["town"]) == ("", "")
    assert saga.state["routing"]["city"] == "杭州市"


def test_a_trace_stays_small_whatever_the_document() -> None:
    codes = [f"W{number:03}" for number in range(100)]
    text = by_sequence(*codes[:50])
    criteria = [{"by": name} for name in ("distance", "priority", "stock", "load")]
    text["strategies"] = [
        {
            "name": f"s{number}",
            "filters": [{"filter": "covers", "at_least": 10_000}],
            "rank": {"mode": "lexicographic", "criteria": criteria},
        }
        for number in range(30)
    ]
    text["strategies"] += [
        {**text["strategies"][0], "name": f"p{number}", "when": [{"field": "channel", "in": ["jd"]}]}
        for number in range(30)
    ]
    skus = [f"S{number}" for number in range(60)]
    known = view({sku: [level(code, 1) for code in codes] for sku in skus}, *map(warehouse, codes))
    saga = Saga(known._replace(book=rulebook([version(1, text)], release(live=1)).book))
    saga.order(*(line(sku, 200, str(at)) for at, sku in enumerate(skus)))
    (waits,) = saga.events
    assert len(CODEC.encode(*waits)) < 12_000
