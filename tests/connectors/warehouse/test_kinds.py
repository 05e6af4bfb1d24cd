"""Both kinds by the one contract, against a system each: created, asked about, taken back, refused, throttled, silent."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from connectors import calls
from connectors.endings import Refused, Throttled, Unavailable, Unsure
from connectors.logistics.carriers import packaged
from connectors.shops import Sender, Wms
from connectors.simulators.faults import CALM, Rates
from connectors.simulators.qimen import QimenSimulator, Scan
from connectors.simulators.simulator import Options
from connectors.warehouse.base import TooLate
from connectors.warehouse.base import Wms as Kind
from connectors.warehouse.qimen import Qimen, created
from connectors.warehouse.webhook import PlainWebhook
from schemas.records import DeliveryRequest
from tests.connectors.warehouse.own_wms import OwnWms
from tests.domain.warehouse.make import BOTH, CODE, Life, allocated, order

SENDER = Sender("HZ1", "发货组", "13800000001", "浙江", "杭州", "余杭", "仓储路 1 号")


def request(**facts: Any) -> DeliveryRequest:
    """As the stage would ask; its warehouse is one of the simulator's."""
    life = Life()
    life.on("Order", order())
    life.on("OrderAllocated", allocated())
    return {**life.requests[0], "warehouse": "hz1", **facts}


class AtQimen:
    """A simulated WMS behind Qimen."""

    def __init__(self, simulator: QimenSimulator, kind: Kind) -> None:
        self.simulator, self.kind = simulator, kind

    def created(self) -> int:
        return sum(it.created for it in self.simulator.deliveries.values())

    def pack(self) -> None:
        self.simulator.scan(Scan(CODE))

    def fail(self, how: str) -> None:
        rates = {"no": CALM, "throttled": Rates(throttle=1), "away": Rates(errors=1), "silent": Rates(lost_answers=1)}
        self.simulator.faults.rates = rates[how]


class AtOwn:
    """A WMS of one's own."""

    def __init__(self, system: OwnWms, kind: Kind) -> None:
        self.system, self.kind = system, kind

    def created(self) -> int:
        return sum(self.system.created.values())

    def pack(self) -> None:
        self.system.packed.add(CODE)

    def fail(self, how: str) -> None:
        self.system.answers = [{"throttled": 429, "away": 502, "silent": None}[how]] if how != "no" else []


@asynccontextmanager
async def system(kind: str) -> AsyncIterator[AtQimen | AtOwn]:
    async with calls.session(aiohttp.ClientTimeout(total=10)) as http:
        if kind == "qimen":
            async with QimenSimulator(Options(seed=3)) as simulator:
                assert isinstance(simulator, QimenSimulator)
                (account,) = simulator.wms_entries()
                yield AtQimen(simulator, Qimen(account, http, lambda: packaged(), lambda _: SENDER))
        else:
            with OwnWms() as own:
                account = Wms("own", "webhook", own.url, own.secret, warehouses=("hz1=H1",))
                yield AtOwn(own, PlainWebhook(account, http))


KINDS = pytest.mark.parametrize("kind", ["qimen", "webhook"])


@KINDS
def test_it_is_created_asked_about_and_taken_back(kind: str) -> None:
    async def run() -> None:
        async with system(kind) as it:
            assert not (await it.kind.standing(request())).known
            assert (await it.kind.create(request())).startswith("W")
            assert (await it.kind.standing(request())).known
            await it.kind.cancel(request(action="CANCEL"))
            assert (await it.kind.standing(request())).cancelled
            # Taken back already.
            await it.kind.cancel(request(action="CANCEL"))
            assert it.created() == 1

    asyncio.run(run())


@KINDS
def test_after_the_scan_it_is_too_late(kind: str) -> None:
    async def run() -> None:
        async with system(kind) as it:
            await it.kind.create(request())
            it.pack()
            with pytest.raises(TooLate):
                await it.kind.cancel(request(action="CANCEL"))
            assert (await it.kind.standing(request())).left

    asyncio.run(run())


