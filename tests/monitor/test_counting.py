"""The arithmetic of the monitor, without a broker: sliding means, glances, what flows through and what stands open."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from schemas.avsc import GOLDEN, load
from schemas.codec import CODEC, CodecError
from schemas.topics import QUARANTINE
from streams.monitor.flow import Flow
from streams.monitor.glance import Glance
from streams.monitor.metrics import HubMetrics
from streams.monitor.standing import REVIEW, Standing
from streams.monitor.window import SlidingMean
from streams.ops.audit import entry
from tests.people import person

MINUTE_MS = 60_000
NOW_MS = 1_800_000_000_000


@dataclass
class Told:
    """A message as the consumer hands it over."""

    of: str
    bytes_: bytes | None
    of_key: bytes = b"taobao:1"
    at_ms: int = NOW_MS
    partition_: int = 0
    offset_: int = 0

    def topic(self) -> str:
        return self.of

    def partition(self) -> int:
        return self.partition_

    def offset(self) -> int:
        return self.offset_

    def key(self) -> bytes:
        return self.of_key

    def value(self) -> bytes | None:
        return self.bytes_

    def timestamp(self) -> tuple[int, int]:
        return 1, self.at_ms

    def headers(self) -> None:
        return None

    def error(self) -> None:
        return None


def golden(name: str, **fields: Any) -> bytes:
    """The golden record, changed."""
    _, record = CODEC.decode((GOLDEN / f"{name}.v1.bin").read_bytes())
    return CODEC.encode(name, {**record, **fields})


# -- the window


def test_a_mean_forgets_what_is_older_than_its_window() -> None:
    mean = SlidingMean(10 * 60)
    assert math.isnan(mean.mean(NOW_MS))
    mean.add(NOW_MS - 9 * MINUTE_MS, 1.0)
    mean.add(NOW_MS, 0.0)
    mean.add(NOW_MS - MINUTE_MS, 0.5)
    assert mean.mean(NOW_MS) == 0.5
    assert mean.mean(NOW_MS + 2 * MINUTE_MS) == 0.25
    assert math.isnan(mean.mean(NOW_MS + 60 * MINUTE_MS))


# -- glances


@pytest.mark.parametrize("name", ["ChannelEvent", "OrderAllocated", "OrderBackordered", "Review"])
def test_a_glance_reads_what_the_codec_reads(name: str) -> None:
    names = [field["name"] for field in load()[name]["fields"]]
    wanted = (names[0], names[-1])
    glance = Glance({name: wanted})
    for path in sorted(GOLDEN.glob(f"{name}.v*.bin")):
        message = path.read_bytes()
        _, whole = CODEC.decode(message)
        assert glance.read(message) == (name, {field: whole[field] for field in wanted})


def test_a_glance_falls_back_on_the_codec() -> None:
    glance = Glance({"Review": (), "Duplicate": ("channel",)})
    assert glance.read(golden("Review")) == ("Review", {})
    assert glance.read(golden("Reserve")) == CODEC.decode(golden("Reserve"))
    for bad in (b"", b"garbage", golden("Duplicate")[:12]):
        with pytest.raises(CodecError):
            glance.read(bad)
    with pytest.raises(ValueError, match="Duplicate has no such fields"):
        Glance({"Duplicate": ("chanel",)})


# -- what flows through


class Counted:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.flow = Flow(HubMetrics(self.registry), 3600)

    def take(self, *messages: Told, fresh: bool = True) -> None:
        for message in messages:
            self.flow.take(message, fresh)
        self.flow.refresh(NOW_MS)

    def __getitem__(self, name: str) -> float:
        """``hub_`` metric by its name, with labels as Prometheus writes them."""
        found = {
            s.name + "{" + ",".join(f"{k}={v}" for k, v in sorted(s.labels.items())) + "}": s.value
            for family in self.registry.collect()
            for s in family.samples
        }
        return found[f"hub_{name}"] if "{" in name else found[f"hub_{name}{{}}"]


def event(delay_ms: int, channel: str = "taobao", at_ms: int = NOW_MS) -> Told:
    value = golden("ChannelEvent", channel=channel, occurred_at_ms=at_ms - delay_ms, received_at_ms=at_ms)
    return Told(f"channel.{channel}.events", value, at_ms=at_ms)


def decision(name: str, took_ms: int, attempt: int = 1, key: bytes = b"jd:1") -> Told:
    return Told("allocations", golden(name, attempt=attempt, received_at_ms=NOW_MS - took_ms), key)


def test_inflow_and_sync_timeliness() -> None:
    it = Counted()
    assert math.isnan(it["sync_timeliness_ratio"])
    it.take(event(0), event(5_000), event(5_001), event(-50, "jd"), event(60_000, "jd", NOW_MS - 2 * 3_600_000))
    assert it["channel_events_total{channel=taobao}"] == 3
    assert it["channel_timely_events_total{channel=taobao}"] == 2
    assert it["channel_events_total{channel=jd}"] == 2
    assert it["channel_events_total{channel=pdd}"] == 0
    # The last one is of two hours ago: outside the window.
    assert it["sync_timeliness_ratio"] == 0.75


def test_what_cannot_be_read_came_in_all_the_same() -> None:
    it = Counted()
    it.take(
        Told("channel.pdd.events", b"garbage"),
        Told("channel.pdd.events", None),
        Told("channel.pdd.events", golden("Reserve")),
        Told("allocations", b"garbage"),
        Told("allocations", golden("Reserve")),
    )
    assert it["channel_events_total{channel=pdd}"] == 3
    assert it["unreadable_records_total{topic=channel.pdd.events}"] == 3
    assert it["unreadable_records_total{topic=allocations}"] == 2
    assert math.isnan(it["sync_timeliness_ratio"])


def test_outcomes_by_channel() -> None:
    it = Counted()
    it.take(
        Told("orders", golden("Order"), b"jd:1"),
        Told("orders", golden("Order"), b"jd:2"),
        Told("orders.duplicates", golden("Duplicate"), b"douyin:1"),
        # A review's key may be anything: its record tells the channel.
        Told("orders.review", golden("Review", channel="shopify"), "王小明".encode()),
        Told("orders", golden("Order"), b"nowhere:1"),
    )
    assert it["channel_outcomes_total{channel=jd,outcome=accepted}"] == 2
    assert it["channel_outcomes_total{channel=douyin,outcome=duplicate}"] == 1
    assert it["channel_outcomes_total{channel=shopify,outcome=review}"] == 1
    assert it["channel_outcomes_total{channel=unknown,outcome=accepted}"] == 1


def test_decisions_and_how_long_the_first_took() -> None:
    it = Counted()
    it.take(
        decision("OrderAllocated", 2_000),
        decision("OrderBackordered", 4_000),
        # Filled when stock came, a day later: no latency of the hub's.
        decision("OrderAllocated", 86_400_000, attempt=2),
        Told("allocations", golden("AllocationReleased"), b"jd:1"),
        # The connector's clock is ahead.
        decision("OrderAllocated", -500, key=b"pdd:1"),
    )
    assert it["decisions_total{channel=jd,decision=allocated}"] == 2
    assert it["decisions_total{channel=jd,decision=backordered}"] == 1
    assert it["decisions_total{channel=jd,decision=released}"] == 1
    assert it["decision_latency_seconds_count{channel=jd}"] == 2
    assert it["decision_latency_seconds_sum{channel=jd}"] == 6
    assert it["decision_latency_seconds_bucket{channel=jd,le=2.5}"] == 1
    assert it["decision_latency_seconds_sum{channel=pdd}"] == 0
    assert it["processing_mean_seconds"] == 2.0


def test_what_was_there_before_counts_for_the_kpis_alone() -> None:
    it = Counted()
    it.take(
        event(9_000),
        decision("OrderAllocated", 3_000),
        Told("orders", golden("Order"), b"jd:1"),
        Told("orders.review", golden("Review", channel="jd")),
        fresh=False,
    )
    assert it["sync_timeliness_ratio"] == 0
    assert it["processing_mean_seconds"] == 3
    assert it["channel_events_total{channel=taobao}"] == 0
    assert it["decision_latency_seconds_count{channel=jd}"] == 0
    assert it["channel_outcomes_total{channel=jd,outcome=accepted}"] == 0


# -- what stands open


def review(offset: int, at_ms: int = NOW_MS) -> Told:
    return Told(REVIEW, golden("Review"), at_ms=at_ms, partition_=2, offset_=offset)


def closing(record: str, action: str = "review.resubmitted", outcome: str = "done") -> Told:
    it = entry(action, "taobao:1", by=person("li"), outcome=outcome, details={"record": record})
    return Told("audit", CODEC.encode("AuditEntry", it))


def standing(*messages: Told, fresh: bool = True) -> Standing:
    it = Standing()
    for message in messages:
        it.take(message, fresh)
    return it


def test_a_review_stands_until_it_is_resubmitted_or_discarded() -> None:
    items = [review(1, NOW_MS - 3_000), review(2, NOW_MS - 2_000), review(3, NOW_MS - 1_000)]
    it = standing(*items)
    assert (it.count(REVIEW), it.oldest_ms(REVIEW)) == (3, NOW_MS - 3_000)
    it = standing(*items, closing(f"{REVIEW}/2@1"), closing(f"{REVIEW}/2@3", "review.discarded"))
    assert (it.count(REVIEW), it.oldest_ms(REVIEW)) == (1, NOW_MS - 2_000)


def test_entries_may_be_met_before_their_items() -> None:
    it = standing(closing(f"{REVIEW}/2@1"), review(1), review(2))
    assert it.count(REVIEW) == 1


@pytest.mark.parametrize(
    "no_closing",
    [
        closing(f"{REVIEW}/2@1", outcome="refused"),
        closing(f"{REVIEW}/2@1", action="review.looked_at"),
        closing(f"{REVIEW}/1@1"),
        closing("elsewhere/2@1"),
        closing(""),
        Told("audit", b"garbage"),
    ],
)
def test_what_closes_nothing(no_closing: Told) -> None:
    assert standing(review(1), no_closing).count(REVIEW) == 1


def test_quarantined_records_stand_until_they_are_redriven() -> None:
    bad = [Told(QUARANTINE, b"anything", offset_=offset) for offset in range(3)]
    it = standing(
        *bad,
        closing(f"{QUARANTINE}/0@0", "quarantine.redriven"),
        closing(f"{QUARANTINE}/0@2", "quarantine.discarded"),
        Told("sink.refused", None),
    )
    assert (it.count(QUARANTINE), it.count("sink.refused"), it.oldest_ms(REVIEW)) == (1, 1, None)


def balance(sku: str, *levels: tuple[int, int]) -> Told:
    rows = [
        {"warehouse": f"w{n}", "on_hand": on_hand, "reserved": reserved, "safety_stock": 0, "open": True}
        for n, (on_hand, reserved) in enumerate(levels)
    ]
    value = CODEC.encode("Availability", {"sku": sku, "version": 1, "levels": rows, "pool": None})
    return Told("inventory.availability", value, sku.encode())


def pool_alert(kind: str) -> Told:
    it = {
        "sku": "MUG",
        "pool": "11.11",
        "kind": kind,
        "cap": 5,
        "sold": 5,
        "frozen": 5,
        "waiting": 0,
        "reason": "",
        "at_ms": NOW_MS,
    }
    return Told("inventory.alerts", CODEC.encode("PoolAlert", it), b"MUG")


def test_what_pools_tell_of_is_counted_once_it_is_news() -> None:
    told = [pool_alert(kind) for kind in ("POOL_SOLD_OUT", "POOL_REFUSED", "POOL_REFUSED")]
    it = standing(*told)
    assert (it.pool_alerts, it.oversold) == ({"POOL_SOLD_OUT": 1, "POOL_REFUSED": 2}, 0)
    assert not standing(*told, fresh=False).pool_alerts.total()


def test_a_balance_out_of_bounds_is_seen_and_its_repair_too() -> None:
    it = standing(balance("MUG", (5, 5), (0, 0)), balance("CUP", (5, 0)))
    assert (it.oversold, it.oversells) == (0, 0)
    for message in (balance("MUG", (5, 6), (0, -1)), balance("CUP", (-1, 0))):
        it.take(message, True)
    assert (it.oversold, it.oversells) == (3, 2)
    for message in (balance("MUG", (5, 5), (0, 0)), Told("inventory.availability", None, b"CUP")):
        it.take(message, True)
    assert (it.oversold, it.oversells) == (0, 2)
    assert standing(balance("MUG", (1, 2)), fresh=False).oversells == 0
