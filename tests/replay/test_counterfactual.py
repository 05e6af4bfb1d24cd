"""``penstock rules simulate`` on a day's real trade: the built-in rule decides nothing otherwise, and a planted difference is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import CODEC
from tests.replay.conftest import Here
from tests.replay.trade import Trade
from tests.test_cli_rules import FOLDER, ROOT

DEFAULT = FOLDER.parent / "default.toml"
EVER = ("--from", "2000-01-01T00:00Z")


def decided(trade: Trade) -> list[dict[str, Any]]:
    """Every decision on record."""
    found = [CODEC.decode(message.value() or b"") for message in trade.cluster.read("allocations")]
    return [record for name, record in found if name in ("OrderAllocated", "OrderBackordered")]


def first_plan(decision: dict[str, Any]) -> list[dict[str, Any]]:
    rounds = decision["trace"]["rounds"]
    considered: list[dict[str, Any]] = rounds[0]["considered"] if rounds else []
    return considered


def busiest(trade: Trade) -> str:
    """The warehouse that most first plans send from."""
    chosen = [it["warehouse"] for each in decided(trade) for it in first_plan(each) if it["chosen"]]
    return max(sorted({*chosen}), key=chosen.count)


def without(warehouse: str, tmp_path: Path) -> str:
    """The built-in rule, but one warehouse sends nothing."""
    file = tmp_path / "draft.toml"
    filters = f'filters = [{{ filter = "warehouses", in = ["{warehouse}"], not = true }}]\n'
    text = DEFAULT.read_text("utf-8")
    assert text.count("[default]\n") == 1
    file.write_text(text.replace("[default]\n", f"[default]\n{filters}"), "utf-8")
    return str(file)


def test_the_built_in_rule_decides_nothing_otherwise(trade: Trade, here: Here) -> None:
    done = here(trade.settings, "rules", "simulate", str(DEFAULT), *EVER, "--json")
    assert done.code == 0, done
    found = json.loads(done.stdout)
    points, sequence = found["points"], found["sequence"]
    decisions = decided(trade)
    assert points["coverage"]["decisions"] == len(decisions)
    # A decision that was made of refusals alone has no plan; all others have their facts.
    assert points["coverage"]["with_facts"] > 0.95 * len(decisions), points["coverage"]
    assert (points["decided_otherwise"], points["moved"], points["first"]) == (0, [], [])
    assert points["before"] == points["draft"] and points["before"]["parcels"] > 100
    assert (points["before"]["freight_minor_per_parcel"], points["before"]["freight_known_of_parcels"]) == (None, 0)
    assert sequence["decided_otherwise"] == 0 and sequence["before"] == sequence["draft"]
    assert sequence["orders"] == len({each["order_id"] for each in decisions})
    fidelity = sequence["fidelity"]
    assert fidelity["as_recorded"] > 0.8 * sequence["orders"], fidelity
    assert sequence["skus_without_a_balance_before"] > 0


def test_a_planted_difference_is_found_order_by_order(trade: Trade, here: Here, tmp_path: Path) -> None:
    warehouse = busiest(trade)
    decisions = decided(trade)
    sent_from_there = {
        (each["order_id"], each["attempt"])
        for each in decisions
        if any(it["chosen"] and it["warehouse"] == warehouse for it in first_plan(each))
    }
    assert 5 < len(sent_from_there) < len(decisions)
    export = tmp_path / "otherwise.jsonl"
    draft = without(warehouse, tmp_path)
    done = here(trade.settings, "rules", "simulate", draft, *EVER, "--export", str(export), "--json")
    assert done.code == 0, done
    found = json.loads(done.stdout)
    entries = [json.loads(line) for line in export.read_text("utf-8").splitlines()]
    points = [each for each in entries if each["way"] == "points"]
    # Whoever sends nothing changes nothing by being away, and whoever does always does.
    otherwise = {(each["order_id"], each["attempt"]) for each in points}
    assert otherwise <= sent_from_there
    assert len(sent_from_there - otherwise) <= sum(found["points"]["coverage"]["missing"].values())
    assert found["points"]["decided_otherwise"] == len(points)
    assert sum(each["orders"] for each in found["points"]["moved"]) == len(points)
    assert found["points"]["first"] == [{k: v for k, v in each.items() if k != "way"} for each in points[:20]]
    for side in ("points", "sequence"):
        assert warehouse not in found[side]["draft"]["from_warehouse"]
        assert found[side]["before"]["from_warehouse"][warehouse] > 0
    for each in points:
        (refused,) = [it for it in each["draft"]["attempts"][0]["warehouses"] if it["warehouse"] == warehouse]
        assert refused["refused"] == "WAREHOUSES"
    assert sum(each["way"] == "sequence" for each in entries) == found["sequence"]["decided_otherwise"] > 0
    again = here(trade.settings, "rules", "simulate", draft, *EVER, "--export", str(export))
    assert again.code == 2 and "which is there already" in again.stderr


def test_a_person_sees_the_figures_and_both_traces(trade: Trade, here: Here, tmp_path: Path) -> None:
    done = here(trade.settings, "rules", "simulate", without(busiest(trade), tmp_path), *EVER)
    assert done.code == 0, done
    for text in (
        "point by point, on recorded facts",
        "in sequence, on a simulated ledger",
        "freight",
        "unavailable",
        "are decided otherwise",
        "decisions a second",
        "the strategy leaves it out",
        "a split by order proves nothing",
    ):
        assert text in done.stdout, text


def test_with_tables_freight_and_arrival_are_reckoned_for_both_sides(trade: Trade, here: Here, tmp_path: Path) -> None:
    draft, folder = without(busiest(trade), tmp_path), str(ROOT / "deploy/examples/config")
    done = here(trade.settings, "rules", "simulate", draft, *EVER, "--config", folder, "--json")
    assert done.code == 0, done
    found = json.loads(done.stdout)
    for way in ("points", "sequence"):
        for side in ("before", "draft"):
            it = found[way][side]
            assert 0 <= it["freight_known_of_parcels"] <= it["parcels"]
            assert (it["freight_minor_per_parcel"] is None) == (it["freight_known_of_parcels"] == 0)
            # The folder has carriers for the demo's warehouses, and the trade's goods are not among its products.
            assert it["arrival_known_of_parcels"] > 0 and it["arrival_minutes"] > 0, it


@pytest.mark.parametrize(
    ("period", "says"),
    [
        (("--from", "yesterday"), "--from is 'yesterday': write a time"),
        (("--from", "2026-11-11T00:00"), "without a time zone"),
        (("--from", "-1h", "--to", "-2h"), "the period must end after it begins"),
    ],
)
def test_a_period_that_is_none_is_refused(trade: Trade, here: Here, period: tuple[str, ...], says: str) -> None:
    done = here(trade.settings, "rules", "simulate", str(DEFAULT), *period)
    assert (done.code, done.stdout) == (2, "") and says in done.stderr, done


def test_a_period_without_a_decision_has_no_figures(trade: Trade, here: Here) -> None:
    done = here(
        trade.settings,
        "rules",
        "simulate",
        str(DEFAULT),
        "--from",
        "2000-01-01T00:00Z",
        "--to",
        "2000-01-02T00:00Z",
        "--json",
    )
    found = json.loads(done.stdout)
    assert (found["points"]["orders"], found["sequence"]["orders"]) == (0, 0)
    assert found["points"]["before"]["parcels_per_order"] is None
    assert found["points"]["coverage"]["missing_basis_points"] is None
