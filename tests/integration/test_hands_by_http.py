"""Parcels told by HTTP: to the real gateway, which holds them against orders that real workers have decided."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import handbook
from tests.connectors.channels.edge import GatewayProcess
from tests.connectors.channels.shipments import told
from tests.integration.conftest import Shop, until
from tests.integration.test_hands import allocated, trail

README = handbook.text()
SHOPS = """
[[warehouse_system]]
name = "hz-wms"
secret = "hush"
shops = ["tea"]
warehouses = ["hz1"]

[[warehouse_system]]
name = "any"
secret = "other"
"""


@pytest.fixture(scope="module")
def gateway(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    file = tmp_path_factory.mktemp("http") / "shops.toml"
    file.write_text(SHOPS)
    file.chmod(0o600)
    it = GatewayProcess(replace(shop.settings, shops=file))
    it.start()
    try:
        yield it
    finally:
        assert it.stop() == 0, it.log.read_text()[-3000:]


@pytest.fixture(scope="module")
def untold(shop: Shop) -> str:
    """An order of which nothing is told."""
    return allocated(shop)


def parcel(order_id: str, **fields: Any) -> dict[str, Any]:
    return {
        **{"do": "ship", "id": "H-1", "order_id": order_id, "warehouse": "hz1", "carrier": "顺丰"},
        **{"tracking_no": "SF 0000000000011", "lines": {"HAND": 2}},
        **fields,
    }


def test_a_parcel_is_told_once_however_often_it_is_sent(shop: Shop, gateway: GatewayProcess) -> None:
    order_id = allocated(shop)
    status, answer = told(gateway, parcel(order_id))
    assert (status, answer["answer"], answer["id"]) == (200, "accepted", "H-1")
    assert told(gateway, parcel(order_id)) == (200, {"answer": "accepted", "id": "H-1", "repeated": True})
    shop.becomes(order_id, "SHIPPED")
    # As the order stands after it, too; and by the command line it is the same.
    assert told(gateway, parcel(order_id))[1]["repeated"] is True
    done = shop.penstock(
        *("order", "ship", order_id, "HAND=2", "--warehouse", "hz1", "--carrier", "SF", "--id", "H-1", "--yes"),
        *("--tracking-no", "SF0000000000011", "--json"),
    )
    assert json.loads(done.stdout)["repeated"] is True, done
    status, answer = told(gateway, parcel(order_id, tracking_no="SF0000000000012"))
    assert (status, answer["why"]) == (
        409,
        "id H-1 is there already, with another tracking_no: give each parcel one of its own",
    )
    ((_, sent),) = shop.records("shipments", order_id)
    assert (sent["carrier"], sent["tracking_no"], sent["lines"][0]["quantity"]) == ("SF", "SF0000000000011", 2)
    assert trail(shop, order_id, by=None) == [("order.ship", "", "done")]
    assert [entry["by"] for _, entry in shop.records("audit", order_id)] == ["warehouse system hz-wms"]


def test_what_contradicts_the_hub_is_told_where_its_sender_insists(shop: Shop, gateway: GatewayProcess) -> None:
    order_id = allocated(shop)
    status, answer = told(gateway, parcel(order_id, lines={"HAND": 7}))
    assert (status, "more than it was asked to send" in answer["why"]) == (422, True), answer
    assert told(gateway, parcel(order_id, lines={"HAND": 7}, anyway=True))[0] == 200
    shop.becomes(order_id, "SHIPPED")


def test_many_at_once_are_each_answered_for_themselves(shop: Shop, gateway: GatewayProcess) -> None:
    order_ids = [shop.place(shop.order_no(), "HAND") for _ in range(8)]
    for order_id in order_ids:
        shop.becomes(order_id, "ALLOCATED")
    wanted = [parcel(order_id, id=f"M-{n}") for n, order_id in enumerate(order_ids)]
    wanted += [parcel(order_ids[0], id="M-x", carrier="Pigeon"), *wanted[:2]]
    with ThreadPoolExecutor(len(wanted)) as senders:
        answers = list(senders.map(lambda each: told(gateway, each), wanted))
    assert [status for status, _ in answers] == [*[200] * 8, 422, 200, 200], answers
    assert [answer["id"] for _, answer in answers[:8]] == [f"M-{n}" for n in range(8)]
    assert [len(shop.records("shipments", order_id)) for order_id in order_ids] == [1] * 8


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"order_id": "taobao:0"}, 422, "nothing is known of an order 'taobao:0': write it as listed"),
        ({"order_id": ""}, 422, 'order_id is "": expected `str` of length >= 1'),
        ({"order_id": 7}, 422, "order_id is 7: expected `str`"),
        ({"id": ""}, 422, "id is missing: give each parcel one of its own"),
        ({"do": "hold", "because": "x"}, 422, "do is 'hold': write ship"),
        ({"shop": "coffee"}, 422, "shop is 'coffee', and the path's is 'tea'"),
        ({"warehouse": "bj1"}, 422, "warehouse is 'bj1': hz-wms tells for hz1 alone"),
        ({"carrier": "Pigeon"}, 422, "carrier 'Pigeon' is not known"),
        ({"tracking_no": "!"}, 422, "tracking_no is '!': "),
        ({"lines": {"HAND": 0}}, 422, 'lines is {"HAND":0}: expected `int` >= 1'),
        ({"lines": {"": 1}}, 422, 'lines is {"":1}: expected `str` of length >= 1'),
        ({"lines": {"MUG": 1}}, 422, "which the order does not have"),
        (
            {"shipped_at": "2999-01-01T00:00:00Z"},
            422,
            "shipped_at is 2999-01-01T00:00:00+00:00, which is still to come",
        ),
        ({"shipped_at": "yesterday"}, 422, 'shipped_at is "yesterday": '),
        ({"colour": "red"}, 422, "'colour' is no field of it"),
    ],
)
def test_a_field_that_can_not_be_is_named_with_what_stands_there(
    shop: Shop, gateway: GatewayProcess, untold: str, fields: dict[str, Any], status: int, says: str
) -> None:
    found, answer = told(gateway, {**parcel(untold), **fields})
    assert (found, answer["answer"], says in answer["why"]) == (status, "refused", True), answer
    assert shop.records("shipments", untold) == []


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"", 400, "no JSON object: "),
        (b"{", 400, "no JSON object: "),
        (b"\xff", 400, "no JSON object: "),
        (b"[" * 60_000, 422, "no JSON object of this form: expected `object`, got `array`"),
        (b'{"do":"ship","order_id":1e400}', 422, "order_id: number out of range"),
    ],
)
def test_what_can_not_be_read_stops_nobody(gateway: GatewayProcess, body: bytes, status: int, says: str) -> None:
    found, answer = told(gateway, body)
    assert (found, says.casefold() in answer["why"].casefold()) == (status, True), answer


def test_a_system_tells_of_its_own_shops_and_warehouses_alone(gateway: GatewayProcess, untold: str) -> None:
    status, answer = told(gateway, parcel(untold), shop="coffee")
    assert (status, answer["why"]) == (403, "shop is 'coffee': hz-wms tells of tea")
    other = {"system": "any", "secret": "other"}
    status, answer = told(gateway, parcel(untold), shop="coffee", **other)
    assert (status, "is of shop 'tea', not 'coffee'" in answer["why"]) == (422, True), answer
    status, answer = told(gateway, parcel(untold, warehouse="moon"), **other)
    assert (status, "unknown warehouse 'moon'; there are: bj1, " in answer["why"]) == (422, True), answer


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="curl or openssl is not installed")
def test_what_the_readme_shows_goes_through(shop: Shop, gateway: GatewayProcess, tmp_path: Path) -> None:
    order_id = allocated(shop)
    shown = re.search(r"^```bash\n(cat > parcel\.json.*?)^```", README, re.M | re.S)
    assert shown is not None
    script = shown[1]
    for theirs, ours in (
        ("taobao:2300000000000000001", order_id),
        ("flagship", "tea"),
        ("HZ1", "hz1"),
        ("TS-RED", "HAND"),
        ("http://localhost:8700", gateway.url),
    ):
        assert theirs in script
        script = script.replace(theirs, ours)
    env = {**os.environ, "HZ_WMS_SECRET": "hush"}
    run = partial(subprocess.run, ["bash", "-euc", script], env=env, cwd=tmp_path, capture_output=True, text=True)
    # What is not taken in time is sent again.
    done = until(run, lambda done: "not taken" not in done.stdout, "it is taken or refused")
    said = done.stdout.replace('"repeated":true', '"repeated":false')
    assert json.loads(said)["answer"] == "accepted", done
    assert f"`{said}`" in README
    assert [record["shipment_id"] for _, record in shop.records("shipments", order_id)] == ["S-1001"]
