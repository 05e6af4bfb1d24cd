"""Types of the records on the wire, all read-only.

GENERATED from schemas/*.avsc by `python -m schemas.generate`: edit those.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from typing_extensions import ReadOnly, TypedDict

AfterSaleKind = Literal["REFUND", "RETURN", "EXCHANGE", "PRICE_PROTECTION", "RESEND", "REPAIR", "OTHER"]
AfterSaleState = Literal["OPEN", "DONE", "CLOSED"]
ReasonClass = Literal["NOT_RECEIVED", "LATE", "LOST", "DAMAGED", "WRONG_PARCEL", "GOODS", "BUYER", "OTHER"]
CheckedEvent = Literal["PAYMENT", "SHIPMENT", "DRIFT"]
ComparedRole = Literal["SHADOW", "SHARE"]
ComparedEffect = Literal["STANDS", "TRIED", "NEITHER"]
ComparedOutcome = Literal["ALLOCATED", "BACKORDERED", "UNDECIDED", "FAILED"]
OrderStatus = Literal["UNPAID", "PAID", "HOLD", "SHIPPED", "CANCELLED"]
DeliveryPhase = Literal[
    "WAITING",
    "REQUESTED",
    "RETRYING",
    "CREATED",
    "CANCELLING",
    "CANCELLED",
    "TOO_LATE",
    "SHIPPED",
    "ELSEWHERE",
    "DEAD",
    "ABANDONED",
]
DeliveryAction = Literal["CREATE", "CANCEL"]
DeliveryOutcome = Literal["DONE", "ALREADY", "RETRYABLE", "REFUSED", "TOO_LATE", "UNCONNECTED"]
DeliveryDecision = Literal["REDRIVE", "ABANDON"]
DuplicateKind = Literal["EXACT", "STALE"]
FreezeAnswer = Literal["FROZEN", "POOL_EXHAUSTED", "NO_POOL", "ALREADY_RESOLVED"]
ListingOutcome = Literal["DONE", "ALREADY", "SUPERSEDED", "RETRYABLE", "HELD", "REFUSED"]
ListingPhase = Literal["UNKNOWN", "WAITING", "REQUESTED", "RETRYING", "SHOWN", "DEAD"]
MergeAnswerKind = Literal["JOINED", "PLAN", "GO", "ALONE", "LEFT"]
MergePhase = Literal["GATHERS", "LEADS", "FOLLOWS", "GONE"]
MergeRequestKind = Literal["JOIN", "READY", "GONE", "LEAVE"]
OperatorAction = Literal["RELEASE_HOLD", "CANCEL", "HOLD", "APPROVE", "REFUSE", "CLAIM"]
Sender = Literal["MERCHANT", "PLATFORM", "SUPPLIER", "SERVICE", "NOBODY"]
Phase = Literal["UNPAID", "HELD", "RESERVING", "ALLOCATED", "BACKORDERED", "CANCELLED", "SHIPPED", "ELSEWHERE"]
PartState = Literal["ASKED", "GRANTED", "REJECTED", "RELEASED", "COMMITTED"]
MergeStage = Literal["MAY", "WAITS", "PLANS", "READY", "MERGED", "ALONE"]
PoolAlertKind = Literal["POOL_NEARLY_SOLD", "POOL_SOLD_OUT", "POOL_REOPENED", "POOL_REFUSED"]
ReportKind = Literal["LEFT", "RETURNED", "STOCK", "STOCKTAKE", "PROGRESS"]
ReservationState = Literal["RESERVED", "COMMITTED", "RELEASED", "EXPIRED", "REJECTED"]
Answer = Literal[
    "COMMITTED",
    "RELEASED",
    "EXPIRED",
    "ALREADY_COMMITTED",
    "ALREADY_RELEASED",
    "ALREADY_EXPIRED",
    "NEVER_RESERVED",
]
ReturnGrade = Literal["SELLABLE", "DEFECTIVE"]
SeenOutcome = Literal["ACCEPTED", "REVIEW"]
AlertKind = Literal["SALE_CLOSED", "SALE_REOPENED"]
StockAnswer = Literal["APPLIED", "ALREADY_APPLIED", "REFUSED"]
TaskKind = Literal["APPROVE", "HOLD", "NOTIFY"]
TaskState = Literal["OPEN", "APPROVED", "REFUSED", "RELEASED", "LATE", "WITHDRAWN", "TOLD"]
WritebackPhase = Literal["WAITING", "REQUESTED", "RETRYING", "WRITTEN", "DEAD", "ABANDONED"]
WritebackOutcome = Literal[
    "SHIPPED",
    "ALREADY_SHIPPED",
    "RETRYABLE",
    "NUMBER_WRONG",
    "CARRIER_WRONG",
    "REQUEST_WRONG",
    "ORDER_FORBIDS",
]
WritebackAction = Literal["REDRIVE", "ABANDON"]


class Adjust(TypedDict):
    """A stocktake found a difference, or units left without a reservation; refused when it would break 0 <= reserved <=
    on_hand.
    """

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    delta: ReadOnly[int]
    reason: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class ParcelLine(TypedDict):
    """A line of the order, or a share of it, in a parcel."""

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]


class Source(TypedDict):
    """Where a channel event stood in Kafka, so that every decision leads back to its original bytes."""

    topic: ReadOnly[str]
    partition: ReadOnly[int]
    offset: ReadOnly[int]


class AfterSale(TypedDict):
    """An after-sale of an order in canonical form, as its platform shows it. It moves no stock: it holds what has not
    left, or cancels it.
    """

    aftersale_id: ReadOnly[str]
    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    version: ReadOnly[int]
    fingerprint: ReadOnly[bytes]
    kind: ReadOnly[AfterSaleKind]
    state: ReadOnly[AfterSaleState]
    platform_state: ReadOnly[str]
    before_shipping: ReadOnly[bool | None]
    received: ReadOnly[bool | None]
    currency: ReadOnly[str]
    amount_minor: ReadOnly[int | None]
    whole: ReadOnly[bool | None]
    lines: ReadOnly[Sequence[ParcelLine]]
    reason: ReadOnly[str]
    reason_code: ReadOnly[str]
    reason_class: ReadOnly[ReasonClass]
    tracking_no: ReadOnly[str]
    asked_at_ms: ReadOnly[int | None]
    received_at_ms: ReadOnly[int]
    source: ReadOnly[Source]


class AllocationReleased(TypedDict):
    """What was reserved, or asked for, is given back: the order was cancelled or changed, or a reservation expired."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    attempt: ReadOnly[int]
    reason: ReadOnly[str]
    reservation_ids: ReadOnly[Sequence[str]]
    decided_at_ms: ReadOnly[int]


class Applied(TypedDict):
    """The answer already given to a stock command that is about no reservation (table `applied`, key command id)."""

    command_id: ReadOnly[str]
    answer: ReadOnly[str]
    at_ms: ReadOnly[int]


