"""The monitor's count of writebacks, without a broker: what stands open, what is late, how well and how fast it goes."""

from __future__ import annotations

import math
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from schemas.codec import CODEC
from streams.monitor.metrics import HubMetrics
from streams.monitor.writebacks import STATUS, Writebacks
from tests.domain.writebacks import HOUR_MS, Life, command
from tests.monitor.test_counting import NOW_MS, Told


class Counted:
    """Lives of orders, as the monitor sees them."""

    def __init__(self) -> None:
        self.metrics = HubMetrics(CollectorRegistry())
        self.parcels = Writebacks(self.metrics, 3_600)

    def see(self, life: Life, fresh: bool = True) -> None:
        for name, records in (("WritebackChanged", life.statuses), ("WritebackDeadlineNear", life.warnings)):
            for record in records:
                self.parcels.take(Told(STATUS, CODEC.encode(name, record)), fresh)
            records.clear()
        self.parcels.refresh(NOW_MS)

    def value(self, name: str, **labels: str) -> Any:
        return self.metrics.registry.get_sample_value(f"hub_{name}", labels)


def test_a_parcel_is_counted_where_it_stands() -> None:
    counted, life = Counted(), Life().begun()
    counted.see(life)
    assert counted.value("writebacks", channel="taobao", phase="REQUESTED") == 1

    counted.see(life.answer("NUMBER_WRONG"))
    assert counted.value("writebacks", channel="taobao", phase="REQUESTED") == 0
    assert counted.value("writebacks", channel="taobao", phase="DEAD") == 1
    assert counted.value("writeback_success_ratio") == 0

    counted.see(life.take("WritebackCommand", command()).answer())
    assert counted.value("writebacks", channel="taobao", phase="DEAD") == 0
    assert counted.value("writeback_success_ratio") == 0.5
    assert counted.value("writeback_seconds_count", channel="taobao") == 1


def test_its_time_is_from_the_warehouse_to_the_platform() -> None:
    counted, life = Counted(), Life().begun()
    life.at_ms += HOUR_MS
    counted.see(life.answer())
    assert counted.value("writeback_seconds_sum", channel="taobao") == pytest.approx(3_600, abs=1)


def test_what_is_said_again_of_a_written_parcel_is_no_second_writeback() -> None:
    counted, life = Counted(), Life().begun().answer()
    counted.see(life.take("WritebackCommand", command("ABANDON")))
    assert len(life.state["parcels"]) == 1
    assert counted.value("writeback_seconds_count", channel="taobao") == 1
    assert not counted.parcels.phases()


def test_history_is_no_traffic() -> None:
    counted = Counted()
    counted.see(Life().begun().answer(), fresh=False)
    assert counted.value("writeback_seconds_count", channel="taobao") == 0
    assert counted.value("writeback_success_ratio") == 1


def test_a_late_parcel_is_counted_until_it_is_written_back() -> None:
    counted, life = Counted(), Life().begun().tick(47 * HOUR_MS)
    counted.see(life)
    assert (counted.value("writeback_deadline_near"), counted.parcels.near) == (1, 1)
    counted.see(life.answer())
    assert counted.value("writeback_deadline_near") == 0


def test_what_the_platform_holds_is_known_by_its_age() -> None:
    counted, life = Counted(), Life()
    life.at_ms = NOW_MS - 5 * HOUR_MS
    counted.see(life.begun())
    assert counted.value("writeback_held_oldest_seconds", channel="taobao") == 0
    # Asked for again and again, it is the same hold.
    counted.see(life.hold().tick(HOUR_MS).hold())
    assert counted.value("writeback_held_oldest_seconds", channel="taobao") == pytest.approx(5 * 3_600, abs=1)
    assert counted.value("writeback_held_oldest_seconds", channel="jd") == 0
    counted.see(life.tick(HOUR_MS).answer())
    assert counted.value("writeback_held_oldest_seconds", channel="taobao") == 0


def test_before_anything_is_known_nothing_is_said_to_be_well() -> None:
    counted = Counted()
    assert math.isnan(counted.value("writeback_success_ratio")) and math.isnan(counted.value("writeback_deadline_near"))
    counted.parcels.take(Told(STATUS, b"garbage"), True)
    assert counted.value("unreadable_records_total", topic=STATUS) == 1
