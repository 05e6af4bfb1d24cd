"""What the monitor says to Prometheus. Names begin with ``hub_``; label values are channels, stages, topics and interfaces: no persons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.records import PoolAlertKind
from schemas.topics import CHANNELS
from streams.monitor.listings import ListingGauges
from streams.ops.lag import Lags

#: What became of a channel event; they add up to what was decided.
OUTCOMES = ("accepted", "duplicate", "review")
#: What a version that is compared was released for, what came of it, and who lets an order wait.
ROLES, RESULTS, SIDES = ("shadow", "share"), ("equal", "otherwise", "failed"), ("stands", "tried")
#: What a pool tells of.
POOL_ALERTS: tuple[str, ...] = get_args(PoolAlertKind)
#: Where a parcel's writeback may stand open; what is written back is counted by its time.
WRITEBACK_PHASES = ("WAITING", "REQUESTED", "RETRYING", "DEAD")
#: Phases that an order must not stay in for ever.
WAITING_PHASES = ("UNPAID", "HELD", "RESERVING", "BACKORDERED", "ALLOCATED")
#: From a second to the longest of the platforms' deadlines.
_WRITEBACK_S = (
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    600.0,
    1_800.0,
    3_600.0,
    14_400.0,
    86_400.0,
    172_800.0,
    259_200.0,
)
#: From tens of milliseconds (nobody waits) to an hour (the target for the mean is half of it).
_LATENCY_S = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 1_800.0, 3_600.0)


class HubMetrics:
    """The whole hub's metrics in ``registry``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry

        def counter(name: str, doc: str, *labels: str) -> Counter:
            return Counter(f"hub_{name}", doc, labels, registry=registry)

        def gauge(name: str, doc: str, *labels: str) -> Gauge:
            return Gauge(f"hub_{name}", doc, labels, registry=registry)

        self.events = counter("channel_events", "Channel events put on the channel's topic", "channel")
        self.timely = counter(
            "channel_timely_events", "Channel events received within 5 s of happening on the platform", "channel"
        )
        self.outcomes = counter(
            "channel_outcomes", "What became of channel events: accepted, duplicate, review", "channel", "outcome"
        )
        self.decisions = counter(
            "decisions", "Decisions about orders: allocated, backordered, released", "channel", "decision"
        )
        self.troubles = counter(
            "order_troubles", "What orders' statuses tell of that contradicts what is known", "channel", "trouble"
        )
        self.waiting = gauge("orders_waiting", "Orders by the phase they wait in", "channel", "phase")
        self.waiting_oldest = gauge(
            "orders_waiting_oldest_seconds",
            "How long the one has waited that waits longest; 0: none",
            "channel",
            "phase",
        )
        self.compared = counter(
            "compared_decisions",
            "Orders that a version of rules in the shadow, or on a share, was held against what stands for: equal, otherwise, failed",
            "role",
            "result",
        )
        self.compared_waiting = counter(
            "compared_waiting", "Those of them that one side lets wait: what stands, or what is tried", "role", "side"
        )
        self.guard_figure = gauge(
            "guardrail_figure", "A trial's figure as its guardrail looks at it", "document", "figure"
        )
        self.guard_limit = gauge(
            "guardrail_limit",
            "What the figure may reach and not pass; there is none without a trial",
            "document",
            "figure",
        )
        self._shown_figures: set[tuple[str, str]] = set()
        self._shown_limits: set[tuple[str, str]] = set()
        self.rolled_back = counter("guardrail_rollbacks", "Trials that this process ended for a figure over its limit")
        self.latency = Histogram(
            "hub_decision_latency_seconds",
            "From a connector's hands to an order's first decision standing in the log",
            ("channel",),
            registry=registry,
            buckets=_LATENCY_S,
        )
        self.unreadable = counter("unreadable_records", "Records the monitor could not read", "topic")
        self.timeliness = gauge("sync_timeliness_ratio", "KPI window: share of timely channel events; NaN without any")
        self.processing = gauge("processing_mean_seconds", "KPI window: mean of decision latency; NaN without any")
        self.cross_warehouse = gauge(
            "cross_warehouse_ratio",
            "KPI window: share of allocated pieces sent from elsewhere for want of stock, or moved; NaN without any",
        )
        self.cross_warehouse_pieces = gauge(
            "cross_warehouse_pieces",
            "KPI window: pieces allocated, sent from elsewhere than the first choice, moved between warehouses",
            "what",
        )
        self.kpi_window = gauge("kpi_window_seconds", "Length of the KPI window")
        self.review_backlog = gauge("review_backlog", "Events in review, neither resubmitted nor discarded")
        self.review_oldest = gauge("review_oldest_seconds", "How long the oldest of them has waited; 0: none")
        self.quarantined = gauge("quarantined_records", "Records in quarantine, neither redriven nor discarded")
        self.refused = gauge("sink_refused_records", "Records refused by a sink, neither redriven nor discarded")
        self.oversold = gauge("oversold_skus", "SKU and warehouse pairs whose balance breaks 0 <= reserved <= on hand")
        self.drill_failed = gauge(
            "backup_drill_failed", "1: the last trial of a backup failed; 0: it did not, or there was none"
        )
        self.drilled_at = gauge(
            "backup_drill_timestamp_seconds",
            "When a backup was last restored for trial and went well, since the epoch; without one, since when the hub has been at work",
        )
        self.oversells = counter("oversells", "Balances published that break 0 <= reserved <= on hand")
        self.pool_alerts = counter(
            "pool_alerts", "What pools told of: nearly sold, sold out, reopened, refused", "kind"
        )
        self.writebacks = gauge("writebacks", "Parcels not written back, by where they stand", "channel", "phase")
        self.writeback_near = gauge(
            "writeback_deadline_near", "Parcels whose deadline is near or past, and that are not written back"
        )
        self.writeback_held = gauge(
            "writeback_held_oldest_seconds",
            "How long the platform has held the order of the parcel that has waited longest for it; 0: none",
            "channel",
        )
        self.writeback_success = gauge(
            "writeback_success_ratio", "KPI window: share of ended writebacks that are written back; NaN without any"
        )
        self.writeback_seconds = Histogram(
            "hub_writeback_seconds",
            "From leaving the warehouse to being written back at the platform",
            ("channel",),
            registry=registry,
            buckets=_WRITEBACK_S,
        )
        self.stage_lag = gauge("stage_lag_records", "Records a stage has still to decide", "stage", "topic")
        self.stage_lag_s = gauge("stage_lag_seconds", "Age of the oldest of them; 0: none", "stage", "topic")
        self.sink_lag = gauge("sink_lag_records", "Records a sink has still to take", "sink", "topic")
        self.sink_lag_s = gauge("sink_lag_seconds", "Age of the oldest of them; 0: none", "sink", "topic")
        self.sink_members = gauge("sink_members", "Processes that drive the sink", "sink")
        self.workers = gauge("workers", "Members of the workers' group")
        self.misfits = gauge(
            "misfits",
            "Changelogs, topics, partitions and offsets that don't belong to the workers' state",
            "group",
            "kind",
        )
        self.interface_up = gauge("interface_up", "1: it answered at the last look; 0: it did not", "interface")
        self.interface_seconds = gauge(
            "interface_check_seconds", "From asking it to its answer, or to giving up, at the last look", "interface"
        )
        self.checked_at = gauge(
            "interface_checked_timestamp_seconds", "When the interface was last asked, since the epoch", "interface"
        )
        self.listings = ListingGauges(registry)
        # Not known yet is not 0.
        kpis = (self.timeliness, self.processing, self.cross_warehouse, self.writeback_success)
        for unknown in (*kpis, self.workers, self.writeback_near):
            unknown.set(math.nan)
        for unknown in (self.drill_failed, self.drilled_at):
            unknown.set(math.nan)
        for unknown in (self.review_backlog, self.review_oldest, self.quarantined, self.refused, self.oversold):
            unknown.set(math.nan)
        # Rates need a first value before the first event.
        for channel in CHANNELS:
            self.events.labels(channel)
            self.timely.labels(channel)
            self.latency.labels(channel)
            self.writeback_seconds.labels(channel)
            for outcome in OUTCOMES:
                self.outcomes.labels(channel, outcome)
        for kind in POOL_ALERTS:
            self.pool_alerts.labels(kind)
        for role in ROLES:
            for result in RESULTS:
                self.compared.labels(role, result)
            for side in SIDES:
                self.compared_waiting.labels(role, side)

    def guards(self, figures: Mapping[tuple[str, str], float], limits: Mapping[tuple[str, str], float]) -> None:
        """By document and figure; a trial that is over has none. What stays is never gone for a moment: it may be asked for in that."""
        for gauge, shown, now in (
            (self.guard_figure, self._shown_figures, figures),
            (self.guard_limit, self._shown_limits, limits),
        ):
            for place, value in now.items():
                gauge.labels(*place).set(value)
            for place in shown - now.keys():
                gauge.remove(*place)
            shown.clear()
            shown.update(now)

    def lags(self, lags: Lags) -> None:
        """Replaces what was told of lag before: a sink that is gone has none."""
        for lag in lags.stages:
            self.stage_lag.labels(lag.reader, lag.topic).set(lag.records)
            self.stage_lag_s.labels(lag.reader, lag.topic).set(lag.seconds)
        self.sink_lag.clear()
        self.sink_lag_s.clear()
        for lag in lags.sinks:
            self.sink_lag.labels(lag.reader, lag.topic).set(lag.records)
            self.sink_lag_s.labels(lag.reader, lag.topic).set(lag.seconds)
