"""Versions in the shadow and on a share: what they make of orders, who has the effect, and that what fails ends no order."""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.agents.rulebook import Rulebook
from streams.domain.allocation.by_rules import merge_group
from streams.domain.allocation.step import View
from streams.domain.releases.sharing import Release, Share, assigned, salt_of
from streams.domain.routing.book import Book, Compiled
from streams.domain.routing.comparing import breaches
from streams.domain.routing.planning import Plan, PlannedPart
from streams.domain.routing.rules.compiling import Rules
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts, WarehouseFacts
from tests.domain.allocation.saga import PLENTY, Saga
from tests.domain.make import AT_MS, arrived, level, line, order, view
from tests.domain.released import RULES, by_sequence, release, rulebook, version
from tests.domain.routing.rules import made
from tests.domain.routing.rules.test_default import surroundings
from tests.domain.routing.rules.test_reference import rules_of

GZ_FIRST, HZ_FIRST = by_sequence("GZ", "HZ"), by_sequence("HZ", "GZ")
NOWHERE = by_sequence("GZ", filters=[{"filter": "distance", "metres": 1}])
DOCUMENTS = [version(1, GZ_FIRST), version(2, HZ_FIRST), version(3, NOWHERE)]
TRIAL = Release(2, None, Share(1, 3_000, salt_of(RULES, 1)))
#: Without a strategy to try: a document of that kind cannot be published, and ends with an error.
BROKEN = Compiled(Rules("broken", ()), None)


def ticking() -> Any:
    """A clock that goes on by 7 us each time somebody looks."""
    return count(0, 7).__next__


def seen(rules: Rulebook | Book | None, levels: Any = None, *, timed: bool = True) -> View:
    book = rules.book if isinstance(rules, Rulebook) else rules
    return view(PLENTY if levels is None else levels)._replace(book=book, stopwatch=ticking() if timed else None)


def decided(saga: Saga) -> tuple[Any, ...]:
    return saga.state, saga.commands, saga.events, saga.statuses


def one(saga: Saga, role: str) -> Any:
    (found,) = [each for each in saga.compared if each["role"] == role]
    return found


def of_trial(number: int, trial: Release = TRIAL) -> bool:
    """Whether the order of this number is the trial's."""
    state = Saga().order(order_id=f"taobao:{number}", address=f"文三路 {number} 号").state
    return assigned(trial, merge_group(state)).why == "share"


def place(known: View, number: int) -> Saga:
    return Saga(known).order(line("MUG", 2), order_id=f"taobao:{number}", address=f"文三路 {number} 号")


TRIED = next(number for number in range(100) if of_trial(number))
UNTRIED = next(number for number in range(100) if not of_trial(number))


def test_a_shadow_says_what_it_would_have_done_and_changes_nothing() -> None:
    saga = Saga(seen(rulebook(DOCUMENTS, release(live=1, shadow=2)))).order(line("MUG", 2))
    assert decided(saga) == decided(Saga(seen(rulebook(DOCUMENTS, release(live=1)))).order(line("MUG", 2)))
    (found,) = saga.compared
    assert {name: value for name, value in found.items() if name not in ("stands", "tried")} == {
        "order_id": "taobao:1",
        "channel": "taobao",
        "shop": "tea",
        "order_version": 1,
        "attempt": 1,
        "document": RULES,
        "role": "SHADOW",
        "trial_ms": None,
        "effect": "STANDS",
        "currency": "CNY",
        "equal": False,
        "at_ms": AT_MS,
    }
    stands, tried = found["stands"], found["tried"]
    assert (stands["version"], stands["warehouses"], tried["version"], tried["warehouses"]) == (1, ["GZ"], 2, ["HZ"])
    assert (stands["outcome"], tried["outcome"], stands["micros"], tried["micros"]) == ("ALLOCATED", "ALLOCATED", 7, 7)
    assert (tried["freight_minor"], tried["arrival_minutes"], tried["error"]) == (None, None, "")
    for side, chosen in ((stands, "GZ"), (tried, "HZ")):
        (round_,) = side["trace"]["rounds"]
        assert (round_["considered"], round_["by_rules"]["decided_by"]["version"]) == ([], side["version"])
        assert round_["by_rules"]["attempts"][0]["chosen"] == [chosen]


def test_where_both_say_the_same_no_reasons_travel() -> None:
    documents = [version(1, GZ_FIRST), version(2, {**GZ_FIRST, "description": "the same"})]
    found = one(Saga(seen(rulebook(documents, release(live=1, shadow=2)))).order(), "SHADOW")
    assert (found["equal"], found["stands"]["trace"], found["tried"]["trace"]) == (True, None, None)


