"""The operator's hands on stock and warehouses, on a cluster that works."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.ops import audit
from tests.integration.conftest import Shop, penstock, until
from tests.integration.test_hands import answered, refused


@pytest.fixture
def sku(shop: Shop) -> str:
    """A SKU of the test's own: 10 at hz1."""
    name = f"OWN-{shop.order_no()}"
    assert (
        answered(shop.penstock("stock", "receive", name, "10", "--warehouse", "hz1", "--json"))["answer"] == "applied"
    )
    return name


def levels(shop: Shop, sku: str) -> dict[str, tuple[int, int, int]]:
    """Warehouse -> (on hand, reserved, kept back), as the command line shows it."""
    shown = answered(shop.penstock("stock", "show", sku, "--json"))
    return {each["warehouse"]: (each["on_hand"], each["reserved"], each["safety_stock"]) for each in shown["levels"]}


def test_stock_is_adjusted_counted_moved_and_kept_back_and_each_is_on_record(shop: Shop, sku: str) -> None:
    assert answered(
        shop.penstock("stock", "adjust", sku, "--by", "-2", "--warehouse", "hz1", "--because", "broken", "--json")
    )["answer"] == "applied"  # fmt: skip
    assert levels(shop, sku) == {"hz1": (8, 0, 0)}
    done = shop.penstock("stock", "count", sku, "9", "--warehouse", "hz1", "--because", "yearly")
    assert (done.returncode, "8 on hand, 0 reserved, 0 kept back, that is +1" in done.stdout) == (0, True), done
    assert shop.penstock("stock", "transfer", sku, "4", "--from", "hz1", "--to", "bj1").returncode == 0
    assert shop.penstock("stock", "safety", sku, "2", "--warehouse", "bj1").returncode == 0
    assert levels(shop, sku) == {"bj1": (4, 0, 2), "hz1": (5, 0, 0)}
    shown = shop.penstock("stock", "show", sku).stdout
    assert f"{sku}  7 can be sold" in shown
    entries = [entry for _, entry in shop.records("audit", f"sku:{sku}")]
    assert {entry["by"] for entry in entries} == {audit.operator(shop.cluster).who}
    assert [(entry["action"], entry["reason"]) for entry in entries] == [
        ("stock.receive", ""),
        ("stock.adjust", "broken"),
        ("stock.adjust", "stocktake, 9 counted: yearly"),
        ("stock.transfer", ""),
        ("stock.safety", ""),
    ]


def test_a_stocktake_told_again_with_its_id_counts_once(shop: Shop, sku: str) -> None:
    count = ("stock", "count", sku, "7", "--warehouse", "hz1", "--id", "take-1", "--json")
    assert answered(shop.penstock(*count))["answer"] == "applied"
    assert shop.penstock("stock", "adjust", sku, "--by", "1", "--warehouse", "hz1", "--because", "x").returncode == 0
    again = answered(shop.penstock(*count))
    assert (again["answer"], again["repeated"]) == ("applied", True)
    assert levels(shop, sku) == {"hz1": (8, 0, 0)}
    refused(
        shop.penstock("stock", "count", sku, "6", "--warehouse", "hz1", "--id", "take-1", "--json"),
        "take-1 is there already, with another reason",
    )


def test_what_would_uncover_a_reservation_is_refused_and_moves_nothing(shop: Shop, sku: str) -> None:
    order_id = shop.place(shop.order_no(), sku, 6)
    shop.becomes(order_id, "ALLOCATED")
    for args, says in (
        (
            ("adjust", sku, "--by", "-5", "--because", "x", "--warehouse", "hz1"),
            "6 units are reserved, on hand would be 5",
        ),
        (("count", sku, "5", "--warehouse", "hz1"), "6 units are reserved, on hand would be 5"),
        (("transfer", sku, "5", "--from", "hz1", "--to", "bj1"), "4 of 10 units at hz1 are not reserved"),
    ):
        answer = answered(shop.penstock("stock", *args, "--json"), code=1)
        assert (answer["answer"], answer["why"]) == ("refused", says)
    assert levels(shop, sku) == {"hz1": (10, 6, 0)}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("show", "NO-SUCH"), "nothing is known of a SKU 'NO-SUCH': penstock stock list"),
        (("show", "hAn"), "like it are HAND"),
        (
            ("adjust", "NO-SUCH", "--by", "1", "--because", "x", "--warehouse", "hz1"),
            "nothing is known of a SKU 'NO-SUCH'",
        ),
        (("adjust", "HAND", "--by", "1", "--because", " ", "--warehouse", "hz1"), "--because is empty"),
        (("transfer", "HAND", "1", "--from", "hz1", "--to", "moon"), "unknown warehouse 'moon'; there are: bj1, "),
        (("safety", "HAND", "1", "--warehouse", "moon"), "unknown warehouse 'moon'"),
        (("receive", "S" * 65, "1", "--warehouse", "hz1"), "is no SKU: 1 to 64 characters"),
    ],
)
def test_what_is_not_there_is_named(shop: Shop, args: tuple[str, ...], says: str) -> None:
    refused(shop.penstock("stock", *args), says)