class AuditEntry(TypedDict):
    """Something a person or the system did that must be traceable: who, why, when, to what, with what outcome."""

    entry_id: ReadOnly[str]
    correlation_id: ReadOnly[str]
    at_ms: ReadOnly[int]
    by: ReadOnly[str]
    action: ReadOnly[str]
    subject: ReadOnly[str]
    reason: ReadOnly[str]
    outcome: ReadOnly[str]
    details: ReadOnly[Mapping[str, str]]
    said: ReadOnly[str]


class StockLevel(TypedDict):
    """The balance of one SKU at one warehouse; sellable = max(0, on_hand - reserved - safety_stock) while open.
    Invariant: 0 <= reserved <= on_hand.
    """

    warehouse: ReadOnly[str]
    on_hand: ReadOnly[int]
    reserved: ReadOnly[int]
    safety_stock: ReadOnly[int]
    open: ReadOnly[bool]


class PoolPart(TypedDict):
    """A part of a pool that channels draw on. Invariant: 0 <= sold <= units."""

    name: ReadOnly[str]
    units: ReadOnly[int]
    sold: ReadOnly[int]


class PoolChain(TypedDict):
    """Which parts of a pool a channel draws on."""

    channel: ReadOnly[str]
    parts: ReadOnly[Sequence[str]]
    waiting: ReadOnly[int]


class Pool(TypedDict):
    """What may be sold of a SKU before it is there (预售锁库). Invariant: 0 <= frozen <= sold <= cap."""

    document: ReadOnly[str]
    name: ReadOnly[str]
    cap: ReadOnly[int]
    sold: ReadOnly[int]
    frozen: ReadOnly[int]
    waiting: ReadOnly[int]
    turns: ReadOnly[int]
    from_ms: ReadOnly[int]
    until_ms: ReadOnly[int]
    soft_ms: ReadOnly[int | None]
    near_bp: ReadOnly[int]
    closed: ReadOnly[bool]
    parts: ReadOnly[Sequence[PoolPart]]
    chains: ReadOnly[Sequence[PoolChain]]


class Availability(TypedDict):
    """Balances of a SKU for planners and channels (compacted: the newest per SKU stays)."""

    sku: ReadOnly[str]
    version: ReadOnly[int]
    levels: ReadOnly[Sequence[StockLevel]]
    pool: ReadOnly[Pool | None]


class AwaitStock(TypedDict):
    """A backordered order queues for a SKU; it is told once, by StockArrived."""

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    requested_at_ms: ReadOnly[int]


class BundlePart(TypedDict):
    """Units of a SKU in one bundle."""

    sku: ReadOnly[str]
    quantity: ReadOnly[int]


class Bundle(TypedDict):
    """Combined goods (组合商品) of the merchant: a SKU that is sold as one and shipped as its parts (compacted: the newest
    per SKU stays).
    """

    sku: ReadOnly[str]
    parts: ReadOnly[Sequence[BundlePart]]
    version: ReadOnly[int]


class ChannelCheck(TypedDict):
    """The hub asked the channel about an order and compared: a key event confirmed both ways, or a drift found by
    reconciliation.
    """

    check_id: ReadOnly[str]
    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    about: ReadOnly[CheckedEvent]
    hub_status: ReadOnly[str]
    platform_status: ReadOnly[str]
    agrees: ReadOnly[bool]
    healed: ReadOnly[bool]
    reason: ReadOnly[str]
    occurred_at_ms: ReadOnly[int]
    at_ms: ReadOnly[int]


class ChannelEvent(TypedDict):
    """An order, or an after-sale of one, as a sales channel shows it, raw: what connectors publish and the intake maps
    to an Order or an AfterSale.
    """

    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    kind: ReadOnly[str]
    event_id: ReadOnly[str]
    occurred_at_ms: ReadOnly[int]
    received_at_ms: ReadOnly[int]
    content_type: ReadOnly[str]
    payload: ReadOnly[bytes]


class ChannelNotice(TypedDict):
    """A channel told that something happened to an order, or an after-sale of it, without showing all of it: the
    snapshot is still to be fetched.
    """

    notice_id: ReadOnly[str]
    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    kind: ReadOnly[str]
    occurred_at_ms: ReadOnly[int]
    received_at_ms: ReadOnly[int]
    payload: ReadOnly[bytes]
    aftersale_id: ReadOnly[str]


class Commit(TypedDict):
    """The reserved units left the warehouse: on_hand and reserved both fall."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int | None]
    rest_id: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class ConfigDocument(TypedDict):
    """One version of a document that a merchant set (rules, warehouses, bundles): written once and never changed
    (compacted: every version has a key of its own).
    """

    document: ReadOnly[str]
    kind: ReadOnly[str]
    name: ReadOnly[str]
    version: ReadOnly[int]
    digest: ReadOnly[str]
    text: ReadOnly[str]
    note: ReadOnly[str]
    at_ms: ReadOnly[int]
    by: ReadOnly[str]


class ReleaseGuard(TypedDict):
    """A figure of a trial and its limit: where it is passed, the trial is ended by itself."""

    figure: ReadOnly[str]
    limit: ReadOnly[int]
    sample_min: ReadOnly[int]


class ConfigShare(TypedDict):
    """A version that decides a part of the orders."""

    version: ReadOnly[int]
    basis_points: ReadOnly[int]
    salt: ReadOnly[str]
    since_ms: ReadOnly[int]
    guards: ReadOnly[Sequence[ReleaseGuard]]


class ConfigRelease(TypedDict):
    """Which versions of a document are in use, and for what (compacted: the newest per document stays)."""

    document: ReadOnly[str]
    live: ReadOnly[int | None]
    shadow: ReadOnly[int | None]
    share: ReadOnly[ConfigShare | None]
    previous: ReadOnly[int | None]
    withdrawn: ReadOnly[Sequence[int]]
    change: ReadOnly[int]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]
    by: ReadOnly[str]


class Considered(TypedDict):
    """One warehouse weighed for the order."""

    warehouse: ReadOnly[str]
    covers: ReadOnly[int]
    distance_km: ReadOnly[float | None]
    open_units: ReadOnly[int]
    chosen: ReadOnly[bool]
    reason: ReadOnly[str]


class Missing(TypedDict):
    """A SKU that stock could not cover."""

    sku: ReadOnly[str]
    shortfall: ReadOnly[int]


class DecidedBy(TypedDict):
    """The version of a rule document that decides an order: the one of its first decision, until that version is rolled
    back.
    """

    document: ReadOnly[str]
    version: ReadOnly[int]
    share: ReadOnly[int | None]
    tables: ReadOnly[Sequence[str]]


class TracedWarehouse(TypedDict):
    """One warehouse as the strategy saw it: refused, or a candidate with its figures."""

    warehouse: ReadOnly[str]
    covers: ReadOnly[int]
    refused: ReadOnly[str]
    figure: ReadOnly[int | None]
    text: ReadOnly[str]
    limit: ReadOnly[int | None]
    costs: ReadOnly[Sequence[int]]
    parts: ReadOnly[Sequence[int]]
    score: ReadOnly[int | None]


class TracedAttempt(TypedDict):
    """What one strategy made of the order."""

    strategy: ReadOnly[str]
    result: ReadOnly[str]
    criteria: ReadOnly[Sequence[str]]
    weights: ReadOnly[Sequence[int]]
    banded: ReadOnly[Sequence[bool]]
    warehouses: ReadOnly[Sequence[TracedWarehouse]]
    chosen: ReadOnly[Sequence[str]]
    runner_up: ReadOnly[str]
    margin_by: ReadOnly[str]
    margin: ReadOnly[int | None]
    capped: ReadOnly[bool]


class TracedPassedOver(TypedDict):
    """A strategy whose conditions the order did not meet."""

    strategy: ReadOnly[str]
    condition: ReadOnly[int]
    field: ReadOnly[str]
    actual: ReadOnly[Sequence[str]]


class TracedByRules(TypedDict):
    """Why a rule document decided as it did: strategies passed over, and of those that were tried every warehouse with
    its reason.
    """

    decided_by: ReadOnly[DecidedBy]
    attempts: ReadOnly[Sequence[TracedAttempt]]
    passed_over: ReadOnly[Sequence[TracedPassedOver]]


class PoolTold(TypedDict):
    """What a pool answered to a line of an order, with its figures in that moment."""

    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    pool: ReadOnly[str]
    answer: ReadOnly[str]
    cap: ReadOnly[int]
    sold: ReadOnly[int]
    ahead: ReadOnly[int]
    quotas: ReadOnly[str]


class TraceRound(TypedDict):
    """One round of planning: what was considered, and what the stock's single writer then rejected."""

    round: ReadOnly[int]
    considered: ReadOnly[Sequence[Considered]]
    rejected: ReadOnly[Sequence[Missing]]
    by_rules: ReadOnly[TracedByRules | None]
    first_choice: ReadOnly[str | None]
    pools: ReadOnly[Sequence[PoolTold]]


