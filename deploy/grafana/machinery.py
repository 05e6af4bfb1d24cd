"""For SREs: lag, sinks, the engine, local state, interfaces."""

from __future__ import annotations

from deploy.grafana.panels import Panel, Query, Row, quantile

LAG = Row(
    "Lag",
    (
        Panel(
            "Stages, records",
            "Committed records that a stage has not decided yet.",
            "none",
            (Query("sum by (stage) (hub_stage_lag_records)", "{{stage}}"),),
            width=6,
        ),
        Panel(
            "Stages, seconds",
            "Age of the oldest record that a stage has not decided yet; a minute is mailed.",
            "s",
            (Query("max by (stage) (hub_stage_lag_seconds)", "{{stage}}"),),
            width=6,
        ),
        Panel(
            "Sinks, records",
            "Committed records that a sink has not stored yet.",
            "none",
            (Query("sum by (sink) (hub_sink_lag_records)", "{{sink}}"),),
            width=6,
        ),
        Panel(
            "Sinks, seconds",
            "Age of the oldest record that a sink has not stored yet; 5 minutes are mailed.",
            "s",
            (Query("max by (sink) (hub_sink_lag_seconds)", "{{sink}}"),),
            width=6,
        ),
    ),
)

SINKS = Row(
    "Sinks",
    (
        Panel(
            "State",
            "Whether the store behind a sink takes what it is given.",
            "none",
            (Query("min by (sink) (sink_up)", "{{sink}}"),),
            kind="states",
            states=("writing", "paused"),
        ),
        Panel(
            "Stored",
            "Records that are in a sink's store, with the positions behind them.",
            "suffix: /s",
            (Query("sum by (sink) (rate(sink_records_total[$__rate_interval]))", "{{sink}}"),),
        ),
        Panel(
            "Flush",
            "Time a flush takes: rows and positions become durable together.",
            "s",
            (
                Query(quantile(0.5, "sink_flush_seconds", "sink"), "{{sink}} p50"),
                Query(quantile(0.99, "sink_flush_seconds", "sink"), "{{sink}} p99"),
            ),
        ),
        Panel(
            "Present outage",
            "How long the store has been away; a minute is mailed.",
            "s",
            (Query("max by (sink) (sink_outage_seconds)", "{{sink}}"),),
        ),
        Panel(
            "Outages",
            "How often a store went away within the hour.",
            "none",
            (Query("sum by (sink) (increase(sink_outages_total[1h]))", "{{sink}}"),),
        ),
        Panel(
            "Refused",
            "Records a store would not take, within the hour: they are on sink.refused.",
            "none",
            (Query("sum by (sink) (increase(sink_refused_records_total[1h]))", "{{sink}}"),),
        ),
    ),
)

ENGINE = Row(
    "Engine",
    (
        Panel(
            "Decided",
            "Records decided and committed, per topic.",
            "suffix: /s",
            (Query("sum by (topic) (rate(engine_records_total[$__rate_interval]))", "{{topic}}"),),
        ),
        Panel(
            "Cycle, p50",
            "Half of the cycles take no longer for: deciding a batch, its Kafka transaction, writing local state.",
            "s",
            (
                Query(quantile(0.5, "engine_decide_seconds"), "decide"),
                Query(quantile(0.5, "engine_transaction_seconds"), "transaction"),
                Query(quantile(0.5, "engine_apply_seconds"), "apply"),
            ),
        ),
        Panel(
            "Cycle, p99",
            "99 of 100 cycles take no longer.",
            "s",
            (
                Query(quantile(0.99, "engine_decide_seconds"), "decide"),
                Query(quantile(0.99, "engine_transaction_seconds"), "transaction"),
                Query(quantile(0.99, "engine_apply_seconds"), "apply"),
            ),
        ),
        Panel(
            "Aborted cycles",
            "Cycles undone and run again, by what was wrong: nothing of them was ever visible.",
            "suffix: /s",
            (Query("sum by (reason) (rate(engine_aborted_batches_total[$__rate_interval]))", "{{reason}}"),),
            width=6,
        ),
        Panel(
            "Quarantined",
            "Records that made an agent fail, within the hour.",
            "none",
            (Query("sum by (topic) (increase(engine_quarantined_records_total[1h]))", "{{topic}}"),),
            width=6,
        ),
        Panel(
            "Rebalances",
            "Assignments a worker received within 10 minutes; more than 6 are mailed.",
            "none",
            (Query("increase(engine_rebalances_total[10m])", "{{instance}}"),),
            width=4,
        ),
        Panel(
            "Clock",
            "By how much a worker's host is ahead of the broker; a minute is mailed, and nothing is proposed by time.",
            "s",
            (Query("engine_clock_skew_seconds", "{{instance}}"),),
            width=4,
        ),
        Panel(
            "Partitions",
            "Input partitions a worker has.",
            "none",
            (Query("engine_assigned_partitions", "{{instance}}"),),
            width=4,
        ),
    ),
)

RESTORE = Row(
    "Local state",
    (
        Panel(
            "Restore, progress",
            "How much of its changelogs a worker has read back; 100 % when it restores nothing.",
            "percentunit",
            (Query("engine_restore_progress_ratio", "{{instance}}"),),
            width=6,
        ),
        Panel(
            "Restore, speed",
            "Changelog records read into local state.",
            "suffix: /s",
            (Query("sum by (instance) (rate(engine_restored_records_total[$__rate_interval]))", "{{instance}}"),),
            width=6,
        ),
        Panel(
            "Last restore",
            "How long a worker's last restore took.",
            "s",
            (Query("engine_restore_seconds", "{{instance}}"),),
            width=6,
        ),
        Panel(
            "Size on disk",
            "Table files of a worker's local state.",
            "bytes",
            (Query("engine_store_bytes", "{{instance}}"),),
            width=6,
        ),
    ),
)

INTERFACES = Row(
    "Interfaces",
    (
        Panel(
            "State",
            "Whether an interface's last check went well. One that fails is mailed, and its healing.",
            "none",
            (Query("min by (interface) (hub_interface_up)", "{{interface}}"),),
            width=12,
            kind="states",
        ),
        Panel(
            "Answer time",
            "How long an interface took to answer its last check.",
            "s",
            (Query("max by (interface) (hub_interface_check_seconds)", "{{interface}}"),),
            width=12,
        ),
    ),
)
