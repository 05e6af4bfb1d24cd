"""Each delivery order exactly once at a warehouse that fails a fifth of its calls and loses answers, while its processes are killed.

Long: `make test-long`. What is counted is the system's own: a delivery order that it was told twice is there twice. A process that sends
blindly, without asking first, is caught by the same count.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

from deploy.local import LocalKafka
from tests.connectors.warehouse.rig import LIMITS, Rig, rig

SEED = int(os.environ.get("SIM_SEED", "8841"))
#: As `penstock delivery run`, but that nobody is asked before something is sent again.
BLIND = """
import sys
from connectors.driver.dispatch.calling import Calling
async def nothing(self): return None
Calling._ask = nothing
from streams.cli.main import app
sys.argv = ["penstock", *sys.argv[1:]]
app()
"""


def run(hub: Rig, orders: int, kills: int, dispatch: tuple[str, ...]) -> dict[str, int]:
    """Code -> how often it was created; one in ten is cancelled while it is told."""
    rng = random.Random(SEED)
    limits = hub.folder / "limits.toml"
    limits.write_text(LIMITS)

    def start(number: int) -> None:
        hub.start_module(f"dispatch-{number}", *dispatch, "delivery", "run", "--limits", str(limits))

    hub.start("worker", "worker", "--group", "warehouse")
    hub.start_gateway()
    start(0)
    hub.control("PUT", "/_sim/faults", {"errors": 0.15, "resets": 0.05, "lost_answers": 0.05, "throttle": 0.03})
    hub.control("PUT", "/_sim/pace", {"scan_s": 8})
    numbers = [str(5_000 + n) for n in range(orders)]
    for number in numbers[: orders // 2]:
        hub.order(number)
    for kill in range(kills):
        time.sleep(rng.uniform(0.5, 2.5))
        hub.processes[f"dispatch-{kill}"].kill()
        start(kill + 1)
        if kill % 3 == 1:
            hub.processes["gateway"].kill()
            hub.processes["gateway"].wait()
            hub.start_gateway()
        if kill % 3 == 2:
            hub.processes["worker"].kill()
            hub.processes["worker"].wait()
            hub.start("worker", "worker", "--group", "warehouse")
        for number in numbers[orders // 2 :][kill::kills]:
            hub.order(number)
            if rng.random() < 0.2:
                hub.release(number)
    settled = {"SHIPPED", "CANCELLED"}

    def phases() -> dict[str, str]:
        return {str(record["order_id"]): str(record["phase"]) for _, record in hub.read("warehouse.status")}

    hub.until(phases, lambda them: len(them) == orders and set(them.values()) <= settled, "all are settled")
    return {code: int(it["created"]) for code, it in hub.deliveries().items()}


def judged(hub: Rig, created: dict[str, int]) -> list[str]:
    """What contradicts "each exactly once, nothing missing"."""
    wrong = [f"{code} is there {times} times" for code, times in created.items() if times != 1]
    shipped = [str(record["order_id"]) for _, record in hub.read("shipments")]
    phases = {str(record["order_id"]): str(record["phase"]) for _, record in hub.read("warehouse.status")}
    for order_id, phase in phases.items():
        code = f"{order_id.replace(':', '.')}.1.hz1"
        there = hub.deliveries().get(code)
        if phase == "SHIPPED" and (shipped.count(order_id) != 1 or there is None or there["status"] != "DELIVERED"):
            wrong.append(f"{order_id} is SHIPPED: {shipped.count(order_id)} parcels, {there}")
        if phase == "CANCELLED" and (order_id in shipped or (there is not None and there["status"] != "CANCELED")):
            wrong.append(f"{order_id} is CANCELLED: {there}")
    asked = {(r["delivery_id"], r["request_id"]) for _, r in hub.read("warehouse.requests")}
    answered = {(r["delivery_id"], r["request_id"]) for _, r in hub.read("warehouse.results")}
    wrong += [f"{each} has no answer" for each in asked - answered]
    # Who did what: no call without its intent in the audit.
    intents = [
        str(record["details"]["action"]) for _, record in hub.read("audit") if record["action"] == "warehouse.calling"
    ]
    calls = hub.control("GET", "/_sim/counts")["calls"]
    for method, action in (("deliveryorder.create", "CREATE"), ("order.cancel", "CANCEL")):
        made = sum(calls.get(method, {}).values())
        if intents.count(action) < made:
            wrong.append(f"{made} calls of {method}, and {intents.count(action)} intents")
    return wrong


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("blind", [False, True], ids=["as it is", "blind"])
def test_each_delivery_order_is_there_once(tmp_path: Path, blind: bool) -> None:
    dispatch = ("-c", BLIND) if blind else ("-m", "streams.cli")
    with LocalKafka(tmp_path / "kafka") as kafka, rig(kafka.bootstrap, tmp_path, delivery_retry="20:1") as hub:
        created = run(hub, orders=120, kills=6, dispatch=dispatch)
        wrong = judged(hub, created)
        print(
            f"seed {SEED}: {len(created)} delivery orders, {sum(created.values())} creations, {len(wrong)} wrong",
            file=sys.stderr,
        )
        if blind:
            assert any("times" in each for each in wrong), "sending blindly was not caught"
        else:
            assert wrong == [], f"SIM_SEED={SEED}"