class DecisionTrace(TypedDict):
    """How an allocation was decided, round by round."""

    rounds: ReadOnly[Sequence[TraceRound]]


class ComparedSide(TypedDict):
    """What one version makes of the order."""

    version: ReadOnly[int | None]
    outcome: ReadOnly[ComparedOutcome]
    warehouses: ReadOnly[Sequence[str]]
    freight_minor: ReadOnly[int | None]
    arrival_minutes: ReadOnly[int | None]
    backordered: ReadOnly[int]
    over_capacity: ReadOnly[int]
    below_safety: ReadOnly[int]
    error: ReadOnly[str]
    micros: ReadOnly[int | None]
    trace: ReadOnly[DecisionTrace | None]


class DecisionCompared(TypedDict):
    """What two versions of a rule document make of one order on the same facts: the one that stands, and one that is
    tried.
    """

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_version: ReadOnly[int]
    attempt: ReadOnly[int]
    document: ReadOnly[str]
    role: ReadOnly[ComparedRole]
    trial_ms: ReadOnly[int | None]
    effect: ReadOnly[ComparedEffect]
    currency: ReadOnly[str]
    stands: ReadOnly[ComparedSide]
    tried: ReadOnly[ComparedSide]
    equal: ReadOnly[bool]
    at_ms: ReadOnly[int]


class Receiver(TypedDict):
    """Whom and where to ship to. Personal data: never in logs or metrics. Platforms may give masked or encrypted
    values.
    """

    name: ReadOnly[str]
    phone: ReadOnly[str]
    country: ReadOnly[str]
    province: ReadOnly[str]
    city: ReadOnly[str]
    district: ReadOnly[str]
    town: ReadOnly[str]
    address: ReadOnly[str]
    postal_code: ReadOnly[str]
    oaid: ReadOnly[str | None]
    company: ReadOnly[str]
    phone_extension: ReadOnly[str]
    forms: ReadOnly[Mapping[str, str]]


class Goods(TypedDict):
    """What a system wants to know of a line."""

    title: ReadOnly[str]
    unit_price_minor: ReadOnly[int]


class DeliveryPart(TypedDict):
    """A reservation that it sends."""

    reservation_id: ReadOnly[str]
    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    collect_minor: ReadOnly[int | None]


class Merged(TypedDict):
    """That an order leaves with others, as one parcel."""

    code: ReadOnly[str]
    orders: ReadOnly[Sequence[str]]


class Delivery(TypedDict):
    """One delivery order and where it stands."""

    delivery_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    order_version: ReadOnly[int]
    parts: ReadOnly[Sequence[DeliveryPart]]
    carrier: ReadOnly[str]
    allocated_at_ms: ReadOnly[int]
    phase: ReadOnly[DeliveryPhase]
    cancel: ReadOnly[str]
    action: ReadOnly[DeliveryAction]
    sent: ReadOnly[bool]
    requests: ReadOnly[int]
    attempt: ReadOnly[int]
    outcome: ReadOnly[DeliveryOutcome | None]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    progress: ReadOnly[str]
    next_at_ms: ReadOnly[int | None]
    wms_id: ReadOnly[str]
    left: ReadOnly[Sequence[ParcelLine]]
    parcels: ReadOnly[int]
    by: ReadOnly[str]
    merged: ReadOnly[Merged | None]


class CountedUnits(TypedDict):
    """A difference that was found."""

    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    condition: ReadOnly[str]


class StocktakePage(TypedDict):
    """A page of a stocktake that is not complete."""

    page: ReadOnly[int]
    report_id: ReadOnly[str]
    units: ReadOnly[Sequence[CountedUnits]]


class Deliveries(TypedDict):
    """What the warehouse stage knows of one order, or of one document of a system (table `deliveries`)."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    order_version: ReadOnly[int]
    status: ReadOnly[OrderStatus]
    currency: ReadOnly[str]
    placed_at_ms: ReadOnly[int]
    paid_at_ms: ReadOnly[int | None]
    ship_by_ms: ReadOnly[int | None]
    receiver: ReadOnly[Receiver | None]
    receiver_from: ReadOnly[str]
    goods: ReadOnly[Mapping[str, Goods]]
    deliveries: ReadOnly[Sequence[Delivery]]
    reports: ReadOnly[Mapping[str, str]]
    pages: ReadOnly[Sequence[StocktakePage]]
    commands: ReadOnly[Sequence[str]]


class DeliveryChanged(TypedDict):
    """A delivery order stands elsewhere now."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    delivery_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    phase: ReadOnly[DeliveryPhase]
    progress: ReadOnly[str]
    attempt: ReadOnly[int]
    outcome: ReadOnly[DeliveryOutcome | None]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    ship_by_ms: ReadOnly[int]
    next_at_ms: ReadOnly[int | None]
    at_ms: ReadOnly[int]