def test_a_shadow_of_the_built_in_rule() -> None:
    saga = Saga(seen(rulebook(DOCUMENTS, release(shadow=1)))).order()
    assert saga.state["decided_by"] is None
    found = one(saga, "SHADOW")
    assert (found["stands"]["version"], found["stands"]["warehouses"]) == (None, ["HZ"])
    (round_,) = found["stands"]["trace"]["rounds"]
    assert round_["by_rules"] is None and [each["warehouse"] for each in round_["considered"]] == ["HZ", "GZ"]


def test_pieces_that_would_wait_are_told() -> None:
    found = one(Saga(seen(rulebook(DOCUMENTS, release(live=1, shadow=3)))).order(line("MUG", 3)), "SHADOW")
    assert (found["tried"]["outcome"], found["tried"]["backordered"], found["tried"]["warehouses"]) == (
        "BACKORDERED",
        3,
        [],
    )
    assert found["stands"]["backordered"] == 0
    both = one(Saga(seen(rulebook(DOCUMENTS, release(live=1, shadow=2)), {})).order(line("MUG", 3)), "SHADOW")
    assert (both["equal"], both["stands"]["backordered"], both["tried"]["backordered"]) == (True, 3, 3)


def test_an_order_of_the_trial_is_held_against_what_stands_and_others_against_nothing() -> None:
    rules = rulebook(DOCUMENTS, release(live=2, share=(1, 3_000), since_ms=77))
    saga = place(seen(rules), TRIED)
    (found,) = saga.compared
    assert (found["role"], found["effect"], found["trial_ms"]) == ("SHARE", "TRIED", 77)
    assert (found["stands"]["version"], found["tried"]["version"], saga.state["decided_by"]["version"]) == (2, 1, 1)
    assert decided(saga) == decided(place(seen(rules, timed=False), TRIED))
    assert place(seen(rules), UNTRIED).compared == []


def test_a_trial_beside_the_built_in_rule_is_held_against_it() -> None:
    found = one(place(seen(rulebook(DOCUMENTS, release(share=(1, 3_000)))), TRIED), "SHARE")
    assert (found["stands"]["version"], found["stands"]["warehouses"], found["tried"]["warehouses"]) == (
        None,
        ["HZ"],
        ["GZ"],
    )


def test_a_shadow_is_held_against_what_stands_also_where_the_order_is_the_trials() -> None:
    rules = rulebook(DOCUMENTS, release(live=2, share=(1, 3_000), shadow=3))
    saga = place(seen(rules), TRIED)
    found = one(saga, "SHADOW")
    assert (found["effect"], found["stands"]["version"], found["tried"]["version"]) == ("NEITHER", 2, 3)
    assert one(saga, "SHARE")["effect"] == "TRIED"
    other = place(seen(rules), UNTRIED)
    assert [(each["role"], each["effect"]) for each in other.compared] == [("SHADOW", "STANDS")]


def broken(release: Release, numbers: tuple[int, ...]) -> Book:
    """A book in which some versions end with an error."""
    sound = rulebook(DOCUMENTS, *[])
    return Book(
        RULES, release, (), lambda number, tables: BROKEN if number in numbers else sound.compiled(number, tables)
    )


def test_a_shadow_that_ends_with_an_error_is_told_and_nothing_else() -> None:
    saga = Saga(seen(broken(Release(1, 2), (2,)))).order()
    assert decided(saga) == decided(Saga(seen(rulebook(DOCUMENTS, release(live=1)))).order())
    tried = one(saga, "SHADOW")["tried"]
    assert (tried["outcome"], tried["error"], tried["warehouses"], tried["trace"]) == ("FAILED", "IndexError", [], None)
    assert (tried["backordered"], tried["micros"]) == (0, None)
    # Neither sends anything, and yet they are not the same.
    waits = one(Saga(seen(broken(Release(1, 2), (2,)), {})).order(), "SHADOW")
    assert (waits["stands"]["outcome"], waits["equal"]) == ("BACKORDERED", False)


def test_a_trial_that_ends_with_an_error_leaves_its_order_to_what_stands() -> None:
    for timed in (True, False):
        saga = place(seen(broken(TRIAL, (1,)), timed=timed), TRIED)
        assert (saga.state["decided_by"]["version"], saga.state["decided_by"]["share"]) == (2, None)
    found = one(place(seen(broken(TRIAL, (1,))), TRIED), "SHARE")
    assert (found["effect"], found["tried"]["outcome"], found["stands"]["outcome"]) == ("STANDS", "FAILED", "ALLOCATED")