@KINDS
@pytest.mark.parametrize(("how", "ends"), [("throttled", Throttled), ("away", Unsure), ("silent", Unsure)])
def test_how_a_call_ends(kind: str, how: str, ends: type[Exception]) -> None:
    async def run() -> None:
        async with system(kind) as it:
            it.fail(how)
            with pytest.raises(ends):
                await it.kind.create(request())
            it.fail("no")
            # Carried out, though nobody heard of it.
            assert (await it.kind.standing(request())).known == (how == "silent")

    asyncio.run(run())


@KINDS
def test_who_is_not_reached_has_certainly_not_got_it(kind: str) -> None:
    async def run() -> None:
        async with calls.session(aiohttp.ClientTimeout(total=5)) as http:
            account = Wms("w", kind, "http://127.0.0.1:9/x", "s", "ak", "c", "o", ("hz1",))
            made = Qimen(account, http, lambda: packaged(), lambda _: None)
            with pytest.raises(Unavailable):
                await (made if kind == "qimen" else PlainWebhook(account, http)).create(request())  # type: ignore[attr-defined]

    asyncio.run(run())


@KINDS
def test_another_secret_is_refused(kind: str) -> None:
    async def run() -> None:
        async with system(kind) as it:
            account = it.kind._account  # type: ignore[attr-defined]
            it.kind._account = dataclasses.replace(account, secret="guess")  # type: ignore[attr-defined]
            with pytest.raises(Refused):
                await it.kind.create(request())
            assert it.created() == 0

    asyncio.run(run())


def test_what_a_delivery_order_says() -> None:
    account = Wms("w", "qimen", "", "s", "ak", "c1", "O1", ("hz1=WH-HZ",))
    parts = [{**part, "collect_minor": amount} for part, amount in zip(BOTH, (2_000, 1_500), strict=True)]
    life = Life()
    life.on("Order", order(collect_minor=3_500))
    life.on("OrderAllocated", allocated(*parts))
    body = created({**life.requests[0], "warehouse": "hz1"}, account, packaged(), SENDER)
    told, lines = body["deliveryOrder"], body["orderLines"]["orderLine"]
    assert (told["deliveryOrderCode"], told["warehouseCode"], told["logisticsCode"]) == (CODE, "WH-HZ", "SF")
    assert (told["orderFlag"], told["arAmount"], told["gotAmount"]) == ("COD", "35.00", "0.00")
    # Goods 29.70, so that 5.30 of what is collected is freight; what is to be paid is what is paid and what is collected.
    assert (told["itemAmount"], told["freight"], told["totalAmount"]) == ("29.70", "5.30", "35.00")
    assert told["senderInfo"]["mobile"] == "13800000001"
    assert [(it["itemCode"], it["planQty"], it["actualPrice"], it["ownerCode"]) for it in lines] == [
        ("MUG", 2, "9.90", "O1"),
        ("CUP", 1, "9.90", "O1"),
    ]


def test_what_it_cannot_say_is_a_persons() -> None:
    account = Wms("w", "qimen", "", "s", "ak", "c1", "O1", ("hz1",))
    hidden = {**request()["receiver"], "forms": {"phone": "cipher"}}  # type: ignore[dict-item]
    for wrong, says in (
        ({"carrier": "NOBODY"}, "carrier is 'NOBODY'"),
        ({"receiver": None}, "receiver is not kept"),
        ({"receiver": hidden}, "receiver.phone is ciphertext"),
    ):
        with pytest.raises(Refused, match=says):
            created(request(**wrong), account, packaged(), None)
    # With the token that the platform gave for it, the system can.
    assert created(request(receiver={**hidden, "oaid": "T1"}), account, packaged(), None)
    passing = dataclasses.replace(account, ciphertext="pass")
    assert created(request(receiver=hidden), passing, packaged(), None)
    assert created(request(carrier=""), account, packaged(), None)["deliveryOrder"]["logisticsCode"] == "OTHER"
