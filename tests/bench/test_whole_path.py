"""The whole path's table, on figures made up for it: the ratio is to the rival's better setting, and differences fail it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from streams.demo.source import Source
from tests.bench import whole_path
from tests.bench.measure import Bench, Spread
from tests.bench.saga_outcomes import Final, Outcomes
from tests.bench.saga_peers import PENSTOCK, SagaPeer, kafka_streams


def figures(orders_s: float) -> dict[str, Spread]:
    rest = {name: Spread((1.0,)) for name in ("events_s", "cold_orders_s", "cpu_s_million", "rss_mib")}
    return {"orders_s": Spread((orders_s,)), **rest}


def test_the_ratio_is_to_the_better_setting_of_the_rival() -> None:
    slow, fast = kafka_streams(1_000).name, kafka_streams(100).name
    table = whole_path.report(9, {PENSTOCK.name: figures(300), slow: figures(100), fast: figures(400)}, "compared")
    assert [row[-1] for row in table.rows] == ["0.75 x", "0.25 x", "1.00 x"]
    (goal,) = table.goals
    assert (goal.found, goal.reached) == ("0.75 x", False)
    assert any(fast in note for note in table.notes)


def test_contestants_that_decide_differently_fail_the_benchmark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made_up(peer: SagaPeer, source: Source, folder: Path) -> Outcomes:
        warehouse = "hz1" if peer is PENSTOCK else "gz1"
        return Outcomes({}, {"jd:1": Final("ALLOCATED", 1, (("1", "TS-RED", warehouse, 2),), ())})

    monkeypatch.setattr(whole_path, "decisions", made_up)
    with pytest.raises(whole_path.WrongDecisions, match=r"jd:1.*hz1.*gz1"):
        whole_path.compare(Bench(Console(), tmp_path), whole_path.contestants(), 5)