def test_what_stands_and_fails_beside_a_trial_that_decides_is_told_too() -> None:
    saga = place(seen(broken(TRIAL, (2,))), TRIED)
    found = one(saga, "SHARE")
    assert (saga.state["decided_by"]["version"], found["effect"], found["stands"]["outcome"]) == (1, "TRIED", "FAILED")
    assert found["equal"] is False


def test_a_trial_that_cannot_be_used_decides_nothing_and_is_told_of_its_own_orders_alone() -> None:
    lost = rulebook(DOCUMENTS[1:], release(live=2, share=(1, 3_000)))
    saga = place(seen(lost), TRIED)
    found = one(saga, "SHARE")
    assert (found["effect"], found["tried"]["outcome"], found["tried"]["error"]) == (
        "STANDS",
        "UNDECIDED",
        "cannot be used",
    )
    assert saga.state["decided_by"]["version"] == 2
    assert place(seen(lost), UNTRIED).compared == []
    shadow = rulebook(DOCUMENTS[:1], release(live=1, shadow=9))
    assert Saga(seen(shadow)).order().compared == []


def test_an_order_that_is_pinned_is_held_against_what_it_is_pinned_to() -> None:
    waiting = place(seen(rulebook(DOCUMENTS, release(live=3, share=(1, 3_000)))), UNTRIED)
    assert waiting.state["phase"] == "BACKORDERED"
    waiting.view = seen(rulebook(DOCUMENTS, release(live=2, previous=3, shadow=1)))
    waiting.tell("StockArrived", arrived(level("HZ", 50), level("GZ", 50), order_id=f"taobao:{UNTRIED}"))
    # The decision stands: nothing new is said of it.
    assert (waiting.compared, waiting.state["attempt"]) == ([], 1)
    waiting.order(line("MUG", 1), version=2, order_id=f"taobao:{UNTRIED}", address=f"文三路 {UNTRIED} 号")
    found = one(waiting, "SHADOW")
    assert (found["stands"]["version"], found["attempt"], found["order_version"]) == (3, waiting.state["attempt"], 2)


def test_a_trials_order_is_held_against_what_is_live_each_time_it_is_decided() -> None:
    saga = place(seen(rulebook(DOCUMENTS, release(live=2, share=(1, 3_000)))), TRIED)
    saga.reject(level("GZ", 9), level("HZ", 9))
    assert saga.compared == [], "a round of the same attempt"
    saga.order(line("MUG", 1), version=2, order_id=f"taobao:{TRIED}", address=f"文三路 {TRIED} 号")
    found = one(saga, "SHARE")
    assert (found["stands"]["version"], found["tried"]["version"], found["attempt"]) == (2, 1, 2)
    # Live for all by now: it is no trial any more.
    saga.view = seen(rulebook(DOCUMENTS, release(live=1, previous=2)))
    saga.order(line("MUG", 2), version=3, order_id=f"taobao:{TRIED}", address=f"文三路 {TRIED} 号")
    assert (saga.compared, saga.state["attempt"]) == ([], 3)


def test_where_nothing_is_tried_nobody_looks_at_the_clock() -> None:
    def clock() -> int:
        raise AssertionError("somebody took the time")

    for book in (None, rulebook(DOCUMENTS, release(live=1)).book):
        known = view(PLENTY)._replace(book=book, stopwatch=clock)
        assert Saga(known).order().compared == []


def test_freight_and_arrival_of_both_are_by_the_same_tables() -> None:
    for made_by in (release(live=1, shadow=2), release(shadow=2)):
        rules = rulebook([*DOCUMENTS, *TABLES], made_by, *[release(live=1, name=name) for name in FREIGHT_OF])
        found = one(Saga(seen(rules)).order(line("MUG", 2)), "SHADOW")
        fees = {side["warehouses"][0]: side["freight_minor"] for side in (found["stands"], found["tried"])}
        assert fees == ({"GZ": 900, "HZ": 500} if made_by["live"] else {"HZ": 500})
        assert found["tried"]["arrival_minutes"] is None


