"""What may be sold is shown by every shop, over real Kafka; what shops show beyond it is found and put right. Long: `make test-long`."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from connectors.channels.stock.clients import CLIENTS
from deploy.local import LocalKafka
from tests.connectors.channels.stock.rig import Selling, selling

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Selling]:
    folder = tmp_path_factory.mktemp("stock")
    with LocalKafka(folder / "kafka") as kafka, selling(kafka.bootstrap, folder, tuple(CLIENTS)) as it:
        it.there_are(3)
        it.counted({"SKU-0": 5, "SKU-1": 40})
        it.hub.penstock("config", "apply", str(it.document(3, "close_at = 2\nopen_at = 4")))
        it.start()
        yield it


def test_what_may_be_sold_is_shown_closed_and_opened_again(shops: Selling) -> None:
    shops.until_shown({"SKU-0": 5, "SKU-1": 40, "SKU-2": 0})
    shops.counted({"SKU-0": 2})
    shops.until_shown({"SKU-0": 0, "SKU-1": 40, "SKU-2": 0})
    shops.counted({"SKU-0": 3, "SKU-1": 39})
    shops.until_shown({"SKU-0": 0, "SKU-1": 39, "SKU-2": 0})
    shops.counted({"SKU-0": 4})
    shops.until_shown({"SKU-0": 4, "SKU-1": 39, "SKU-2": 0})


def test_the_command_line_tells_of_it(shops: Selling) -> None:
    shops.until_shown({"SKU-0": 4, "SKU-1": 39, "SKU-2": 0})
    found = shops.hub.until(
        lambda: json.loads(shops.hub.penstock("listing", "list", "--json")),
        lambda them: [it["phase"] for it in them if it["sku"] != "SKU-2"] == ["SHOWN"] * 2 * len(shops.shops),
        "all are shown",
    )
    assert {(it["sku"], it["told"], it["wanted"], it["phase"]) for it in found} == {
        ("SKU-0", 4, 4, "SHOWN"),
        ("SKU-1", 39, 39, "SHOWN"),
        ("SKU-2", None, None, "UNKNOWN"),
    }
    assert "outcome=DONE" in shops.hub.penstock("listing", "show", "SKU-0")
    actions = [record["action"] for _, record in shops.hub.read("audit") if record["subject"] == "SKU-0"]
    assert {"listing.calling", "listing.called"} <= {*actions}


def test_a_comparison_finds_what_was_changed_by_hand_and_puts_right_what_is_too_much(shops: Selling) -> None:
    assert "0 differ" in shops.hub.penstock("listing", "compare")
    for channel, shop in shops.shops.items():
        slot = {"shop": shop, **shops.ids(channel, 1), "quantity": 500}
        shops.hub.control("PUT", "/_sim/stock", {"shelves": [slot]}, at=channel)
    with pytest.raises(AssertionError, match=f"{len(shops.shops)} differ"):
        shops.hub.penstock("listing", "compare")
    shops.until_shown({"SKU-0": 4, "SKU-1": 39, "SKU-2": 0})
