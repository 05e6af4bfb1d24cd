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
from connectors.endings import CallError
from connectors.logistics.carriers import Carrier, packaged
from connectors.logistics.limits import limits_book
from connectors.logistics.metrics import DispatchMetrics
from connectors.logistics.run import Office
from connectors.logistics.traces import TraceDesk
from connectors.platforms.base import Refused
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
    **{"town": "", "company": "", "phone_extension": "", "forms": {}},
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
        async with Office(Settings("nobody:1", tmp_path), known, limits_book(limits), metrics).open(10.0) as office:
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
                except CallError:
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


def printed(it: Desk, provider: str) -> Any:
    """What stands on the newest e-waybill of a provider."""
    simulator: Any = it.simulators.running(provider)
    if provider == "cainiao":
        return list(simulator._waybills.values())[-1]
    return list(simulator._calls.printed.values())[-1]


@pytest.mark.parametrize(
    ("changes", "address", "detail", "town"),
    [
        # The region stands once, however the address begins.
        ({"address": "浙江杭州市西湖区文三路1号"}, "浙江省杭州市西湖区文三路1号", "文三路1号", ""),
        ({"address": "浙江省杭州市西湖区浙江省杭州市西湖区文三路1号"}, "浙江省杭州市西湖区文三路1号", "文三路1号", ""),
        ({"address": "西湖区路1号"}, "浙江省杭州市西湖区西湖区路1号", "西湖区路1号", ""),
        # A city that is its own province, too.
        (
            {"province": "上海市", "city": "上海市", "district": "宝山区", "address": "长江路180号"},
            *("上海市宝山区长江路180号", "长江路180号", ""),
        ),
        # The town is between them, also where the address repeats it.
        ({"town": "三墩镇", "address": "欣然街1号"}, "浙江省杭州市西湖区三墩镇欣然街1号", "欣然街1号", "三墩镇"),
        ({"town": "三墩镇", "address": "三墩镇欣然街1号"}, "浙江省杭州市西湖区三墩镇欣然街1号", "欣然街1号", "三墩镇"),
        ({"town": "三墩镇", "address": "三墩镇"}, "浙江省杭州市西湖区三墩镇", "三墩镇", "三墩镇"),
        (
            {"province": "Zhejiang", "city": "Hangzhou", "district": "", "address": "1 Demo Road"},
            *("Zhejiang Hangzhou 1 Demo Road", "1 Demo Road", ""),
        ),
    ],
)
def test_the_region_is_printed_once_and_the_town_with_it(
    tmp_path: Path, changes: dict[str, Any], address: str, detail: str, town: str
) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            wanted = wanting(receiver={**RECEIVER, **changes})
            await it.obtain(wanted, "JT")
            assert printed(it, "kuaidi100")["recMan"]["printAddr"] == address
            await it.obtain(wanted, "YTO")
            there = printed(it, "cainiao").recipient.address
            assert (there.detail, there.town) == (detail, town)
            region = tuple({**RECEIVER, **changes}[name] for name in ("province", "city", "district"))
            assert (there.province, there.city, there.district) == region

    asyncio.run(run())


def test_company_and_extension_are_printed(tmp_path: Path) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            private = {"phone_extension": "1234", "forms": {"phone": "privacy"}, "company": "Example GmbH, Dept 4"}
            wanted = wanting(receiver={**RECEIVER, **private})
            await it.obtain(wanted, "JT")
            person = printed(it, "kuaidi100")["recMan"]
            assert (person["mobile"], person["company"]) == ("13800000000-1234", "Example GmbH, Dept 4")
            await it.obtain(wanted, "YTO")
            recipient = printed(it, "cainiao").recipient
            assert recipient.mobile == "13800000000-1234"
            assert recipient.address.detail == "文三路 1 号 Example GmbH, Dept 4"
            # Nothing is said where there is nothing.
            await it.obtain(wanting(shipment_id="s2"), "JT")
            assert printed(it, "kuaidi100")["recMan"]["mobile"] == "13800000000"
            assert "company" not in printed(it, "kuaidi100")["recMan"]

    asyncio.run(run())


@pytest.mark.parametrize(("minor", "text"), [(None, ""), (0, ""), (9_900, "99.00"), (123_405, "1234.05"), (7, "0.07")])
def test_what_is_to_be_collected_goes_to_the_courier(tmp_path: Path, minor: int | None, text: str) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            part = {"collect_minor": 200_000, "parcel_collect_minor": minor, "whole_order": False}
            await it.obtain(wanting(**part if minor is not None else {}), "YTO")
            assert printed(it, "cainiao").cod == text
            # An earlier version's request: a parcel that is the whole order collects the whole.
            await it.obtain(wanting(collect_minor=minor), "JT")
            assert printed(it, "kuaidi100").get("collection") == (float(text) if text else None)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"collect_minor": 9_900, "whole_order": False}, "how much of the order's 9900 CNY it collects is not known"),
        ({"collect_minor": 9_900, "currency": "USD"}, "collect_minor is 9900 USD"),
        ({"collect_minor": -1}, "collect_minor is -1 CNY"),
        ({"receiver": {**RECEIVER, "forms": {"phone": "cipher"}}}, "receiver.phone is ciphertext"),
        ({"receiver": {**RECEIVER, "forms": {"address": "masked"}}}, "receiver.address is masked"),
    ],
)
def test_what_can_not_be_printed_is_a_person_s_before_anybody_is_asked(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    async def run() -> None:
        async with desk(tmp_path) as it:
            with pytest.raises(Refused) as refused:
                await it.obtain(wanting(**changes), "YTO")
            assert (refused.value.outcome, says in str(refused.value)) == ("REQUEST_WRONG", True), refused.value
            assert not it.simulators.running("cainiao").counts.view()["calls"]
            # What the platform prints by its token may be masked to everybody else.
            masked = {**RECEIVER, "oaid": "OAID", "forms": {"name": "masked", "address": "masked"}}
            assert (await it.obtain(wanting(receiver=masked), "SF"))[0] == "SF"

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
            traces.follow(wanting(), carrier("GUOGUO"), "GG0000000001")
            await traces.close()
            calls = kuaidi100.counts.view()["calls"]["subscribe"]
            assert calls["ok"] <= 6 and calls["ok"] + calls.get("501", 0) >= 9
            value = it.office.metrics.registry.get_sample_value
            assert value("writeback_trace_subscriptions_total", {"ended": "subscribed"}) == calls["ok"] + calls.get(
                "501", 0
            )

    asyncio.run(run())
