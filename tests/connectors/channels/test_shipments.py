"""The door at which parcels are told: who gets in, what is not taken. What is told: ``tests/integration/test_hands_by_http.py``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from connectors.shops import load
from streams.settings import InvalidSetting
from tests.connectors.channels.edge import Edge
from tests.connectors.channels.shipments import tell, told
from tests.connectors.channels.test_outages import frozen_kafka

PARCEL = {"do": "ship", "id": "D-1", "order_id": "taobao:1", "warehouse": "HZ1", "carrier": "SF"}


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"secret": "another"}, 401),
        ({"system": "nobody", "secret": ""}, 401),
        ({"system": "", "secret": ""}, 401),
        ({"signed": b"{}"}, 401),
        ({"signed": "/in/coffee/shipments"}, 401),
        ({"X_Penstock_Signature": ""}, 401),
        ({"X_Penstock_Signature": "签".encode().decode("latin-1")}, 401),
        # Of another time than is signed.
        ({"X_Penstock_Timestamp": "1767232800"}, 401),
        ({"at_s": "1767232800"}, 403),
        ({"at_s": "99999999999"}, 403),
        ({"at_s": ""}, 403),
        ({"at_s": "2026-01-01T00:00:00Z"}, 403),
        ({"at_s": "-1"}, 403),
        ({"at_s": "9" * 2_000}, 403),
        ({"method": "PUT"}, 405),
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Encoding": "gzip"}, 415),
        ({"body": b" " * (64 * 1024 + 1)}, 413),
    ],
)
def test_who_is_not_a_system_now_is_told_so_and_nothing_comes_of_it(
    edge: Edge, wrong: dict[str, Any], status: int
) -> None:
    here = edge.gateway.metric('gateway_pushes_total{answer="refused",channel="shipments"}')
    found, answer = tell(edge.gateway, **{"body": PARCEL, **wrong})
    assert (found, answer["answer"]) == (status, "refused")
    assert edge.gateway.metric('gateway_pushes_total{answer="refused",channel="shipments"}') == here, (
        "nobody looked it up"
    )


def test_a_request_caught_and_sent_later_is_refused(edge: Edge) -> None:
    now = int(time.time())
    assert [tell(edge.gateway, PARCEL, at_s=str(now + s))[0] for s in (-400, 400)] == [403, 403]
    # Within the window it is looked up.
    assert told(edge.gateway, PARCEL)[0] == 422


@pytest.mark.parametrize(
    "path", ["/in/tea", "/in/tea/", "/in/tea/shipments/", "/in//shipments", "/in/tea/returns", "/push/in/tea/shipments"]
)
def test_other_paths_are_nobodys(edge: Edge, path: str) -> None:
    assert edge.gateway.get(path)[0] == 404


def test_while_kafka_is_away_nothing_is_accepted(edge: Edge) -> None:
    with frozen_kafka(edge):
        status, answer = tell(edge.gateway, PARCEL)
        assert (status, answer["answer"], "with the same id" in answer["why"]) == (503, "not taken", True)
        assert edge.gateway.get("/live")[0] == 200
    status, answer = told(edge.gateway, PARCEL)
    assert (status, "nothing is known of an order 'taobao:1'" in answer["why"]) == (422, True)


SYSTEM = '[[warehouse_system]]\nname = "wms"\nsecret = "hush"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SYSTEM * 2, "warehouse_system 'wms' stands twice"),
        (SYSTEM.replace("hush", ""), "number 1: secret is missing"),
        (SYSTEM.replace("hush", "env:WMS_SECRET"), "environment variable WMS_SECRET, which is not set"),
        (SYSTEM.replace("hush", "WMS_SECRET"), "secret looks like the name of something"),
        (SYSTEM + 'shops = "tea"\n', "shops is no list of texts"),
        (SYSTEM + "warehouses = [1]\n", "warehouses is no list of texts"),
        (SYSTEM + 'url = "https://x.example"\n', "'url' is not known: name, secret, shops, warehouses are"),
    ],
)
def test_a_system_that_is_set_up_wrong_is_said_at_the_start(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "shops.toml"
    file.write_text(text)
    with pytest.raises(InvalidSetting) as told:
        load(file, {})
    assert says in str(told.value)
    assert "hush" not in str(told.value)
