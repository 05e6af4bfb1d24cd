"""``penstock writeback run`` against simulated platforms over HTTP and a real Kafka."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from connectors import shops
from connectors.platforms import client
from connectors.platforms.base import Parcel
from connectors.simulators.faults import Rates
from connectors.simulators.jd_orders import order_info
from deploy.local.process import free_ports
from schemas.records import WritebackRequest
from schemas.topics import CHANNELS
from tests.conftest import Unique
from tests.connectors.logistics.rig import Rig, rig
from tests.served import page

#: The phone is one that no time followed by a counter can look like: Douyin's log ids do, at 21:11:38 one holds 13800000000.
RECEIVER = {
    **{"name": "王小明", "phone": "13912345678", "country": "CN", "province": "浙江省", "city": "杭州市"},
    **{"district": "西湖区", "address": "文三路 1 号", "postal_code": "", "oaid": None},
    **{"town": "", "company": "", "phone_extension": "", "forms": {}},
}


async def audit_is_complete(it: Rig, by_hand: str = "") -> None:
    """Each call a platform counted has its intent in the log; of an order told ``by_hand`` one call was not ours."""
    intents = Counter(e["subject"] for e in await asyncio.to_thread(it.audit, "submitting"))
    for channel in CHANNELS:
        for order in it.shipped(channel).values():
            ours = order.ship_calls - (order.order_no == by_hand)
            assert intents[f"{channel}:{order.order_no}"] >= ours, order.order_no
    asked_between(await asyncio.to_thread(it.audit, "submitting", "submitted", "asked"))
    secrets = [s.secret for s in shops.load(it.settings.shops).shops] if it.settings.shops else []
    told = repr(await asyncio.to_thread(it.read, "audit")) + repr(await asyncio.to_thread(it.read, "writeback.results"))
    for kept in (*secrets, RECEIVER["name"], RECEIVER["phone"], RECEIVER["address"]):
        at = told.find(str(kept))
        assert at < 0, f"told of it: {told[max(0, at - 700) : at + 300]}"


def asked_between(entries: list[dict[str, Any]]) -> None:
    """After a call whose end nobody knows, a platform is asked before it is called again."""
    unknown: dict[str, bool] = {}
    for entry in entries:  # an order's in the order they were told
        match entry["action"], entry["outcome"]:
            case "writeback.submitting", _:
                assert not unknown.get(entry["subject"]), f"{entry['subject']} was called again without being asked"
                unknown[entry["subject"]] = True
            case "writeback.submitted", ended:
                unknown[entry["subject"]] = unknown.get(entry["subject"], False) and ended in ("UNSURE", "RETRYABLE")
            case _, ended:
                unknown[entry["subject"]] = ended == "unanswered"


async def told_before(it: Rig, request: WritebackRequest) -> None:
    """Somebody has told the platform this parcel by hand."""
    assert it.settings.shops is not None
    shop = shops.load(it.settings.shops).of(request["channel"], request["shop"])
    assert shop is not None
    parcel = Parcel(
        *(request["order_no"], "YTO", "圆通速递", request["tracking_no"], request["lines"]),
        parcel_no=1,
        whole_order=True,
        request_id="by-hand",
    )
    async with client(shop) as platform:
        await platform.ship(parcel)


def test_platforms_are_told_once_and_what_is_wrong_is_told_back(kafka: str, tmp_path: Path, unique: Unique) -> None:
    async def run() -> None:
        async with rig(kafka, tmp_path, unique(), gateway="http://127.0.0.1:1") as it:
            whole = [it.order(channel, serial) for channel in CHANNELS for serial in (1, 2)]
            # The less time is left, the earlier: this shop is called one by one.
            urgent = [it.order("jd", serial, ship_by_ms=2_000_000_000_000 - serial) for serial in range(10, 16)]
            first, second = it.order("taobao", 3, (1, 1)), it.order("taobao", 3, (1, 1), tracking_no="YT0000000000999")
            parts = [
                {**first, "lines": first["lines"][:1], "whole_order": False},
                {**second, "lines": second["lines"][1:], "whole_order": False, "parcel_no": 2, "shipment_id": "s2"},
            ]
            parts[1]["request_id"] = "s2#1"
            known = it.order("taobao", 4)
            await told_before(it, known)
            waybills = [
                it.order("taobao", 5, tracking_no="", receiver=RECEIVER),
                # Cainiao has no code of this carrier, Kuaidi100 has.
                it.order("pdd", 6, tracking_no="", carrier="极兔", receiver=RECEIVER),
            ]
            wrong = {
                "NUMBER_WRONG": it.order("taobao", 7, tracking_no="YT单号"),
                "CARRIER_WRONG": it.order("taobao", 8, carrier="JT", tracking_no="JT0000000000001"),
                "REQUEST_WRONG": it.order("douyin", 9, shop="nobody"),
            }
            # Locked, as a buyer who asks for his money has it.
            locked = it.order("jd", 20)
            order_info(it.shipped("jd")[locked["order_no"]].doc)["orderState"] = "LOCKED"
            everything: list[Any] = [*whole, *urgent, *parts, known, *waybills, *wrong.values(), locked]
            await it.send(everything)
            port = free_ports(1)[0]
            process = it.start("--port", str(port))
            results = await it.answered(everything)

            def answer(request: Any) -> dict[str, Any]:
                return results[request["order_id"], request["request_id"]]

            assert {answer(r)["outcome"] for r in (*whole, *urgent, *parts, *waybills)} == {"SHIPPED"}, results
            assert answer(known)["outcome"] == "ALREADY_SHIPPED"
            assert "tracking_no has '单号'" in answer(wrong["NUMBER_WRONG"])["reason"]
            assert "carrier JT has no taobao company_code" in answer(wrong["CARRIER_WRONG"])["reason"]
            assert "shop is 'nobody', which is not set up" in answer(wrong["REQUEST_WRONG"])["reason"]
            for outcome in ("NUMBER_WRONG", "CARRIER_WRONG", "REQUEST_WRONG"):
                assert answer(wrong[outcome])["outcome"] == outcome

            held = answer(locked)
            assert (held["outcome"], held["held"]) == ("RETRYABLE", True) and "it is held: locked" in held["reason"]
            assert {r["held"] for r in results.values()} == {False, True}
            told = await asyncio.to_thread(it.audit, "submitted")
            assert [e["outcome"] for e in told if e["subject"] == locked["order_id"]] == ["HELD"]

            at = {o.order_no: o.shipments[0].at_ms for o in it.shipped("jd").values() if o.shipments}
            times = [at[r["order_no"]] for r in reversed(urgent)]
            assert times == sorted(times)
            parcels = it.shipped("taobao")[first["order_no"]].shipments
            assert [s.tracking_no for s in parcels] == [first["tracking_no"], "YT0000000000999"]

            by_cainiao, by_kuaidi100 = (answer(r) for r in waybills)
            assert by_cainiao["tracking_no"].startswith("YT") and by_kuaidi100["tracking_no"].startswith("JT")
            for request, result in zip(waybills, (by_cainiao, by_kuaidi100), strict=True):
                (shipment,) = it.shipped(request["channel"])[request["order_no"]].shipments
                assert shipment.tracking_no == result["tracking_no"]
            followed = it.simulators.running("kuaidi100")
            await it.until(
                lambda: followed.counts.view()["calls"].get("subscribe", {}),
                lambda calls: sum(calls.values()) >= len(whole),
                "the traces are subscribed to",
            )
            await audit_is_complete(it, known["order_no"])
            metrics = await asyncio.to_thread(page, port, "/metrics")
            assert 'writeback_submissions_total{channel="taobao",outcome="SHIPPED"}' in metrics
            assert 'writeback_seconds_count{channel="jd"} 8.0' in metrics
            assert '"ready": true' in await asyncio.to_thread(page, port, "/ready")
            assert await it.stop(process) == 0
            # Why a parcel is given up stands where whoever is woken looks first; whom it goes to does not.
            (log,) = [path.read_text() for path in tmp_path.glob("run-*.err")]
            lines = [json.loads(line)["message"] for line in log.splitlines()]
            for outcome, request in wrong.items():
                why = answer(request)["reason"]
                assert f"{request['request_id']}: {outcome}: {why}" in lines
            assert not any(word in log for word in (RECEIVER["name"], RECEIVER["phone"], RECEIVER["address"]))
            # Nothing is left for a successor.
            assert (await asyncio.to_thread(it.left)) == 0

    asyncio.run(run())


def test_a_platform_that_is_away_is_left_alone_and_holds_up_nobody(kafka: str, tmp_path: Path, unique: Unique) -> None:
    async def run() -> None:
        async with rig(kafka, tmp_path, unique()) as it:
            it.platform("pdd").faults.rates = Rates(errors=1)
            away = [it.order("pdd", serial) for serial in range(1, 41)]
            well = [it.order("douyin", serial) for serial in range(1, 6)]
            await it.send([*away, *well])
            port = free_ports(1)[0]
            process = it.start("--port", str(port))
            await it.answered(well)
            opened = await it.until(
                lambda: page(port, "/metrics"),
                lambda text: 'writeback_breaker_open{channel="pdd",shop="pdd-home"} 1.0' in text,
                "the breaker is open",
            )
            assert 'writeback_breaker_open{channel="douyin",shop="douyin-live"} 0.0' in opened
            before = it.platform("pdd").faults.seen["errors"]
            assert before < len(away), "every request was spent on a platform that is away"
            it.faults()
            results = await it.answered(away)
            outcomes = Counter(r["outcome"] for r in results.values())
            # Those that opened it were attempts; those that waited were none, and went through.
            assert outcomes["SHIPPED"] >= len(away) // 2, outcomes
            assert set(outcomes) <= {"SHIPPED", "RETRYABLE"}
            assert await it.stop(process) == 0

    asyncio.run(run())


def test_each_parcel_is_shipped_once_whatever_is_lost_and_killed(kafka: str, tmp_path: Path, unique: Unique) -> None:
    async def run() -> None:
        async with rig(kafka, tmp_path, unique()) as it:
            it.faults(errors=0.2, lost_answers=0.05, resets=0.05, throttle=0.1, latency_ms=20)
            pending = {r["order_id"]: r for r in (it.order(c, serial) for c in CHANNELS for serial in range(1, 9))}
            frozen, killed = it.start(), it.start()
            await it.send(list(pending.values()))
            await it.until(lambda: it.read("writeback.results"), lambda them: len(them) >= 5, "some are told")
            killed.send_signal(signal.SIGKILL)
            # Its partitions go to another while it sleeps; then it wakes up in the middle of its work.
            frozen.send_signal(signal.SIGSTOP)
            third = it.start()
            rounds = 0
            while pending and rounds < 9:
                rounds += 1
                results = await it.answered(list(pending.values()))
                if rounds == 1:
                    os.kill(frozen.pid, signal.SIGCONT)
                again = {}
                for (order_id, _), result in results.items():
                    assert result["outcome"] in ("SHIPPED", "ALREADY_SHIPPED", "RETRYABLE"), result
                    if result["outcome"] == "RETRYABLE":
                        # As the writeback stage does, five minutes later.
                        request, attempt = pending[order_id], pending[order_id]["attempt"] + 1
                        again[order_id] = {**request, "attempt": attempt, "request_id": f"s1#{attempt}"}
                pending = again  # type: ignore[assignment]
                await it.send(list(pending.values()))
            assert not pending, results
            for channel in CHANNELS:
                for order in it.shipped(channel).values():
                    assert (order.ship_effects, len(order.shipments)) == (1, 1), (channel, order.order_no)
            await audit_is_complete(it)
            assert [await it.stop(process) for process in (frozen, third)] == [0, 0]

    asyncio.run(run())
