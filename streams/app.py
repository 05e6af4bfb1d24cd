"""The composition root: builds the Faust app from the topology, the settings and the agents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import faust
from prometheus_client import CollectorRegistry

from schemas.codec import CODEC
from schemas.topics import QUARANTINE, TABLE_RECORDS
from streams import engine
from streams.agents.deciding import Agent, deciding
from streams.agents.listing import ListingAgent
from streams.agents.metrics import MergingMetrics, RulesMetrics
from streams.agents.warehouse import WarehouseAgent
from streams.agents.wire import NothingCodec, RecordCodec
from streams.agents.writeback import WritebackAgent
from streams.domain.warehouse.policy import rules as delivery_rules
from streams.domain.writeback.policy import Rules, policies
from streams.settings import Settings
from streams.topology import Stage, group_id, outside, stages

#: How often a stage looks for what is due: reservations to expire, backorders and writebacks to try again.
_TICKS_S = {"inventory": 1.0, "allocation": 10.0, "writeback": 1.0, "warehouse": 1.0, "listing": 1.0, "merging": 1.0}


def build(
    settings: Settings,
    worker: str = "0",
    on_step: Callable[[str], None] | None = None,
    group: str = "decisions",
) -> faust.App:
    """The app of one worker of a group of stages; ``worker`` names its folder of state under ``settings.data``."""
    app = faust.App(
        group_id(settings.app_id, group),
        broker=[f"penstock://{address}" for address in settings.brokers.split(",")],
        datadir=Path(settings.data) / worker,
        topic_partitions=settings.partitions,
        topic_replication_factor=settings.replication,
        autodiscover=False,
        **engine.SETTINGS,
    )
    app.engine_options = engine.Options(  # type: ignore[attr-defined]
        kafka=settings.kafka,
        consumer={f"fetch.{name}": value for name, value in settings.fetch.items()},
        group_protocol=settings.group_protocol,
        batch_size_max=settings.batch,
        outside=outside(group),
        quarantine_topic=QUARANTINE,
        clock_skew_max_s=settings.clock_skew_max_s,
        on_step=on_step,
    )
    app.engine_metrics = engine.Metrics(CollectorRegistry())  # type: ignore[attr-defined]

    tables = {table: _table(app, table, stage, settings) for stage in stages(group) for table in stage.tables}
    agents = _AGENTS[group](app, tables, settings)
    for stage in stages(group):
        _run(app, stage, agents[stage.name])
    return app


def _decisions(app: faust.App, tables: dict[str, engine.Table], settings: Settings) -> dict[str, Agent]:
    rules = RulesMetrics(app.engine_metrics.registry)  # type: ignore[attr-defined]
    merging = MergingMetrics(app.engine_metrics.registry)  # type: ignore[attr-defined]
    return deciding(
        tables,
        lambda topic: engine.Replica(app, topic, _loads),
        settings,
        on_refused=rules.refused.inc,
        on_failed=rules.failed.inc,
        on_holidays=rules.holidays_until.set,
        on_merging=merging.told,
    )


def _writeback(app: faust.App, tables: dict[str, engine.Table], settings: Settings) -> dict[str, Agent]:
    rules = Rules(policies(settings.writeback_retry), settings.writeback_near_ms, settings.writeback_held_ms)
    return {"writeback": WritebackAgent(tables["writebacks"], tables["writeback_due"], rules)}


def _warehouse(app: faust.App, tables: dict[str, engine.Table], settings: Settings) -> dict[str, Agent]:
    rules = delivery_rules(settings.delivery_retry)
    return {"warehouse": WarehouseAgent(tables["deliveries"], tables["deliveries_due"], rules)}


def _listing(app: faust.App, tables: dict[str, engine.Table], settings: Settings) -> dict[str, Agent]:
    return {"listing": ListingAgent(tables["listings"], tables["listings_due"])}


#: The agents of each group of stages.
_AGENTS: dict[str, Callable[[faust.App, dict[str, engine.Table], Settings], dict[str, Agent]]] = {
    "decisions": _decisions,
    "writeback": _writeback,
    "warehouse": _warehouse,
    "listing": _listing,
}


def _run(app: faust.App, stage: Stage, agent: Agent) -> None:
    async def run(batches: Any) -> None:
        async for batch in batches:
            if batch.is_tick:
                agent.on_tick(batch)
            else:
                agent.on_batch(batch)

    app.agent(app.topic(*stage.reads, schema=engine.Batches(tick_s=_TICKS_S.get(stage.name))), name=stage.name)(run)


def _table(app: faust.App, name: str, stage: Stage, settings: Settings) -> engine.Table:
    # A table without records is an index: its keys say everything.
    codec = RecordCodec(TABLE_RECORDS[name]) if name in TABLE_RECORDS else NothingCodec()
    table = app.Table(
        name, codec=codec, sources=stage.reads, partitions=settings.partitions, help=stage.why, frozen=True
    )
    return cast(engine.Table, table)


def _loads(raw: bytes) -> Any:
    return CODEC.decode(raw)[1]
