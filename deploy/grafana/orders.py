"""For operations staff: what stands now, the channels, how long orders take.

``$channel`` is the choice at the top of the page. Limits repeat those of ``deploy/prometheus/rules``: what is red here has been mailed.
"""

from __future__ import annotations

from deploy.grafana.panels import Limit, Panel, Query, Row, quantile


def _share(outcomes: str) -> str:
    """The share of a channel's events that had one of these outcomes."""
    part = f'sum by (channel) (rate(hub_channel_outcomes_total{{channel=~"$channel", outcome=~"{outcomes}"}}[$__rate_interval]))'
    return f'{part} / sum by (channel) (rate(hub_channel_outcomes_total{{channel=~"$channel"}}[$__rate_interval]))'


_CHANNEL = '{channel=~"$channel"}'

NOW = Row(
    "Now",
    (
        Panel(
            "Interfaces failing",
            "Interfaces whose last check failed: broker, database, channels, logistics providers. Checked every 3 minutes.",
            "none",
            (Query("count(hub_interface_up) - sum(hub_interface_up)", "failing"),),
            width=3,
            kind="figure",
            limit=Limit("from", 1),
        ),
        Panel(
            "Workers",
            "Members of the workers' consumer group.",
            "none",
            (Query("max(hub_workers)", "workers"),),
            width=3,
            kind="figure",
            limit=Limit("below", 1),
        ),
        Panel(
            "Sinks paused",
            "Sinks whose store is away. Orders are decided as before and wait in Kafka.",
            "none",
            (Query("count(sink_up) - sum(sink_up)", "paused"),),
            width=3,
            kind="figure",
            limit=Limit("from", 1),
        ),
        Panel(
            "Sync timeliness, target >= 99.5 %",
            "Share of events received within 5 seconds of having happened on their platform, over the KPI window.",
            "percentunit",
            (Query("min(hub_sync_timeliness_ratio)", "timeliness"),),
            width=3,
            kind="figure",
            limit=Limit("below", 0.995),
        ),
        Panel(
            "Mean processing, target <= 30 min",
            "Mean time from an order's arrival to its first decision, over the KPI window.",
            "s",
            (Query("max(hub_processing_mean_seconds)", "mean"),),
            width=3,
            kind="figure",
            # The target itself is still good.
            limit=Limit("from", 1800.001),
        ),
        Panel(
            "Waiting for review",
            "Events a person must look at: penstock review list.",
            "none",
            (Query("max(hub_review_backlog)", "events"),),
            width=3,
            kind="figure",
            limit=Limit("from", 501),
        ),
        Panel(
            "Set aside",
            "Records that made an agent fail (quarantine) or that a sink's store refused: penstock quarantine list.",
            "none",
            (Query("max(hub_quarantined_records)", "quarantine"), Query("max(hub_sink_refused_records)", "refused")),
            width=3,
            kind="figure",
            limit=Limit("from", 1),
        ),
        Panel(
            "Oversold balances",
            "SKU and warehouse pairs that break 0 <= reserved <= on hand. Never anything but 0.",
            "none",
            (Query("max(hub_oversold_skus)", "oversold"),),
            width=3,
            kind="figure",
            limit=Limit("from", 1),
        ),
    ),
)

CHANNELS = Row(
    "Channels",
    (
        Panel(
            "Inflow",
            "Events that arrived, per channel; an order may have several.",
            "suffix: /s",
            (Query(f"sum by (channel) (rate(hub_channel_events_total{_CHANNEL}[$__rate_interval]))", "{{channel}}"),),
        ),
        Panel(
            "Success rate",
            "Share of a channel's events that went through without a person: accepted, or recognised as a repeat.",
            "percentunit",
            (Query(_share("accepted|duplicate"), "{{channel}}"),),
        ),
        Panel(
            "Exceptions",
            "Events that went to review, per channel.",
            "suffix: /s",
            (
                Query(
                    "sum by (channel) (rate(hub_channel_outcomes_total"
                    '{channel=~"$channel", outcome="review"}[$__rate_interval]))',
                    "{{channel}}",
                ),
            ),
        ),
        Panel(
            "Dedup rate",
            "Share of a channel's events that repeated what was known; recorded, without effect.",
            "percentunit",
            (Query(_share("duplicate"), "{{channel}}"),),
        ),
        Panel(
            "Decisions",
            "What was decided of the chosen channels' orders.",
            "suffix: /s",
            (Query(f"sum by (decision) (rate(hub_decisions_total{_CHANNEL}[$__rate_interval]))", "{{decision}}"),),
        ),
        Panel(
            "Review backlog",
            "Events that wait for a person.",
            "none",
            (Query("max(hub_review_backlog)", "events"),),
            width=4,
        ),
        Panel(
            "Oldest in review",
            "How long the oldest of them has waited; 4 hours are mailed.",
            "s",
            (Query("max(hub_review_oldest_seconds)", "oldest"),),
            width=4,
        ),
    ),
)