class DeliveryCommand(TypedDict):
    """What an operator decides about a delivery order."""

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    delivery_id: ReadOnly[str]
    action: ReadOnly[DeliveryDecision]
    by: ReadOnly[str]
    reason: ReadOnly[str]
    decided_at_ms: ReadOnly[int]


class DeliveryDead(TypedDict):
    """A delivery order was given up, or could not be taken back any more: it wants a person."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    delivery_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    action: ReadOnly[DeliveryAction]
    attempts: ReadOnly[int]
    outcome: ReadOnly[DeliveryOutcome]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    ship_by_ms: ReadOnly[int]
    at_ms: ReadOnly[int]


class DeliveryLine(TypedDict):
    """A line of a delivery order, with what a system wants to know of the goods."""

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    title: ReadOnly[str]
    unit_price_minor: ReadOnly[int]


class DeliveryRequest(TypedDict):
    """A delivery order to be created, or cancelled, at its warehouse's system."""

    request_id: ReadOnly[str]
    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    delivery_id: ReadOnly[str]
    action: ReadOnly[DeliveryAction]
    warehouse: ReadOnly[str]
    lines: ReadOnly[Sequence[DeliveryLine]]
    carrier: ReadOnly[str]
    collect_minor: ReadOnly[int | None]
    currency: ReadOnly[str]
    receiver: ReadOnly[Receiver | None]
    placed_at_ms: ReadOnly[int]
    paid_at_ms: ReadOnly[int | None]
    ship_by_ms: ReadOnly[int]
    allocated_at_ms: ReadOnly[int]
    wms_id: ReadOnly[str]
    attempt: ReadOnly[int]
    again: ReadOnly[bool]
    by: ReadOnly[str]
    requested_at_ms: ReadOnly[int]
    merged: ReadOnly[Merged | None]


class DeliveryResult(TypedDict):
    """The answer to a DeliveryRequest."""

    request_id: ReadOnly[str]
    order_id: ReadOnly[str]
    delivery_id: ReadOnly[str]
    action: ReadOnly[DeliveryAction]
    outcome: ReadOnly[DeliveryOutcome]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    wms_id: ReadOnly[str]
    at_ms: ReadOnly[int]


class Duplicate(TypedDict):
    """A channel event recognised as nothing new: recorded, without effect."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    kind: ReadOnly[DuplicateKind]
    version: ReadOnly[int]
    first_source: ReadOnly[Source]
    read_again: ReadOnly[bool]
    received_at_ms: ReadOnly[int]
    source: ReadOnly[Source]
    aftersale_id: ReadOnly[str]


class Expire(TypedDict):
    """The reservation's time is over: as Release, asked for by the inventory's own timer."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class ForgetStock(TypedDict):
    """The order waits no longer: cancelled, changed or served."""

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class Freeze(TypedDict):
    """Keep pieces of a pool for an order line before its goods are there; who is too late waits in turn. Asked again
    once the balance is paid, it keeps them for good.
    """

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    channel: ReadOnly[str]
    quantity: ReadOnly[int]
    hard: ReadOnly[bool]
    placed_at_ms: ReadOnly[int]
    requested_at_ms: ReadOnly[int]


class FreezeAnswered(TypedDict):
    """The answer to Freeze: kept, or not yet and why, with the pool's figures after it."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    answer: ReadOnly[FreezeAnswer]
    expires_at_ms: ReadOnly[int | None]
    told: ReadOnly[PoolTold]
    at_ms: ReadOnly[int]


class HealthCheck(TypedDict):
    """One look at one interface: whether it answered, how fast, and if not, why."""

    interface: ReadOnly[str]
    kind: ReadOnly[str]
    checked_at_ms: ReadOnly[int]
    healthy: ReadOnly[bool]
    changed: ReadOnly[bool]
    took_ms: ReadOnly[int]
    error: ReadOnly[str]


class ListingPlace(TypedDict):
    """Where a shop shows a SKU, and by which rule: a row of a document of listings."""

    place: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    item: ReadOnly[str]
    variant: ReadOnly[str]
    location: ReadOnly[str]
    warehouses: ReadOnly[Sequence[str]]
    share: ReadOnly[int]
    buffer: ReadOnly[int]
    cap: ReadOnly[int | None]
    close_at: ReadOnly[int]
    open_at: ReadOnly[int]
    every_ms: ReadOnly[int]
    held: ReadOnly[bool]


class ListSku(TypedDict):
    """Which shops show a SKU, whose part it is, and of what it is made: all of it, in place of what was said before."""

    command_id: ReadOnly[str]
    sku: ReadOnly[str]
    parts: ReadOnly[Sequence[BundlePart]]
    bundles: ReadOnly[Sequence[str]]
    places: ReadOnly[Sequence[ListingPlace]]
    requested_at_ms: ReadOnly[int]


class ListingCommand(TypedDict):
    """An operator has a quantity told anew."""

    command_id: ReadOnly[str]
    sku: ReadOnly[str]
    place: ReadOnly[str]
    by: ReadOnly[str]
    reason: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class ListingDead(TypedDict):
    """A quantity was given up: it wants a person."""

    sku: ReadOnly[str]
    place: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    number: ReadOnly[int]
    quantity: ReadOnly[int]
    attempts: ReadOnly[int]
    outcome: ReadOnly[ListingOutcome]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]


class ListingRequest(TypedDict):
    """A quantity to be shown by a shop."""

    request_id: ReadOnly[str]
    sku: ReadOnly[str]
    number: ReadOnly[int]
    place: ReadOnly[ListingPlace]
    quantity: ReadOnly[int]
    told: ReadOnly[int | None]
    attempt: ReadOnly[int]
    again: ReadOnly[bool]
    changed_at_ms: ReadOnly[int]
    due_ms: ReadOnly[int]
    by: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class ListingResult(TypedDict):
    """The answer to a ListingRequest."""

    request_id: ReadOnly[str]
    sku: ReadOnly[str]
    place: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    number: ReadOnly[int]
    quantity: ReadOnly[int]
    outcome: ReadOnly[ListingOutcome]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]


class ListingSeen(TypedDict):
    """What a shop shows, as it says when it is asked."""

    sku: ReadOnly[str]
    place: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    number: ReadOnly[int]
    quantity: ReadOnly[int]
    by: ReadOnly[str]
    at_ms: ReadOnly[int]


class SkuStock(TypedDict):
    """Balances of a SKU as a listing reckons with them: those of its Availability."""

    sku: ReadOnly[str]
    version: ReadOnly[int]
    levels: ReadOnly[Sequence[StockLevel]]
    pool: ReadOnly[Pool | None]


class ListingPending(TypedDict):
    """A request without an answer."""

    number: ReadOnly[int]
    quantity: ReadOnly[int]


class Listed(TypedDict):
    """One place and what it shows."""

    place: ReadOnly[ListingPlace]
    phase: ReadOnly[ListingPhase]
    open: ReadOnly[bool]
    wanted: ReadOnly[int | None]
    changed_at_ms: ReadOnly[int]
    told: ReadOnly[int | None]
    told_at_ms: ReadOnly[int]
    sent: ReadOnly[int | None]
    sent_at_ms: ReadOnly[int]
    number: ReadOnly[int]
    pending: ReadOnly[Sequence[ListingPending]]
    doubt: ReadOnly[bool]
    attempt: ReadOnly[int]
    outcome: ReadOnly[ListingOutcome | None]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    next_at_ms: ReadOnly[int | None]
    seen: ReadOnly[int | None]
    seen_at_ms: ReadOnly[int]
    differs: ReadOnly[int]
    by: ReadOnly[str]


class Listings(TypedDict):
    """What is known of a SKU on the channels (table `listings`), and where it stands there."""

    sku: ReadOnly[str]
    stock: ReadOnly[SkuStock | None]
    parts: ReadOnly[Sequence[BundlePart]]
    part_stocks: ReadOnly[Sequence[SkuStock]]
    bundles: ReadOnly[Sequence[str]]
    listed: ReadOnly[Sequence[Listed]]
    pool_at_ms: ReadOnly[int | None]
    commands: ReadOnly[Sequence[str]]


class LogisticsTrace(TypedDict):
    """A step of a parcel's way, as a logistics provider tells it."""

    trace_id: ReadOnly[str]
    order_id: ReadOnly[str]
    shipment_id: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    state: ReadOnly[str]
    text: ReadOnly[str]
    occurred_at_ms: ReadOnly[int]
    provider: ReadOnly[str]
    received_at_ms: ReadOnly[int]


