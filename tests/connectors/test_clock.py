"""Connectors go by the log's time, whatever their host's clock says."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from connectors.channels.marks import read_mark
from connectors.channels.reconcile.process import Options, Reconciler
from connectors.clock import keeping_time
from connectors.platforms import times
from streams.ops.clocks import clocks
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.conftest import Unique
from tests.connectors.reconcile.conftest import market, named

HOUR_MS = 3_600_000


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connectors' host is 25 hours ahead."""
    right = times.host_ms
    monkeypatch.setattr(times, "host_ms", lambda: right() + 25 * HOUR_MS)
    monkeypatch.setattr(times, "_clock", times.host_ms)


@pytest.fixture
def settings(kafka: str, unique: Unique, tmp_path: object) -> Settings:
    it = Settings.from_env({"PENSTOCK_DATA": str(tmp_path), "PENSTOCK_APP_ID": unique()}, brokers=kafka)
    Cluster(it).create_topics()
    return it


def real_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.usefixtures("wrong")
def test_a_process_goes_by_the_logs_time_and_its_host_is_told(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert times.now_ms() - real_ms() > 24 * HOUR_MS
    with caplog.at_level(logging.ERROR), keeping_time(settings):
        assert -10_000 < times.now_ms() - real_ms() <= 0
        (host,) = clocks(Cluster(settings))
        assert host.ahead_s == pytest.approx(25 * 3_600, abs=10)
    assert "25.0 h ahead of the broker's" in caplog.text
    assert times.now_ms() - real_ms() > 24 * HOUR_MS


@pytest.mark.usefixtures("wrong")
def test_what_nobody_has_listed_yet_is_not_marked_as_pulled(settings: Settings, unique: Unique) -> None:
    async def scenario() -> int | None:
        async with market("shopify", named(unique("shopify"))) as it:
            it.shows(7, "paid")
            options = Options(settle_s=0, lookback_s=3_600, calls_per_s=500, confirm_after_s=0)
            (outcome,), _ = await Reconciler(settings, it.shops, options).once()
            assert (outcome.error, outcome.pulled.found) == ("", 1)
            return read_mark(settings, f"shopify/{it.shop.shop}/reconcile")

    mark = asyncio.run(scenario())
    assert mark is not None and mark <= real_ms()
