"""Every field that holds text is decided: it is marked personal in its schema, or stands here as one that never tells of a person."""

from __future__ import annotations

from tests.personal.filled import fields

#: Ids, codes and names of things, wherever they stand.
NOBODYS = frozenset(
    {
        *(
            "order_id",
            "order_no",
            "channel",
            "shop",
            "sku",
            "warehouse",
            "carrier",
            "tracking_no",
            "currency",
            "country",
        ),
        *("line_no", "bundle_line_no", "aftersale_id", "shipment_id", "return_id", "reservation_id", "command_id"),
        *(
            "event_id",
            "notice_id",
            "check_id",
            "decision_id",
            "correction_id",
            "receiver_from",
            "entry_id",
            "trace_id",
            "request_id",
            "rest_id",
        ),
        *("delivery_id", "report_id", "wms_id", "system"),
        *("correlation_id", "reservation_ids", "shipments", "shipped_warehouses", "waiting", "returns", "commands"),
        *("fingerprint", "code", "reason_code", "kind", "content_type", "topic", "resolved_by", "trouble", "bundles"),
        # Of a merged parcel: order ids, and a keyed hash.
        *("cause", "decisions", "to", "orders", "group"),
    }
)
#: Which words they may hold, and whose, stands beside each.
DECIDED = {
    # Places as wide as a city, and goods.
    *("Receiver.province", "Receiver.city", "OrderState.province", "Warehouse.province", "Warehouse.name"),
    *("OrderLine.title", "OrderLine.sender", "TraceRound.first_choice"),
    # Words that the hub has a list of, or a platform its codes.
    *("Receiver.forms", "AfterSale.platform_state", "Order.hold_reason", "OrderState.hold_reason"),
    *("OrderState.platform_hold", "OrderState.released_reasons", "Writeback.hold_reason", "KnownAfterSale.unclear"),
    *("ChannelCheck.hub_status", "ChannelCheck.platform_status", "LogisticsTrace.state", "LogisticsTrace.provider"),
    *("Applied.answer", "PullMark.source", "HealthCheck.interface"),
    # A sale and its quotas, as the merchant's document calls them, and the hub's own words with their figures.
    *("Pool.document", "Pool.name", "PoolPart.name", "PoolChain.parts", "OfPool.name", "Drawn.part", "PoolServed.pool"),
    *("PoolTold.pool", "PoolTold.answer", "PoolTold.quotas", "PoolAlert.pool", "PoolAlert.reason"),
    # The hub's own words: of its decisions, never of a payload.
    *("Adjust.reason", "AllocationReleased.reason", "Considered.reason", "OrderBackordered.reason", "Release.reason"),
    *(
        "OrderStatusChanged.reason",
        "OrderMerge.why",
        "StockCommandAnswered.reason",
        "ChannelCheck.reason",
        "HealthCheck.error",
    ),
    *("Parcel.reason", "WritebackChanged.reason", "WritebackDead.reason", "WritebackDeadlineNear.reason"),
    *("WritebackResult.reason", "Reason.field", "Reason.fix"),
    # Operators: their accounts, and why they did it. They are told not to name a buyer (README).
    *(
        "AuditEntry.by",
        "OperatorDecision.by",
        "ReceiverCorrected.by",
        "ReceiverCorrected.reason",
        "PersonForgotten.by",
        "PersonForgotten.reason",
        "Parcel.by",
        "WritebackCommand.by",
        "WritebackRequest.by",
    ),
    *("OrderState.held_by", "AuditEntry.reason", "OperatorDecision.reason", "WritebackCommand.reason"),
    *("AuditEntry.action", "AuditEntry.subject", "AuditEntry.outcome", "AuditEntry.details"),
    *("ConfigDocument.by", "ConfigDocument.note", "ConfigRelease.by", "ConfigRelease.reason"),
    # What a merchant sets: of goods and places; who is on a list of risky buyers stands there as a keyed hash.
    *("ConfigDocument.document", "ConfigDocument.name", "ConfigDocument.digest", "ConfigDocument.text"),
    *("ConfigRelease.document", "ConfigShare.salt", "ReleaseGuard.figure"),
    # What a document decided by, in the words of its merchant and of the hub; of a condition on where somebody lives no fact is kept.
    *(
        "DecidedBy.document",
        "DecidedBy.tables",
        "TracedAttempt.strategy",
        "TracedAttempt.result",
        "TracedAttempt.criteria",
    ),
    *("TracedAttempt.chosen", "TracedAttempt.runner_up", "TracedAttempt.margin_by", "TracedWarehouse.refused"),
    *("TracedWarehouse.text", "TracedPassedOver.strategy", "TracedPassedOver.field", "TracedPassedOver.actual"),
    # Words of a warehouse's system: one each, as PICK or ZP; the hub's own about it; digests, and goods.
    *("WarehouseReport.status", "WarehouseReport.digest", "Delivery.progress", "DeliveryChanged.progress"),
    *("ReportedUnits.condition", "CountedUnits.condition", "Deliveries.reports", "Goods.title", "DeliveryLine.title"),
    *("Delivery.reason", "Delivery.cancel", "DeliveryChanged.reason", "DeliveryDead.reason", "DeliveryResult.reason"),
    *("ReportSetAside.reason", "Delivery.by", "DeliveryRequest.by", "DeliveryCommand.by", "DeliveryCommand.reason"),
    # Stock on the channels: a platform's ids of goods, the hub's own words, accounts of operators.
    *(f"ListingPlace.{name}" for name in ("place", "item", "variant", "location", "warehouses")),
    *(f"{record}.place" for record in ("ListingCommand", "ListingResult", "ListingSeen", "ListingDead")),
    *(f"{record}.reason" for record in ("ListingCommand", "ListingResult", "ListingDead", "Listed")),
    *(f"{record}.by" for record in ("ListingCommand", "ListingRequest", "ListingSeen", "Listed")),
    # An error's kind, never its text.
    *("DecisionCompared.document", "ComparedSide.warehouses", "ComparedSide.error"),
    *("RoutingFacts.province", "RoutingFacts.city"),
    # What a merchant's flow document says, and what its transforms make of the order: of its receiver they are shown the region alone.
    *(f"Task.{name}" for name in ("task_id", "document", "node", "reason", "role", "by", "text")),
    *(f"OrderFlow.{name}" for name in ("document", "digest", "at", "hold", "tags")),
    *("FlowVisits.node", "FlowField.name", "FlowField.text", "OperatorDecision.task", "OperatorDecision.roles"),
    # Accounts of the merchant's own people, and why they decided so, as in the audit.
    *(f"Task.{name}" for name in ("not_by", "votes", "claimed_by", "answered_by", "because")),
    *(f"OrderFlow.{name}" for name in ("asked_by", "votes", "claimed_by")),
}


def test_every_field_that_holds_text_is_decided() -> None:
    undecided = {f"{f.record}.{f.name}" for f in fields() if not f.personal and f.name not in NOBODYS} - DECIDED
    assert not undecided, f'mark them "personal": true in their schemas, or say here why they are not: {undecided}'


def test_nothing_is_decided_twice_or_for_a_field_that_is_gone() -> None:
    there = {f"{f.record}.{f.name}" for f in fields() if not f.personal and f.name not in NOBODYS}
    assert there >= DECIDED, DECIDED - there
    names = {f.name for f in fields()}
    assert names >= NOBODYS, NOBODYS - names
    both = {f"{f.record}.{f.name}" for f in fields() if f.personal and f.name in NOBODYS}
    assert not both