class MergeAnswer(TypedDict):
    """What the owner of a merge group tells one of its orders."""

    order_id: ReadOnly[str]
    kind: ReadOnly[MergeAnswerKind]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    code: ReadOnly[str]
    orders: ReadOnly[Sequence[str]]
    until_ms: ReadOnly[int]
    at_ms: ReadOnly[int]


class MergeMember(TypedDict):
    """One of its orders."""

    order_id: ReadOnly[str]
    until_ms: ReadOnly[int]
    ready: ReadOnly[bool]


class MergeBatch(TypedDict):
    """Those of one window."""

    phase: ReadOnly[MergePhase]
    closes_ms: ReadOnly[int]
    members: ReadOnly[Sequence[MergeMember]]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]


class MergeGroup(TypedDict):
    """Orders that may leave as one parcel and wait for each other (table `merging`, key group)."""

    group: ReadOnly[str]
    batches: ReadOnly[Sequence[MergeBatch]]


class MergeRequest(TypedDict):
    """What an order tells the owner of its merge group: it waits for companions, is reserved, or goes its own way."""

    group: ReadOnly[str]
    order_id: ReadOnly[str]
    kind: ReadOnly[MergeRequestKind]
    until_ms: ReadOnly[int]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    at_ms: ReadOnly[int]


class OperatorDecision(TypedDict):
    """What an operator decided about an order."""

    decision_id: ReadOnly[str]
    order_id: ReadOnly[str]
    action: ReadOnly[OperatorAction]
    by: ReadOnly[str]
    reason: ReadOnly[str]
    decided_at_ms: ReadOnly[int]
    task: ReadOnly[str]
    roles: ReadOnly[Sequence[str]]


class OrderLine(TypedDict):
    """One line of goods; gifts are lines, freight is not. To be sent: quantity - cancelled - shipped, where this
    merchant sends it.
    """

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    title: ReadOnly[str]
    quantity: ReadOnly[int]
    unit_price_minor: ReadOnly[int]
    returned_quantity: ReadOnly[int]
    shipped_quantity: ReadOnly[int]
    cancelled_quantity: ReadOnly[int]
    asked_back_quantity: ReadOnly[int]
    sent_by: ReadOnly[Sender]
    sender: ReadOnly[str]
    bundle_line_no: ReadOnly[str]


class Order(TypedDict):
    """An order in canonical form: accepted, or an update to one accepted before."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    version: ReadOnly[int]
    fingerprint: ReadOnly[bytes]
    status: ReadOnly[OrderStatus]
    hold_reason: ReadOnly[str | None]
    currency: ReadOnly[str]
    total_minor: ReadOnly[int]
    placed_at_ms: ReadOnly[int]
    paid_at_ms: ReadOnly[int | None]
    ship_by_ms: ReadOnly[int | None]
    not_before_ms: ReadOnly[int | None]
    collect_minor: ReadOnly[int | None]
    receiver: ReadOnly[Receiver]
    lines: ReadOnly[Sequence[OrderLine]]
    attributes: ReadOnly[Mapping[str, str]]
    received_at_ms: ReadOnly[int]
    source: ReadOnly[Source]
    correction_id: ReadOnly[str]
    receiver_from: ReadOnly[str]
    platform_receiver: ReadOnly[Receiver | None]


class AllocatedPart(TypedDict):
    """A line, or a share of it, reserved at one warehouse."""

    reservation_id: ReadOnly[str]
    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    collect_minor: ReadOnly[int | None]
    carrier: ReadOnly[str | None]


class OrderAllocated(TypedDict):
    """Every line of the order is reserved; warehouses may pick."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_version: ReadOnly[int]
    attempt: ReadOnly[int]
    rounds: ReadOnly[int]
    parts: ReadOnly[Sequence[AllocatedPart]]
    trace: ReadOnly[DecisionTrace]
    received_at_ms: ReadOnly[int]
    decided_at_ms: ReadOnly[int]
    collect_minor: ReadOnly[int | None]
    merged: ReadOnly[Merged | None]


