"""Every topic, declared once: what is on it, how it is keyed and why, who writes it. Topics are created from here.

Keys are UTF-8 strings, partitioned by `murmur2_random`, as Java's producer does, so that an order or a SKU has one
owner whatever client wrote it. `partitions=None` means the deployment's count, the same for all: stages join by key.
"""

from dataclasses import dataclass
from typing import Literal

CHANNELS = ("taobao", "jd", "pdd", "douyin", "shopify")
QUARANTINE = "penstock.quarantine"
SINK_REFUSED = "sink.refused"
FORGOTTEN = "persons.forgotten"
DOCUMENTS, RELEASES = "config.documents", "config.releases"
COMPARED = "decisions.compared"
TASKS = "tasks"
MERGE_REQUESTS, MERGE_ANSWERS = "merging.requests", "merging.answers"

# Tables' values are records too; a table's changelog is compacted and keyed like the table.
TABLE_RECORDS = {
    "seen": "Seen",
    "order_state": "OrderState",
    "stock": "Stock",
    "reservations": "Reservation",
    "applied": "Applied",
    "writebacks": "Writeback",
    "deliveries": "Deliveries",
    "listings": "Listings",
    "merging": "MergeGroup",
}

STOCK_COMMANDS = (
    *("Reserve", "Release", "Commit", "Expire", "Receive", "Adjust", "Restock", "SetSafetyStock"),
    *("Transfer", "AwaitStock", "ForgetStock", "SetPool", "Freeze"),
)
STOCK_RESULTS = (
    *("Reserved", "ReservationRejected", "ReservationResolved", "StockArrived", "StockCommandAnswered"),
    *("FreezeAnswered", "PoolServed"),
)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: `key` names what the key is, `records` the types it carries, `single_writer` who alone writes it.

    `kept_days`: for topics that people work from, whose records must outlast a long holiday; `None`: as the cluster keeps any.
    """

    name: str
    key: str
    records: tuple[str, ...]
    partitions: int | None
    cleanup: Literal["delete", "compact"]
    single_writer: str
    doc: str
    kept_days: int | None = None

    @property
    def retention_ms(self) -> int | None:
        """`kept_days`, as Kafka says it."""
        return self.kept_days * 86_400_000 if self.kept_days is not None else None


def channel_topic(channel: str) -> str:
    """The topic a channel's connector writes to."""
    return f"channel.{channel}.events"


def _topic(
    name: str,
    key: str,
    records: tuple[str, ...],
    writer: str,
    doc: str,
    *,
    partitions: int | None = None,
    cleanup: Literal["delete", "compact"] = "delete",
    kept_days: int | None = None,
) -> Topic:
    return Topic(name, key, records, partitions, cleanup, writer, doc, kept_days)


#: What waits for a person waits for as long.
_WORKED_FROM_DAYS = 180
#: Who did what to an order is asked for years later: a trade's records are kept for three.
_AUDIT_DAYS = 3 * 365
#: A trial lasts days or weeks, and what it showed is asked for a while after.
_COMPARED_DAYS = 60


