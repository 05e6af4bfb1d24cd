"""From an order at its platform to its number there: read, decided, told to the warehouse, scanned, written back; nobody types anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.local import LocalKafka
from tests.connectors.warehouse.rig import rig

ROOT = Path(__file__).parents[3]
NUMBER = "2300000000424242000"


@pytest.mark.long
def test_an_order_of_a_platform_leaves_by_the_warehouse_s_system(tmp_path: Path) -> None:
    with LocalKafka(tmp_path / "kafka") as kafka, rig(kafka.bootstrap, tmp_path, platforms=("taobao",)) as hub:
        hub.control("PUT", "/_sim/pace", {"scan_s": 1})
        for group in ("decisions", "warehouse", "writeback"):
            hub.start(f"worker-{group}", "worker", "--group", group)
        hub.start_dispatch()
        hub.start("writeback", "writeback", "run")
        hub.start_gateway()
        hub.penstock("warehouse", "set", "hz1", "--province", "浙江")
        hub.penstock("stock", "receive", "TS-RED", "100", "--warehouse", "hz1")
        hub.control(
            "POST", "/_sim/orders", json.loads((ROOT / "deploy/examples/orders/taobao.json").read_text()), at="taobao"
        )

        def at_its_platform() -> dict[str, object]:
            return hub.control("GET", f"/_sim/orders/{NUMBER}", at="taobao")

        order = hub.until(at_its_platform, lambda it: it["shipments"], "its number stands at its platform")
        ((code, delivery),) = hub.deliveries().items()
        assert (code, delivery["created"], delivery["lines"]) == (f"taobao.{NUMBER}.1.hz1", 1, {"TS-RED": 2})
        assert [it["tracking_no"] for it in order["shipments"]] == delivery["packages"]
        listed = hub.until(
            lambda: json.loads(hub.penstock("delivery", "list", "--phase", "all", "--json")),
            lambda them: [it["phase"] for it in them] == ["SHIPPED"],
            "it is settled",
        )
        assert listed[0]["delivery_id"] == code
        assert code in hub.penstock("delivery", "show", f"taobao:{NUMBER}")
        stock = json.loads(hub.penstock("stock", "show", "TS-RED", "--json"))
        assert "98" in json.dumps(stock)
        assert "0 violations" in hub.penstock("verify")