class OrderBackordered(TypedDict):
    """Stock cannot cover the order now; nothing is reserved, it waits for what is missing."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_version: ReadOnly[int]
    attempt: ReadOnly[int]
    rounds: ReadOnly[int]
    missing: ReadOnly[Sequence[Missing]]
    reason: ReadOnly[str]
    trace: ReadOnly[DecisionTrace]
    received_at_ms: ReadOnly[int]
    decided_at_ms: ReadOnly[int]


class StateLine(TypedDict):
    """What the saga needs of an order line."""

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    returned_quantity: ReadOnly[int]
    restocked_quantity: ReadOnly[int]
    cancelled_quantity: ReadOnly[int]
    shipped_quantity: ReadOnly[int]
    asked_back_quantity: ReadOnly[int]
    sent_by: ReadOnly[Sender]
    bundle_line_no: ReadOnly[str]
    elsewhere_quantity: ReadOnly[int]
    unit_price_minor: ReadOnly[int]


class PartOfPool(TypedDict):
    """What a part has of a pool. At no warehouse its goods are not there yet."""

    hard: ReadOnly[bool]
    waits: ReadOnly[bool]


class Part(TypedDict):
    """One reservation of the current attempt."""

    reservation_id: ReadOnly[str]
    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    state: ReadOnly[PartState]
    collect_minor: ReadOnly[int | None]
    carrier: ReadOnly[str | None]
    pool: ReadOnly[PartOfPool | None]


class TakenParcel(TypedDict):
    """What a parcel carried, as far as no reservation of the order has met it."""

    shipment_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    lines: ReadOnly[Sequence[ParcelLine]]


class KnownAfterSale(TypedDict):
    """What the saga needs of an after-sale."""

    aftersale_id: ReadOnly[str]
    version: ReadOnly[int]
    kind: ReadOnly[AfterSaleKind]
    state: ReadOnly[AfterSaleState]
    whole: ReadOnly[bool | None]
    before_shipping: ReadOnly[bool | None]
    lines: ReadOnly[Sequence[ParcelLine]]
    cancels: ReadOnly[Sequence[ParcelLine]]
    unclear: ReadOnly[str]
    released: ReadOnly[bool]


class RoutingFacts(TypedDict):
    """What rule documents may ask of an order beside what its saga needs."""

    currency: ReadOnly[str]
    total_minor: ReadOnly[int]
    placed_at_ms: ReadOnly[int]
    paid_at_ms: ReadOnly[int | None]
    province: ReadOnly[str]
    city: ReadOnly[str]
    district: ReadOnly[str]
    town: ReadOnly[str]


class FlowVisits(TypedDict):
    """How often an order came to a node that has a limit."""

    node: ReadOnly[str]
    count: ReadOnly[int]


class FlowField(TypedDict):
    """A field of the merchant's own: a text, a number, or yes or no."""

    name: ReadOnly[str]
    text: ReadOnly[str | None]
    number: ReadOnly[int | None]
    yes_no: ReadOnly[bool | None]


class OrderFlow(TypedDict):
    """Where an order stands in the flow that it follows, and what that has made of it."""

    document: ReadOnly[str]
    version: ReadOnly[int]
    digest: ReadOnly[str]
    at: ReadOnly[str]
    since_ms: ReadOnly[int]
    due_ms: ReadOnly[int | None]
    closed: ReadOnly[bool]
    arrivals: ReadOnly[int]
    asked_by: ReadOnly[str]
    votes: ReadOnly[Sequence[str]]
    visits: ReadOnly[Sequence[FlowVisits]]
    tags: ReadOnly[Sequence[str]]
    priority: ReadOnly[int | None]
    fields: ReadOnly[Sequence[FlowField]]
    routed: ReadOnly[bool]
    hold: ReadOnly[str]
    claimed_by: ReadOnly[str]


class OrderMerge(TypedDict):
    """Whether the order waits for companions of its receiver, and what came of it. It waits once in its life."""

    stage: ReadOnly[MergeStage]
    group: ReadOnly[str]
    window_ms: ReadOnly[int]
    until_ms: ReadOnly[int]
    attempt: ReadOnly[int]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    code: ReadOnly[str]
    orders: ReadOnly[Sequence[str]]
    why: ReadOnly[str]


class OrderState(TypedDict):
    """The saga of one order (table `order_state`, key order id)."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_version: ReadOnly[int]
    phase: ReadOnly[Phase]
    hold_released: ReadOnly[bool]
    province: ReadOnly[str]
    country: ReadOnly[str]
    lines: ReadOnly[Sequence[StateLine]]
    attempt: ReadOnly[int]
    round: ReadOnly[int]
    parts: ReadOnly[Sequence[Part]]
    trace: ReadOnly[DecisionTrace | None]
    received_at_ms: ReadOnly[int]
    shipments: ReadOnly[Sequence[str]]
    shipped_warehouses: ReadOnly[Sequence[str]]
    waiting: ReadOnly[Sequence[str]]
    status: ReadOnly[OrderStatus | None]
    hold_reason: ReadOnly[str]
    since_ms: ReadOnly[int]
    not_before_ms: ReadOnly[int | None]
    ship_by_ms: ReadOnly[int | None]
    collect_minor: ReadOnly[int | None]
    receiver_mark: ReadOnly[str]
    cancelled_by_operator: ReadOnly[bool | None]
    parcels: ReadOnly[Sequence[TakenParcel]]
    returns: ReadOnly[Sequence[str]]
    aftersales: ReadOnly[Sequence[KnownAfterSale]]
    platform_hold: ReadOnly[str]
    released_reasons: ReadOnly[str]
    receipts: ReadOnly[Sequence[TakenParcel]]
    held_by: ReadOnly[str]
    decisions: ReadOnly[Sequence[str]]
    routing: ReadOnly[RoutingFacts | None]
    decided_by: ReadOnly[DecidedBy | None]
    placed_at_ms: ReadOnly[int | None]
    flow: ReadOnly[OrderFlow | None]
    merge: ReadOnly[OrderMerge | None]


class OrderStatusChanged(TypedDict):
    """The order entered another phase of its saga."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    status: ReadOnly[Phase]
    reason: ReadOnly[str]
    order_version: ReadOnly[int]
    at_ms: ReadOnly[int]
    trouble: ReadOnly[str]
    cause: ReadOnly[str]
    refused: ReadOnly[bool]


class PartStock(TypedDict):
    """The stock of a part, told to the bundle that has it."""

    sku: ReadOnly[str]
    stock: ReadOnly[SkuStock]


class PersonForgotten(TypedDict):
    """That the person whom an order tells of is to be forgotten: whatever keeps or writes records of the order leaves
    its personal fields empty.
    """

    order_id: ReadOnly[str]
    by: ReadOnly[str]
    reason: ReadOnly[str]
    forgotten_at_ms: ReadOnly[int]


class PoolAlert(TypedDict):
    """A pool is nearly sold out, sold out, or has pieces again."""

    sku: ReadOnly[str]
    pool: ReadOnly[str]
    kind: ReadOnly[PoolAlertKind]
    cap: ReadOnly[int]
    sold: ReadOnly[int]
    frozen: ReadOnly[int]
    waiting: ReadOnly[int]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]


class PoolServed(TypedDict):
    """A reservation of a pool has come further by itself: it waited and is frozen, or its goods are there and it stands
    at their warehouse.
    """

    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    pool: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    rest_id: ReadOnly[str]
    rest_quantity: ReadOnly[int]
    at_ms: ReadOnly[int]


class PullMark(TypedDict):
    """How far a channel's changes have been pulled for one shop: all that changed before it is in Kafka."""

    source: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    until_ms: ReadOnly[int]
    orders: ReadOnly[int]
    at_ms: ReadOnly[int]


class Receive(TypedDict):
    """Goods arrived at a warehouse: on_hand rises."""

    command_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    requested_at_ms: ReadOnly[int]


class ReceiverCorrected(TypedDict):
    """A person said to whom an order goes, instead of whom its platform shows; or takes that back."""

    correction_id: ReadOnly[str]
    order_id: ReadOnly[str]
    receiver: ReadOnly[Receiver | None]
    of: ReadOnly[Source]
    event: ReadOnly[bytes]
    by: ReadOnly[str]
    reason: ReadOnly[str]
    decided_at_ms: ReadOnly[int]


