"""What stands among the requests and is none goes to quarantine, once, and holds up no other."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

from connectors.simulators.faults import Rates
from deploy.local.process import free_ports
from schemas.avsc import GOLDEN
from streams.aside import quarantine
from streams.engine.partitions import partition_of
from tests import raw
from tests.conftest import Unique
from tests.connectors.logistics.rig import REQUESTS, Rig, rig
from tests.integration.conftest import penstock
from tests.served import page


def items(it: Rig) -> list[quarantine.Item]:
    """What this test's dispatchers have set aside, in the order of the log."""
    found = quarantine.items(it.cluster, quarantine.Wanted(topic=REQUESTS))
    mine = [item for item in found if item.group == f"{it.settings.app_id}-dispatch"]
    return sorted(mine, key=lambda item: item.place)


def stands(it: Rig, item: quarantine.Item) -> bytes | None:
    """What is in quarantine there."""
    message = it.cluster.at(*item.place)
    assert message is not None
    return message.value()


def by_hand(it: Rig, *args: str) -> subprocess.CompletedProcess[str]:
    return penstock("quarantine", *args, **it.settings.to_env())


def test_it_is_set_aside_once_with_its_bytes_and_can_be_redriven(kafka: str, tmp_path: Path, unique: Unique) -> None:
    async def run() -> None:
        async with rig(kafka, tmp_path, unique()) as it:
            # A platform is away: requests of its shop wait.
            it.platform("pdd").faults.rates = Rates(errors=1)
            away = [it.order("pdd", serial) for serial in range(1, 41)]
            await it.send(away)
            port = free_ports(1)[0]
            killed = it.start("--port", str(port))
            await it.until(
                lambda: page(port, "/metrics"),
                lambda text: 'writeback_breaker_open{channel="pdd",shop="pdd-home"} 1.0' in text,
                "the breaker is open",
            )
            answered = {each["order_id"] for each in it.read("writeback.results")}
            key = next(each["order_id"] for each in away if each["order_id"] not in answered)
            other = (GOLDEN / "WritebackResult.v1.bin").read_bytes()
            bad = [b"\x00garbage", other, raw.LARGE, None]
            await asyncio.to_thread(raw.send, it.settings.brokers, REQUESTS, key, *bad)
            # One behind them in their partition is dealt with: they were read.
            count = it.settings.partitions
            behind = next(
                order
                for order in (it.order("douyin", serial) for serial in range(1, 30))
                if partition_of(order["order_id"].encode(), count) == partition_of(key.encode(), count)
            )
            await it.send([behind])
            await it.answered([behind])
            # Whoever takes over finds them behind a request that waits.
            killed.send_signal(signal.SIGKILL)
            successor = it.start()
            it.faults()
            await it.answered(away)
            found = await it.until(lambda: items(it), lambda them: len(them) >= len(bad), "they are in quarantine")
            await it.until(it.left, lambda left: left == 0, "their offsets are behind")
            found = await asyncio.to_thread(items, it)
            assert [item.error.partition(": ")[0] for item in found] == [
                *("NotAvro", "CodecError", "NotAvro", "NotAvro")
            ]
            assert "a WritebackResult stands where a request belongs" in found[1].error
            assert {item.key for item in found} == {key.encode()}
            assert [item.is_reference for item in found] == [False, False, True, False]
            assert [stands(it, item) for item in found] == [bad[0], bad[1], None, None]
            await asyncio.to_thread(go_on_by_hand, it, found)
            again = await it.until(lambda: items(it), lambda them: len(them) == len(bad) + 2, "both are back")
            assert bad[0] in [stands(it, item) for item in again[-2:]]
            assert await it.stop(successor) == 0

    asyncio.run(run())


def go_on_by_hand(it: Rig, found: list[quarantine.Item]) -> None:
    """They are listed, shown, and sent back to their topic, where what is no request is found to be none again."""
    listed: list[dict[str, Any]] = json.loads(by_hand(it, "list", "--topic", REQUESTS, "--json").stdout)
    assert {str(item.place) for item in found} <= {each["item"] for each in listed}
    garbage, _, large, _ = found
    shown = by_hand(it, "show", str(large.place), "--unmask")
    assert "no recordno record" in shown.stdout, shown
    done = by_hand(it, "redrive", str(garbage.place), str(large.place), "--yes")
    assert (done.returncode, "2 sent" in done.stdout) == (0, True), done
