"""The whole system on one page: who reads what, by which key, with which state, and what comes out.

Every edge is a Kafka topic, and a stage's work is one transaction: what it read, what it remembers and what it emits become true together.
Topics are described in ``schemas/topics.py``; the agents in ``streams/agents/`` are held to this table by a test.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.topics import CHANNELS, channel_topic


class Stage(NamedTuple):
    """One agent."""

    name: str
    #: Topics it consumes; all keyed by ``key``, so that one partition owns everything about one key.
    reads: tuple[str, ...]
    key: str
    #: Its state: changelog-backed tables, partitioned like ``reads``.
    tables: tuple[str, ...]
    #: Compacted topics that every worker holds whole, read-only.
    views: tuple[str, ...]
    emits: tuple[str, ...]
    #: Why it stands apart from the stage before it.
    why: str
    #: Whose workers run it: stages of one group share a worker's transactions, another group reads the same topics at its own pace.
    group: str = "decisions"


TOPOLOGY: tuple[Stage, ...] = (
    Stage(
        name="intake",
        reads=tuple(channel_topic(channel) for channel in CHANNELS),
        key="order id",
        tables=("seen",),
        views=("inventory.availability", "config.bundles"),
        # channel.notices: of two pushes of one second the platform is asked which is the newer.
        emits=("orders", "aftersales", "orders.review", "orders.duplicates", "channel.notices"),
        why="One partition sees every event of an order, whichever channel sent it, however often.",
    ),
    Stage(
        name="allocation",
        reads=("orders", "aftersales", "inventory.results", "shipments", "returns", "orders.decisions"),
        key="order id",
        tables=("order_state", "backlog"),
        views=("inventory.availability", "config.warehouses", "config.documents", "config.releases"),
        # inventory.commands: an answer may set off a new round, and a tick tries again what has waited for a while.
        # orders.decisions: a tick proposes to go on with an order whose time has come, and the proposal is decided like any other.
        emits=("inventory.commands", "allocations", "decisions.compared", "order.status", "tasks", "orders.decisions"),
        why="One partition owns an order's saga: asked, answered, replanned, decided once.",
    ),
    Stage(
        name="inventory",
        reads=("inventory.commands",),
        key="sku",
        tables=("stock", "reservations", "applied", "expiries", "pool_turns"),
        views=(),
        # inventory.commands: a tick proposes to expire reservations that are due, and the proposal is decided like any other.
        emits=("inventory.results", "inventory.availability", "inventory.alerts", "inventory.commands"),
        why="Re-keyed by sku: one partition owns one balance, so two orders can never be given the same piece.",
    ),
    Stage(
        name="writeback",
        reads=("orders", "allocations", "shipments", "writeback.results", "writeback.commands"),
        key="order id",
        tables=("writebacks", "writeback_due"),
        views=(),
        emits=("writeback.requests", "writeback.status", "writeback.dead"),
        why="A platform that answers slowly, or not at all, must not hold up a decision; one partition owns an order's parcels.",
        group="writeback",
    ),
    Stage(
        name="warehouse",
        reads=("orders", "allocations", "warehouse.results", "warehouse.reports", "warehouse.commands"),
        key="order id",
        tables=("deliveries", "deliveries_due"),
        views=(),
        emits=(
            "warehouse.requests",
            "warehouse.status",
            "warehouse.dead",
            "shipments",
            "returns",
            "inventory.commands",
        ),
        why="A warehouse's system may be away for hours; one partition owns an order's delivery orders and judges what is told.",
        group="warehouse",
    ),
)

#: Groups that run only where somebody has what they are for: one that has never begun is no stage that is behind.
WHERE_WANTED = frozenset(("warehouse",))

#: Connectors that take their work from a topic, each in a group of its own (``group_id``): name -> topics.
CONNECTORS: dict[str, tuple[str, ...]] = {
    "fetcher": ("channel.notices",),
    "dispatch": ("writeback.requests",),
    "warehouse-dispatch": ("warehouse.requests",),
}


def stages(group: str) -> tuple[Stage, ...]:
    """The stages that a group's workers run."""
    return tuple(stage for stage in TOPOLOGY if stage.group == group)


def outside(group: str) -> frozenset[str]:
    """Topics that a group's stages read and none of them writes: what comes there begins something, on the others it goes on."""
    own = {topic for stage in stages(group) for topic in stage.emits}
    return frozenset(topic for stage in stages(group) for topic in stage.reads if topic not in own)


def readers(topic: str) -> tuple[str, ...]:
    """The groups whose stages read a topic."""
    return tuple(sorted({stage.group for stage in TOPOLOGY if topic in stage.reads}))


def group_id(app_id: str, group: str) -> str:
    """A group's app id: its consumer group, and the prefix of its changelogs and transactional ids."""
    return app_id if group == "decisions" else f"{app_id}-{group}"