def test_freight_that_is_not_known_of_one_parcel_is_not_known() -> None:
    alone = {**FREIGHT_OF["carriers/default"], "carriers": FREIGHT_OF["carriers/default"]["carriers"][:1]}
    name = "carriers/default"
    tables = [version(1, {"kind": "carriers", "version": 1, "name": "default", **alone}, name), *TABLES[1:]]
    rules = rulebook(
        [*DOCUMENTS, *tables], release(live=1, shadow=2), *[release(live=1, name=name) for name in FREIGHT_OF]
    )
    halves = {"MUG": [level("GZ", 1), level("HZ", 1)]}
    found = one(Saga(seen(rules, halves)).order(line("MUG", 2)), "SHADOW")
    assert (found["tried"]["warehouses"], found["tried"]["freight_minor"]) == (["GZ", "HZ"], None)
    (sent,) = one(Saga(seen(rules)).order(line("MUG", 2)), "SHADOW")["tried"]["warehouses"]
    assert sent == "HZ"


FREIGHT_OF: dict[str, dict[str, Any]] = {
    "carriers/default": {
        "carriers": [{"warehouse": code, "carrier": "SF", "regions": ["*"]} for code in ("HZ", "GZ")],
    },
    "products/default": {"products": [{"sku": "MUG", "grams": 300, "cm3": 500}]},
    "freight/default": {
        "templates": [
            {
                "warehouse": code,
                "carrier": "SF",
                "mode": "weight",
                "divisor": 8_000,
                "round_to": 100,
                "zones": [
                    {"regions": ["*"], "first": 1_000, "first_fee": fee, "additional": 1_000, "additional_fee": 1}
                ],
            }
            for code, fee in (("HZ", 500), ("GZ", 900))
        ],
    },
}
TABLES = [
    version(1, {"kind": name.partition("/")[0], "version": 1, "name": "default", **text}, name)
    for name, text in FREIGHT_OF.items()
]


@settings(max_examples=80, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_is_in_the_shadow_the_decision_is_the_same(random: Random) -> None:
    texts = [made.document(random), made.document(random)]
    if any(rules_of(text) is None or "daily_capacity" in str(text) for text in texts):
        return
    needs, levels, warehouses, load = surroundings(random)
    lines = [line(need.sku, need.quantity, need.line_no, unit_price_minor=50) for need in needs]
    documents = [version(number, text) for number, text in enumerate(texts, start=1)]

    def placed(released: Any) -> Saga:
        known = View(
            lambda sku: levels.get(sku, ()), warehouses, load, None, rulebook(documents, released).book, ticking()
        )
        return Saga(known).order(*lines)

    alone, beside = placed(release(live=1)), placed(release(live=1, shadow=2))
    assert decided(alone) == decided(beside)
    (found,) = beside.compared
    other = placed(release(live=2))

    def asked(saga: Saga) -> list[tuple[Any, ...]]:
        return sorted(
            (each["sku"], each["warehouse"], each["quantity"]) for name, each in saga.commands if name == "Reserve"
        )

    senders = sorted({warehouse for _, warehouse, _ in asked(other)})
    assert found["tried"]["warehouses"] == senders and not found["tried"]["error"]
    assert found["equal"] == (asked(alone) == asked(other))
    for side in (found["stands"], found["tried"]):
        assert (side["over_capacity"], side["below_safety"]) == (0, 0)
        assert side["backordered"] == (0 if side["warehouses"] else sum(need.quantity for need in needs))


def test_what_a_plan_asks_for_beyond_what_is_there_is_counted() -> None:
    facts = Facts(
        OrderFacts((LineFacts("1", "MUG", 9), LineFacts("2", "POT", 9))),
        (
            WarehouseFacts("HZ", {"MUG": 4}, open_units=95, max_open_units=100),
            WarehouseFacts("GZ", {"MUG": 9, "POT": 9}),
            WarehouseFacts("SH", {"MUG": 9}, open_units=120, max_open_units=100),
        ),
    )

    def counted(*parts: tuple[str, str, int]) -> tuple[int, int]:
        return breaches(Plan(tuple(PlannedPart("1", *part) for part in parts), [], []), facts)

    assert counted(("MUG", "HZ", 4), ("MUG", "GZ", 5), ("POT", "GZ", 9)) == (0, 0)
    assert counted(("MUG", "HZ", 3), ("MUG", "HZ", 3)) == (1, 2)
    assert counted(("MUG", "SH", 3)) == (3, 0)
    assert counted(("POT", "HZ", 2)) == (0, 2)
    assert counted(("MUG", "XX", 2)) == (0, 2)
    assert counted() == (0, 0)


def test_the_record_holds_no_personal_data() -> None:
    home = order()["receiver"] | {"city": "杭州市", "district": "西湖区", "town": "北山街道"}
    found = one(Saga(seen(rulebook(DOCUMENTS, release(live=1, shadow=2)))).order(receiver=home), "SHADOW")
    assert not [word for word in ("西湖区", "北山街道", "文三路", "王小明", "13800000000") if word in str(found)]