LATENCY = Row(
    "End to end",
    (
        Panel(
            "From arrival to decision",
            "Time from an event's arrival to its order's first decision, chosen channels together.",
            "s",
            (
                Query(quantile(0.5, "hub_decision_latency_seconds", where=_CHANNEL), "p50"),
                Query(quantile(0.99, "hub_decision_latency_seconds", where=_CHANNEL), "p99"),
            ),
        ),
        Panel(
            "p99 by channel",
            "99 of 100 orders of a channel are decided within this time of their arrival.",
            "s",
            (Query(quantile(0.99, "hub_decision_latency_seconds", "channel", _CHANNEL), "{{channel}}"),),
        ),
        Panel(
            "Sync timeliness",
            "Share of events received within 5 seconds of having happened on their platform, and the mission's target.",
            "percentunit",
            (
                Query(
                    f"sum by (channel) (rate(hub_channel_timely_events_total{_CHANNEL}[$__rate_interval]))"
                    f" / sum by (channel) (rate(hub_channel_events_total{_CHANNEL}[$__rate_interval]))",
                    "{{channel}}",
                ),
                Query("vector(0.995)", "target"),
            ),
        ),
    ),
)

CROSSING = Row(
    "Cross-warehouse pieces",
    (
        Panel(
            "Cross-warehouse, target <= 5 %",
            "Share of the pieces allocated in the KPI window that are sent from elsewhere for want of stock, or were moved.",
            "percentunit",
            (Query("max(hub_cross_warehouse_ratio)", "share"),),
            width=4,
            kind="figure",
            # The target itself is still good.
            limit=Limit("from", 0.050001),
        ),
        Panel(
            "Of pieces allocated",
            "Pieces that another warehouse sends than the first choice, which lacked them; pieces moved between warehouses; the target.",
            "percentunit",
            (
                Query(
                    'max(hub_cross_warehouse_pieces{what="elsewhere"}) / max(hub_cross_warehouse_pieces{what="pieces"})',
                    "sent from elsewhere",
                ),
                Query(
                    'max(hub_cross_warehouse_pieces{what="moved"}) / max(hub_cross_warehouse_pieces{what="pieces"})',
                    "moved",
                ),
                Query("vector(0.05)", "target"),
            ),
            width=20,
        ),
    ),
)

WRITEBACK = Row(
    "Writeback",
    (
        Panel(
            "Writeback success, target >= 99 %",
            "Share of writebacks that ended in the KPI window and that the platform took; the others are dead.",
            "percentunit",
            (Query("min(hub_writeback_success_ratio)", "success"),),
            width=3,
            kind="figure",
            limit=Limit("below", 0.99),
        ),
        Panel(
            "Deadline near",
            "Parcels that left, unknown to their platform, within 2 hours of its deadline: penstock writeback list.",
            "none",
            (Query("max(hub_writeback_deadline_near)", "parcels"),),
            width=3,
            kind="figure",
            limit=Limit("from", 1),
        ),
        Panel(
            "Dead",
            "Writebacks given up: penstock writeback list --phase dead.",
            "none",
            (Query('sum(hub_writebacks{phase="DEAD"})', "parcels"),),
            width=2,
            kind="figure",
            limit=Limit("from", 1),
        ),
        Panel(
            "Not written back",
            "Parcels of the chosen channels by where they stand; what waits for an order, a hold or a person stays, all else passes.",
            "none",
            (Query(f"sum by (phase) (hub_writebacks{_CHANNEL})", "{{phase}}"),),
        ),
        Panel(
            "From the warehouse to the platform",
            "Time from a parcel's leaving to its number being taken by the platform, chosen channels together.",
            "s",
            (
                Query(quantile(0.5, "hub_writeback_seconds", where=_CHANNEL), "p50"),
                Query(quantile(0.99, "hub_writeback_seconds", where=_CHANNEL), "p99"),
            ),
        ),
    ),
)

TRIALS = Row(
    "Rules on trial",
    (
        Panel(
            "Decided otherwise",
            "Share of orders that a version in the shadow, or on a share, decides otherwise than what stands: penstock rules compare.",
            "percentunit",
            (
                Query(
                    'sum by (role) (rate(hub_compared_decisions_total{result="otherwise"}[$__rate_interval]))'
                    " / sum by (role) (rate(hub_compared_decisions_total[$__rate_interval]))",
                    "{{role}}",
                ),
            ),
        ),
        Panel(
            "Let wait",
            "Orders that each side lets wait for stock, of the same orders. They share stock: by order it proves nothing about KPIs.",
            "suffix: /s",
            (
                Query(
                    "sum by (role, side) (rate(hub_compared_waiting_total[$__rate_interval]))",
                    "{{role}}, {{side}}",
                ),
            ),
        ),
        Panel(
            "Guardrails",
            "A trial's figures as parts of their limits: above 1 it is ended. Limits of 0 stand for themselves.",
            "none",
            (
                Query(
                    "max by (document, figure) (hub_guardrail_figure)"
                    " / clamp_min(max by (document, figure) (hub_guardrail_limit), 1)",
                    "{{document}} {{figure}}",
                ),
            ),
        ),
    ),
)
