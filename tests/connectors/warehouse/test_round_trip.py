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
