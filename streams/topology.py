"""The whole system on one page: who reads what, by which key, with which state, and what comes out.

Every edge is a Kafka topic, and a stage's work is one transaction: what it read, what it remembers and what it emits become true together.
Topics are described in ``schemas/topics.py``; the agents in ``streams/agents/`` are held to this table by a test.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.topics import (
    CHANNELS,
    COMPARED,
    DOCUMENTS,
    FORGOTTEN,
    MERGE_ANSWERS,
    MERGE_REQUESTS,
    QUARANTINE,
    RELEASES,
    SINK_REFUSED,
    TASKS,
    TOPICS,
    channel_topic,
)


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
        reads=("orders", "aftersales", "inventory.results", "shipments", "returns", "orders.decisions", MERGE_ANSWERS),
        key="order id",
        tables=("order_state", "backlog"),
        views=("inventory.availability", "config.warehouses", "config.documents", "config.releases"),
        # inventory.commands: an answer may set off a new round, and a tick tries again what has waited for a while.
        # orders.decisions: a tick proposes to go on with an order whose time has come, and the proposal is decided like any other.
        emits=(
            *("inventory.commands", "allocations", "decisions.compared", "order.status", "tasks", "orders.decisions"),
            MERGE_REQUESTS,
        ),
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
        name="merging",
        reads=(MERGE_REQUESTS,),
        key="group",
        tables=("merging", "merging_due"),
        views=(),
        emits=(MERGE_ANSWERS,),
        why="Re-keyed by shop and receiver: one partition owns who waits for whom, so no two of them decide otherwise of one parcel.",
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
            # What is told once of a merged parcel is passed on to the owners of its other orders.
            "warehouse.reports",
        ),
        why="A warehouse's system may be away for hours; one partition owns an order's delivery orders and judges what is told.",
        group="warehouse",
    ),
    Stage(
        name="listing",
        reads=("inventory.availability", "listing.results", "listing.commands"),
        key="sku",
        tables=("listings", "listings_due"),
        views=(),
        # listing.commands: a part's stock goes to the bundles that have it, each with an owner of its own.
        emits=("listing.requests", "listing.status", "listing.dead", "listing.commands"),
        why="A channel may be slow to change; one partition owns what a SKU shows, and tells no older number after a newer.",
        group="listing",
    ),
)

#: Groups that run only where somebody has what they are for: one that has never begun is no stage that is behind.
WHERE_WANTED = frozenset(("warehouse", "listing"))

#: Connectors that take their work from a topic, each in a group of its own (``group_id``): name -> topics.
CONNECTORS: dict[str, tuple[str, ...]] = {
    "fetcher": ("channel.notices",),
    "dispatch": ("writeback.requests",),
    "warehouse-dispatch": ("warehouse.requests",),
    "listing-dispatch": ("listing.requests",),
}

_CHANNELS = tuple(channel_topic(channel) for channel in CHANNELS)
_ALL = tuple(TOPICS)
#: What the database has tables for.
STORED = (
    *("orders", "orders.review", "orders.duplicates", "orders.decisions", "shipments"),
    *("inventory.results", "inventory.availability", "inventory.alerts", "allocations", "order.status"),
    *(COMPARED, TASKS),
    *("aftersales", "returns", "config.warehouses", "config.bundles", "audit", "health.checks"),
    *("writeback.requests", "writeback.results", "writeback.commands", "writeback.status", "writeback.dead"),
    *("warehouse.requests", "warehouse.results", "warehouse.commands", "warehouse.status", "warehouse.dead"),
    *("listing.status", "channel.checks", "logistics.traces", FORGOTTEN),
)
#: What reconciliation holds the channels against.
RECONCILED = ("orders", "aftersales", "order.status", "orders.duplicates", "orders.review", "writeback.status")
#: What documents become, and what becomes of them.
_SETTLED = (DOCUMENTS, RELEASES, "config.warehouses", "config.bundles", "inventory.commands", "listing.commands")
#: Where people's words go, each with its entry in the audit.
_TOLD = (
    *("orders.decisions", "shipments", "returns", "writeback.commands", "warehouse.commands"),
    *(*_CHANNELS, *_SETTLED, FORGOTTEN, "audit"),
)


class Client(NamedTuple):
    """What works at Kafka beside the stages: a process of its own, or people at the command line. Its rights come from here.

    Names that begin with ``-`` have the app id before it; those of groups and transactions that end with ``*`` are the beginnings of
    several.
    """

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    #: Groups that it is in, or whose offsets it commits.
    groups: tuple[str, ...] = ()
    #: Its transactions.
    ids: tuple[str, ...] = ()
    #: Groups that it is no member of: some it asks how far they are, of others librdkafka wants the name.
    follows: tuple[str, ...] = ()
    #: Goes by the time of the log, as workers do (``engine/log_clock.py``).
    keeps_time: bool = False
    #: Sees at its start to it that its topics are there, and bear the log's time.
    begins_with_topics: bool = True
    #: Looks at all that workers keep and how far each group is.
    watches: bool = False
    #: Makes topics, and says how long they are kept.
    makes: bool = False
    #: Takes with it how topics are set, of workers too.
    copies: bool = False
    #: Writes what workers keep, and deletes it.
    mends: bool = False
    #: Asks which rights others have.
    asks_rights: bool = False


#: Of the same names as in ``deploy/processes.py``, and then what people run.
CLIENTS: tuple[Client, ...] = (
    Client(
        "gateway",
        # Of a parcel that a warehouse tells it, it looks at how the order stands: in the changelog (``watches`` would be more).
        reads=(
            "channel.notices",
            "channel.marks",
            "config.warehouses",
            "shipments",
            FORGOTTEN,
            "-order_state-changelog",
        ),
        writes=(
            *(*_CHANNELS, "channel.notices", "channel.marks", "logistics.traces", "warehouse.reports"),
            *("warehouse.dead", "shipments", "audit", QUARANTINE),
        ),
        groups=("-fetcher",),
        ids=("-set-aside-*",),
        follows=("penstock-reader",),
        keeps_time=True,
    ),
    Client(
        "dispatcher",
        reads=("writeback.requests", "writeback.results"),
        writes=("writeback.results", "audit", QUARANTINE),
        groups=("-dispatch",),
        ids=("-dispatch-*",),
        follows=("penstock-reader",),
        keeps_time=True,
    ),
    Client(
        "deliveries",
        reads=("warehouse.requests", "warehouse.results"),
        writes=("warehouse.results", "audit", QUARANTINE),
        groups=("-warehouse-dispatch",),
        ids=("-warehouse-dispatch-*",),
        follows=("penstock-reader",),
        keeps_time=True,
    ),
    Client(
        "listings",
        reads=("listing.requests", "listing.results"),
        writes=("listing.results", "audit", QUARANTINE),
        groups=("-listing-dispatch",),
        ids=("-listing-dispatch-*",),
        follows=("penstock-reader",),
        keeps_time=True,
    ),
    Client(
        "reconcile",
        reads=(*RECONCILED, "channel.marks"),
        writes=(*_CHANNELS, "channel.checks", "channel.marks"),
        follows=("penstock-reader", "penstock-reconcile-unused"),
        keeps_time=True,
    ),
    Client(
        "sink",
        reads=STORED,
        writes=(SINK_REFUSED,),
        groups=("penstock-sink-postgres",),
        follows=("penstock-reader",),
    ),
    Client(
        "sink-files",
        reads=tuple(name for name, topic in TOPICS.items() if topic.records),
        # That it writes persons' names is on record.
        writes=(SINK_REFUSED, "audit"),
        groups=("penstock-sink-files",),
        follows=("penstock-reader",),
    ),
    # It ends trials whose figures are bad.
    Client("monitor", _ALL, ("health.checks", RELEASES, "audit"), ids=("-set-aside",), watches=True),
    Client(
        "console",
        _ALL,
        (*_CHANNELS, *_SETTLED, "orders.decisions", "writeback.commands", "warehouse.commands", "audit"),
        ids=("-set-aside*",),
        follows=("-replay-reader",),
        begins_with_topics=False,
        watches=True,
    ),
    Client(
        "operator",
        _ALL,
        # What failed is sent back to where it was read.
        tuple(
            dict.fromkeys(
                (
                    *_TOLD,
                    *(topic for stage in TOPOLOGY for topic in stage.reads),
                    *(topic for topics in CONNECTORS.values() for topic in topics),
                )
            )
        ),
        ids=("-set-aside*",),
        follows=("-replay-reader",),
        watches=True,
        asks_rights=True,
    ),
    Client("setup", makes=True),
    # Positions of readers of one's own are kept too.
    Client("backup", _ALL, ("audit",), follows=("*",), watches=True, copies=True),
    Client("restore", (), (*_ALL,), groups=("*",), ids=("-restore",), watches=True, makes=True, mends=True),
    # Of topics of one's own that it writes to nothing is known here.
    Client(
        "replay",
        _ALL,
        (*_CHANNELS, "audit"),
        groups=("-replay.*",),
        ids=("-replay.*",),
        follows=("penstock-reader", "-replay-reader"),
        begins_with_topics=False,
    ),
)


def stages(group: str) -> tuple[Stage, ...]:
    """The stages that a group's workers run."""
    return tuple(stage for stage in TOPOLOGY if stage.group == group)


#: Read and written by one group, and yet from outside: of what stands there nearly nothing is its own.
_MOSTLY_OTHERS = frozenset(("warehouse.reports",))


def outside(group: str) -> frozenset[str]:
    """Topics that a group's stages read and none of them writes: what comes there begins something, on the others it goes on."""
    own = {topic for stage in stages(group) for topic in stage.emits} - _MOSTLY_OTHERS
    return frozenset(topic for stage in stages(group) for topic in stage.reads if topic not in own)


def readers(topic: str) -> tuple[str, ...]:
    """The groups whose stages read a topic."""
    return tuple(sorted({stage.group for stage in TOPOLOGY if topic in stage.reads}))


def group_id(app_id: str, group: str) -> str:
    """A group's app id: its consumer group, and the prefix of its changelogs and transactional ids."""
    return app_id if group == "decisions" else f"{app_id}-{group}"
