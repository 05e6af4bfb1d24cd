"""Which orders wait, and for how long: entering a phase begins it, a note does not, leaving ends it; and which are in trouble."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from schemas.codec import CODEC
from streams.monitor.metrics import HubMetrics
from streams.monitor.statuses import STATUS, Statuses
from tests.monitor.test_counting import NOW_MS, Told

HOUR_MS = 3_600_000


class Seen:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.statuses = Statuses(HubMetrics(self.registry))

    def status(self, phase: str, hours_ago: float, order: str = "jd:1", trouble: str = "", fresh: bool = True) -> None:
        about: dict[str, Any] = {
            "order_id": order,
            "channel": order.partition(":")[0],
            "shop": "s",
            "status": phase,
            "reason": "",
        }
        about |= {"order_version": 1, "at_ms": NOW_MS, "trouble": trouble, "cause": "", "refused": False}
        value = CODEC.encode("OrderStatusChanged", about)
        at_ms = NOW_MS - int(hours_ago * HOUR_MS)
        self.statuses.take(Told(STATUS, value, order.encode(), at_ms), fresh)

    def __call__(self, phase: str, channel: str = "jd") -> tuple[float, float]:
        """How many wait, and the longest in hours."""
        self.statuses.refresh(NOW_MS)
        labels = {"channel": channel, "phase": phase}
        count = self.registry.get_sample_value("hub_orders_waiting", labels)
        oldest_s = self.registry.get_sample_value("hub_orders_waiting_oldest_seconds", labels)
        assert count is not None and oldest_s is not None
        return count, oldest_s / 3600


def test_an_order_waits_from_the_phase_it_enters_to_the_one_that_ends_it() -> None:
    seen = Seen()
    assert seen("HELD") == (0, 0)
    seen.status("HELD", 5)
    seen.status("HELD", 2, "jd:2")
    seen.status("HELD", 7, "pdd:1")
    assert (seen("HELD"), seen("HELD", "pdd")) == ((2, 5), (1, 7))
    seen.status("HELD", 1)  # only a note: it waits on
    assert seen("HELD") == (2, 5)
    seen.status("ALLOCATED", 1)
    assert (seen("HELD"), seen("ALLOCATED")) == ((1, 2), (1, 1))
    seen.status("HELD", 0.5)  # held again: another wait
    assert (seen("HELD"), seen("ALLOCATED")) == ((2, 2), (0, 0))


@pytest.mark.parametrize("phase", ["SHIPPED", "CANCELLED", "ELSEWHERE"])
def test_nobody_waits_in_a_phase_that_ends_an_order(phase: str) -> None:
    seen = Seen()
    seen.status("UNPAID", 9)
    seen.status(phase, 8)
    assert seen("UNPAID") == (0, 0)


def test_what_cannot_be_read_changes_nothing() -> None:
    seen = Seen()
    seen.status("HELD", 3)
    seen.statuses.take(Told(STATUS, b"garbage", b"jd:1"), True)
    assert seen("HELD") == (1, 3)
    assert seen.registry.get_sample_value("hub_unreadable_records_total", {"topic": STATUS}) == 1


def test_orders_in_trouble_are_counted_by_its_kind_from_now_on() -> None:
    seen = Seen()

    def count(trouble: str) -> float | None:
        return seen.registry.get_sample_value("hub_order_troubles_total", {"channel": "jd", "trouble": trouble})

    assert count("parcel_too_many") == 0
    for fresh in (True, True, False):
        seen.status("SHIPPED", 1, trouble="parcel_too_many", fresh=fresh)
    seen.status("SHIPPED", 1)
    assert (count("parcel_too_many"), count("stock_refused")) == (2, 0)
