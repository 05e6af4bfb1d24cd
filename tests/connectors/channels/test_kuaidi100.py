"""A parcel's way: from a subscription at the simulator to the topic, each step under one id."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from connectors.channels.base import BadSignature, Push
from connectors.channels.kuaidi100 import Kuaidi100Webhook
from connectors.platforms.signing import kuaidi100_push, parcel_salt
from schemas.codec import CODEC
from tests.connectors.channels.edge import Edge, until
from tests.connectors.channels.pushes import form


@pytest.mark.parametrize(("advanced", "number"), [("", "YT0000000000001"), ("4", "YT0000000000002")])
def test_a_parcels_way_is_told_step_by_step(edge: Edge, advanced: str, number: str) -> None:
    account = next(a for a in edge.shops.logistics if a.provider == "kuaidi100")
    salt = parcel_salt(account.salt, "taobao:1", "S-1")
    parameters = {"callbackurl": f"{account.callback}/taobao:1/S-1", "salt": salt, "resultv2": advanced}
    param = {"company": "yuantong", "number": number, "key": account.key, "parameters": parameters}
    here = edge.here()
    edge.control("kuaidi100", "PUT", "/_sim/pace", {"step_s": 0.05})
    answer = edge.form("kuaidi100", "/poll", schema="json", param=json.dumps(param))
    assert answer["returnCode"] == "200"
    traces = until(
        lambda: [e.record for e in edge.since(here) if e.topic == "logistics.traces"],
        "the parcel has arrived",
        lambda found: any(trace["state"] == "SIGNED" for trace in found),
    )
    steps = {trace["trace_id"]: trace for trace in traces}
    # Each push tells the whole way anew, and a step is the same each time.
    assert (
        len(traces) > len(steps) == len({(t["trace_id"], t["text"], t["state"], t["occurred_at_ms"]) for t in traces})
    )
    assert {(t["order_id"], t["shipment_id"], t["carrier"], t["tracking_no"]) for t in traces} == {
        ("taobao:1", "S-1", "YTO", number)
    }
    in_order = sorted(steps.values(), key=lambda trace: trace["occurred_at_ms"])
    assert {t["state"] for t in in_order} == {"COLLECTED", "IN_TRANSIT", "DELIVERING", "SIGNED"}


def test_a_push_of_one_parcel_is_no_push_of_another() -> None:
    webhook = Kuaidi100Webhook(["salt"], str.upper)
    body = form("{}", kuaidi100_push("{}", parcel_salt("salt", "taobao:1", "S1")))
    webhook.verify(Push({}, body, 1, ("taobao:1", "S1")))
    for path in (("taobao:2", "S1"), ("taobao:1", "S2")):
        with pytest.raises(BadSignature):
            webhook.verify(Push({}, body, 1, path))


@pytest.mark.parametrize(
    ("step", "whole", "state"),
    [
        ({"status": "在途"}, "3", "IN_TRANSIT"),
        ({"status": "到达派件城市", "statusCode": "1001"}, "1001", "IN_TRANSIT"),
        ({"status": "x", "statusCode": "501"}, "501", "DELIVERING"),
        ({"status": "x", "statusCode": "401"}, "401", "CANCELLED"),
        ({"status": "x"}, "304", "SIGNED"),
        ({}, "14", "REFUSED"),
        ({}, "no code", "IN_TRANSIT"),
    ],
)
def test_states(step: Mapping[str, str], whole: str, state: str) -> None:
    """A step's own code before its word, its word before the parcel's state."""
    data = [{"context": "某人", "time": "2026-01-01 12:00:00", **step}]
    param = json.dumps({"lastResult": {"state": whole, "nu": "YT1", "com": "unheard-of", "data": data}})
    webhook = Kuaidi100Webhook(["salt"], str.upper)
    (record,) = webhook.read(Push({}, form(param, ""), 1, ("taobao:1", "S1")))
    trace = CODEC.decode(record.value)[1]
    assert (trace["state"], trace["carrier"], trace["occurred_at_ms"]) == (state, "UNHEARD-OF", 1_767_240_000_000)
