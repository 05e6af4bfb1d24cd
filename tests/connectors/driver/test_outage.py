"""What is said of a store that is away: that it is, anew when it is for another reason, and that it is back."""

from __future__ import annotations

import asyncio
import logging

import pytest
from prometheus_client import CollectorRegistry

from connectors.driver.sinks import outage
from connectors.driver.sinks.metrics import SinkMetrics
from streams.ops.sinks import SinkUnavailable


def test_another_reason_is_news(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(outage, "_LONGEST_S", 0.001)
    reasons = iter(
        ["no answer in time", "no answer in time", "statement timeout", "statement timeout", "no answer in time"]
    )

    async def paused(reason: str) -> None: ...

    async def resumed() -> int:
        return 7

    async def take() -> str:
        if reason := next(reasons, ""):
            raise SinkUnavailable(reason)
        return "taken"

    async def outlasted() -> str:
        it = outage.Outage("postgres", SinkMetrics("postgres", CollectorRegistry()), paused, resumed)
        taken = await it.outlast(take)
        await it.over()
        return taken

    with caplog.at_level(logging.WARNING):
        assert asyncio.run(outlasted()) == "taken"
    said = [record.getMessage().partition(" ")[2] for record in caplog.records]
    assert said[:3] == [
        "postgres paused: no answer in time; records wait in Kafka",
        "postgres is still away: statement timeout",
        "postgres is still away: no answer in time",
    ]
    assert said[3].startswith("postgres resumed after") and len(said) == 4