class Release(TypedDict):
    """Give a reservation back to sale: order cancelled, changed or replanned."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int | None]
    rest_id: ReadOnly[str]
    reason: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class ReportSetAside(TypedDict):
    """A report of a warehouse's system that has no effect: it contradicts what is known, and wants a person."""

    order_id: ReadOnly[str]
    system: ReadOnly[str]
    warehouse: ReadOnly[str]
    kind: ReadOnly[ReportKind]
    report_id: ReadOnly[str]
    delivery_id: ReadOnly[str]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]
    body: ReadOnly[bytes]


class Drawn(TypedDict):
    """Pieces of one part of a pool."""

    part: ReadOnly[str]
    units: ReadOnly[int]


class OfPool(TypedDict):
    """What a reservation has of a pool. RESERVED at no warehouse is frozen; REJECTED and waiting is waiting."""

    name: ReadOnly[str]
    channel: ReadOnly[str]
    turn: ReadOnly[int]
    hard: ReadOnly[bool]
    waits: ReadOnly[bool]
    drawn: ReadOnly[Sequence[Drawn]]


class Reservation(TypedDict):
    """One reservation and how it ended (table `reservations`, key reservation id): the stored answer to every
    repetition.
    """

    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    state: ReadOnly[ReservationState]
    expires_at_ms: ReadOnly[int | None]
    command_id: ReadOnly[str]
    resolved_by: ReadOnly[str | None]
    pool: ReadOnly[OfPool | None]


class ReservationRejected(TypedDict):
    """The reservation was refused for lack of stock; carries the fresh numbers to plan again with."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    shortfall: ReadOnly[int]
    levels: ReadOnly[Sequence[StockLevel]]
    at_ms: ReadOnly[int]


class ReservationResolved(TypedDict):
    """The answer to Commit, Release or Expire: done now, done before, or nothing to resolve."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    answer: ReadOnly[Answer]
    at_ms: ReadOnly[int]


class Reserve(TypedDict):
    """Promise units to an order line: granted when quantity <= sellable, else rejected with fresh numbers."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    expires_at_ms: ReadOnly[int | None]
    requested_at_ms: ReadOnly[int]


class Reserved(TypedDict):
    """The reservation was granted."""

    command_id: ReadOnly[str]
    reservation_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    at_ms: ReadOnly[int]


class Restock(TypedDict):
    """A shipped order's return came back to the shelf: on_hand rises."""

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    requested_at_ms: ReadOnly[int]


class ReturnedLine(TypedDict):
    """Units of a SKU that came back in one condition."""

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    grade: ReadOnly[ReturnGrade]


class ReturnReceived(TypedDict):
    """Goods came back to a warehouse and were counted there: from now on, and not before, they may be sold again."""

    return_id: ReadOnly[str]
    order_id: ReadOnly[str]
    shipment_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    lines: ReadOnly[Sequence[ReturnedLine]]
    received_at_ms: ReadOnly[int]


class Reason(TypedDict):
    """One thing wrong with the event, and what would put it right."""

    code: ReadOnly[str]
    field: ReadOnly[str]
    value: ReadOnly[str]
    fix: ReadOnly[str]


class Review(TypedDict):
    """A channel event that could not become an Order: every reason found, and the original bytes to correct and submit
    again.
    """

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    reasons: ReadOnly[Sequence[Reason]]
    event: ReadOnly[bytes]
    received_at_ms: ReadOnly[int]
    source: ReadOnly[Source]


class StandingCorrection(TypedDict):
    """What people said last about to whom an order goes."""

    correction_id: ReadOnly[str]
    receiver: ReadOnly[Receiver | None]
    replaced: ReadOnly[str]
    disputed: ReadOnly[str]
    disputes: ReadOnly[int]
    decided_at_ms: ReadOnly[int]


class Seen(TypedDict):
    """Dedup's memory of an order (table `seen`, key order id): the last judged content and what became of it."""

    outcome: ReadOnly[SeenOutcome]
    version: ReadOnly[int]
    fingerprint: ReadOnly[bytes]
    source: ReadOnly[Source]
    rules: ReadOnly[int]
    correction: ReadOnly[StandingCorrection | None]


class SetPool(TypedDict):
    """A document of pools has become the live one: what may be sold of a SKU before it is there."""

    command_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    pool: ReadOnly[Pool]
    requested_at_ms: ReadOnly[int]


class SetSafetyStock(TypedDict):
    """Change how many units of a SKU a warehouse holds back from sale."""

    command_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    quantity: ReadOnly[int]
    requested_at_ms: ReadOnly[int]


class Shipped(TypedDict):
    """A parcel left a warehouse, as the WMS tells it; commits that warehouse's part of the order."""

    shipment_id: ReadOnly[str]
    order_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    shipped_at_ms: ReadOnly[int]
    lines: ReadOnly[Sequence[ParcelLine]]


class WaitingOrder(TypedDict):
    """One backordered order in the queue for a SKU."""

    order_id: ReadOnly[str]
    quantity: ReadOnly[int]


class Stock(TypedDict):
    """The balance of a SKU over all warehouses and who waits for it (table `stock`, key sku)."""

    sku: ReadOnly[str]
    version: ReadOnly[int]
    levels: ReadOnly[Sequence[StockLevel]]
    waiting: ReadOnly[Sequence[WaitingOrder]]
    pool: ReadOnly[Pool | None]


class StockAlert(TypedDict):
    """Sale of a SKU at a warehouse closed or reopened at its safety stock, which is 0 where none is set."""

    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    kind: ReadOnly[AlertKind]
    sellable: ReadOnly[int]
    safety_stock: ReadOnly[int]
    at_ms: ReadOnly[int]


class StockArrived(TypedDict):
    """Stock a backordered order waits for became sellable; the order has left the queue and plans anew."""

    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    levels: ReadOnly[Sequence[StockLevel]]
    at_ms: ReadOnly[int]


class StockCommandAnswered(TypedDict):
    """The answer to Receive, Adjust, Restock or SetSafetyStock."""

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    answer: ReadOnly[StockAnswer]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]


class Task(TypedDict):
    """What an order's flow asks of a person, or has somebody told, and where it stands; the newest record of a task
    says it.
    """

    task_id: ReadOnly[str]
    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    kind: ReadOnly[TaskKind]
    state: ReadOnly[TaskState]
    document: ReadOnly[str]
    version: ReadOnly[int]
    node: ReadOnly[str]
    reason: ReadOnly[str]
    role: ReadOnly[str]
    by: ReadOnly[str]
    text: ReadOnly[str]
    persons: ReadOnly[int]
    not_by: ReadOnly[str]
    votes: ReadOnly[Sequence[str]]
    claimed_by: ReadOnly[str]
    answered_by: ReadOnly[str]
    because: ReadOnly[str]
    opened_at_ms: ReadOnly[int]
    due_at_ms: ReadOnly[int | None]
    at_ms: ReadOnly[int]


