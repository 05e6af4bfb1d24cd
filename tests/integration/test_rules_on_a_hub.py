"""``penstock rules`` with the facts of a hub that works."""

from __future__ import annotations

import json

import pytest

from tests.integration.conftest import Shop
from tests.test_cli_rules import DEMO, FOLDER, TABLES

RULES = str(FOLDER / "shopify.toml")


def tried(shop: Shop, order_id: str) -> dict[str, dict[str, object]]:
    """Warehouse -> what was found of it."""
    done = shop.penstock("rules", "try", RULES, "--order", order_id, "--json")
    assert done.returncode == 0, done
    return {each["warehouse"]: each for each in json.loads(done.stdout)["attempts"][0]["warehouses"]}


def test_an_order_of_the_hub_is_tried_on_what_the_hub_knows_and_what_it_holds_counts_as_free(shop: Shop) -> None:
    sku = f"RULES-{shop.order_no()}"
    assert shop.penstock("stock", "receive", sku, "2", "--warehouse", "hz1").returncode == 0
    order_id = shop.place(shop.order_no(), sku, 2)
    shop.becomes(order_id, "ALLOCATED")
    found = tried(shop, order_id)
    assert (found["hz1"]["covers"], found["hz1"]["chosen"]) == (2, True)
    assert found["bj1"]["refused"] == "NOTHING_TO_SELL"
    assert shop.level(sku) == (2, 2)


def test_tables_say_who_would_send_an_order_of_the_hub(shop: Shop) -> None:
    """Its SKU is one of the demo's t-shirts by how it begins. What a warehouse was given today the hub does not count."""
    sku = f"TS1{shop.order_no()}"
    assert shop.penstock("stock", "receive", sku, "2", "--warehouse", "hz1").returncode == 0
    order_id = shop.place(shop.order_no(), sku, 2)
    shop.becomes(order_id, "ALLOCATED")
    done = shop.penstock("rules", "try", DEMO[0], "--order", order_id, "--config", TABLES, "--json")
    assert done.returncode == 0, done
    found = json.loads(done.stdout)
    (parcel,) = found["sending"]["parcels"]
    assert (parcel["warehouse"], parcel["pieces"], parcel["why"]) == ("hz1", 2, [])
    assert (
        parcel["carrier"] in ("SF", "ZTO", "YTO")
        and parcel["freight"] > 0
        and parcel["arrives"] > parcel["leaves"] >= 0
    )
    assert {"order", "config.warehouses", "config.freight/demo"} <= found["versions"].keys()


@pytest.mark.parametrize(
    ("order_id", "says"),
    [("taobao:0", "nothing is known of order taobao:0"), ("nonsense:", "nothing is known of order nonsense:")],
)
def test_an_order_nobody_knows_is_refused(shop: Shop, order_id: str, says: str) -> None:
    done = shop.penstock("rules", "try", RULES, "--order", order_id)
    assert (done.returncode, says in done.stderr) == (2, True), done


def test_lint_knows_the_hubs_warehouses(shop: Shop) -> None:
    done = shop.penstock("rules", "lint", RULES, "--hub")
    assert done.returncode == 1 and "SH1" in done.stdout, done
