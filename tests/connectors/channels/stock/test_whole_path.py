"""The last pieces are sold on five channels at once: one order has them, four wait, and all five channels are closed. Long."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.channels.stock.clients import CLIENTS
from deploy.local import LocalKafka
from tests.connectors.channels.stock.rig import selling

EXAMPLES = Path(__file__).parents[4] / "deploy/examples/orders"


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_last_pieces_are_sold_once_and_every_channel_is_closed(tmp_path: Path) -> None:
    with (
        LocalKafka(tmp_path / "kafka") as kafka,
        selling(kafka.bootstrap, tmp_path, tuple(CLIENTS)) as shops,
    ):
        hub, shops.names = shops.hub, ("TS-RED",)
        hub.start("worker-decisions", "worker", "--group", "decisions")
        shops.start()
        hub.start_gateway()
        hub.penstock("warehouse", "set", "hz1", "--province", "浙江")
        shops.there_are(1)
        hub.penstock("config", "apply", str(shops.document(1)))
        # Each of the orders wants two.
        hub.penstock("stock", "receive", "TS-RED", "2", "--warehouse", "hz1")
        shops.until_shown({"TS-RED": 2})

        def place(channel: str) -> None:
            hub.control("POST", "/_sim/orders", json.loads((EXAMPLES / f"{channel}.json").read_text()), at=channel)

        began = time.monotonic()
        with ThreadPoolExecutor(len(CLIENTS)) as buyers:
            list(buyers.map(place, CLIENTS))
        shops.until_shown({"TS-RED": 0})
        print(f"closed on five channels {time.monotonic() - began:.1f} s after the orders", file=sys.stderr)

        def decided() -> list[str]:
            newest = {str(record["order_id"]): str(record["status"]) for _, record in hub.read("order.status")}
            return sorted(newest.values())

        hub.until(decided, lambda them: them == ["ALLOCATED", *["BACKORDERED"] * 4], "one order has them")
        assert shops.shown("taobao") == {"TS-RED": 0}
        assert "0 violations" in hub.penstock("verify")
