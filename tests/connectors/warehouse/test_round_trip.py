"""An allocation to a warehouse's system and its parcels back, over real Kafka, by signed XML in both directions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local import LocalKafka
from tests.connectors.warehouse.rig import WAREHOUSE, Rig, rig


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("warehouse")
    with LocalKafka(folder / "kafka") as kafka, rig(kafka.bootstrap, folder, delivery_retry="3:1") as it:
        it.start_all()
        yield it


def test_what_is_allocated_is_told_and_what_leaves_comes_back_as_a_parcel(hub: Rig) -> None:
    code = hub.order("1001")
    told = hub.until(hub.deliveries, lambda them: code in them, "the system has it")[code]
    assert told["lines"] == {"MUG": 2, "CUP": 1}
    assert (told["created"], told["carrier"], told["receiver"]) == (1, "SF", "王小明")

    packages = [{"express_code": "YT1001", "items": {"MUG": 2}}, {"express_code": "YT1002", "items": {"CUP": 1}}]
    hub.control("POST", "/_sim/scan", {"code": code, "packages": packages})
    shipped = hub.until(lambda: hub.read("shipments", "1001"), lambda them: len(them) == 2, "both parcels are told")

    assert {(record["tracking_no"], record["carrier"], record["warehouse"]) for _, record in shipped} == {
        ("YT1001", "YTO", WAREHOUSE),
        ("YT1002", "YTO", WAREHOUSE),
    }
    assert [record["lines"] for _, record in shipped] == [
        [{"line_no": "1", "sku": "MUG", "quantity": 2}],
        [{"line_no": "2", "sku": "CUP", "quantity": 1}],
    ]
    hub.until(lambda: hub.phase("1001"), lambda phase: phase == "SHIPPED", "it is settled")


def test_what_is_released_is_taken_back_and_its_parcel_told_later_is_set_aside(hub: Rig) -> None:
    code = hub.order("1002")
    hub.until(lambda: hub.phase("1002"), lambda phase: phase == "CREATED", "the system has it")
    hub.release("1002")
    hub.until(lambda: hub.phase("1002"), lambda phase: phase == "CANCELLED", "it is taken back")
    assert hub.deliveries()[code]["status"] == "CANCELED"
    body = (
        f"<request><deliveryOrder><deliveryOrderCode>{code}</deliveryOrderCode><status>DELIVERED</status></deliveryOrder>"
        "<packages><package><logisticsCode>SF</logisticsCode><expressCode>SF2</expressCode></package></packages></request>"
    )
    body = body.replace("<status>", "<warehouseCode>WH-HZ1</warehouseCode><status>")
    hub.control("POST", "/_sim/report", {"method": "deliveryorder.confirm", "body": body})
    aside = hub.until(lambda: hub.read("warehouse.dead", "1002"), bool, "it is set aside")
    assert [(name, record["code"]) for name, record in aside] == [("ReportSetAside", "cancelled")]
    assert hub.read("shipments", "1002") == []


def test_the_scan_is_first_and_a_person_is_told(hub: Rig) -> None:
    code = hub.order("1003")
    hub.until(lambda: hub.phase("1003"), lambda phase: phase == "CREATED", "the system has it")
    # It is packed, and what it tells of that is still on its way.
    hub.control("PUT", "/_sim/gateway", {"url": ""})
    hub.control("POST", "/_sim/scan", {"code": code})
    hub.release("1003")
    hub.until(lambda: hub.phase("1003"), lambda phase: phase == "TOO_LATE", "it can't be taken back")
    assert [name for name, _ in hub.read("warehouse.dead", "1003")] == ["DeliveryDead"]
    hub.control("PUT", "/_sim/gateway", {"url": hub.gateway})
    hub.control("POST", "/_sim/scan", {"code": code})
    shipped = hub.until(lambda: hub.read("shipments", "1003"), bool, "the parcel is told all the same")
    assert len(shipped) == 1


def test_a_lost_answer_costs_no_second_delivery_order(hub: Rig) -> None:
    hub.control("PUT", "/_sim/faults", {"lost_answers": 1.0})
    code = hub.order("1004")
    hub.until(hub.deliveries, lambda them: code in them, "it has arrived")
    hub.control("PUT", "/_sim/faults", {})
    hub.until(lambda: hub.phase("1004"), lambda phase: phase == "CREATED", "it is found to be there")
    assert hub.deliveries()[code]["created"] == 1


def test_what_the_system_refuses_is_dead_with_its_reason_until_it_is_redriven(hub: Rig) -> None:
    hub.order("1005", province="")
    hub.until(lambda: hub.phase("1005"), lambda phase: phase == "DEAD", "it is refused")
    ((_, dead),) = hub.read("warehouse.dead", "1005")
    assert (dead["outcome"], dead["code"], dead["action"]) == ("REFUSED", "S003", "CREATE")
    actions = [(record["action"], record["outcome"]) for _, record in hub.read("audit", "1005")]
    assert actions == [("warehouse.calling", "pending"), ("warehouse.called", "REFUSED")]


def test_an_operator_sees_what_is_dead_and_why_and_ends_it(hub: Rig) -> None:
    hub.order("1006", province="")
    hub.until(lambda: hub.phase("1006"), lambda phase: phase == "DEAD", "it is refused")
    listed = hub.penstock("delivery", "list", "--phase", "dead")
    assert "taobao:1006" in listed and f"1.{WAREHOUSE}" in listed and "…" not in listed
    hub.penstock("delivery", "abandon", "taobao:1006", f"1.{WAREHOUSE}", "--because", "sent by hand", "--yes")
    hub.until(lambda: hub.phase("1006"), lambda phase: phase == "ABANDONED", "it is ended")
    assert "delivery.abandoned" in [record["action"] for _, record in hub.read("audit", "1006")]
    assert "cancelled" in hub.penstock("delivery", "reports")
