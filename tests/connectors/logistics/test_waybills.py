"""E-waybills and traces, against the simulated providers over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client import CollectorRegistry

from connectors import shops as shops_file
from connectors.logistics.carriers import Carrier, packaged
from connectors.logistics.limits import LimitsBook
from connectors.logistics.metrics import DispatchMetrics
from connectors.logistics.run import Office
from connectors.logistics.traces import TraceDesk
from connectors.platforms.base import PlatformError, Refused
from connectors.shops import Shops
from connectors.simulators.faults import CALM, Rates
from connectors.simulators.run import Simulators
from connectors.simulators.simulator import Options
from schemas.records import WritebackRequest
from streams.settings import Settings
from tests.connectors.logistics.make import request

RECEIVER = {
    **{"name": "王小明", "phone": "13800000000", "country": "CN", "province": "浙江省", "city": "杭州市"},
    **{"district": "西湖区", "address": "文三路 1 号", "postal_code": "", "oaid": None},
}
LIMITS = "[default]\ncalls = [1000, 1]\nfailures = 1000\nsettle_s = 0.01\n"


def carrier(name: str) -> Carrier:
    found = packaged().find(name)
    assert found is not None
    return found


def wanting(**changes: Any) -> WritebackRequest:
    made: dict[str, Any] = {
        "tracking_no": "",
        "receiver": RECEIVER,
        "warehouse": "hz1",
        "shop": "taobao-home",
        **changes,
    }
    return request(**made)


@dataclass
class Desk:
    """The providers' simulators, and the hub's way to them."""

    simulators: Simulators
    office: Office

    async def obtain(self, it: WritebackRequest, name: str) -> tuple[str, str]:
        by, number = await self.office.waybills.obtain(it, carrier(name))
        return by.code, number


@asynccontextmanager
async def desk(tmp_path: Path, **changes: Any) -> AsyncIterator[Desk]:
    async with Simulators(Options(seed=5, gateway="http://127.0.0.1:1"), only=["cainiao", "kuaidi100"]) as simulators:
        path, limits = tmp_path / "shops.toml", tmp_path / "limits.toml"
        path.write_text(simulators.shops_toml, "utf-8")
        limits.write_text(LIMITS)
        shops = shops_file.load(path)
        known = Shops(shops.shops, shops.logistics, changes.get("senders", shops.senders))
        metrics = DispatchMetrics(CollectorRegistry(), known.shops)
        async with Office(Settings("nobody:1", tmp_path), known, LimitsBook(limits), metrics).open(10.0) as office:
            yield Desk(simulators, office)


def test_the_same_parcel_gets_the_same_number_and_another_one_another(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            first = await it.obtain(wanting(), "YTO")
            assert first[0] == "YTO" and first[1].startswith("YT")
            # A further attempt, or a successor of a process that died in between.
            assert await it.obtain(wanting(attempt=2), "YTO") == first
            assert (await it.obtain(wanting(shipment_id="s2"), "YTO"))[1] != first[1]
            assert (await it.obtain(wanting(), "ZTO"))[0] == "ZTO"

    asyncio.run(run())


def test_lost_answers_cost_no_number(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            it.simulators.running("cainiao").faults.rates = Rates(lost_answers=0.4)
            numbers, failed = set(), 0
            for serial in range(30):
                wanted = wanting(shipment_id=f"s{serial}")
                try:
                    numbers.add((await it.obtain(wanted, "YTO"))[1])
                except PlatformError:
                    failed += 1
            assert len(numbers) == 30 - failed
            assert failed < 10
            it.simulators.running("cainiao").faults.rates = CALM
            for serial in range(30):
                numbers.add((await it.obtain(wanting(shipment_id=f"s{serial}"), "YTO"))[1])
            assert len(numbers) == 30

    asyncio.run(run())


def test_who_gives_it_depends_on_the_carrier_and_the_receiver(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            ask = it.office.waybills.provider
            encrypted = wanting(receiver={**RECEIVER, "oaid": "OAID"})
            assert ask(wanting(), carrier("SF")) == "cainiao"
            assert ask(wanting(), carrier("JT")) == "kuaidi100"
            # What only the platform can decrypt, Kuaidi100 can't print.
            assert ask(encrypted, carrier("JT")) == ""
            assert (await it.obtain(encrypted, "SF"))[0] == "SF"
            assert (await it.obtain(wanting(), "JT"))[0] == "JT"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"receiver": None}, "receiver is missing"),
        ({"receiver": {**RECEIVER, "phone": ""}}, "receiver.phone is empty"),
        ({"warehouse": "moon"}, "add a [[sender]] for warehouse 'moon'"),
    ],
)
def test_what_is_missing_is_told_without_asking(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            with pytest.raises(Refused) as refused:
                await it.obtain(wanting(**changes), "SF")
            assert (refused.value.outcome, says in str(refused.value)) == ("REQUEST_WRONG", True)
            assert RECEIVER["name"] not in str(refused.value)
            assert not it.simulators.running("cainiao").counts.view()["calls"]

    asyncio.run(run())


def test_an_empty_balance_is_the_providers_no(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            url = it.simulators.urls["cainiao"]
            async with aiohttp.ClientSession() as http, http.put(f"{url}/_sim/balance", json={"quantity": 0}) as answer:
                assert answer.status == 200
            with pytest.raises(Refused) as refused:
                await it.obtain(wanting(), "YTO")
            assert refused.value.code == "isv.waybill-balance-not-enough"

    asyncio.run(run())


def test_traces_are_subscribed_to_once_more_is_no_fault_and_failures_are_tried_again(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            kuaidi100 = it.simulators.running("kuaidi100")
            traces = TraceDesk(it.office.sources, it.office.shops, it.office.metrics, again_s=0.01)
            kuaidi100.faults.rates = Rates(errors=0.5)
            for _ in range(2):
                for n in range(6):
                    traces.follow(wanting(shipment_id=f"s/{n}"), carrier("SF"), f"SF000000000000{n}")
                await traces.close()
            # Without a code at Kuaidi100 there is nobody to ask.
            traces.follow(wanting(), carrier("DBL"), "DBL0000000001")
            await traces.close()
            calls = kuaidi100.counts.view()["calls"]["subscribe"]
            assert calls["ok"] <= 6 and calls["ok"] + calls.get("501", 0) >= 9
            value = it.office.metrics.registry.get_sample_value
            assert value("writeback_trace_subscriptions_total", {"ended": "subscribed"}) == calls["ok"] + calls.get(
                "501", 0
            )

    asyncio.run(run())
