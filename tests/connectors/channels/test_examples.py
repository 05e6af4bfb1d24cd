"""``deploy/examples/orders``: what the README has copied into ``curl`` goes through, whole."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from schemas.codec import CODEC
from schemas.records import Source
from schemas.topics import CHANNELS, channel_topic
from streams.domain.intake.reading import read_event
from tests.connectors.channels.edge import Edge, until

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples" / "orders"


def test_there_is_one_for_each_platform() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(CHANNELS)


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_order_that_is_copied_into_curl_is_accepted(edge: Edge, channel: str) -> None:
    here = edge.here()
    # The bytes, and called a form, as by curl.
    url = f"{edge.simulators.urls[channel]}/_sim/orders"
    with urllib.request.urlopen(url, (EXAMPLES / f"{channel}.json").read_bytes(), timeout=60) as answer:
        (placed,) = json.load(answer)["orders"]
    (event,) = until(lambda: edge.events(here, channel).get(placed["order_no"], []), f"the order of {channel}")
    source: Source = {"topic": channel_topic(channel), "partition": 0, "offset": 0}
    key = f"{channel}:{placed['order_no']}"
    reading = read_event(CODEC.encode("ChannelEvent", event), key, source, {"TS-RED"})
    assert reading.review is None and reading.order is not None
    (line,) = reading.order["lines"]
    assert (line["sku"], line["quantity"], reading.order["status"]) == ("TS-RED", 2, "PAID")
