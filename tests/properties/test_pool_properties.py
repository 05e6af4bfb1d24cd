"""Any sequence of commands about a SKU with a pool: never above the cap at any prefix, in turn, and nobody is forgotten."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.domain.inventory import decide as inventory
from streams.domain.inventory import pools, quotas, serving
from streams.domain.inventory.stock import InvariantViolation
from tests.domain.make import count, reservation_command, resolution
from tests.domain.pools import CHANNELS, DAY_MS, Ledger, freeze, pool, set_pool

QUOTAS = ({"taobao": 2, "jd": 1, "shared": 3}, {"taobao": 3, "jd": 2, "shared": 4}, {"taobao": 1, "shared": 2})
ORDERS = st.builds("{}:{}".format, st.sampled_from(CHANNELS[:3]), st.integers(0, 5))

POOLS = st.builds(
    lambda number, closed: ("SetPool", set_pool(number, pool(quotas=QUOTAS[number % 3], closed=closed))),
    st.integers(0, 5),
    st.sampled_from((False, False, True)),
)
FREEZES = st.builds(
    lambda order_id, quantity, hard, again: (
        "Freeze",
        freeze(order_id, quantity, hard=hard or again, verb="harden" if again else "freeze"),
    ),
    ORDERS,
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from((False, False, True)),
)
RESOLUTIONS = st.builds(
    lambda verb, order_id, goods: (verb, resolution(verb, f"{order_id}/1.1/1/pool{goods}", order_id=order_id)),
    st.sampled_from(("Release", "Release", "Commit", "Expire", "Expire")),
    ORDERS,
    st.sampled_from(("", "", "/goods", "/goods/goods")),
)
COUNTS = st.builds(
    lambda kind, number, name, units: (
        kind,
        count(
            f"{kind}/{number}",
            warehouse=name,
            **({"delta": units - 2, "reason": "count", "order_id": ""} if kind == "Adjust" else {"quantity": units}),
        ),
    ),
    st.sampled_from(("Receive", "Receive", "Adjust", "SetSafetyStock")),
    st.integers(0, 9),
    st.sampled_from(("GZ", "HZ")),
    st.integers(0, 4),
)
SHELF = st.builds(
    lambda number, name, units: ("Reserve", reservation_command(f"o/{number}/{name}", units, warehouse=name)),
    st.integers(0, 2),
    st.sampled_from(("GZ", "HZ")),
    st.integers(1, 2),
)
TIME = st.builds(lambda hours: ("", hours * DAY_MS // 4), st.integers(1, 5))
COMMANDS = st.lists(st.one_of(FREEZES, FREEZES, RESOLUTIONS, RESOLUTIONS, COUNTS, POOLS, SHELF, TIME), max_size=50)
FIRST: Any = ("SetPool", set_pool(90, pool(quotas=QUOTAS[0])))
#: The second that waits is barred by the first, until that has goods of another kind than those that it waited for.
BARRED: Any = [
    ("Freeze", freeze("taobao:0", 3)),
    ("Freeze", freeze("taobao:1", 3)),
    ("Freeze", freeze("jd:0", 2)),
    ("Receive", count("Receive/0", warehouse="GZ", quantity=6)),
]


def live(ledger: Ledger, commands: list[Any]) -> Any:
    """Tells them one after the other; the ledger checks itself after each. What can't be is left out."""
    for name, command in commands:
        if not name:
            ledger.at_ms += command
            continue
        prior = ledger.reservations.get(command.get("reservation_id", ""))
        if name in ("Release", "Commit", "Expire"):
            if name == "Commit" and (prior is None or serving.is_frozen(prior)):
                continue  # Nobody sends what is not there.
            command = {**command, "warehouse": prior["warehouse"] if prior is not None else ""}
        if prior is not None and name == "Freeze":
            command = {**command, "quantity": prior["quantity"]}
        yield name, command, ledger.tell(name, command)


@given(COMMANDS)
@settings(max_examples=250, deadline=None)
def test_never_above_the_cap_nor_a_quota_and_no_goods_beside_the_frozen(commands: list[Any]) -> None:
    for _ in live(Ledger(), [FIRST, *commands]):
        pass


@given(COMMANDS)
@example(BARRED)
@settings(max_examples=150, deadline=None)
def test_nobody_waits_for_a_piece_that_is_free(commands: list[Any]) -> None:
    ledger = Ledger()
    for _ in live(ledger, [FIRST, *commands]):
        barred: set[str] = set()
        for each in ledger.turns().waiting():
            channel, units = each["pool"]["channel"], each["quantity"]
            assert quotas.draw(ledger.pool, channel, units, barred) is None, each
            if units <= quotas.most(ledger.pool, channel):
                barred |= set(quotas.chain_of(ledger.pool, channel))