class Transfer(TypedDict):
    """Units are at another warehouse now: both balances change in one step; refused when the first one's would break 0
    <= reserved <= on_hand.
    """

    command_id: ReadOnly[str]
    sku: ReadOnly[str]
    warehouse: ReadOnly[str]
    to: ReadOnly[str]
    quantity: ReadOnly[int]
    requested_at_ms: ReadOnly[int]


class Warehouse(TypedDict):
    """A warehouse and its limits, as planners see it (compacted: the newest per warehouse stays)."""

    warehouse: ReadOnly[str]
    name: ReadOnly[str]
    province: ReadOnly[str]
    latitude: ReadOnly[float]
    longitude: ReadOnly[float]
    max_open_units: ReadOnly[int | None]
    enabled: ReadOnly[bool]
    priority: ReadOnly[int]
    version: ReadOnly[int]


class ReportedParcel(TypedDict):
    """A parcel that left."""

    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    weight_g: ReadOnly[int]
    lines: ReadOnly[Sequence[ParcelLine]]


class ReportedUnits(TypedDict):
    """Units that were counted, or that changed."""

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    condition: ReadOnly[str]
    cause: ReadOnly[str]


class WarehouseReport(TypedDict):
    """What a warehouse's system told, as it was accepted: signed, read, and not yet judged."""

    order_id: ReadOnly[str]
    system: ReadOnly[str]
    warehouse: ReadOnly[str]
    kind: ReadOnly[ReportKind]
    report_id: ReadOnly[str]
    digest: ReadOnly[str]
    delivery_id: ReadOnly[str]
    status: ReadOnly[str]
    final: ReadOnly[bool]
    parcels: ReadOnly[Sequence[ReportedParcel]]
    units: ReadOnly[Sequence[ReportedUnits]]
    page: ReadOnly[int]
    pages: ReadOnly[int]
    happened_at_ms: ReadOnly[int]
    received_at_ms: ReadOnly[int]
    body: ReadOnly[bytes]


class ToCollect(TypedDict):
    """Units of a line that no parcel has been heard of with yet, and what is collected for them."""

    line_no: ReadOnly[str]
    sku: ReadOnly[str]
    quantity: ReadOnly[int]
    collect_minor: ReadOnly[int]


class WarehousePart(TypedDict):
    """What one warehouse ships of the order, by the last allocation."""

    warehouse: ReadOnly[str]
    attempt: ReadOnly[int]
    lines: ReadOnly[Sequence[ParcelLine]]
    to_collect: ReadOnly[Sequence[ToCollect]]
    carrier: ReadOnly[str | None]


class Parcel(TypedDict):
    """One shipment and where its writeback stands."""

    shipment_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    lines: ReadOnly[Sequence[ParcelLine]]
    shipped_at_ms: ReadOnly[int]
    phase: ReadOnly[WritebackPhase]
    parcel_no: ReadOnly[int]
    attempt: ReadOnly[int]
    requests: ReadOnly[int]
    outcome: ReadOnly[WritebackOutcome | None]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    next_at_ms: ReadOnly[int | None]
    held_since_ms: ReadOnly[int | None]
    warned: ReadOnly[bool]
    by: ReadOnly[str]
    collect_minor: ReadOnly[int | None]


class Writeback(TypedDict):
    """What the writeback stage knows of one order and its parcels (table `writebacks`, key order id)."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    order_version: ReadOnly[int]
    status: ReadOnly[OrderStatus]
    hold_reason: ReadOnly[str | None]
    ship_by_ms: ReadOnly[int | None]
    paid_at_ms: ReadOnly[int | None]
    collect_minor: ReadOnly[int | None]
    currency: ReadOnly[str]
    receiver: ReadOnly[Receiver | None]
    lines: ReadOnly[Sequence[ParcelLine]]
    shared: ReadOnly[bool]
    bundles: ReadOnly[Mapping[str, str]]
    parts: ReadOnly[Sequence[WarehousePart]]
    parcels: ReadOnly[Sequence[Parcel]]
    commands: ReadOnly[Sequence[str]]


class WritebackChanged(TypedDict):
    """A parcel's writeback entered another phase."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    shipment_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    phase: ReadOnly[WritebackPhase]
    attempt: ReadOnly[int]
    requests: ReadOnly[int]
    outcome: ReadOnly[WritebackOutcome | None]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    ship_by_ms: ReadOnly[int]
    shipped_at_ms: ReadOnly[int]
    next_at_ms: ReadOnly[int | None]
    held_since_ms: ReadOnly[int | None]
    at_ms: ReadOnly[int]


class WritebackCommand(TypedDict):
    """What an operator decided about a parcel's writeback."""

    command_id: ReadOnly[str]
    order_id: ReadOnly[str]
    shipment_id: ReadOnly[str]
    action: ReadOnly[WritebackAction]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    by: ReadOnly[str]
    reason: ReadOnly[str]
    decided_at_ms: ReadOnly[int]


class WritebackDead(TypedDict):
    """A parcel's writeback that was given up: a person must look at it."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    shipment_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    attempts: ReadOnly[int]
    outcome: ReadOnly[WritebackOutcome]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    ship_by_ms: ReadOnly[int]
    at_ms: ReadOnly[int]


class WritebackDeadlineNear(TypedDict):
    """A parcel left the warehouse, and the platform's deadline is near without its number written back."""

    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    shipment_id: ReadOnly[str]
    phase: ReadOnly[WritebackPhase]
    ship_by_ms: ReadOnly[int]
    reason: ReadOnly[str]
    at_ms: ReadOnly[int]


class WritebackRequest(TypedDict):
    """A tracking number to be told to the order's platform."""

    request_id: ReadOnly[str]
    order_id: ReadOnly[str]
    channel: ReadOnly[str]
    shop: ReadOnly[str]
    order_no: ReadOnly[str]
    shipment_id: ReadOnly[str]
    warehouse: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    lines: ReadOnly[Sequence[ParcelLine]]
    parcel_no: ReadOnly[int]
    whole_order: ReadOnly[bool]
    collect_minor: ReadOnly[int | None]
    parcel_collect_minor: ReadOnly[int | None]
    currency: ReadOnly[str]
    receiver: ReadOnly[Receiver | None]
    attempt: ReadOnly[int]
    ship_by_ms: ReadOnly[int]
    shipped_at_ms: ReadOnly[int]
    by: ReadOnly[str]
    requested_at_ms: ReadOnly[int]


class WritebackResult(TypedDict):
    """The answer to a WritebackRequest."""

    request_id: ReadOnly[str]
    order_id: ReadOnly[str]
    shipment_id: ReadOnly[str]
    outcome: ReadOnly[WritebackOutcome]
    code: ReadOnly[str]
    reason: ReadOnly[str]
    carrier: ReadOnly[str]
    tracking_no: ReadOnly[str]
    retry_after_ms: ReadOnly[int | None]
    held: ReadOnly[bool]
    at_ms: ReadOnly[int]
