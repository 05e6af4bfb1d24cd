"""How much of what so many orders need: each answer by its formula, and never less for more orders."""

from __future__ import annotations

import json
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from streams.cli.main import app
from streams.ops import sizing
from streams.ops.sizing import Asked, plan

RATES = st.floats(0.01, 5_000)


def answers(asked: Asked) -> dict[str, float]:
    return {each.name: each.amount for each in plan(asked)}


def test_three_hundred_a_second_reckoned_by_hand() -> None:
    found = answers(Asked(300))
    daily = 300 / 10 * 86_400
    assert found["orders a day"] == daily == 2_592_000
    # 300 x 672 us are 0.2 of a core, and one is used to 0.6 at the most.
    assert (found["workers"], found["sinks"], found["writeback workers"]) == (1, 1, 1)
    assert (found["partitions"], found["brokers"]) == (2, 3)
    assert found["disk of a broker"] == pytest.approx(daily * 7 * 3_180 / 2**30)
    assert found["disk of the database"] == pytest.approx(daily * 365 * 6_750 / 2**30)
    many = answers(Asked(5_000))
    assert (many["workers"], many["sinks"], many["partitions"]) == (ceil(5_000 * 672e-6 / 0.6), 3, 12)


@given(RATES, RATES)
def test_more_orders_never_need_less(one: float, other: float) -> None:
    less, more = (answers(Asked(rate)) for rate in sorted((one, other)))
    for name in less.keys() - {"disk of a worker"}:
        assert less[name] <= more[name], name


@given(RATES)
def test_there_is_always_room_to_double_the_workers(rate: float) -> None:
    found = answers(Asked(rate))
    assert found["partitions"] >= 2 * found["workers"]
    busy = rate * sizing.WORKER_CPU.value / 1e6 / found["workers"]
    assert busy <= sizing.BUSY_MOST + 1e-9


def test_every_figure_says_where_it_is_from() -> None:
    names = {name for name, _ in sizing.measured()}
    assert {"WORKER_CPU", "TOPIC_BYTES", "TABLE_BYTES", "STATE_BYTES", "SINK_CPU", "BROKER_CPU"} <= names
    assert all(value.source and value.value > 0 for _, value in sizing.measured())


def test_the_command_shows_each_with_its_formula() -> None:
    run = CliRunner(env={"COLUMNS": "160"}).invoke
    done = run(app, ["scale", "plan", "--orders-per-second", "300"])
    assert done.exit_code == 0 and "2,592,000" in done.stdout and "x 672 us" in done.stdout
    told = json.loads(run(app, ["scale", "plan", "--orders-per-second", "300", "--json"]).stdout)
    assert {each["name"]: each["amount"] for each in told["answers"]} == answers(Asked(300))
    assert told["measured"]["TOPIC_BYTES"]["source"]


def test_more_than_a_hub_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="a hub is planned up to 96"):
        plan(Asked(200_000))