@given(COMMANDS)
@settings(max_examples=150, deadline=None)
def test_goods_come_in_the_order_of_freezing_and_who_is_frozen_once_is_frozen_once(commands: list[Any]) -> None:
    ledger = Ledger()
    before: list[str] = []
    for _, command, decision in live(ledger, [FIRST, *commands]):
        own = command.get("reservation_id")
        met = [
            record["reservation_id"].removesuffix("/goods")
            for name, record in decision.results
            if name == "PoolServed" and record["warehouse"]
        ]
        met = list(dict.fromkeys(each.split("/pool")[0] for each in met))
        frozen = [each.split("/pool")[0] for each in before if each != own]
        expected = [each for each in dict.fromkeys(frozen) if each in met]
        assert [each for each in met if each in expected] == expected
        behind = frozen[len(expected) :] if met else []
        assert not set(behind) & set(met), "somebody was overtaken"
        before = [each["reservation_id"] for each in ledger.turns().frozen()]
        assert len(before) == len(set(before))


@given(COMMANDS)
@settings(max_examples=100, deadline=None)
def test_a_command_read_twice_in_a_row_moves_nothing_the_second_time(commands: list[Any]) -> None:
    ledger = Ledger()
    for name, command, _ in live(ledger, [FIRST, *commands]):
        before = ledger.stock, dict(ledger.reservations)
        again = ledger.tell(name, command)
        assert (ledger.stock, ledger.reservations) == before
        assert not any(kind == "PoolServed" for kind, _ in again.results)


@given(COMMANDS)
@settings(max_examples=150, deadline=None)
def test_with_plenty_of_goods_nobody_is_left_waiting(commands: list[Any]) -> None:
    ledger = Ledger()
    for _ in live(ledger, [FIRST, *commands]):
        pass
    ledger.tell("Receive", count("plenty", warehouse="GZ", quantity=1_000))
    assert list(ledger.turns().frozen()) == list(ledger.turns().waiting()) == []


# --- each rule that is broken on purpose is noticed ---

LIFE: list[Any] = [
    FIRST,
    *[("Freeze", freeze(f"jd:{number}", 2)) for number in range(3)],
    ("Freeze", freeze("taobao:1", 2, hard=False)),
    ("Release", resolution("Release", "jd:0/1.1/1/pool", order_id="jd:0")),
    *[("Receive", count(f"some/{number}", warehouse="GZ", quantity=1)) for number in range(3)],
    ("", 5 * DAY_MS),
    ("Expire", resolution("Expire", "taobao:1/1.1/1/pool", order_id="taobao:1")),
    ("Freeze", freeze("jd:5", 3)),
    ("Receive", count("plenty", warehouse="HZ", quantity=50)),
]


def nothing(*_: Any) -> None:
    """Instead of what must be done."""


def last_first(turns: Any) -> Any:
    return serving.Turns(lambda: list(turns.frozen())[::-1], turns.waiting)


@pytest.mark.parametrize(
    ("owner", "name", "instead"),
    [
        (quotas, "draw", lambda pool, channel, quantity, barred=(): [{"part": "shared", "units": quantity}]),
        (quotas, "given_back", lambda pool, drawn: pool),
        (quotas, "taken", lambda pool, drawn: pool),
        (quotas, "queued", lambda pool, channel, by: pool),
        (serving._Serving, "goods_to_frozen", nothing),
        (serving._Serving, "pieces_to_waiting", nothing),
        (serving._Serving, "goods_to_waiting", nothing),
        (serving, "expiry", lambda pool, hard, at_ms: None),
    ],
)
def test_a_rule_that_is_broken_is_noticed(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, instead: Any) -> None:
    told = lived(LIFE)
    monkeypatch.setattr(owner, name, instead)
    if name == "expiry":
        monkeypatch.setattr(pools, name, instead)
    try:
        broken = lived(LIFE)
    except (AssertionError, InvariantViolation):
        return
    assert broken != told


def test_goods_that_go_to_the_last_one_first_are_noticed() -> None:
    def decide(stock: Any, name: str, command: Any, prior: Any, at_ms: int, rest_known: bool, turns: Any) -> Any:
        return inventory.decide(stock, name, command, prior, at_ms, rest_known, last_first(turns))

    assert lived(LIFE) != lived(LIFE, decide)


def lived(commands: list[Any], decide: Any = inventory.decide) -> list[Any]:
    """Who came further in a life, and in the end has what: what a plain reading of the rules says is in the other tests."""
    ledger = Ledger(decide=decide)
    return [
        (record["reservation_id"], record["warehouse"], record["quantity"])
        for _, _, decision in live(ledger, commands)
        for kind, record in decision.results
        if kind == "PoolServed"
    ]
