"""Each SKU's newest number at five platforms that fail a fifth of their calls and lose answers, while processes are killed.

Long: `make test-long`. Goods are sold and none come, so that whatever a platform is told goes down: a number that goes up again is an older
one, told after a newer. A process that tells a place's numbers side by side, without their order, is caught by the same look.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from connectors.channels.stock.clients import CLIENTS
from deploy.local import LocalKafka
from tests.connectors.channels.stock.rig import Selling, selling

SEED = int(os.environ.get("SIM_SEED", "8841"))
SKUS, BEGIN = 12, 9
#: As `penstock listing run`, but that a place's numbers don't wait for each other, and an old one is told all the same.
UNORDERED = """
import sys
from connectors.channels.stock import errand, run
ordered = run.Office.request
def request(self, name, record):
    it = ordered(self, name, record)
    return it and it._replace(key=it.id)
run.Office.request = request
errand.Newest.supersedes = lambda self, request: 0
from streams.cli.main import app
sys.argv = ["penstock", *sys.argv[1:]]
app()
"""


def run(shops: Selling, kills: int, command: tuple[str, ...]) -> dict[str, int]:
    """All is sold, a piece here and three there; returns what the hub has in the end."""
    rng = random.Random(SEED)
    left = {f"SKU-{n}": BEGIN for n in range(SKUS)}
    shops.there_are(SKUS)
    shops.counted(left)
    shops.hub.penstock("config", "apply", str(shops.document(SKUS, "close_at = 1\nopen_at = 2")))
    shops.hub.start("worker", "worker", "--group", "listing")
    shops.start_listing("listing-0", *command)
    shops.until_shown(left)
    for channel in shops.shops:
        rates = {"latency_ms": 40, "errors": 0.15, "resets": 0.05, "lost_answers": 0.05, "throttle": 0.02}
        shops.hub.control("PUT", "/_sim/faults", rates, at=channel)
    for kill in range(kills):
        # The process that is to be killed is at work by then.
        answers = len(shops.hub.read("listing.results"))
        for _ in range(12):
            sku = rng.choice([sku for sku, units in left.items() if units] or ["SKU-0"])
            left[sku] = max(0, left[sku] - rng.choice((1, 1, 2, 3)))
            shops.counted({sku: left[sku]})
            time.sleep(rng.uniform(0.0, 0.15))
        shops.hub.until(lambda n=answers: len(shops.hub.read("listing.results")) > n, bool, "numbers are told")
        shops.hub.processes[f"listing-{kill}"].kill()
        shops.start_listing(f"listing-{kill + 1}", *command)
        if kill % 3 == 2:
            shops.hub.processes["worker"].kill()
            shops.hub.processes["worker"].wait()
            shops.hub.start("worker", "worker", "--group", "listing")
    return {sku: units if units > 1 else 0 for sku, units in left.items()}


def settled(shops: Selling) -> bool:
    """No request is without its answer, and nothing is to be told any more."""
    newest = {str(record["sku"]): record for _, record in shops.hub.read("listing.status")}
    return len(newest) == SKUS and all(it["phase"] == "SHOWN" for each in newest.values() for it in each["listed"])


def judged(shops: Selling, wanted: dict[str, int]) -> list[str]:
    """What contradicts "the newest, and no older one after it"."""
    wrong, puts = [], 0
    for channel in shops.shops:
        for sku, slot in shops.shelves(channel).items():
            numbers = [put["quantity"] for put in slot["puts"]]
            puts += len(numbers)
            if slot["quantity"] != wanted[sku]:
                wrong.append(f"{channel} shows {slot['quantity']} of {sku}, and there are {wanted[sku]}: {numbers}")
            if numbers != sorted(numbers, reverse=True):
                wrong.append(f"{channel} was told an older number of {sku} after a newer one: {numbers}")
    asked = {(record["sku"], record["request_id"]) for _, record in shops.hub.read("listing.requests")}
    answered = [(r["sku"], r["request_id"]) for name, r in shops.hub.read("listing.results") if name == "ListingResult"]
    wrong += [f"{each} has no answer" for each in asked - {*answered}]
    intents = sum(record["action"] == "listing.calling" for _, record in shops.hub.read("audit"))
    if intents < puts:
        wrong.append(f"{puts} numbers were put, and {intents} intents stand in the audit")
    return wrong


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("unordered", [False, True], ids=["as it is", "unordered"])
def test_each_shop_ends_with_the_newest_number(tmp_path: Path, unordered: bool) -> None:
    command = ("-c", UNORDERED) if unordered else ("-m", "streams.cli")
    with (
        LocalKafka(tmp_path / "kafka") as kafka,
        selling(kafka.bootstrap, tmp_path, tuple(CLIENTS)) as shops,
    ):
        wanted = run(shops, 6, command)
        if unordered:
            # What tells old numbers may never come to rest.
            caught = "numbers without their order are caught"
            shops.hub.until(lambda: any("after a newer" in each for each in judged(shops, wanted)), bool, caught)
            return
        shops.hub.until(lambda: settled(shops), bool, "all is told")
        assert judged(shops, wanted) == [], f"SIM_SEED={SEED}"