def test_a_dry_run_moves_nothing(shop: Shop, sku: str) -> None:
    done = shop.penstock("stock", "adjust", sku, "--by", "-1", "--because", "x", "--warehouse", "hz1", "--dry-run")
    assert (done.returncode, "10 on hand" in done.stdout, "would be told" in done.stdout) == (0, True, True), done
    assert levels(shop, sku) == {"hz1": (10, 0, 0)}


def test_balances_are_listed_by_sku_warehouse_and_what_is_sold_out(shop: Shop, sku: str) -> None:
    assert shop.penstock("stock", "transfer", sku, "10", "--from", "hz1", "--to", "bj1").returncode == 0

    def listed(*args: str) -> list[tuple[str, str, int]]:
        rows = json.loads(shop.penstock("stock", "list", "--sku", sku, "--json", *args).stdout)
        return [(row["sku"], row["warehouse"], row["sellable"]) for row in rows]

    assert listed() == [(sku, "bj1", 10), (sku, "hz1", 0)]
    assert listed("--warehouse", "bj1") == [(sku, "bj1", 10)]
    assert listed("--sold-out") == [(sku, "hz1", 0)]
    text = shop.penstock("stock", "list", "--sku", sku).stdout
    assert "sold out" in text and text.splitlines()[-1] == "2 balances"


def test_a_warehouse_whose_e_waybills_would_have_no_sender_is_told_of(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "shops.toml"
    account = '[[logistics]]\nprovider = "cainiao"\nurl = "https://x"\nkey = "k"\nsecret = "s"\n'
    senders = (
        '[[sender]]\nwarehouse = "known1"\nname = "发货组"\nphone = "13800000000"\nprovince = "浙江"\ncity = "杭州市"\n'
    )
    senders += 'district = "余杭区"\naddress = "1号"\n'

    def said(name: str, text: str) -> str:
        file.write_text(text)
        file.chmod(0o600)
        env = {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
        done = penstock("warehouse", "set", name, "--province", "浙江", **env, PENSTOCK_SHOPS=str(file))
        assert (done.returncode, done.stdout) == (0, f"warehouse {name} is set\n"), done
        return done.stderr

    assert "no [[sender]] of warehouse lone1" in said("lone1", account + senders)
    assert said("known1", account + senders) == ""
    assert said("lone1", senders) == "", "nobody gives e-waybills"
    assert "is not TOML" in said("known1", "[[")


def test_a_warehouse_is_switched_off_and_on_again(shop: Shop, sku: str) -> None:
    assert shop.penstock("warehouse", "set", "off1", "--province", "浙江", "--because", "new").returncode == 0
    assert shop.penstock("stock", "transfer", sku, "3", "--from", "hz1", "--to", "off1").returncode == 0

    def state() -> Any:
        return answered(shop.penstock("warehouse", "show", "off1", "--json"))

    assert (state()["enabled"], state()["on_hand"], state()["skus"]) == (True, 3, 1)
    assert shop.penstock("warehouse", "disable", "off1", "--dry-run").stdout.startswith("would be applied")
    assert state()["enabled"] is True
    assert shop.penstock("warehouse", "disable", "off1", "--because", "flood").stdout == (
        "applied: warehouse off1 is disabled\n"
    )
    before = state()
    assert (before["enabled"], before["province"]) == (False, "浙江")
    assert answered(shop.penstock("warehouse", "disable", "off1", "--json"))["answer"] == "nothing to do"
    assert state() == before
    assert "disabled" in shop.penstock("warehouse", "list").stdout
    assert answered(shop.penstock("warehouse", "enable", "off1", "--json"))["answer"] == "applied"
    entries = [(entry["action"], entry["reason"]) for _, entry in shop.records("audit", "warehouse:off1")]
    assert entries == [("warehouse.set", "new"), ("warehouse.disabled", "flood"), ("warehouse.enabled", "")]
    for verb in ("show", "enable", "disable"):
        refused(shop.penstock("warehouse", verb, "moon"), "unknown warehouse 'moon'")


def test_an_order_is_not_planned_to_a_warehouse_that_is_switched_off(shop: Shop, sku: str) -> None:
    assert shop.penstock("warehouse", "set", "only1", "--province", "浙江").returncode == 0
    assert shop.penstock("stock", "transfer", sku, "10", "--from", "hz1", "--to", "only1").returncode == 0
    assert shop.penstock("warehouse", "disable", "only1").returncode == 0

    def statuses() -> list[str]:
        order_id = shop.place(shop.order_no(), sku, 1)
        until(lambda: shop.statuses(order_id), lambda found: found[-1:] != ["RESERVING"] and bool(found), "decided")
        return shop.statuses(order_id)

    # The workers' view of the warehouses is late by as much as it is.
    until(statuses, lambda found: found == ["BACKORDERED"], "nothing can send it")
