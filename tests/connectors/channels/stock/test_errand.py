"""One quantity at its platform: superseded without a call, what its end means, and what stands in the audit."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from connectors.channels.stock.errand import Clerk, Newest, Superseded, Telling, verdict_of
from connectors.channels.stock.metrics import ListingMetrics
from connectors.driver.dispatch.calling import Answered, Failed, Found, Known
from connectors.endings import CallError, Held, Refused, Throttled, Unavailable, Unsure
from connectors.platforms import base as platforms
from connectors.shops import Shop
from tests.domain.listing.make import place
from tests.domain.make import AT_MS

METRICS = ListingMetrics(CollectorRegistry(), [Shop("pdd", "tea", "")])


def request(number: int, quantity: int = 5, where: Any = None) -> Any:
    where = where or place()
    about = {"request_id": f"{where['place']}#{number}", "sku": "MUG", "number": number, "place": where}
    more = {"quantity": quantity, "told": None, "attempt": 1, "again": False, "by": "system"}
    return {**about, **more, "changed_at_ms": AT_MS, "due_ms": AT_MS, "requested_at_ms": AT_MS}


def newest(*requests: Any) -> Newest:
    it = Newest()
    for each in requests:
        it.read(each)
    return it


class Platform:
    """Shows what it is told."""

    def __init__(self) -> None:
        self.quantity, self.puts = 9, 0

    async def put(self, asked: Any) -> bool:
        self.quantity, self.puts = asked.quantity, self.puts + 1
        return True

    async def shown(self, _: Any) -> int:
        return self.quantity


def test_the_newer_of_two_numbers_goes_in_the_older_ones_place_and_not_the_other_way() -> None:
    old, new = request(1), request(2, 3)
    read, platform = newest(new, old), Platform()
    for what in ("call", "ask"):
        with pytest.raises(Superseded):
            asyncio.run(getattr(Telling(platform, old, read), what)())  # type: ignore[arg-type]
    assert platform.puts == 0
    assert asyncio.run(Telling(platform, new, read).call()) is True  # type: ignore[arg-type]
    assert asyncio.run(Telling(platform, new, read).ask()) == Found(True, "3")  # type: ignore[arg-type]
    platform.quantity = 4
    assert asyncio.run(Telling(platform, new, read).ask()) == Found(False, "4")  # type: ignore[arg-type]
    other = request(1, where={**place(), "place": "pdd/tea/1/9/"})
    assert read.supersedes(other) == 0


def deal(clerk: Clerk, it: Any) -> Any:
    return asyncio.run(clerk.deal(SimpleNamespace(request=SimpleNamespace(record=it))))  # type: ignore[arg-type]


def test_what_is_superseded_is_answered_without_a_call_and_a_shop_that_is_not_there_is_named() -> None:
    old = request(1)
    endpoint: Any = SimpleNamespace()
    answer = deal(Clerk(Platform(), endpoint, newest(old, request(2)), METRICS), old)  # type: ignore[arg-type]
    assert (answer.outcome, answer.well) == ("SUPERSEDED", True)
    entry, result = answer.said
    assert (entry.record["action"], entry.record["outcome"]) == ("listing.called", "SUPERSEDED")
    assert (result.topic, result.key, result.record["number"], result.record["outcome"]) == (
        *("listing.results", "MUG"),
        *(1, "SUPERSEDED"),
    )
    answer = deal(Clerk(None, None, newest(), METRICS), old)
    assert (answer.outcome, answer.well) == ("REFUSED", False)
    assert answer.reason.startswith("shop: the shops file has no 'tea' of pdd")


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (Answered(1, 10, True), "DONE"),
        (Answered(1, 10, False), "ALREADY"),
        (Known(0, 0, Found(True, "5")), "ALREADY"),
        (Known(1, 10, Found(True, "5")), "DONE"),
        *(
            (Failed(1, 10, error), outcome)
            for error, outcome in (
                (Refused("item: no such"), "REFUSED"),
                (Superseded("number 2 goes in its place"), "SUPERSEDED"),
                (Held("in an activity"), "HELD"),
                (Unavailable("502"), "RETRYABLE"),
                (Unsure("no answer"), "RETRYABLE"),
                (Throttled("too often", 1.0), "RETRYABLE"),
                (platforms.Refused("RETRYABLE", "later"), "RETRYABLE"),
                (platforms.Refused("REQUEST_WRONG", "no"), "REFUSED"),
            )
        ),
    ],
)
def test_what_its_end_means(ending: Any, outcome: str) -> None:
    assert verdict_of(ending)[0] == outcome


def test_its_entries_name_what_was_told_and_hide_nothing() -> None:
    telling = Telling(Platform(), request(3), newest())  # type: ignore[arg-type]
    intent = telling.intent(1).record
    assert (intent["action"], intent["subject"], intent["correlation_id"]) == (
        "listing.calling",
        "MUG",
        "pdd/tea/1/2/#3",
    )
    assert intent["details"]["quantity"] == "5" and intent["details"]["calls"] == "1"
    assert telling.asked(Found(False, "9")).record["outcome"] == "other"
    assert telling.asked(Unavailable("x")).record["outcome"] == "unanswered"
    error: CallError = Unsure("no answer", "7")
    assert telling.failed("UNSURE", error, 2).record["outcome"] == "UNSURE"
