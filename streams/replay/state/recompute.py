"""The workers' tables once more from the recorded input, as far as the group has decided it. Nothing is joined, nothing produced."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from schemas.topics import TABLE_RECORDS
from streams.agents.wire import NothingCodec, RecordCodec
from streams.domain.allocation.decide import time_ms
from streams.domain.expiry import expiry_key
from streams.engine.store import Store
from streams.replay.errors import ReplayRefused
from streams.replay.log import Log
from streams.replay.shadow import allocation, cases, intake, inventory, merging, views
from streams.replay.shadow.cut import Cut
from streams.replay.shadow.reading import Recordings
from streams.replay.shadow.report import Report
from streams.replay.shadow.tables import ShadowTable
from streams.settings import Settings

#: Stage -> the tables that a recomputation gives.
TABLES = {
    "intake": ("seen",),
    "inventory": ("stock", "reservations", "applied", "expiries", "pool_turns"),
    "allocation": ("order_state", "backlog"),
    "merging": ("merging", "merging_due"),
}


def recompute(settings: Settings, store: Store, tables: Iterable[str], advance: Callable[[int], None]) -> None:
    """Fills the store with shards as the workers have them.

    Raises:
        ReplayRefused: the input is cut, or doesn't lead to what is recorded; a table isn't decided by these stages.
    """
    wanted = set(tables)
    if beyond := sorted(wanted - {table for names in TABLES.values() for table in names}):
        raise ReplayRefused(
            f"{', '.join(beyond)} cannot be recomputed: the order in which its stage met its five topics is not on record; --from local"
        )
    log, report = Log(settings), Report()
    try:
        cut = Cut(settings, log, of_state=True)
        logs = Recordings(log, cut, advance)
        seen, quarantined = views.Views(logs), logs.quarantined()
        if wanted & set(TABLES["intake"]):
            intake.rebuild(store, logs, quarantined, seen, settings.channels, report)
        if wanted & set(TABLES["inventory"]):
            inventory.rebuild(store, logs, quarantined, report)
        if wanted & set(TABLES["allocation"]):
            allocation.rebuild(store, logs, quarantined, seen, report, settings.merge_key)
            _backlog(store, [span.partition for span in cut.ranges(cases.EVENTS[0])])
        if wanted & set(TABLES["merging"]):
            merging.rebuild(store, logs, quarantined)
    finally:
        log.close()
    if not report.ok:
        first = report.differences[0]
        raise ReplayRefused(
            f"{report.difference_counts.total()} records are not what the input leads to, the first at {first.place} ({first.key}): "
            f"{first.text}; penstock rebuild --shadow shows all of them"
        )


def _backlog(store: Store, partitions: Iterable[int]) -> None:
    """Backordered orders are tried again at the first tick: when they were to be is not on record. The others wait for their time."""
    now_ms = time.time_ns() // 1_000_000
    states = ShadowTable(store, "order_state", RecordCodec(TABLE_RECORDS["order_state"]))
    backlog = ShadowTable(store, "backlog", NothingCodec())
    for partition in partitions:
        states.partition = backlog.partition = partition
        for _, state in states.range():
            due_ms = now_ms if state["phase"] == "BACKORDERED" else time_ms(state)
            if due_ms is not None:
                backlog.put_many({expiry_key(due_ms, state["order_id"]): None})