_ALL = (
    *(
        _topic(
            channel_topic(channel),
            "order_id",
            ("ChannelEvent", "ReceiverCorrected"),
            f"the {channel} connector; the command line, of receivers that people correct",
            "Raw snapshots of orders, and whom people say they go to. Keyed by order: one partition sees it all, so dedup is a local look.",
        )
        for channel in CHANNELS
    ),
    _topic(
        "channel.notices",
        "order_id",
        ("ChannelNotice",),
        "the gateway, of pushes; the intake stage, of two pushes of one second",
        "Orders to be read from their platforms: named without being shown, or shown in two ways. Keyed by order: fetched once for many.",
    ),
    _topic(
        "channel.marks",
        "source",
        ("PullMark",),
        "the gateway and the reconciliation, each its own marks",
        "How far each shop's changes have been pulled. Keyed by who pulls and compacted: the newest says where to go on.",
        partitions=1,
        cleanup="compact",
    ),
    _topic(
        "channel.checks",
        "order_id",
        ("ChannelCheck",),
        "the reconciliation",
        "Hub and channel compared. Keyed by order: the last one read says whether both agree.",
    ),
    _topic(
        "orders",
        "order_id",
        ("Order",),
        "intake",
        "Accepted orders and their updates. Keyed by order: updates arrive in the order intake accepted them.",
    ),
    _topic(
        "orders.review",
        "order_id",
        ("Review",),
        "intake",
        "Events a person must look at. Keyed by order (or the event's raw key), as the corrected event will be.",
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        "orders.duplicates",
        "order_id",
        ("Duplicate",),
        "intake",
        "Events without effect, so that nothing is dropped in silence. Keyed by order, as what they repeat.",
    ),
    _topic(
        "orders.decisions",
        "order_id",
        ("OperatorDecision", "PersonForgotten"),
        "the console, and allocation's timer for orders whose time has come",
        "What operators decide, and whom they forget. Keyed by order: it reaches the worker that owns the order's saga.",
    ),
    _topic(
        "aftersales",
        "order_id",
        ("AfterSale",),
        "intake",
        "Accepted after-sales and their updates. Keyed by order: they reach the worker that owns the order's saga.",
    ),
    _topic(
        "returns",
        "order_id",
        ("ReturnReceived",),
        "the warehouse stage, of what systems report; the command line",
        "Goods counted when they came back. Keyed by order: allocation knows what it had sent.",
    ),
    _topic(
        "shipments",
        "order_id",
        ("Shipped",),
        "the warehouse stage, of what systems report; the gateway and the command line",
        "Parcels that left. Keyed by order, not by warehouse: allocation commits the order's parts.",
    ),
    _topic(
        "writeback.requests",
        "order_id",
        ("WritebackRequest",),
        "writeback",
        "Tracking numbers to tell to platforms. Keyed by order: an order's parcels are told one after another.",
    ),
    _topic(
        "writeback.results",
        "order_id",
        ("WritebackResult",),
        "the logistics connector",
        "What the platforms answered. Keyed by order: it reaches the worker that asked.",
    ),
    _topic(
        "writeback.commands",
        "order_id",
        ("WritebackCommand", "PersonForgotten"),
        "the console and the command line",
        "What operators decide about a writeback, and whom they forget. Keyed by order: it reaches the worker that owns it.",
    ),
    _topic(
        "writeback.status",
        "order_id",
        ("WritebackChanged", "WritebackDeadlineNear"),
        "writeback",
        "Where each parcel's writeback stands. Keyed by order: the last one of a parcel is where it stands.",
    ),
    _topic(
        "writeback.dead",
        "order_id",
        ("WritebackDead",),
        "writeback",
        "Writebacks given up, for a person. Keyed by order, as the command that redrives them will be.",
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        "warehouse.requests",
        "order_id",
        ("DeliveryRequest",),
        "warehouse",
        "Delivery orders to create or cancel at warehouses' systems. Keyed by order: one order's are told one after another.",
    ),
    _topic(
        "warehouse.results",
        "order_id",
        ("DeliveryResult",),
        "the warehouse connector",
        "What the systems answered. Keyed by order: it reaches the worker that asked.",
    ),
    _topic(
        "warehouse.reports",
        "order_id",
        ("WarehouseReport",),
        "the gateway; the warehouse stage, of merged parcels to their other orders",
        "What the systems tell. Keyed by order, or by document where it is about none: told twice it reaches one owner.",
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        "warehouse.commands",
        "order_id",
        ("DeliveryCommand", "PersonForgotten"),
        "the console and the command line",
        "What operators decide about delivery orders, and whom they forget. Keyed by order: it reaches the worker that owns it.",
    ),
    _topic(
        "warehouse.status",
        "order_id",
        ("DeliveryChanged",),
        "warehouse",
        "Where each delivery order stands. Keyed by order: the last one of a delivery order is where it stands.",
    ),
    _topic(
        "warehouse.dead",
        "order_id",
        ("DeliveryDead", "ReportSetAside"),
        "warehouse; the gateway, of reports that nobody can read",
        "Delivery orders given up and reports set aside, for a person. Keyed by order, or document, as what they are about.",
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        "logistics.traces",
        "order_id",
        ("LogisticsTrace",),
        "the gateway",
        "Parcels' ways, step by step, for CRM. Keyed by order: all parcels of an order are told in one place.",
    ),
    _topic(
        "inventory.commands",
        "sku",
        STOCK_COMMANDS,
        "allocation and inventory's timer; the warehouse stage, of what systems report, and the command line for the others",
        "What is asked of stock. Keyed by SKU: one partition owns its balance at every warehouse: no overselling.",
    ),
    _topic(
        "inventory.results",
        "order_id",
        STOCK_RESULTS,
        "inventory",
        "What became of it. Keyed by order again: answers gather where the saga is (by SKU where no order asked).",
    ),
    _topic(
        "inventory.availability",
        "sku",
        ("Availability",),
        "inventory",
        "Balances to plan with. Keyed by SKU and compacted: the newest per SKU is all a new reader needs.",
        cleanup="compact",
    ),
    _topic(
        "listing.commands",
        "sku",
        ("ListSku", "ListingCommand", "PartStock"),
        "the console and the command line, of documents of listings and of bundles; listing, of parts to their bundles",
        "Which shops show a SKU, and what bundles hear of their parts. Keyed by SKU: it reaches the worker that owns what is shown.",
    ),
    _topic(
        "listing.requests",
        "sku",
        ("ListingRequest",),
        "listing",
        "Quantities to be shown by shops. Keyed by SKU: of two the older one is told first, or not at all.",
    ),
    _topic(
        "listing.results",
        "sku",
        ("ListingResult", "ListingSeen"),
        "the stock connector; the command line, of what shops say when they are asked",
        "What the platforms answered. Keyed by SKU: it reaches the worker that asked.",
    ),
    _topic(
        "listing.status",
        "sku",
        ("Listings",),
        "listing",
        "What each listed SKU shows, and should. Keyed by SKU and compacted: the newest is where it stands.",
        cleanup="compact",
    ),
    _topic(
        "listing.dead",
        "sku",
        ("ListingDead",),
        "listing",
        "Quantities given up, for a person. Keyed by SKU, as the command that has them told anew.",
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        "inventory.alerts",
        "sku",
        ("StockAlert", "PoolAlert"),
        "inventory",
        "Sale closed or reopened at safety stock, pools nearly or wholly sold out. Keyed by SKU: closing and reopening stay in order.",
    ),
    _topic(
        "allocations",
        "order_id",
        ("OrderAllocated", "OrderBackordered", "AllocationReleased"),
        "allocation",
        "Decisions with their trace. Keyed by order: an allocation precedes its release.",
    ),
    _topic(
        MERGE_REQUESTS,
        "group",
        ("MergeRequest",),
        "allocation",
        "Orders that wait for companions of their receiver. Keyed by merge group, a keyed hash: one partition owns who waits for whom.",
    ),
    _topic(
        MERGE_ANSWERS,
        "order_id",
        ("MergeAnswer",),
        "merging",
        "What becomes of the waiting. Keyed by order again: it reaches the worker that owns the order's saga.",
    ),
    _topic(
        COMPARED,
        "order_id",
        ("DecisionCompared",),
        "allocation",
        "What a rule document's shadow or trial makes of an order, beside what stands. Keyed by order, as its decision.",
        kept_days=_COMPARED_DAYS,
    ),
    _topic(
        "order.status",
        "order_id",
        ("OrderStatusChanged",),
        "allocation",
        "Phases of the saga. Keyed by order: the last one read is where it stands.",
    ),
    _topic(
        TASKS,
        "order_id",
        ("Task",),
        "allocation",
        "What flows ask of persons, and whom they tell. Keyed by order: the last record of a task says where it stands.",
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        "config.warehouses",
        "warehouse",
        ("Warehouse",),
        "the console",
        "Warehouses and their limits. Keyed by warehouse and compacted; every worker reads its one partition.",
        partitions=1,
        cleanup="compact",
    ),
    _topic(
        "config.bundles",
        "sku",
        ("Bundle",),
        "the console and the command line",
        "Combined goods and their parts. Keyed by SKU and compacted; every worker reads its one partition.",
        partitions=1,
        cleanup="compact",
    ),
    _topic(
        DOCUMENTS,
        "document",
        ("ConfigDocument",),
        "the console and the command line",
        "Every version of every document that a merchant set. Keyed by kind, name and version, and compacted: none is ever replaced.",
        partitions=1,
        cleanup="compact",
    ),
    _topic(
        RELEASES,
        "document",
        ("ConfigRelease",),
        "the console and the command line",
        "Which version of a document is live, which is tried. Keyed by kind and name, and compacted: the newest says it.",
        partitions=1,
        cleanup="compact",
    ),
    _topic(
        FORGOTTEN,
        "order_id",
        ("PersonForgotten",),
        "the console and the command line",
        "Orders whose persons are to be forgotten. Keyed by order and compacted: a store that is filled anew is told of each of them.",
        cleanup="compact",
    ),
    _topic(
        "audit",
        "subject",
        ("AuditEntry",),
        "the console, the command line, the writeback, the warehouse and the stock connector, the gateway, each of what it did itself",
        "Who did what to which order or record, and why. Keyed by subject: its entries stay in order.",
        kept_days=_AUDIT_DAYS,
    ),
    _topic(
        "health.checks",
        "interface",
        ("HealthCheck",),
        "the monitor",
        "How each interface answered. Keyed by interface: failing and healing stay in order.",
        partitions=1,
    ),
    _topic(
        SINK_REFUSED,
        "the refused message's own key",
        (),
        "the sinks",
        "Messages a sink's store refused, with their original bytes. Keyed as they were, as in quarantine.",
        partitions=1,
        kept_days=_WORKED_FROM_DAYS,
    ),
    _topic(
        QUARANTINE,
        "the failed message's own key",
        (),
        "the engine; the gateway and the dispatcher for what they cannot read",
        "Messages that failed, with their original bytes. Keyed as they were, so that they can be sent back.",
        partitions=1,
        kept_days=_WORKED_FROM_DAYS,
    ),
)

TOPICS: dict[str, Topic] = {topic.name: topic for topic in _ALL}
#: Their logs have gaps where an older value of a key stood.
COMPACTED = frozenset(topic.name for topic in _ALL if topic.cleanup == "compact")
