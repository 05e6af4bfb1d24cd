"""The gateway's doors for warehouses' systems: whose reports get in, how each is answered, and what reaches Kafka of it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.platforms.signing import warehouse_system
from connectors.warehouse import xml_text
from connectors.warehouse.qimen import signed, system_params
from deploy.local import LocalKafka
from tests.connectors.warehouse.rig import Rig, rig
from tests.connectors.warehouse.test_xml import BOMBS

OWN = '\n[[wms]]\nname = "own"\nkind = "webhook"\nurl = "http://127.0.0.1:9"\nsecret = "hush"\nwarehouses = ["OWN1"]\n'


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    folder = tmp_path_factory.mktemp("entrance")
    with LocalKafka(folder / "kafka") as kafka, rig(kafka.bootstrap, folder, extra=OWN) as it:
        it.kafka_pid = kafka.pid or 0
        it.start_gateway()
        it.until(lambda: it.get(f"{it.gateway}/ready"), bool, "Kafka is reached")
        yield it


def send(hub: Rig, method: str, body: str | bytes, **wrong: Any) -> tuple[int, str, str, str]:
    """(HTTP status, flag, code, message)"""
    raw = body if isinstance(body, bytes) else body.encode()
    params = system_params(hub.account, f"taobao.qimen.{method}", int(time.time()) + wrong.pop("off_s", 0))
    params |= wrong.pop("params", {})
    sign = signed(hub.account, params, wrong.pop("signed_body", raw.decode("utf-8", "replace")))
    params["sign"] = wrong.pop("sign", sign)
    headers = {"Content-Type": wrong.pop("content_type", "text/xml; charset=utf-8")}
    status, answer = hub.post(f"/push/qimen/{wrong.pop('system', hub.account.name)}?{urlencode(params)}", raw, headers)
    root = xml_text.read(answer) if answer.startswith(b"<?xml") else None
    return (status, *((root.text_of("flag"), root.text_of("code"), root.text_of("message")) if root else ("", "", "")))


def confirm(code: str = "taobao.1.1.hz1", **changes: Any) -> str:
    package = {
        "logisticsCode": "SF",
        "expressCode": "SF1",
        "weight": "0.5",
        "items": {"item": [{"itemCode": "MUG", "quantity": 1}]},
    }
    order = {"deliveryOrderCode": code, "warehouseCode": "WH-HZ1", "status": "DELIVERED", "outBizCode": "B-1"}
    content = {
        "deliveryOrder": {**order, **changes.pop("order", {})},
        "packages": {"package": [{**package, **changes}]},
    }
    return xml_text.write("request", content)


def reports(hub: Rig) -> list[dict[str, Any]]:
    return [record for _, record in hub.read("warehouse.reports")]


def aside(hub: Rig) -> list[dict[str, Any]]:
    return [record for _, record in hub.read("warehouse.dead")]


def test_a_confirmation_is_read_and_answered_in_its_own_form(hub: Rig) -> None:
    assert send(hub, "deliveryorder.confirm", confirm("taobao.77.1.hz1"))[:3] == (200, "success", "0")
    (found,) = [it for it in reports(hub) if it["order_id"] == "taobao:77"]
    assert (found["kind"], found["warehouse"], found["report_id"], found["final"]) == ("LEFT", "hz1", "B-1", True)
    assert found["parcels"] == [
        {
            "carrier": "SF",
            "tracking_no": "SF1",
            "weight_g": 500,
            "lines": [{"line_no": "", "sku": "MUG", "quantity": 1}],
        }
    ]
    assert b"<outBizCode>B-1" in found["body"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sign": "0" * 32},
        {"sign": ""},
        {"signed_body": "<request/>"},
        {"params": {"customerId": "another"}},
        {"off_s": -7_200},
        {"off_s": 7_200},
    ],
)
def test_who_is_not_the_system_now_is_told_so_and_nothing_comes_of_it(hub: Rig, wrong: dict[str, Any]) -> None:
    before = len(reports(hub)), len(aside(hub))
    status, flag, code, message = send(hub, "deliveryorder.confirm", confirm(), **wrong)
    assert (status, flag, code) == (200, "failure", "penstock.403" if "off_s" in wrong else "penstock.401")
    if "off_s" in wrong:
        assert "s off the hub's clock" in message
    assert (len(reports(hub)), len(aside(hub))) == before


def test_other_doors_and_other_forms(hub: Rig) -> None:
    assert send(hub, "deliveryorder.confirm", confirm(), system="nobody")[0] == 404
    assert send(hub, "deliveryorder.confirm", confirm(), content_type="application/json")[0] == 415
    assert send(hub, "deliveryorder.confirm", b" " * (1024 * 1024 + 1))[0] == 413


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_bombs_are_answered_with_a_failure_and_kept(hub: Rig, name: str) -> None:
    status, flag, code, _ = send(hub, "deliveryorder.confirm", BOMBS[name])
    assert (status, flag, code) == (200, "failure", "penstock.400")
    assert aside(hub)[-1]["code"] == "unreadable" or any(it["body"] == BOMBS[name].encode() for it in aside(hub))


@pytest.mark.parametrize(
    ("method", "body", "says"),
    [
        ("deliveryorder.confirm", confirm(expressCode=""), "packages.package.expressCode is missing"),
        ("deliveryorder.confirm", confirm(items={"item": [{"itemCode": "M", "quantity": "1.5"}]}), "quantity is '1.5'"),
        ("deliveryorder.confirm", confirm(items={"item": [{"itemCode": "M", "quantity": "0"}]}), "quantity is 0"),
        ("deliveryorder.confirm", confirm(order={"warehouseCode": "WH-X"}), "warehouseCode is 'WH-X'"),
        ("deliveryorder.confirm", confirm(order={"orderConfirmTime": "yesterday"}), "orderConfirmTime is 'yesterday'"),
        ("deliveryorder.confirm", confirm(order={"status": "张三"}), "one word of letters"),
        ("deliveryorder.confirm", "<response/>", "outermost element is not request"),
        ("item.delete", "<request/>", "this door takes deliveryorder.confirm"),
        (
            "inventory.report",
            "<request><totalPage>2</totalPage><currentPage>3</currentPage></request>",
            "currentPage is 3 of 2",
        ),
        ("stockchange.report", "<request><items/></request>", "items.item: at least one"),
    ],
)
def test_what_cannot_be_read_is_told_by_field_and_kept(hub: Rig, method: str, body: str, says: str) -> None:
    status, flag, _, message = send(hub, method, body)
    assert (status, flag, says in message) == (200, "failure", True), message
    assert any(it["code"] == "unreadable" and says in it["reason"] and it["body"] == body.encode() for it in aside(hub))


def test_each_kind_of_report_is_read(hub: Rig) -> None:
    returned = (
        "<request><returnOrder><returnOrderCode>RO1</returnOrderCode><outBizCode>OB-1</outBizCode><warehouseCode>WH-HZ1"
        "</warehouseCode><orderType>THRK</orderType><sourcePlatformCode>TB</sourcePlatformCode><orderConfirmTime>2026-01-06 09:30:00"
        "</orderConfirmTime></returnOrder><orderLines><orderLine><itemCode>SKU-A</itemCode><inventoryType>ZP</inventoryType>"
        "<planQty>1</planQty><actualQty>1</actualQty><sourceOrderCode>2300000000000000001</sourceOrderCode></orderLine></orderLines>"
        "</request>"
    )
    changed = (
        "<request><items><item><ownerCode>O1</ownerCode><warehouseCode>WH-HZ1</warehouseCode><itemCode>SKU-A</itemCode>"
        "<orderCode>DO1</orderCode><orderType>CGRK</orderType><outBizCode>S-1</outBizCode><inventoryType>ZP</inventoryType>"
        "<quantity>-2</quantity></item></items></request>"
    )
    counted = (
        "<request><totalPage>1</totalPage><currentPage>1</currentPage><pageSize>9</pageSize><warehouseCode>WH-HZ1</warehouseCode>"
        "<checkOrderCode>C-1</checkOrderCode><outBizCode>C-1</outBizCode><adjustType>CHECK</adjustType><items><item>"
        "<itemCode>SKU-A</itemCode><quantity>-1</quantity></item></items></request>"
    )
    progress = (
        "<request><order><orderCode>taobao.78.1.hz1</orderCode><warehouseCode>WH-HZ1</warehouseCode></order>"
        "<process><processStatus>PICK</processStatus></process></request>"
    )
    for method, body in (
        ("returnorder.confirm", returned),
        ("stockchange.report", changed),
        ("inventory.report", counted),
        ("orderprocess.report", progress),
    ):
        assert send(hub, method, body)[1] == "success"
    found = {it["kind"]: it for it in reports(hub)}
    assert found["RETURNED"]["order_id"] == "taobao:2300000000000000001"
    assert found["STOCK"]["units"][0]["cause"] == "CGRK/DO1"
    assert (found["STOCK"]["order_id"], found["STOCKTAKE"]["order_id"]) == (
        "wms:qimen-wms/STOCK/S-1",
        "wms:qimen-wms/STOCKTAKE/C-1",
    )
    assert (found["PROGRESS"]["order_id"], found["PROGRESS"]["status"]) == ("taobao:78", "PICK")


def test_what_is_accepted_while_kafka_is_away_outlives_the_gateway(hub: Rig) -> None:
    pid = hub.kafka_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        assert send(hub, "deliveryorder.confirm", confirm("taobao.90.1.hz1"))[1] == "success"
        hub.processes["gateway"].kill()
        hub.processes["gateway"].wait()
    finally:
        os.kill(pid, signal.SIGCONT)
    hub.start_gateway()
    hub.until(lambda: [it for it in reports(hub) if it["order_id"] == "taobao:90"], bool, "it is delivered from disk")


def plain(hub: Rig, body: object, **wrong: Any) -> tuple[int, dict[str, Any]]:
    raw = json.dumps(body).encode()
    at_s, path = str(int(time.time()) + wrong.pop("off_s", 0)), "/push/wms/own"
    headers = {
        "Content-Type": "application/json",
        "X-Penstock-Timestamp": at_s,
        "X-Penstock-Signature": warehouse_system(wrong.pop("secret", "hush"), at_s, path, raw),
    }
    status, answer = hub.post(path, raw, headers)
    return status, json.loads(answer)


def test_the_plain_kind_tells_the_same(hub: Rig) -> None:
    left = {
        "kind": "LEFT",
        "report_id": "P-1",
        "delivery_id": "jd.5.1.OWN1",
        "status": "DELIVERED",
        "parcels": [{"carrier": "SF", "tracking_no": "SF5", "lines": [{"sku": "MUG", "quantity": 1}]}],
    }
    assert plain(hub, left) == (200, {"answer": "accepted"})
    (found,) = [it for it in reports(hub) if it["order_id"] == "jd:5"]
    assert (found["system"], found["warehouse"], found["parcels"][0]["tracking_no"]) == ("own", "OWN1", "SF5")
    assert plain(hub, left, secret="guess")[0] == 401
    assert plain(hub, left, off_s=-3_600)[0] == 403
    status, answer = plain(hub, {**left, "parcels": [{"carrier": "SF"}]})
    assert (status, "tracking_no" in answer["why"]) == (400, True)
    assert any(it["system"] == "own" and it["code"] == "unreadable" for it in aside(hub))
