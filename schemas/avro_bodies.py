"""Records as Avro bodies and back, in their schemas' order.

GENERATED from schemas/*.avsc by `python -m schemas.generate`: edit those. Parts, and what is refused: schemas/avro_parts.py.
"""

# A line a field.
# fmt: off
from __future__ import annotations

from typing import Any

from schemas.avro_parts import (
    FOLLOWS,
    NOT_SMALL,
    NULL,
    SIZE,
    SOME,
    Read,
    Refused,
    Write,
    read_array,
    read_boolean,
    read_bytes,
    read_double,
    read_long,
    read_map,
    read_text,
    write_array,
    write_boolean,
    write_bytes,
    write_double,
    write_int,
    write_long,
    write_map,
    write_text,
)

AFTER_SALE_KIND = {
    "REFUND": b"\x00", "RETURN": b"\x02", "EXCHANGE": b"\x04", "PRICE_PROTECTION": b"\x06", "RESEND": b"\x08",
    "REPAIR": b"\x0a", "OTHER": b"\x0c",
}
AFTER_SALE_KIND_AT = {byte[0]: symbol for symbol, byte in AFTER_SALE_KIND.items()}
AFTER_SALE_STATE = {"OPEN": b"\x00", "DONE": b"\x02", "CLOSED": b"\x04"}
AFTER_SALE_STATE_AT = {byte[0]: symbol for symbol, byte in AFTER_SALE_STATE.items()}
REASON_CLASS = {
    "NOT_RECEIVED": b"\x00", "LATE": b"\x02", "LOST": b"\x04", "DAMAGED": b"\x06", "WRONG_PARCEL": b"\x08",
    "GOODS": b"\x0a", "BUYER": b"\x0c", "OTHER": b"\x0e",
}
REASON_CLASS_AT = {byte[0]: symbol for symbol, byte in REASON_CLASS.items()}
CHECKED_EVENT = {"PAYMENT": b"\x00", "SHIPMENT": b"\x02", "DRIFT": b"\x04"}
CHECKED_EVENT_AT = {byte[0]: symbol for symbol, byte in CHECKED_EVENT.items()}
COMPARED_ROLE = {"SHADOW": b"\x00", "SHARE": b"\x02"}
COMPARED_ROLE_AT = {byte[0]: symbol for symbol, byte in COMPARED_ROLE.items()}
COMPARED_EFFECT = {"STANDS": b"\x00", "TRIED": b"\x02", "NEITHER": b"\x04"}
COMPARED_EFFECT_AT = {byte[0]: symbol for symbol, byte in COMPARED_EFFECT.items()}
COMPARED_OUTCOME = {"ALLOCATED": b"\x00", "BACKORDERED": b"\x02", "UNDECIDED": b"\x04", "FAILED": b"\x06"}
COMPARED_OUTCOME_AT = {byte[0]: symbol for symbol, byte in COMPARED_OUTCOME.items()}
DELIVERY_PHASE = {
    "WAITING": b"\x00", "REQUESTED": b"\x02", "RETRYING": b"\x04", "CREATED": b"\x06", "CANCELLING": b"\x08",
    "CANCELLED": b"\x0a", "TOO_LATE": b"\x0c", "SHIPPED": b"\x0e", "ELSEWHERE": b"\x10", "DEAD": b"\x12",
    "ABANDONED": b"\x14",
}
DELIVERY_PHASE_AT = {byte[0]: symbol for symbol, byte in DELIVERY_PHASE.items()}
DELIVERY_OUTCOME = {
    "DONE": b"\x00", "ALREADY": b"\x02", "RETRYABLE": b"\x04", "REFUSED": b"\x06", "TOO_LATE": b"\x08",
    "UNCONNECTED": b"\x0a",
}
DELIVERY_OUTCOME_AT = {byte[0]: symbol for symbol, byte in DELIVERY_OUTCOME.items()}
DELIVERY_DECISION = {"REDRIVE": b"\x00", "ABANDON": b"\x02"}
DELIVERY_DECISION_AT = {byte[0]: symbol for symbol, byte in DELIVERY_DECISION.items()}
DELIVERY_ACTION = {"CREATE": b"\x00", "CANCEL": b"\x02"}
DELIVERY_ACTION_AT = {byte[0]: symbol for symbol, byte in DELIVERY_ACTION.items()}
DUPLICATE_KIND = {"EXACT": b"\x00", "STALE": b"\x02"}
DUPLICATE_KIND_AT = {byte[0]: symbol for symbol, byte in DUPLICATE_KIND.items()}
FREEZE_ANSWER = {"FROZEN": b"\x00", "POOL_EXHAUSTED": b"\x02", "NO_POOL": b"\x04", "ALREADY_RESOLVED": b"\x06"}
FREEZE_ANSWER_AT = {byte[0]: symbol for symbol, byte in FREEZE_ANSWER.items()}
LISTING_OUTCOME = {
    "DONE": b"\x00", "ALREADY": b"\x02", "SUPERSEDED": b"\x04", "RETRYABLE": b"\x06", "HELD": b"\x08",
    "REFUSED": b"\x0a",
}
LISTING_OUTCOME_AT = {byte[0]: symbol for symbol, byte in LISTING_OUTCOME.items()}
LISTING_PHASE = {
    "UNKNOWN": b"\x00", "WAITING": b"\x02", "REQUESTED": b"\x04", "RETRYING": b"\x06", "SHOWN": b"\x08",
    "DEAD": b"\x0a",
}
LISTING_PHASE_AT = {byte[0]: symbol for symbol, byte in LISTING_PHASE.items()}
MERGE_ANSWER_KIND = {"JOINED": b"\x00", "PLAN": b"\x02", "GO": b"\x04", "ALONE": b"\x06", "LEFT": b"\x08"}
MERGE_ANSWER_KIND_AT = {byte[0]: symbol for symbol, byte in MERGE_ANSWER_KIND.items()}
MERGE_REQUEST_KIND = {"JOIN": b"\x00", "READY": b"\x02", "GONE": b"\x04", "LEAVE": b"\x06"}
MERGE_REQUEST_KIND_AT = {byte[0]: symbol for symbol, byte in MERGE_REQUEST_KIND.items()}
OPERATOR_ACTION = {
    "RELEASE_HOLD": b"\x00", "CANCEL": b"\x02", "HOLD": b"\x04", "APPROVE": b"\x06", "REFUSE": b"\x08",
    "CLAIM": b"\x0a",
}
OPERATOR_ACTION_AT = {byte[0]: symbol for symbol, byte in OPERATOR_ACTION.items()}
ORDER_STATUS = {"UNPAID": b"\x00", "PAID": b"\x02", "HOLD": b"\x04", "SHIPPED": b"\x06", "CANCELLED": b"\x08"}
ORDER_STATUS_AT = {byte[0]: symbol for symbol, byte in ORDER_STATUS.items()}
SENDER = {"MERCHANT": b"\x00", "PLATFORM": b"\x02", "SUPPLIER": b"\x04", "SERVICE": b"\x06", "NOBODY": b"\x08"}
SENDER_AT = {byte[0]: symbol for symbol, byte in SENDER.items()}
PHASE = {
    "UNPAID": b"\x00", "HELD": b"\x02", "RESERVING": b"\x04", "ALLOCATED": b"\x06", "BACKORDERED": b"\x08",
    "CANCELLED": b"\x0a", "SHIPPED": b"\x0c", "ELSEWHERE": b"\x0e",
}
PHASE_AT = {byte[0]: symbol for symbol, byte in PHASE.items()}
POOL_ALERT_KIND = {
    "POOL_NEARLY_SOLD": b"\x00", "POOL_SOLD_OUT": b"\x02", "POOL_REOPENED": b"\x04", "POOL_REFUSED": b"\x06",
}
POOL_ALERT_KIND_AT = {byte[0]: symbol for symbol, byte in POOL_ALERT_KIND.items()}
REPORT_KIND = {"LEFT": b"\x00", "RETURNED": b"\x02", "STOCK": b"\x04", "STOCKTAKE": b"\x06", "PROGRESS": b"\x08"}
REPORT_KIND_AT = {byte[0]: symbol for symbol, byte in REPORT_KIND.items()}
ANSWER = {
    "COMMITTED": b"\x00", "RELEASED": b"\x02", "EXPIRED": b"\x04", "ALREADY_COMMITTED": b"\x06",
    "ALREADY_RELEASED": b"\x08", "ALREADY_EXPIRED": b"\x0a", "NEVER_RESERVED": b"\x0c",
}
ANSWER_AT = {byte[0]: symbol for symbol, byte in ANSWER.items()}
RETURN_GRADE = {"SELLABLE": b"\x00", "DEFECTIVE": b"\x02"}
RETURN_GRADE_AT = {byte[0]: symbol for symbol, byte in RETURN_GRADE.items()}
ALERT_KIND = {"SALE_CLOSED": b"\x00", "SALE_REOPENED": b"\x02"}
ALERT_KIND_AT = {byte[0]: symbol for symbol, byte in ALERT_KIND.items()}
STOCK_ANSWER = {"APPLIED": b"\x00", "ALREADY_APPLIED": b"\x02", "REFUSED": b"\x04"}
STOCK_ANSWER_AT = {byte[0]: symbol for symbol, byte in STOCK_ANSWER.items()}
TASK_KIND = {"APPROVE": b"\x00", "HOLD": b"\x02", "NOTIFY": b"\x04"}
TASK_KIND_AT = {byte[0]: symbol for symbol, byte in TASK_KIND.items()}
TASK_STATE = {
    "OPEN": b"\x00", "APPROVED": b"\x02", "REFUSED": b"\x04", "RELEASED": b"\x06", "LATE": b"\x08",
    "WITHDRAWN": b"\x0a", "TOLD": b"\x0c",
}
TASK_STATE_AT = {byte[0]: symbol for symbol, byte in TASK_STATE.items()}
WRITEBACK_PHASE = {
    "WAITING": b"\x00", "REQUESTED": b"\x02", "RETRYING": b"\x04", "WRITTEN": b"\x06", "DEAD": b"\x08",
    "ABANDONED": b"\x0a",
}
WRITEBACK_PHASE_AT = {byte[0]: symbol for symbol, byte in WRITEBACK_PHASE.items()}
WRITEBACK_OUTCOME = {
    "SHIPPED": b"\x00", "ALREADY_SHIPPED": b"\x02", "RETRYABLE": b"\x04", "NUMBER_WRONG": b"\x06",
    "CARRIER_WRONG": b"\x08", "REQUEST_WRONG": b"\x0a", "ORDER_FORBIDS": b"\x0c",
}
WRITEBACK_OUTCOME_AT = {byte[0]: symbol for symbol, byte in WRITEBACK_OUTCOME.items()}
WRITEBACK_ACTION = {"REDRIVE": b"\x00", "ABANDON": b"\x02"}
WRITEBACK_ACTION_AT = {byte[0]: symbol for symbol, byte in WRITEBACK_ACTION.items()}


def write_Adjust(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["delta"]),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_Adjust(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delta, at = read_long(message, at)
    else:
        delta, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "order_id": order_id, "sku": sku, "warehouse": warehouse, "delta": delta,
        "reason": reason, "requested_at_ms": requested_at_ms,
    }, at


def write_ParcelLine(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["line_no"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
    ))


def read_ParcelLine(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        line_no, at = read_text(message, at)
    else:
        line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    return {"line_no": line_no, "sku": sku, "quantity": quantity}, at


def write_Source(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["topic"].encode())], raw,
        write_int(r["partition"]),
        write_long(r["offset"]),
    ))


def read_Source(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        topic, at = read_text(message, at)
    else:
        topic = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        partition, at = read_long(message, at)
    else:
        partition, at = n >> 1, at + 1
    offset, at = read_long(message, at)
    return {"topic": topic, "partition": partition, "offset": offset}, at


def write_AfterSale(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 23:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["aftersale_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        write_long(r["version"]),
        write_bytes(r["fingerprint"]),
        AFTER_SALE_KIND[r["kind"]],
        AFTER_SALE_STATE[r["state"]],
        SIZE[len(raw := r["platform_state"].encode())], raw,
        NULL if (value := r["before_shipping"]) is None else SOME + write_boolean(value),
        NULL if (value := r["received"]) is None else SOME + write_boolean(value),
        SIZE[len(raw := r["currency"].encode())], raw,
        NULL if (value := r["amount_minor"]) is None else SOME + write_long(value),
        NULL if (value := r["whole"]) is None else SOME + write_boolean(value),
        write_array(r["lines"], write_ParcelLine),
        SIZE[len(raw := r["reason"].encode())], raw,
        SIZE[len(raw := r["reason_code"].encode())], raw,
        REASON_CLASS[r["reason_class"]],
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        NULL if (value := r["asked_at_ms"]) is None else SOME + write_long(value),
        write_long(r["received_at_ms"]),
        write_Source(r["source"]),
    ))


def read_AfterSale(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        aftersale_id, at = read_text(message, at)
    else:
        aftersale_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    version, at = read_long(message, at)
    fingerprint, at = read_bytes(message, at)
    kind, at = AFTER_SALE_KIND_AT[message[at]], at + 1
    state, at = AFTER_SALE_STATE_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        platform_state, at = read_text(message, at)
    else:
        platform_state = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    before_shipping, at = read_boolean(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    received, at = read_boolean(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        currency, at = read_text(message, at)
    else:
        currency = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    amount_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    whole, at = read_boolean(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    lines, at = read_array(message, at, read_ParcelLine)
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason_code, at = read_text(message, at)
    else:
        reason_code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    reason_class, at = REASON_CLASS_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    asked_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    received_at_ms, at = read_long(message, at)
    source, at = read_Source(message, at)
    return {
        "aftersale_id": aftersale_id, "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no,
        "version": version, "fingerprint": fingerprint, "kind": kind, "state": state, "platform_state": platform_state,
        "before_shipping": before_shipping, "received": received, "currency": currency, "amount_minor": amount_minor,
        "whole": whole, "lines": lines, "reason": reason, "reason_code": reason_code, "reason_class": reason_class,
        "tracking_no": tracking_no, "asked_at_ms": asked_at_ms, "received_at_ms": received_at_ms, "source": source,
    }, at


def write_AllocationReleased(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_int(r["attempt"]),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_array(r["reservation_ids"], write_text),
        write_long(r["decided_at_ms"]),
    ))


def read_AllocationReleased(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    reservation_ids, at = read_array(message, at, read_text)
    decided_at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "attempt": attempt, "reason": reason,
        "reservation_ids": reservation_ids, "decided_at_ms": decided_at_ms,
    }, at


def write_AuditEntry(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["entry_id"].encode())], raw,
        SIZE[len(raw := r["correlation_id"].encode())], raw,
        write_long(r["at_ms"]),
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["action"].encode())], raw,
        SIZE[len(raw := r["subject"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        SIZE[len(raw := r["outcome"].encode())], raw,
        write_map(r["details"], write_text),
        SIZE[len(raw := r["said"].encode())], raw,
    ))


def read_AuditEntry(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        entry_id, at = read_text(message, at)
    else:
        entry_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        correlation_id, at = read_text(message, at)
    else:
        correlation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        action, at = read_text(message, at)
    else:
        action = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        subject, at = read_text(message, at)
    else:
        subject = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        outcome, at = read_text(message, at)
    else:
        outcome = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    details, at = read_map(message, at, read_text)
    if (n := message[at]) & NOT_SMALL:
        said, at = read_text(message, at)
    else:
        said = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "entry_id": entry_id, "correlation_id": correlation_id, "at_ms": at_ms, "by": by, "action": action,
        "subject": subject, "reason": reason, "outcome": outcome, "details": details, "said": said,
    }, at


def write_StockLevel(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["on_hand"]),
        write_int(r["reserved"]),
        write_int(r["safety_stock"]),
        write_boolean(r["open"]),
    ))


def read_StockLevel(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        on_hand, at = read_long(message, at)
    else:
        on_hand, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        reserved, at = read_long(message, at)
    else:
        reserved, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        safety_stock, at = read_long(message, at)
    else:
        safety_stock, at = n >> 1, at + 1
    open, at = read_boolean(message, at)
    return {
        "warehouse": warehouse, "on_hand": on_hand, "reserved": reserved, "safety_stock": safety_stock, "open": open,
    }, at


def write_PoolPart(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["name"].encode())], raw,
        write_int(r["units"]),
        write_int(r["sold"]),
    ))


def read_PoolPart(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        name, at = read_text(message, at)
    else:
        name = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        units, at = read_long(message, at)
    else:
        units, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        sold, at = read_long(message, at)
    else:
        sold, at = n >> 1, at + 1
    return {"name": name, "units": units, "sold": sold}, at


def write_PoolChain(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["channel"].encode())], raw,
        write_array(r["parts"], write_text),
        write_int(r["waiting"]),
    ))


def read_PoolChain(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    parts, at = read_array(message, at, read_text)
    if (n := message[at]) & NOT_SMALL:
        waiting, at = read_long(message, at)
    else:
        waiting, at = n >> 1, at + 1
    return {"channel": channel, "parts": parts, "waiting": waiting}, at


def write_Pool(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 14:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["document"].encode())], raw,
        SIZE[len(raw := r["name"].encode())], raw,
        write_int(r["cap"]),
        write_int(r["sold"]),
        write_int(r["frozen"]),
        write_int(r["waiting"]),
        write_long(r["turns"]),
        write_long(r["from_ms"]),
        write_long(r["until_ms"]),
        NULL if (value := r["soft_ms"]) is None else SOME + write_long(value),
        write_int(r["near_bp"]),
        write_boolean(r["closed"]),
        write_array(r["parts"], write_PoolPart),
        write_array(r["chains"], write_PoolChain),
    ))


def read_Pool(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        document, at = read_text(message, at)
    else:
        document = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        name, at = read_text(message, at)
    else:
        name = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        cap, at = read_long(message, at)
    else:
        cap, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        sold, at = read_long(message, at)
    else:
        sold, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        frozen, at = read_long(message, at)
    else:
        frozen, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        waiting, at = read_long(message, at)
    else:
        waiting, at = n >> 1, at + 1
    turns, at = read_long(message, at)
    from_ms, at = read_long(message, at)
    until_ms, at = read_long(message, at)
    soft_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        near_bp, at = read_long(message, at)
    else:
        near_bp, at = n >> 1, at + 1
    closed, at = read_boolean(message, at)
    parts, at = read_array(message, at, read_PoolPart)
    chains, at = read_array(message, at, read_PoolChain)
    return {
        "document": document, "name": name, "cap": cap, "sold": sold, "frozen": frozen, "waiting": waiting,
        "turns": turns, "from_ms": from_ms, "until_ms": until_ms, "soft_ms": soft_ms, "near_bp": near_bp,
        "closed": closed, "parts": parts, "chains": chains,
    }, at


def write_Availability(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_long(r["version"]),
        write_array(r["levels"], write_StockLevel),
        NULL if (value := r["pool"]) is None else SOME + write_Pool(value),
    ))


def read_Availability(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    version, at = read_long(message, at)
    levels, at = read_array(message, at, read_StockLevel)
    pool, at = read_Pool(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {"sku": sku, "version": version, "levels": levels, "pool": pool}, at


def write_AwaitStock(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["requested_at_ms"]),
    ))


def read_AwaitStock(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "order_id": order_id, "sku": sku, "quantity": quantity,
        "requested_at_ms": requested_at_ms,
    }, at


def write_BundlePart(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 2:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
    ))


def read_BundlePart(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    return {"sku": sku, "quantity": quantity}, at


def write_Bundle(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_array(r["parts"], write_BundlePart),
        write_long(r["version"]),
    ))


def read_Bundle(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    parts, at = read_array(message, at, read_BundlePart)
    version, at = read_long(message, at)
    return {"sku": sku, "parts": parts, "version": version}, at


def write_ChannelCheck(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 12:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["check_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        CHECKED_EVENT[r["about"]],
        SIZE[len(raw := r["hub_status"].encode())], raw,
        SIZE[len(raw := r["platform_status"].encode())], raw,
        write_boolean(r["agrees"]),
        write_boolean(r["healed"]),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["occurred_at_ms"]),
        write_long(r["at_ms"]),
    ))


def read_ChannelCheck(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        check_id, at = read_text(message, at)
    else:
        check_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    about, at = CHECKED_EVENT_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        hub_status, at = read_text(message, at)
    else:
        hub_status = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        platform_status, at = read_text(message, at)
    else:
        platform_status = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    agrees, at = read_boolean(message, at)
    healed, at = read_boolean(message, at)
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    occurred_at_ms, at = read_long(message, at)
    at_ms, at = read_long(message, at)
    return {
        "check_id": check_id, "order_id": order_id, "channel": channel, "shop": shop, "about": about,
        "hub_status": hub_status, "platform_status": platform_status, "agrees": agrees, "healed": healed,
        "reason": reason, "occurred_at_ms": occurred_at_ms, "at_ms": at_ms,
    }, at


def write_ChannelEvent(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        SIZE[len(raw := r["kind"].encode())], raw,
        SIZE[len(raw := r["event_id"].encode())], raw,
        write_long(r["occurred_at_ms"]),
        write_long(r["received_at_ms"]),
        SIZE[len(raw := r["content_type"].encode())], raw,
        write_bytes(r["payload"]),
    ))


def read_ChannelEvent(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        kind, at = read_text(message, at)
    else:
        kind = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        event_id, at = read_text(message, at)
    else:
        event_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    occurred_at_ms, at = read_long(message, at)
    received_at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        content_type, at = read_text(message, at)
    else:
        content_type = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    payload, at = read_bytes(message, at)
    return {
        "channel": channel, "shop": shop, "order_no": order_no, "kind": kind, "event_id": event_id,
        "occurred_at_ms": occurred_at_ms, "received_at_ms": received_at_ms, "content_type": content_type,
        "payload": payload,
    }, at


def write_ChannelNotice(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["notice_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        SIZE[len(raw := r["kind"].encode())], raw,
        write_long(r["occurred_at_ms"]),
        write_long(r["received_at_ms"]),
        write_bytes(r["payload"]),
        SIZE[len(raw := r["aftersale_id"].encode())], raw,
    ))


def read_ChannelNotice(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        notice_id, at = read_text(message, at)
    else:
        notice_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        kind, at = read_text(message, at)
    else:
        kind = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    occurred_at_ms, at = read_long(message, at)
    received_at_ms, at = read_long(message, at)
    payload, at = read_bytes(message, at)
    if (n := message[at]) & NOT_SMALL:
        aftersale_id, at = read_text(message, at)
    else:
        aftersale_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "notice_id": notice_id, "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no,
        "kind": kind, "occurred_at_ms": occurred_at_ms, "received_at_ms": received_at_ms, "payload": payload,
        "aftersale_id": aftersale_id,
    }, at


def write_Commit(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        NULL if (value := r["quantity"]) is None else SOME + write_int(value),
        SIZE[len(raw := r["rest_id"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_Commit(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    quantity, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        rest_id, at = read_text(message, at)
    else:
        rest_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "quantity": quantity, "rest_id": rest_id, "requested_at_ms": requested_at_ms,
    }, at


def write_ConfigDocument(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["document"].encode())], raw,
        SIZE[len(raw := r["kind"].encode())], raw,
        SIZE[len(raw := r["name"].encode())], raw,
        write_long(r["version"]),
        SIZE[len(raw := r["digest"].encode())], raw,
        SIZE[len(raw := r["text"].encode())], raw,
        SIZE[len(raw := r["note"].encode())], raw,
        write_long(r["at_ms"]),
        SIZE[len(raw := r["by"].encode())], raw,
    ))


def read_ConfigDocument(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        document, at = read_text(message, at)
    else:
        document = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        kind, at = read_text(message, at)
    else:
        kind = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        name, at = read_text(message, at)
    else:
        name = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    version, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        digest, at = read_text(message, at)
    else:
        digest = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        text, at = read_text(message, at)
    else:
        text = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        note, at = read_text(message, at)
    else:
        note = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "document": document, "kind": kind, "name": name, "version": version, "digest": digest, "text": text,
        "note": note, "at_ms": at_ms, "by": by,
    }, at


def write_ReleaseGuard(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["figure"].encode())], raw,
        write_long(r["limit"]),
        write_long(r["sample_min"]),
    ))


def read_ReleaseGuard(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        figure, at = read_text(message, at)
    else:
        figure = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    limit, at = read_long(message, at)
    sample_min, at = read_long(message, at)
    return {"figure": figure, "limit": limit, "sample_min": sample_min}, at


def write_ConfigShare(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        write_long(r["version"]),
        write_int(r["basis_points"]),
        SIZE[len(raw := r["salt"].encode())], raw,
        write_long(r["since_ms"]),
        write_array(r["guards"], write_ReleaseGuard),
    ))


def read_ConfigShare(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    version, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        basis_points, at = read_long(message, at)
    else:
        basis_points, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        salt, at = read_text(message, at)
    else:
        salt = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    since_ms, at = read_long(message, at)
    guards, at = read_array(message, at, read_ReleaseGuard)
    return {"version": version, "basis_points": basis_points, "salt": salt, "since_ms": since_ms, "guards": guards}, at


def write_ConfigRelease(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["document"].encode())], raw,
        NULL if (value := r["live"]) is None else SOME + write_long(value),
        NULL if (value := r["shadow"]) is None else SOME + write_long(value),
        NULL if (value := r["share"]) is None else SOME + write_ConfigShare(value),
        NULL if (value := r["previous"]) is None else SOME + write_long(value),
        write_array(r["withdrawn"], write_long),
        write_long(r["change"]),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
        SIZE[len(raw := r["by"].encode())], raw,
    ))


def read_ConfigRelease(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        document, at = read_text(message, at)
    else:
        document = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    live, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    shadow, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    share, at = read_ConfigShare(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    previous, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    withdrawn, at = read_array(message, at, read_long)
    change, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "document": document, "live": live, "shadow": shadow, "share": share, "previous": previous,
        "withdrawn": withdrawn, "change": change, "reason": reason, "at_ms": at_ms, "by": by,
    }, at


def write_Considered(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["covers"]),
        NULL if (value := r["distance_km"]) is None else SOME + write_double(value),
        write_long(r["open_units"]),
        write_boolean(r["chosen"]),
        SIZE[len(raw := r["reason"].encode())], raw,
    ))


def read_Considered(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        covers, at = read_long(message, at)
    else:
        covers, at = n >> 1, at + 1
    distance_km, at = read_double(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    open_units, at = read_long(message, at)
    chosen, at = read_boolean(message, at)
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "warehouse": warehouse, "covers": covers, "distance_km": distance_km, "open_units": open_units,
        "chosen": chosen, "reason": reason,
    }, at


def write_Missing(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 2:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["shortfall"]),
    ))


def read_Missing(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shortfall, at = read_long(message, at)
    else:
        shortfall, at = n >> 1, at + 1
    return {"sku": sku, "shortfall": shortfall}, at


def write_DecidedBy(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["document"].encode())], raw,
        write_long(r["version"]),
        NULL if (value := r["share"]) is None else SOME + write_int(value),
        write_array(r["tables"], write_text),
    ))


def read_DecidedBy(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        document, at = read_text(message, at)
    else:
        document = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    version, at = read_long(message, at)
    share, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    tables, at = read_array(message, at, read_text)
    return {"document": document, "version": version, "share": share, "tables": tables}, at


def write_TracedWarehouse(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["covers"]),
        SIZE[len(raw := r["refused"].encode())], raw,
        NULL if (value := r["figure"]) is None else SOME + write_long(value),
        SIZE[len(raw := r["text"].encode())], raw,
        NULL if (value := r["limit"]) is None else SOME + write_long(value),
        write_array(r["costs"], write_long),
        write_array(r["parts"], write_long),
        NULL if (value := r["score"]) is None else SOME + write_long(value),
    ))


def read_TracedWarehouse(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        covers, at = read_long(message, at)
    else:
        covers, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        refused, at = read_text(message, at)
    else:
        refused = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    figure, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        text, at = read_text(message, at)
    else:
        text = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    limit, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    costs, at = read_array(message, at, read_long)
    parts, at = read_array(message, at, read_long)
    score, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {
        "warehouse": warehouse, "covers": covers, "refused": refused, "figure": figure, "text": text, "limit": limit,
        "costs": costs, "parts": parts, "score": score,
    }, at


def write_TracedAttempt(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 11:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["strategy"].encode())], raw,
        SIZE[len(raw := r["result"].encode())], raw,
        write_array(r["criteria"], write_text),
        write_array(r["weights"], write_long),
        write_array(r["banded"], write_boolean),
        write_array(r["warehouses"], write_TracedWarehouse),
        write_array(r["chosen"], write_text),
        SIZE[len(raw := r["runner_up"].encode())], raw,
        SIZE[len(raw := r["margin_by"].encode())], raw,
        NULL if (value := r["margin"]) is None else SOME + write_long(value),
        write_boolean(r["capped"]),
    ))


def read_TracedAttempt(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        strategy, at = read_text(message, at)
    else:
        strategy = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        result, at = read_text(message, at)
    else:
        result = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    criteria, at = read_array(message, at, read_text)
    weights, at = read_array(message, at, read_long)
    banded, at = read_array(message, at, read_boolean)
    warehouses, at = read_array(message, at, read_TracedWarehouse)
    chosen, at = read_array(message, at, read_text)
    if (n := message[at]) & NOT_SMALL:
        runner_up, at = read_text(message, at)
    else:
        runner_up = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        margin_by, at = read_text(message, at)
    else:
        margin_by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    margin, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    capped, at = read_boolean(message, at)
    return {
        "strategy": strategy, "result": result, "criteria": criteria, "weights": weights, "banded": banded,
        "warehouses": warehouses, "chosen": chosen, "runner_up": runner_up, "margin_by": margin_by, "margin": margin,
        "capped": capped,
    }, at


def write_TracedPassedOver(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["strategy"].encode())], raw,
        write_int(r["condition"]),
        SIZE[len(raw := r["field"].encode())], raw,
        write_array(r["actual"], write_text),
    ))


def read_TracedPassedOver(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        strategy, at = read_text(message, at)
    else:
        strategy = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        condition, at = read_long(message, at)
    else:
        condition, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        field, at = read_text(message, at)
    else:
        field = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    actual, at = read_array(message, at, read_text)
    return {"strategy": strategy, "condition": condition, "field": field, "actual": actual}, at


def write_TracedByRules(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 3:
        raise Refused
    return b"".join((
        write_DecidedBy(r["decided_by"]),
        write_array(r["attempts"], write_TracedAttempt),
        write_array(r["passed_over"], write_TracedPassedOver),
    ))


def read_TracedByRules(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    decided_by, at = read_DecidedBy(message, at)
    attempts, at = read_array(message, at, read_TracedAttempt)
    passed_over, at = read_array(message, at, read_TracedPassedOver)
    return {"decided_by": decided_by, "attempts": attempts, "passed_over": passed_over}, at


def write_PoolTold(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        SIZE[len(raw := r["pool"].encode())], raw,
        SIZE[len(raw := r["answer"].encode())], raw,
        write_int(r["cap"]),
        write_int(r["sold"]),
        write_int(r["ahead"]),
        SIZE[len(raw := r["quotas"].encode())], raw,
    ))


def read_PoolTold(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        pool, at = read_text(message, at)
    else:
        pool = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        answer, at = read_text(message, at)
    else:
        answer = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        cap, at = read_long(message, at)
    else:
        cap, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        sold, at = read_long(message, at)
    else:
        sold, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        ahead, at = read_long(message, at)
    else:
        ahead, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        quotas, at = read_text(message, at)
    else:
        quotas = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "sku": sku, "quantity": quantity, "pool": pool, "answer": answer, "cap": cap, "sold": sold, "ahead": ahead,
        "quotas": quotas,
    }, at


def write_TraceRound(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        write_int(r["round"]),
        write_array(r["considered"], write_Considered),
        write_array(r["rejected"], write_Missing),
        NULL if (value := r["by_rules"]) is None else SOME + write_TracedByRules(value),
        NULL if (value := r["first_choice"]) is None else SOME + write_text(value),
        write_array(r["pools"], write_PoolTold),
    ))


def read_TraceRound(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        round, at = read_long(message, at)
    else:
        round, at = n >> 1, at + 1
    considered, at = read_array(message, at, read_Considered)
    rejected, at = read_array(message, at, read_Missing)
    by_rules, at = read_TracedByRules(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    first_choice, at = read_text(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    pools, at = read_array(message, at, read_PoolTold)
    return {
        "round": round, "considered": considered, "rejected": rejected, "by_rules": by_rules,
        "first_choice": first_choice, "pools": pools,
    }, at


def write_DecisionTrace(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 1:
        raise Refused
    return b"".join((
        write_array(r["rounds"], write_TraceRound),
    ))


def read_DecisionTrace(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    rounds, at = read_array(message, at, read_TraceRound)
    return {"rounds": rounds}, at


def write_ComparedSide(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 11:
        raise Refused
    return b"".join((
        NULL if (value := r["version"]) is None else SOME + write_long(value),
        COMPARED_OUTCOME[r["outcome"]],
        write_array(r["warehouses"], write_text),
        NULL if (value := r["freight_minor"]) is None else SOME + write_long(value),
        NULL if (value := r["arrival_minutes"]) is None else SOME + write_long(value),
        write_int(r["backordered"]),
        write_int(r["over_capacity"]),
        write_int(r["below_safety"]),
        SIZE[len(raw := r["error"].encode())], raw,
        NULL if (value := r["micros"]) is None else SOME + write_long(value),
        NULL if (value := r["trace"]) is None else SOME + write_DecisionTrace(value),
    ))


def read_ComparedSide(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    version, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    outcome, at = COMPARED_OUTCOME_AT[message[at]], at + 1
    warehouses, at = read_array(message, at, read_text)
    freight_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    arrival_minutes, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        backordered, at = read_long(message, at)
    else:
        backordered, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        over_capacity, at = read_long(message, at)
    else:
        over_capacity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        below_safety, at = read_long(message, at)
    else:
        below_safety, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        error, at = read_text(message, at)
    else:
        error = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    micros, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    trace, at = read_DecisionTrace(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {
        "version": version, "outcome": outcome, "warehouses": warehouses, "freight_minor": freight_minor,
        "arrival_minutes": arrival_minutes, "backordered": backordered, "over_capacity": over_capacity,
        "below_safety": below_safety, "error": error, "micros": micros, "trace": trace,
    }, at


def write_DecisionCompared(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 14:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["order_version"]),
        write_int(r["attempt"]),
        SIZE[len(raw := r["document"].encode())], raw,
        COMPARED_ROLE[r["role"]],
        NULL if (value := r["trial_ms"]) is None else SOME + write_long(value),
        COMPARED_EFFECT[r["effect"]],
        SIZE[len(raw := r["currency"].encode())], raw,
        write_ComparedSide(r["stands"]),
        write_ComparedSide(r["tried"]),
        write_boolean(r["equal"]),
        write_long(r["at_ms"]),
    ))


def read_DecisionCompared(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    order_version, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        document, at = read_text(message, at)
    else:
        document = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    role, at = COMPARED_ROLE_AT[message[at]], at + 1
    trial_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    effect, at = COMPARED_EFFECT_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        currency, at = read_text(message, at)
    else:
        currency = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    stands, at = read_ComparedSide(message, at)
    tried, at = read_ComparedSide(message, at)
    equal, at = read_boolean(message, at)
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "order_version": order_version, "attempt": attempt,
        "document": document, "role": role, "trial_ms": trial_ms, "effect": effect, "currency": currency,
        "stands": stands, "tried": tried, "equal": equal, "at_ms": at_ms,
    }, at


def write_DeliveryChanged(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 14:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        DELIVERY_PHASE[r["phase"]],
        SIZE[len(raw := r["progress"].encode())], raw,
        write_int(r["attempt"]),
        NULL if (value := r["outcome"]) is None else SOME + DELIVERY_OUTCOME[value],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["ship_by_ms"]),
        NULL if (value := r["next_at_ms"]) is None else SOME + write_long(value),
        write_long(r["at_ms"]),
    ))


def read_DeliveryChanged(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    phase, at = DELIVERY_PHASE_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        progress, at = read_text(message, at)
    else:
        progress = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    outcome, at = (DELIVERY_OUTCOME_AT[message[at + 1]], at + 1 + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    ship_by_ms, at = read_long(message, at)
    next_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "delivery_id": delivery_id, "warehouse": warehouse,
        "phase": phase, "progress": progress, "attempt": attempt, "outcome": outcome, "code": code, "reason": reason,
        "ship_by_ms": ship_by_ms, "next_at_ms": next_at_ms, "at_ms": at_ms,
    }, at


def write_DeliveryCommand(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        DELIVERY_DECISION[r["action"]],
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["decided_at_ms"]),
    ))


def read_DeliveryCommand(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    action, at = DELIVERY_DECISION_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    decided_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "order_id": order_id, "delivery_id": delivery_id, "action": action, "by": by,
        "reason": reason, "decided_at_ms": decided_at_ms,
    }, at


def write_DeliveryDead(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 12:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        DELIVERY_ACTION[r["action"]],
        write_int(r["attempts"]),
        DELIVERY_OUTCOME[r["outcome"]],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["ship_by_ms"]),
        write_long(r["at_ms"]),
    ))


def read_DeliveryDead(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    action, at = DELIVERY_ACTION_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        attempts, at = read_long(message, at)
    else:
        attempts, at = n >> 1, at + 1
    outcome, at = DELIVERY_OUTCOME_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    ship_by_ms, at = read_long(message, at)
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "delivery_id": delivery_id, "warehouse": warehouse,
        "action": action, "attempts": attempts, "outcome": outcome, "code": code, "reason": reason,
        "ship_by_ms": ship_by_ms, "at_ms": at_ms,
    }, at


def write_DeliveryLine(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["line_no"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        SIZE[len(raw := r["title"].encode())], raw,
        write_long(r["unit_price_minor"]),
    ))


def read_DeliveryLine(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        line_no, at = read_text(message, at)
    else:
        line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        title, at = read_text(message, at)
    else:
        title = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    unit_price_minor, at = read_long(message, at)
    return {
        "line_no": line_no, "sku": sku, "quantity": quantity, "title": title, "unit_price_minor": unit_price_minor,
    }, at


def write_Receiver(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 13:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["name"].encode())], raw,
        SIZE[len(raw := r["phone"].encode())], raw,
        SIZE[len(raw := r["country"].encode())], raw,
        SIZE[len(raw := r["province"].encode())], raw,
        SIZE[len(raw := r["city"].encode())], raw,
        SIZE[len(raw := r["district"].encode())], raw,
        SIZE[len(raw := r["town"].encode())], raw,
        SIZE[len(raw := r["address"].encode())], raw,
        SIZE[len(raw := r["postal_code"].encode())], raw,
        NULL if (value := r["oaid"]) is None else SOME + write_text(value),
        SIZE[len(raw := r["company"].encode())], raw,
        SIZE[len(raw := r["phone_extension"].encode())], raw,
        write_map(r["forms"], write_text),
    ))


def read_Receiver(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        name, at = read_text(message, at)
    else:
        name = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        phone, at = read_text(message, at)
    else:
        phone = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        country, at = read_text(message, at)
    else:
        country = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        province, at = read_text(message, at)
    else:
        province = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        city, at = read_text(message, at)
    else:
        city = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        district, at = read_text(message, at)
    else:
        district = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        town, at = read_text(message, at)
    else:
        town = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        address, at = read_text(message, at)
    else:
        address = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        postal_code, at = read_text(message, at)
    else:
        postal_code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    oaid, at = read_text(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        company, at = read_text(message, at)
    else:
        company = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        phone_extension, at = read_text(message, at)
    else:
        phone_extension = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    forms, at = read_map(message, at, read_text)
    return {
        "name": name, "phone": phone, "country": country, "province": province, "city": city, "district": district,
        "town": town, "address": address, "postal_code": postal_code, "oaid": oaid, "company": company,
        "phone_extension": phone_extension, "forms": forms,
    }, at


def write_Merged(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 2:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["code"].encode())], raw,
        write_array(r["orders"], write_text),
    ))


def read_Merged(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    orders, at = read_array(message, at, read_text)
    return {"code": code, "orders": orders}, at


def write_DeliveryRequest(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 23:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["request_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        DELIVERY_ACTION[r["action"]],
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_array(r["lines"], write_DeliveryLine),
        SIZE[len(raw := r["carrier"].encode())], raw,
        NULL if (value := r["collect_minor"]) is None else SOME + write_long(value),
        SIZE[len(raw := r["currency"].encode())], raw,
        NULL if (value := r["receiver"]) is None else SOME + write_Receiver(value),
        write_long(r["placed_at_ms"]),
        NULL if (value := r["paid_at_ms"]) is None else SOME + write_long(value),
        write_long(r["ship_by_ms"]),
        write_long(r["allocated_at_ms"]),
        SIZE[len(raw := r["wms_id"].encode())], raw,
        write_int(r["attempt"]),
        write_boolean(r["again"]),
        SIZE[len(raw := r["by"].encode())], raw,
        write_long(r["requested_at_ms"]),
        NULL if (value := r["merged"]) is None else SOME + write_Merged(value),
    ))


def read_DeliveryRequest(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        request_id, at = read_text(message, at)
    else:
        request_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    action, at = DELIVERY_ACTION_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    lines, at = read_array(message, at, read_DeliveryLine)
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    collect_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        currency, at = read_text(message, at)
    else:
        currency = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    receiver, at = read_Receiver(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    placed_at_ms, at = read_long(message, at)
    paid_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    ship_by_ms, at = read_long(message, at)
    allocated_at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        wms_id, at = read_text(message, at)
    else:
        wms_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    again, at = read_boolean(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    merged, at = read_Merged(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {
        "request_id": request_id, "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no,
        "delivery_id": delivery_id, "action": action, "warehouse": warehouse, "lines": lines, "carrier": carrier,
        "collect_minor": collect_minor, "currency": currency, "receiver": receiver, "placed_at_ms": placed_at_ms,
        "paid_at_ms": paid_at_ms, "ship_by_ms": ship_by_ms, "allocated_at_ms": allocated_at_ms, "wms_id": wms_id,
        "attempt": attempt, "again": again, "by": by, "requested_at_ms": requested_at_ms, "merged": merged,
    }, at


def write_DeliveryResult(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["request_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        DELIVERY_ACTION[r["action"]],
        DELIVERY_OUTCOME[r["outcome"]],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        SIZE[len(raw := r["wms_id"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_DeliveryResult(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        request_id, at = read_text(message, at)
    else:
        request_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    action, at = DELIVERY_ACTION_AT[message[at]], at + 1
    outcome, at = DELIVERY_OUTCOME_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        wms_id, at = read_text(message, at)
    else:
        wms_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "request_id": request_id, "order_id": order_id, "delivery_id": delivery_id, "action": action,
        "outcome": outcome, "code": code, "reason": reason, "wms_id": wms_id, "at_ms": at_ms,
    }, at


def write_Duplicate(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        DUPLICATE_KIND[r["kind"]],
        write_long(r["version"]),
        write_Source(r["first_source"]),
        write_boolean(r["read_again"]),
        write_long(r["received_at_ms"]),
        write_Source(r["source"]),
        SIZE[len(raw := r["aftersale_id"].encode())], raw,
    ))


def read_Duplicate(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = DUPLICATE_KIND_AT[message[at]], at + 1
    version, at = read_long(message, at)
    first_source, at = read_Source(message, at)
    read_again, at = read_boolean(message, at)
    received_at_ms, at = read_long(message, at)
    source, at = read_Source(message, at)
    if (n := message[at]) & NOT_SMALL:
        aftersale_id, at = read_text(message, at)
    else:
        aftersale_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "order_id": order_id, "channel": channel, "kind": kind, "version": version, "first_source": first_source,
        "read_again": read_again, "received_at_ms": received_at_ms, "source": source, "aftersale_id": aftersale_id,
    }, at


def write_Expire(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_Expire(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "requested_at_ms": requested_at_ms,
    }, at


def write_ForgetStock(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_ForgetStock(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {"command_id": command_id, "order_id": order_id, "sku": sku, "requested_at_ms": requested_at_ms}, at


def write_Freeze(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        write_int(r["quantity"]),
        write_boolean(r["hard"]),
        write_long(r["placed_at_ms"]),
        write_long(r["requested_at_ms"]),
    ))


def read_Freeze(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    hard, at = read_boolean(message, at)
    placed_at_ms, at = read_long(message, at)
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "channel": channel, "quantity": quantity, "hard": hard, "placed_at_ms": placed_at_ms,
        "requested_at_ms": requested_at_ms,
    }, at


def write_FreezeAnswered(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        FREEZE_ANSWER[r["answer"]],
        NULL if (value := r["expires_at_ms"]) is None else SOME + write_long(value),
        write_PoolTold(r["told"]),
        write_long(r["at_ms"]),
    ))


def read_FreezeAnswered(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    answer, at = FREEZE_ANSWER_AT[message[at]], at + 1
    expires_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    told, at = read_PoolTold(message, at)
    at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "quantity": quantity, "answer": answer, "expires_at_ms": expires_at_ms, "told": told, "at_ms": at_ms,
    }, at


def write_HealthCheck(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["interface"].encode())], raw,
        SIZE[len(raw := r["kind"].encode())], raw,
        write_long(r["checked_at_ms"]),
        write_boolean(r["healthy"]),
        write_boolean(r["changed"]),
        write_long(r["took_ms"]),
        SIZE[len(raw := r["error"].encode())], raw,
    ))


def read_HealthCheck(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        interface, at = read_text(message, at)
    else:
        interface = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        kind, at = read_text(message, at)
    else:
        kind = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    checked_at_ms, at = read_long(message, at)
    healthy, at = read_boolean(message, at)
    changed, at = read_boolean(message, at)
    took_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        error, at = read_text(message, at)
    else:
        error = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "interface": interface, "kind": kind, "checked_at_ms": checked_at_ms, "healthy": healthy, "changed": changed,
        "took_ms": took_ms, "error": error,
    }, at


def write_ListingPlace(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 14:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["place"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["item"].encode())], raw,
        SIZE[len(raw := r["variant"].encode())], raw,
        SIZE[len(raw := r["location"].encode())], raw,
        write_array(r["warehouses"], write_text),
        write_int(r["share"]),
        write_int(r["buffer"]),
        NULL if (value := r["cap"]) is None else SOME + write_int(value),
        write_int(r["close_at"]),
        write_int(r["open_at"]),
        write_int(r["every_ms"]),
        write_boolean(r["held"]),
    ))


def read_ListingPlace(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        place, at = read_text(message, at)
    else:
        place = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        item, at = read_text(message, at)
    else:
        item = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        variant, at = read_text(message, at)
    else:
        variant = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        location, at = read_text(message, at)
    else:
        location = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    warehouses, at = read_array(message, at, read_text)
    if (n := message[at]) & NOT_SMALL:
        share, at = read_long(message, at)
    else:
        share, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        buffer, at = read_long(message, at)
    else:
        buffer, at = n >> 1, at + 1
    cap, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        close_at, at = read_long(message, at)
    else:
        close_at, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        open_at, at = read_long(message, at)
    else:
        open_at, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        every_ms, at = read_long(message, at)
    else:
        every_ms, at = n >> 1, at + 1
    held, at = read_boolean(message, at)
    return {
        "place": place, "channel": channel, "shop": shop, "item": item, "variant": variant, "location": location,
        "warehouses": warehouses, "share": share, "buffer": buffer, "cap": cap, "close_at": close_at,
        "open_at": open_at, "every_ms": every_ms, "held": held,
    }, at


def write_ListSku(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_array(r["parts"], write_BundlePart),
        write_array(r["bundles"], write_text),
        write_array(r["places"], write_ListingPlace),
        write_long(r["requested_at_ms"]),
    ))


def read_ListSku(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    parts, at = read_array(message, at, read_BundlePart)
    bundles, at = read_array(message, at, read_text)
    places, at = read_array(message, at, read_ListingPlace)
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "sku": sku, "parts": parts, "bundles": bundles, "places": places,
        "requested_at_ms": requested_at_ms,
    }, at


def write_ListingCommand(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["place"].encode())], raw,
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_ListingCommand(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        place, at = read_text(message, at)
    else:
        place = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "sku": sku, "place": place, "by": by, "reason": reason,
        "requested_at_ms": requested_at_ms,
    }, at


def write_ListingDead(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 11:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["place"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["number"]),
        write_int(r["quantity"]),
        write_int(r["attempts"]),
        LISTING_OUTCOME[r["outcome"]],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_ListingDead(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        place, at = read_text(message, at)
    else:
        place = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    number, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        attempts, at = read_long(message, at)
    else:
        attempts, at = n >> 1, at + 1
    outcome, at = LISTING_OUTCOME_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "sku": sku, "place": place, "channel": channel, "shop": shop, "number": number, "quantity": quantity,
        "attempts": attempts, "outcome": outcome, "code": code, "reason": reason, "at_ms": at_ms,
    }, at


def write_ListingRequest(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 12:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["request_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_long(r["number"]),
        write_ListingPlace(r["place"]),
        write_int(r["quantity"]),
        NULL if (value := r["told"]) is None else SOME + write_int(value),
        write_int(r["attempt"]),
        write_boolean(r["again"]),
        write_long(r["changed_at_ms"]),
        write_long(r["due_ms"]),
        SIZE[len(raw := r["by"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_ListingRequest(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        request_id, at = read_text(message, at)
    else:
        request_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    number, at = read_long(message, at)
    place, at = read_ListingPlace(message, at)
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    told, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    again, at = read_boolean(message, at)
    changed_at_ms, at = read_long(message, at)
    due_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "request_id": request_id, "sku": sku, "number": number, "place": place, "quantity": quantity, "told": told,
        "attempt": attempt, "again": again, "changed_at_ms": changed_at_ms, "due_ms": due_ms, "by": by,
        "requested_at_ms": requested_at_ms,
    }, at


def write_ListingResult(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 11:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["request_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["place"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["number"]),
        write_int(r["quantity"]),
        LISTING_OUTCOME[r["outcome"]],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_ListingResult(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        request_id, at = read_text(message, at)
    else:
        request_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        place, at = read_text(message, at)
    else:
        place = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    number, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    outcome, at = LISTING_OUTCOME_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "request_id": request_id, "sku": sku, "place": place, "channel": channel, "shop": shop, "number": number,
        "quantity": quantity, "outcome": outcome, "code": code, "reason": reason, "at_ms": at_ms,
    }, at


def write_ListingSeen(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["place"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["number"]),
        write_int(r["quantity"]),
        SIZE[len(raw := r["by"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_ListingSeen(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        place, at = read_text(message, at)
    else:
        place = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    number, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "sku": sku, "place": place, "channel": channel, "shop": shop, "number": number, "quantity": quantity, "by": by,
        "at_ms": at_ms,
    }, at


def write_SkuStock(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_long(r["version"]),
        write_array(r["levels"], write_StockLevel),
        NULL if (value := r["pool"]) is None else SOME + write_Pool(value),
    ))


def read_SkuStock(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    version, at = read_long(message, at)
    levels, at = read_array(message, at, read_StockLevel)
    pool, at = read_Pool(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {"sku": sku, "version": version, "levels": levels, "pool": pool}, at


def write_ListingPending(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 2:
        raise Refused
    return b"".join((
        write_long(r["number"]),
        write_int(r["quantity"]),
    ))


def read_ListingPending(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    number, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    return {"number": number, "quantity": quantity}, at


def write_Listed(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 21:
        raise Refused
    return b"".join((
        write_ListingPlace(r["place"]),
        LISTING_PHASE[r["phase"]],
        write_boolean(r["open"]),
        NULL if (value := r["wanted"]) is None else SOME + write_int(value),
        write_long(r["changed_at_ms"]),
        NULL if (value := r["told"]) is None else SOME + write_int(value),
        write_long(r["told_at_ms"]),
        NULL if (value := r["sent"]) is None else SOME + write_int(value),
        write_long(r["sent_at_ms"]),
        write_long(r["number"]),
        write_array(r["pending"], write_ListingPending),
        write_boolean(r["doubt"]),
        write_int(r["attempt"]),
        NULL if (value := r["outcome"]) is None else SOME + LISTING_OUTCOME[value],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        NULL if (value := r["next_at_ms"]) is None else SOME + write_long(value),
        NULL if (value := r["seen"]) is None else SOME + write_int(value),
        write_long(r["seen_at_ms"]),
        write_int(r["differs"]),
        SIZE[len(raw := r["by"].encode())], raw,
    ))


def read_Listed(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    place, at = read_ListingPlace(message, at)
    phase, at = LISTING_PHASE_AT[message[at]], at + 1
    open, at = read_boolean(message, at)
    wanted, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    changed_at_ms, at = read_long(message, at)
    told, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    told_at_ms, at = read_long(message, at)
    sent, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    sent_at_ms, at = read_long(message, at)
    number, at = read_long(message, at)
    pending, at = read_array(message, at, read_ListingPending)
    doubt, at = read_boolean(message, at)
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    outcome, at = (LISTING_OUTCOME_AT[message[at + 1]], at + 1 + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    next_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    seen, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    seen_at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        differs, at = read_long(message, at)
    else:
        differs, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "place": place, "phase": phase, "open": open, "wanted": wanted, "changed_at_ms": changed_at_ms, "told": told,
        "told_at_ms": told_at_ms, "sent": sent, "sent_at_ms": sent_at_ms, "number": number, "pending": pending,
        "doubt": doubt, "attempt": attempt, "outcome": outcome, "code": code, "reason": reason,
        "next_at_ms": next_at_ms, "seen": seen, "seen_at_ms": seen_at_ms, "differs": differs, "by": by,
    }, at


def write_Listings(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        NULL if (value := r["stock"]) is None else SOME + write_SkuStock(value),
        write_array(r["parts"], write_BundlePart),
        write_array(r["part_stocks"], write_SkuStock),
        write_array(r["bundles"], write_text),
        write_array(r["listed"], write_Listed),
        NULL if (value := r["pool_at_ms"]) is None else SOME + write_long(value),
        write_array(r["commands"], write_text),
    ))


def read_Listings(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    stock, at = read_SkuStock(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    parts, at = read_array(message, at, read_BundlePart)
    part_stocks, at = read_array(message, at, read_SkuStock)
    bundles, at = read_array(message, at, read_text)
    listed, at = read_array(message, at, read_Listed)
    pool_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    commands, at = read_array(message, at, read_text)
    return {
        "sku": sku, "stock": stock, "parts": parts, "part_stocks": part_stocks, "bundles": bundles, "listed": listed,
        "pool_at_ms": pool_at_ms, "commands": commands,
    }, at


def write_LogisticsTrace(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["trace_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        SIZE[len(raw := r["state"].encode())], raw,
        SIZE[len(raw := r["text"].encode())], raw,
        write_long(r["occurred_at_ms"]),
        SIZE[len(raw := r["provider"].encode())], raw,
        write_long(r["received_at_ms"]),
    ))


def read_LogisticsTrace(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        trace_id, at = read_text(message, at)
    else:
        trace_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        state, at = read_text(message, at)
    else:
        state = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        text, at = read_text(message, at)
    else:
        text = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    occurred_at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        provider, at = read_text(message, at)
    else:
        provider = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    received_at_ms, at = read_long(message, at)
    return {
        "trace_id": trace_id, "order_id": order_id, "shipment_id": shipment_id, "carrier": carrier,
        "tracking_no": tracking_no, "state": state, "text": text, "occurred_at_ms": occurred_at_ms,
        "provider": provider, "received_at_ms": received_at_ms,
    }, at


def write_MergeAnswer(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        MERGE_ANSWER_KIND[r["kind"]],
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["code"].encode())], raw,
        write_array(r["orders"], write_text),
        write_long(r["until_ms"]),
        write_long(r["at_ms"]),
    ))


def read_MergeAnswer(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = MERGE_ANSWER_KIND_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    orders, at = read_array(message, at, read_text)
    until_ms, at = read_long(message, at)
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "kind": kind, "warehouse": warehouse, "carrier": carrier, "code": code, "orders": orders,
        "until_ms": until_ms, "at_ms": at_ms,
    }, at


def write_MergeRequest(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["group"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        MERGE_REQUEST_KIND[r["kind"]],
        write_long(r["until_ms"]),
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_MergeRequest(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        group, at = read_text(message, at)
    else:
        group = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = MERGE_REQUEST_KIND_AT[message[at]], at + 1
    until_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "group": group, "order_id": order_id, "kind": kind, "until_ms": until_ms, "warehouse": warehouse,
        "carrier": carrier, "at_ms": at_ms,
    }, at


def write_OperatorDecision(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["decision_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        OPERATOR_ACTION[r["action"]],
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["decided_at_ms"]),
        SIZE[len(raw := r["task"].encode())], raw,
        write_array(r["roles"], write_text),
    ))


def read_OperatorDecision(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        decision_id, at = read_text(message, at)
    else:
        decision_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    action, at = OPERATOR_ACTION_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    decided_at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        task, at = read_text(message, at)
    else:
        task = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    roles, at = read_array(message, at, read_text)
    return {
        "decision_id": decision_id, "order_id": order_id, "action": action, "by": by, "reason": reason,
        "decided_at_ms": decided_at_ms, "task": task, "roles": roles,
    }, at


def write_OrderLine(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 12:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["line_no"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["title"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["unit_price_minor"]),
        write_int(r["returned_quantity"]),
        write_int(r["shipped_quantity"]),
        write_int(r["cancelled_quantity"]),
        write_int(r["asked_back_quantity"]),
        SENDER[r["sent_by"]],
        SIZE[len(raw := r["sender"].encode())], raw,
        SIZE[len(raw := r["bundle_line_no"].encode())], raw,
    ))


def read_OrderLine(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        line_no, at = read_text(message, at)
    else:
        line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        title, at = read_text(message, at)
    else:
        title = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    unit_price_minor, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        returned_quantity, at = read_long(message, at)
    else:
        returned_quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        shipped_quantity, at = read_long(message, at)
    else:
        shipped_quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        cancelled_quantity, at = read_long(message, at)
    else:
        cancelled_quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        asked_back_quantity, at = read_long(message, at)
    else:
        asked_back_quantity, at = n >> 1, at + 1
    sent_by, at = SENDER_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        sender, at = read_text(message, at)
    else:
        sender = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        bundle_line_no, at = read_text(message, at)
    else:
        bundle_line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {
        "line_no": line_no, "sku": sku, "title": title, "quantity": quantity, "unit_price_minor": unit_price_minor,
        "returned_quantity": returned_quantity, "shipped_quantity": shipped_quantity,
        "cancelled_quantity": cancelled_quantity, "asked_back_quantity": asked_back_quantity, "sent_by": sent_by,
        "sender": sender, "bundle_line_no": bundle_line_no,
    }, at


def write_Order(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 23:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        write_long(r["version"]),
        write_bytes(r["fingerprint"]),
        ORDER_STATUS[r["status"]],
        NULL if (value := r["hold_reason"]) is None else SOME + write_text(value),
        SIZE[len(raw := r["currency"].encode())], raw,
        write_long(r["total_minor"]),
        write_long(r["placed_at_ms"]),
        NULL if (value := r["paid_at_ms"]) is None else SOME + write_long(value),
        NULL if (value := r["ship_by_ms"]) is None else SOME + write_long(value),
        NULL if (value := r["not_before_ms"]) is None else SOME + write_long(value),
        NULL if (value := r["collect_minor"]) is None else SOME + write_long(value),
        write_Receiver(r["receiver"]),
        write_array(r["lines"], write_OrderLine),
        write_map(r["attributes"], write_text),
        write_long(r["received_at_ms"]),
        write_Source(r["source"]),
        SIZE[len(raw := r["correction_id"].encode())], raw,
        SIZE[len(raw := r["receiver_from"].encode())], raw,
        NULL if (value := r["platform_receiver"]) is None else SOME + write_Receiver(value),
    ))


def read_Order(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    version, at = read_long(message, at)
    fingerprint, at = read_bytes(message, at)
    status, at = ORDER_STATUS_AT[message[at]], at + 1
    hold_reason, at = read_text(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        currency, at = read_text(message, at)
    else:
        currency = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    total_minor, at = read_long(message, at)
    placed_at_ms, at = read_long(message, at)
    paid_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    ship_by_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    not_before_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    collect_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    receiver, at = read_Receiver(message, at)
    lines, at = read_array(message, at, read_OrderLine)
    attributes, at = read_map(message, at, read_text)
    received_at_ms, at = read_long(message, at)
    source, at = read_Source(message, at)
    if (n := message[at]) & NOT_SMALL:
        correction_id, at = read_text(message, at)
    else:
        correction_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        receiver_from, at = read_text(message, at)
    else:
        receiver_from = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    platform_receiver, at = read_Receiver(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no, "version": version,
        "fingerprint": fingerprint, "status": status, "hold_reason": hold_reason, "currency": currency,
        "total_minor": total_minor, "placed_at_ms": placed_at_ms, "paid_at_ms": paid_at_ms, "ship_by_ms": ship_by_ms,
        "not_before_ms": not_before_ms, "collect_minor": collect_minor, "receiver": receiver, "lines": lines,
        "attributes": attributes, "received_at_ms": received_at_ms, "source": source, "correction_id": correction_id,
        "receiver_from": receiver_from, "platform_receiver": platform_receiver,
    }, at


def write_AllocatedPart(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["line_no"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        NULL if (value := r["collect_minor"]) is None else SOME + write_long(value),
        NULL if (value := r["carrier"]) is None else SOME + write_text(value),
    ))


def read_AllocatedPart(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        line_no, at = read_text(message, at)
    else:
        line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    collect_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    carrier, at = read_text(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {
        "reservation_id": reservation_id, "line_no": line_no, "sku": sku, "warehouse": warehouse, "quantity": quantity,
        "collect_minor": collect_minor, "carrier": carrier,
    }, at


def write_OrderAllocated(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 12:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["order_version"]),
        write_int(r["attempt"]),
        write_int(r["rounds"]),
        write_array(r["parts"], write_AllocatedPart),
        write_DecisionTrace(r["trace"]),
        write_long(r["received_at_ms"]),
        write_long(r["decided_at_ms"]),
        NULL if (value := r["collect_minor"]) is None else SOME + write_long(value),
        NULL if (value := r["merged"]) is None else SOME + write_Merged(value),
    ))


def read_OrderAllocated(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    order_version, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        rounds, at = read_long(message, at)
    else:
        rounds, at = n >> 1, at + 1
    parts, at = read_array(message, at, read_AllocatedPart)
    trace, at = read_DecisionTrace(message, at)
    received_at_ms, at = read_long(message, at)
    decided_at_ms, at = read_long(message, at)
    collect_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    merged, at = read_Merged(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "order_version": order_version, "attempt": attempt,
        "rounds": rounds, "parts": parts, "trace": trace, "received_at_ms": received_at_ms,
        "decided_at_ms": decided_at_ms, "collect_minor": collect_minor, "merged": merged,
    }, at


def write_OrderBackordered(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 11:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["order_version"]),
        write_int(r["attempt"]),
        write_int(r["rounds"]),
        write_array(r["missing"], write_Missing),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_DecisionTrace(r["trace"]),
        write_long(r["received_at_ms"]),
        write_long(r["decided_at_ms"]),
    ))


def read_OrderBackordered(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    order_version, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        rounds, at = read_long(message, at)
    else:
        rounds, at = n >> 1, at + 1
    missing, at = read_array(message, at, read_Missing)
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    trace, at = read_DecisionTrace(message, at)
    received_at_ms, at = read_long(message, at)
    decided_at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "order_version": order_version, "attempt": attempt,
        "rounds": rounds, "missing": missing, "reason": reason, "trace": trace, "received_at_ms": received_at_ms,
        "decided_at_ms": decided_at_ms,
    }, at


def write_OrderStatusChanged(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        PHASE[r["status"]],
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["order_version"]),
        write_long(r["at_ms"]),
        SIZE[len(raw := r["trouble"].encode())], raw,
        SIZE[len(raw := r["cause"].encode())], raw,
        write_boolean(r["refused"]),
    ))


def read_OrderStatusChanged(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    status, at = PHASE_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    order_version, at = read_long(message, at)
    at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        trouble, at = read_text(message, at)
    else:
        trouble = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        cause, at = read_text(message, at)
    else:
        cause = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    refused, at = read_boolean(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "status": status, "reason": reason,
        "order_version": order_version, "at_ms": at_ms, "trouble": trouble, "cause": cause, "refused": refused,
    }, at


def write_PartStock(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 2:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        write_SkuStock(r["stock"]),
    ))


def read_PartStock(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    stock, at = read_SkuStock(message, at)
    return {"sku": sku, "stock": stock}, at


def write_PersonForgotten(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["forgotten_at_ms"]),
    ))


def read_PersonForgotten(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    forgotten_at_ms, at = read_long(message, at)
    return {"order_id": order_id, "by": by, "reason": reason, "forgotten_at_ms": forgotten_at_ms}, at


def write_PoolAlert(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["pool"].encode())], raw,
        POOL_ALERT_KIND[r["kind"]],
        write_int(r["cap"]),
        write_int(r["sold"]),
        write_int(r["frozen"]),
        write_int(r["waiting"]),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_PoolAlert(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        pool, at = read_text(message, at)
    else:
        pool = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = POOL_ALERT_KIND_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        cap, at = read_long(message, at)
    else:
        cap, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        sold, at = read_long(message, at)
    else:
        sold, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        frozen, at = read_long(message, at)
    else:
        frozen, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        waiting, at = read_long(message, at)
    else:
        waiting, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "sku": sku, "pool": pool, "kind": kind, "cap": cap, "sold": sold, "frozen": frozen, "waiting": waiting,
        "reason": reason, "at_ms": at_ms,
    }, at


def write_PoolServed(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["pool"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        SIZE[len(raw := r["rest_id"].encode())], raw,
        write_int(r["rest_quantity"]),
        write_long(r["at_ms"]),
    ))


def read_PoolServed(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        pool, at = read_text(message, at)
    else:
        pool = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        rest_id, at = read_text(message, at)
    else:
        rest_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        rest_quantity, at = read_long(message, at)
    else:
        rest_quantity, at = n >> 1, at + 1
    at_ms, at = read_long(message, at)
    return {
        "reservation_id": reservation_id, "order_id": order_id, "sku": sku, "pool": pool, "warehouse": warehouse,
        "quantity": quantity, "rest_id": rest_id, "rest_quantity": rest_quantity, "at_ms": at_ms,
    }, at


def write_PullMark(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["source"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        write_long(r["until_ms"]),
        write_int(r["orders"]),
        write_long(r["at_ms"]),
    ))


def read_PullMark(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        source, at = read_text(message, at)
    else:
        source = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    until_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        orders, at = read_long(message, at)
    else:
        orders, at = n >> 1, at + 1
    at_ms, at = read_long(message, at)
    return {
        "source": source, "channel": channel, "shop": shop, "until_ms": until_ms, "orders": orders, "at_ms": at_ms,
    }, at


def write_Receive(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["requested_at_ms"]),
    ))


def read_Receive(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "sku": sku, "warehouse": warehouse, "quantity": quantity,
        "requested_at_ms": requested_at_ms,
    }, at


def write_ReceiverCorrected(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["correction_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        NULL if (value := r["receiver"]) is None else SOME + write_Receiver(value),
        write_Source(r["of"]),
        write_bytes(r["event"]),
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["decided_at_ms"]),
    ))


def read_ReceiverCorrected(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        correction_id, at = read_text(message, at)
    else:
        correction_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    receiver, at = read_Receiver(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    of, at = read_Source(message, at)
    event, at = read_bytes(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    decided_at_ms, at = read_long(message, at)
    return {
        "correction_id": correction_id, "order_id": order_id, "receiver": receiver, "of": of, "event": event, "by": by,
        "reason": reason, "decided_at_ms": decided_at_ms,
    }, at


def write_Release(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        NULL if (value := r["quantity"]) is None else SOME + write_int(value),
        SIZE[len(raw := r["rest_id"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_Release(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    quantity, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        rest_id, at = read_text(message, at)
    else:
        rest_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "quantity": quantity, "rest_id": rest_id, "reason": reason,
        "requested_at_ms": requested_at_ms,
    }, at


def write_ReportSetAside(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 10:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["system"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        REPORT_KIND[r["kind"]],
        SIZE[len(raw := r["report_id"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
        write_bytes(r["body"]),
    ))


def read_ReportSetAside(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        system, at = read_text(message, at)
    else:
        system = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = REPORT_KIND_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        report_id, at = read_text(message, at)
    else:
        report_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    body, at = read_bytes(message, at)
    return {
        "order_id": order_id, "system": system, "warehouse": warehouse, "kind": kind, "report_id": report_id,
        "delivery_id": delivery_id, "code": code, "reason": reason, "at_ms": at_ms, "body": body,
    }, at


def write_ReservationRejected(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        write_int(r["shortfall"]),
        write_array(r["levels"], write_StockLevel),
        write_long(r["at_ms"]),
    ))


def read_ReservationRejected(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        shortfall, at = read_long(message, at)
    else:
        shortfall, at = n >> 1, at + 1
    levels, at = read_array(message, at, read_StockLevel)
    at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "quantity": quantity, "shortfall": shortfall, "levels": levels, "at_ms": at_ms,
    }, at


def write_ReservationResolved(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        ANSWER[r["answer"]],
        write_long(r["at_ms"]),
    ))


def read_ReservationResolved(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    answer, at = ANSWER_AT[message[at]], at + 1
    at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "quantity": quantity, "answer": answer, "at_ms": at_ms,
    }, at


def write_Reserve(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        NULL if (value := r["expires_at_ms"]) is None else SOME + write_long(value),
        write_long(r["requested_at_ms"]),
    ))


def read_Reserve(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    expires_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "quantity": quantity, "expires_at_ms": expires_at_ms,
        "requested_at_ms": requested_at_ms,
    }, at


def write_Reserved(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["reservation_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["at_ms"]),
    ))


def read_Reserved(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reservation_id, at = read_text(message, at)
    else:
        reservation_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "reservation_id": reservation_id, "order_id": order_id, "sku": sku,
        "warehouse": warehouse, "quantity": quantity, "at_ms": at_ms,
    }, at


def write_Restock(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["requested_at_ms"]),
    ))


def read_Restock(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "order_id": order_id, "sku": sku, "warehouse": warehouse, "quantity": quantity,
        "requested_at_ms": requested_at_ms,
    }, at


def write_ReturnedLine(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["line_no"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        RETURN_GRADE[r["grade"]],
    ))


def read_ReturnedLine(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        line_no, at = read_text(message, at)
    else:
        line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    grade, at = RETURN_GRADE_AT[message[at]], at + 1
    return {"line_no": line_no, "sku": sku, "quantity": quantity, "grade": grade}, at


def write_ReturnReceived(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["return_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_array(r["lines"], write_ReturnedLine),
        write_long(r["received_at_ms"]),
    ))


def read_ReturnReceived(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        return_id, at = read_text(message, at)
    else:
        return_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    lines, at = read_array(message, at, read_ReturnedLine)
    received_at_ms, at = read_long(message, at)
    return {
        "return_id": return_id, "order_id": order_id, "shipment_id": shipment_id, "warehouse": warehouse,
        "lines": lines, "received_at_ms": received_at_ms,
    }, at


def write_Reason(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["field"].encode())], raw,
        SIZE[len(raw := r["value"].encode())], raw,
        SIZE[len(raw := r["fix"].encode())], raw,
    ))


def read_Reason(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        field, at = read_text(message, at)
    else:
        field = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        value, at = read_text(message, at)
    else:
        value = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        fix, at = read_text(message, at)
    else:
        fix = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {"code": code, "field": field, "value": value, "fix": fix}, at


def write_Review(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        write_array(r["reasons"], write_Reason),
        write_bytes(r["event"]),
        write_long(r["received_at_ms"]),
        write_Source(r["source"]),
    ))


def read_Review(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    reasons, at = read_array(message, at, read_Reason)
    event, at = read_bytes(message, at)
    received_at_ms, at = read_long(message, at)
    source, at = read_Source(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no, "reasons": reasons,
        "event": event, "received_at_ms": received_at_ms, "source": source,
    }, at


def write_SetPool(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_Pool(r["pool"]),
        write_long(r["requested_at_ms"]),
    ))


def read_SetPool(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    pool, at = read_Pool(message, at)
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "sku": sku, "warehouse": warehouse, "pool": pool, "requested_at_ms": requested_at_ms,
    }, at


def write_SetSafetyStock(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["requested_at_ms"]),
    ))


def read_SetSafetyStock(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "sku": sku, "warehouse": warehouse, "quantity": quantity,
        "requested_at_ms": requested_at_ms,
    }, at


def write_Shipped(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        write_long(r["shipped_at_ms"]),
        write_array(r["lines"], write_ParcelLine),
    ))


def read_Shipped(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    shipped_at_ms, at = read_long(message, at)
    lines, at = read_array(message, at, read_ParcelLine)
    return {
        "shipment_id": shipment_id, "order_id": order_id, "warehouse": warehouse, "carrier": carrier,
        "tracking_no": tracking_no, "shipped_at_ms": shipped_at_ms, "lines": lines,
    }, at


def write_StockAlert(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        ALERT_KIND[r["kind"]],
        write_int(r["sellable"]),
        write_int(r["safety_stock"]),
        write_long(r["at_ms"]),
    ))


def read_StockAlert(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = ALERT_KIND_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        sellable, at = read_long(message, at)
    else:
        sellable, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        safety_stock, at = read_long(message, at)
    else:
        safety_stock, at = n >> 1, at + 1
    at_ms, at = read_long(message, at)
    return {
        "sku": sku, "warehouse": warehouse, "kind": kind, "sellable": sellable, "safety_stock": safety_stock,
        "at_ms": at_ms,
    }, at


def write_StockArrived(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        write_array(r["levels"], write_StockLevel),
        write_long(r["at_ms"]),
    ))


def read_StockArrived(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    levels, at = read_array(message, at, read_StockLevel)
    at_ms, at = read_long(message, at)
    return {"order_id": order_id, "sku": sku, "quantity": quantity, "levels": levels, "at_ms": at_ms}, at


def write_StockCommandAnswered(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 7:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        STOCK_ANSWER[r["answer"]],
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_StockCommandAnswered(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    answer, at = STOCK_ANSWER_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "order_id": order_id, "sku": sku, "warehouse": warehouse, "answer": answer,
        "reason": reason, "at_ms": at_ms,
    }, at


def write_Task(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 22:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["task_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        TASK_KIND[r["kind"]],
        TASK_STATE[r["state"]],
        SIZE[len(raw := r["document"].encode())], raw,
        write_int(r["version"]),
        SIZE[len(raw := r["node"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        SIZE[len(raw := r["role"].encode())], raw,
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["text"].encode())], raw,
        write_int(r["persons"]),
        SIZE[len(raw := r["not_by"].encode())], raw,
        write_array(r["votes"], write_text),
        SIZE[len(raw := r["claimed_by"].encode())], raw,
        SIZE[len(raw := r["answered_by"].encode())], raw,
        SIZE[len(raw := r["because"].encode())], raw,
        write_long(r["opened_at_ms"]),
        NULL if (value := r["due_at_ms"]) is None else SOME + write_long(value),
        write_long(r["at_ms"]),
    ))


def read_Task(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        task_id, at = read_text(message, at)
    else:
        task_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = TASK_KIND_AT[message[at]], at + 1
    state, at = TASK_STATE_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        document, at = read_text(message, at)
    else:
        document = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        version, at = read_long(message, at)
    else:
        version, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        node, at = read_text(message, at)
    else:
        node = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        role, at = read_text(message, at)
    else:
        role = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        text, at = read_text(message, at)
    else:
        text = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        persons, at = read_long(message, at)
    else:
        persons, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        not_by, at = read_text(message, at)
    else:
        not_by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    votes, at = read_array(message, at, read_text)
    if (n := message[at]) & NOT_SMALL:
        claimed_by, at = read_text(message, at)
    else:
        claimed_by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        answered_by, at = read_text(message, at)
    else:
        answered_by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        because, at = read_text(message, at)
    else:
        because = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    opened_at_ms, at = read_long(message, at)
    due_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    at_ms, at = read_long(message, at)
    return {
        "task_id": task_id, "order_id": order_id, "channel": channel, "shop": shop, "kind": kind, "state": state,
        "document": document, "version": version, "node": node, "reason": reason, "role": role, "by": by, "text": text,
        "persons": persons, "not_by": not_by, "votes": votes, "claimed_by": claimed_by, "answered_by": answered_by,
        "because": because, "opened_at_ms": opened_at_ms, "due_at_ms": due_at_ms, "at_ms": at_ms,
    }, at


def write_Transfer(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 6:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["to"].encode())], raw,
        write_int(r["quantity"]),
        write_long(r["requested_at_ms"]),
    ))


def read_Transfer(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        to, at = read_text(message, at)
    else:
        to = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    requested_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "sku": sku, "warehouse": warehouse, "to": to, "quantity": quantity,
        "requested_at_ms": requested_at_ms,
    }, at


def write_Warehouse(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["name"].encode())], raw,
        SIZE[len(raw := r["province"].encode())], raw,
        write_double(r["latitude"]),
        write_double(r["longitude"]),
        NULL if (value := r["max_open_units"]) is None else SOME + write_long(value),
        write_boolean(r["enabled"]),
        write_int(r["priority"]),
        write_long(r["version"]),
    ))


def read_Warehouse(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        name, at = read_text(message, at)
    else:
        name = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        province, at = read_text(message, at)
    else:
        province = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    latitude, at = read_double(message, at)
    longitude, at = read_double(message, at)
    max_open_units, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    enabled, at = read_boolean(message, at)
    if (n := message[at]) & NOT_SMALL:
        priority, at = read_long(message, at)
    else:
        priority, at = n >> 1, at + 1
    version, at = read_long(message, at)
    return {
        "warehouse": warehouse, "name": name, "province": province, "latitude": latitude, "longitude": longitude,
        "max_open_units": max_open_units, "enabled": enabled, "priority": priority, "version": version,
    }, at


def write_ReportedParcel(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 4:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        write_int(r["weight_g"]),
        write_array(r["lines"], write_ParcelLine),
    ))


def read_ReportedParcel(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        weight_g, at = read_long(message, at)
    else:
        weight_g, at = n >> 1, at + 1
    lines, at = read_array(message, at, read_ParcelLine)
    return {"carrier": carrier, "tracking_no": tracking_no, "weight_g": weight_g, "lines": lines}, at


def write_ReportedUnits(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 5:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["line_no"].encode())], raw,
        SIZE[len(raw := r["sku"].encode())], raw,
        write_int(r["quantity"]),
        SIZE[len(raw := r["condition"].encode())], raw,
        SIZE[len(raw := r["cause"].encode())], raw,
    ))


def read_ReportedUnits(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        line_no, at = read_text(message, at)
    else:
        line_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        sku, at = read_text(message, at)
    else:
        sku = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        quantity, at = read_long(message, at)
    else:
        quantity, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        condition, at = read_text(message, at)
    else:
        condition = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        cause, at = read_text(message, at)
    else:
        cause = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    return {"line_no": line_no, "sku": sku, "quantity": quantity, "condition": condition, "cause": cause}, at


def write_WarehouseReport(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 16:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["system"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        REPORT_KIND[r["kind"]],
        SIZE[len(raw := r["report_id"].encode())], raw,
        SIZE[len(raw := r["digest"].encode())], raw,
        SIZE[len(raw := r["delivery_id"].encode())], raw,
        SIZE[len(raw := r["status"].encode())], raw,
        write_boolean(r["final"]),
        write_array(r["parcels"], write_ReportedParcel),
        write_array(r["units"], write_ReportedUnits),
        write_int(r["page"]),
        write_int(r["pages"]),
        write_long(r["happened_at_ms"]),
        write_long(r["received_at_ms"]),
        write_bytes(r["body"]),
    ))


def read_WarehouseReport(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        system, at = read_text(message, at)
    else:
        system = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    kind, at = REPORT_KIND_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        report_id, at = read_text(message, at)
    else:
        report_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        digest, at = read_text(message, at)
    else:
        digest = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        delivery_id, at = read_text(message, at)
    else:
        delivery_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        status, at = read_text(message, at)
    else:
        status = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    final, at = read_boolean(message, at)
    parcels, at = read_array(message, at, read_ReportedParcel)
    units, at = read_array(message, at, read_ReportedUnits)
    if (n := message[at]) & NOT_SMALL:
        page, at = read_long(message, at)
    else:
        page, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        pages, at = read_long(message, at)
    else:
        pages, at = n >> 1, at + 1
    happened_at_ms, at = read_long(message, at)
    received_at_ms, at = read_long(message, at)
    body, at = read_bytes(message, at)
    return {
        "order_id": order_id, "system": system, "warehouse": warehouse, "kind": kind, "report_id": report_id,
        "digest": digest, "delivery_id": delivery_id, "status": status, "final": final, "parcels": parcels,
        "units": units, "page": page, "pages": pages, "happened_at_ms": happened_at_ms,
        "received_at_ms": received_at_ms, "body": body,
    }, at


def write_WritebackChanged(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 18:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        WRITEBACK_PHASE[r["phase"]],
        write_int(r["attempt"]),
        write_int(r["requests"]),
        NULL if (value := r["outcome"]) is None else SOME + WRITEBACK_OUTCOME[value],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["ship_by_ms"]),
        write_long(r["shipped_at_ms"]),
        NULL if (value := r["next_at_ms"]) is None else SOME + write_long(value),
        NULL if (value := r["held_since_ms"]) is None else SOME + write_long(value),
        write_long(r["at_ms"]),
    ))


def read_WritebackChanged(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    phase, at = WRITEBACK_PHASE_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    if (n := message[at]) & NOT_SMALL:
        requests, at = read_long(message, at)
    else:
        requests, at = n >> 1, at + 1
    outcome, at = (WRITEBACK_OUTCOME_AT[message[at + 1]], at + 1 + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    ship_by_ms, at = read_long(message, at)
    shipped_at_ms, at = read_long(message, at)
    next_at_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    held_since_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "shipment_id": shipment_id, "warehouse": warehouse,
        "carrier": carrier, "tracking_no": tracking_no, "phase": phase, "attempt": attempt, "requests": requests,
        "outcome": outcome, "code": code, "reason": reason, "ship_by_ms": ship_by_ms, "shipped_at_ms": shipped_at_ms,
        "next_at_ms": next_at_ms, "held_since_ms": held_since_ms, "at_ms": at_ms,
    }, at


def write_WritebackCommand(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 9:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["command_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        WRITEBACK_ACTION[r["action"]],
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        SIZE[len(raw := r["by"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["decided_at_ms"]),
    ))


def read_WritebackCommand(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        command_id, at = read_text(message, at)
    else:
        command_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    action, at = WRITEBACK_ACTION_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    decided_at_ms, at = read_long(message, at)
    return {
        "command_id": command_id, "order_id": order_id, "shipment_id": shipment_id, "action": action,
        "carrier": carrier, "tracking_no": tracking_no, "by": by, "reason": reason, "decided_at_ms": decided_at_ms,
    }, at


def write_WritebackDead(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 14:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        write_int(r["attempts"]),
        WRITEBACK_OUTCOME[r["outcome"]],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["ship_by_ms"]),
        write_long(r["at_ms"]),
    ))


def read_WritebackDead(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        attempts, at = read_long(message, at)
    else:
        attempts, at = n >> 1, at + 1
    outcome, at = WRITEBACK_OUTCOME_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    ship_by_ms, at = read_long(message, at)
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no, "shipment_id": shipment_id,
        "warehouse": warehouse, "carrier": carrier, "tracking_no": tracking_no, "attempts": attempts,
        "outcome": outcome, "code": code, "reason": reason, "ship_by_ms": ship_by_ms, "at_ms": at_ms,
    }, at


def write_WritebackDeadlineNear(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 8:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        WRITEBACK_PHASE[r["phase"]],
        write_long(r["ship_by_ms"]),
        SIZE[len(raw := r["reason"].encode())], raw,
        write_long(r["at_ms"]),
    ))


def read_WritebackDeadlineNear(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    phase, at = WRITEBACK_PHASE_AT[message[at]], at + 1
    ship_by_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    at_ms, at = read_long(message, at)
    return {
        "order_id": order_id, "channel": channel, "shop": shop, "shipment_id": shipment_id, "phase": phase,
        "ship_by_ms": ship_by_ms, "reason": reason, "at_ms": at_ms,
    }, at


def write_WritebackRequest(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 21:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["request_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["channel"].encode())], raw,
        SIZE[len(raw := r["shop"].encode())], raw,
        SIZE[len(raw := r["order_no"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        SIZE[len(raw := r["warehouse"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        write_array(r["lines"], write_ParcelLine),
        write_int(r["parcel_no"]),
        write_boolean(r["whole_order"]),
        NULL if (value := r["collect_minor"]) is None else SOME + write_long(value),
        NULL if (value := r["parcel_collect_minor"]) is None else SOME + write_long(value),
        SIZE[len(raw := r["currency"].encode())], raw,
        NULL if (value := r["receiver"]) is None else SOME + write_Receiver(value),
        write_int(r["attempt"]),
        write_long(r["ship_by_ms"]),
        write_long(r["shipped_at_ms"]),
        SIZE[len(raw := r["by"].encode())], raw,
        write_long(r["requested_at_ms"]),
    ))


def read_WritebackRequest(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        request_id, at = read_text(message, at)
    else:
        request_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        channel, at = read_text(message, at)
    else:
        channel = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shop, at = read_text(message, at)
    else:
        shop = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_no, at = read_text(message, at)
    else:
        order_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        warehouse, at = read_text(message, at)
    else:
        warehouse = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    lines, at = read_array(message, at, read_ParcelLine)
    if (n := message[at]) & NOT_SMALL:
        parcel_no, at = read_long(message, at)
    else:
        parcel_no, at = n >> 1, at + 1
    whole_order, at = read_boolean(message, at)
    collect_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    parcel_collect_minor, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        currency, at = read_text(message, at)
    else:
        currency = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    receiver, at = read_Receiver(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    if (n := message[at]) & NOT_SMALL:
        attempt, at = read_long(message, at)
    else:
        attempt, at = n >> 1, at + 1
    ship_by_ms, at = read_long(message, at)
    shipped_at_ms, at = read_long(message, at)
    if (n := message[at]) & NOT_SMALL:
        by, at = read_text(message, at)
    else:
        by = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    requested_at_ms, at = read_long(message, at)
    return {
        "request_id": request_id, "order_id": order_id, "channel": channel, "shop": shop, "order_no": order_no,
        "shipment_id": shipment_id, "warehouse": warehouse, "carrier": carrier, "tracking_no": tracking_no,
        "lines": lines, "parcel_no": parcel_no, "whole_order": whole_order, "collect_minor": collect_minor,
        "parcel_collect_minor": parcel_collect_minor, "currency": currency, "receiver": receiver, "attempt": attempt,
        "ship_by_ms": ship_by_ms, "shipped_at_ms": shipped_at_ms, "by": by, "requested_at_ms": requested_at_ms,
    }, at


def write_WritebackResult(r: Any) -> bytes:
    if type(r) is not dict or len(r) != 11:
        raise Refused
    return b"".join((
        SIZE[len(raw := r["request_id"].encode())], raw,
        SIZE[len(raw := r["order_id"].encode())], raw,
        SIZE[len(raw := r["shipment_id"].encode())], raw,
        WRITEBACK_OUTCOME[r["outcome"]],
        SIZE[len(raw := r["code"].encode())], raw,
        SIZE[len(raw := r["reason"].encode())], raw,
        SIZE[len(raw := r["carrier"].encode())], raw,
        SIZE[len(raw := r["tracking_no"].encode())], raw,
        NULL if (value := r["retry_after_ms"]) is None else SOME + write_long(value),
        write_boolean(r["held"]),
        write_long(r["at_ms"]),
    ))


def read_WritebackResult(message: bytes, at: int) -> tuple[dict[str, Any], int]:
    if (n := message[at]) & NOT_SMALL:
        request_id, at = read_text(message, at)
    else:
        request_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        order_id, at = read_text(message, at)
    else:
        order_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        shipment_id, at = read_text(message, at)
    else:
        shipment_id = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    outcome, at = WRITEBACK_OUTCOME_AT[message[at]], at + 1
    if (n := message[at]) & NOT_SMALL:
        code, at = read_text(message, at)
    else:
        code = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        reason, at = read_text(message, at)
    else:
        reason = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        carrier, at = read_text(message, at)
    else:
        carrier = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    if (n := message[at]) & NOT_SMALL:
        tracking_no, at = read_text(message, at)
    else:
        tracking_no = message[(at := at + 1) : (at := at + (n >> 1))].decode()
    retry_after_ms, at = read_long(message, at + 1) if FOLLOWS[message[at]] else (None, at + 1)
    held, at = read_boolean(message, at)
    at_ms, at = read_long(message, at)
    return {
        "request_id": request_id, "order_id": order_id, "shipment_id": shipment_id, "outcome": outcome, "code": code,
        "reason": reason, "carrier": carrier, "tracking_no": tracking_no, "retry_after_ms": retry_after_ms,
        "held": held, "at_ms": at_ms,
    }, at


#: By the fingerprint of the schema they are for: of another version they are not.
BODIES: dict[bytes, tuple[Write, Read]] = {
    bytes.fromhex("d0fe4805a8578801"): (write_Adjust, read_Adjust),
    bytes.fromhex("4d793ee57dc27c6a"): (write_AfterSale, read_AfterSale),
    bytes.fromhex("c4a2faa9315698de"): (write_AllocationReleased, read_AllocationReleased),
    bytes.fromhex("0c448be8c2ac258e"): (write_AuditEntry, read_AuditEntry),
    bytes.fromhex("28a69ddbbebcd7c2"): (write_Availability, read_Availability),
    bytes.fromhex("ea91b13ceb30f2f7"): (write_AwaitStock, read_AwaitStock),
    bytes.fromhex("06f3c63a2b47b363"): (write_Bundle, read_Bundle),
    bytes.fromhex("f095fc120916deea"): (write_ChannelCheck, read_ChannelCheck),
    bytes.fromhex("a0b11c18ed9ecb90"): (write_ChannelEvent, read_ChannelEvent),
    bytes.fromhex("f9337466d445eed8"): (write_ChannelNotice, read_ChannelNotice),
    bytes.fromhex("0c1ef5dd65cadc4f"): (write_Commit, read_Commit),
    bytes.fromhex("4dc490ba5d4c341e"): (write_ConfigDocument, read_ConfigDocument),
    bytes.fromhex("ae8af112bea50b3e"): (write_ConfigRelease, read_ConfigRelease),
    bytes.fromhex("49aa8e793fa14a26"): (write_DecisionCompared, read_DecisionCompared),
    bytes.fromhex("357e425127404e74"): (write_DeliveryChanged, read_DeliveryChanged),
    bytes.fromhex("ceb6526f8fd576d4"): (write_DeliveryCommand, read_DeliveryCommand),
    bytes.fromhex("8cdec7bbdf0e8804"): (write_DeliveryDead, read_DeliveryDead),
    bytes.fromhex("08689a9bbd6b0a10"): (write_DeliveryRequest, read_DeliveryRequest),
    bytes.fromhex("b86aa92d3ac26a4c"): (write_DeliveryResult, read_DeliveryResult),
    bytes.fromhex("383e2c7d7f941065"): (write_Duplicate, read_Duplicate),
    bytes.fromhex("464d4c7b9459d5df"): (write_Expire, read_Expire),
    bytes.fromhex("aaac84db3b20cedd"): (write_ForgetStock, read_ForgetStock),
    bytes.fromhex("253e45f8cb4f3c05"): (write_Freeze, read_Freeze),
    bytes.fromhex("ea5ec52788026b87"): (write_FreezeAnswered, read_FreezeAnswered),
    bytes.fromhex("c4d8b394e2a6b1d9"): (write_HealthCheck, read_HealthCheck),
    bytes.fromhex("d43dfbfbfa2f8d6f"): (write_ListSku, read_ListSku),
    bytes.fromhex("b75cfc717fc7d3d2"): (write_ListingCommand, read_ListingCommand),
    bytes.fromhex("e27d3125fa240ed2"): (write_ListingDead, read_ListingDead),
    bytes.fromhex("04b758a348543d68"): (write_ListingRequest, read_ListingRequest),
    bytes.fromhex("ca5f6c985736956c"): (write_ListingResult, read_ListingResult),
    bytes.fromhex("95ecf8149becf2fd"): (write_ListingSeen, read_ListingSeen),
    bytes.fromhex("fd864c15cedb06e3"): (write_Listings, read_Listings),
    bytes.fromhex("ade76f4a636151a8"): (write_LogisticsTrace, read_LogisticsTrace),
    bytes.fromhex("1b7de8fd348c555f"): (write_MergeAnswer, read_MergeAnswer),
    bytes.fromhex("a83bd442264ab91e"): (write_MergeRequest, read_MergeRequest),
    bytes.fromhex("6f2507a766024076"): (write_OperatorDecision, read_OperatorDecision),
    bytes.fromhex("6443b5ef601b6ec2"): (write_Order, read_Order),
    bytes.fromhex("0a753eb675803628"): (write_OrderAllocated, read_OrderAllocated),
    bytes.fromhex("d5da773410ddfc8b"): (write_OrderBackordered, read_OrderBackordered),
    bytes.fromhex("bfe787c804ea55cf"): (write_OrderStatusChanged, read_OrderStatusChanged),
    bytes.fromhex("b0e81b2b10ead516"): (write_PartStock, read_PartStock),
    bytes.fromhex("f682a7df9a9e65e4"): (write_PersonForgotten, read_PersonForgotten),
    bytes.fromhex("be746dd830f8c7ba"): (write_PoolAlert, read_PoolAlert),
    bytes.fromhex("ab7c388f093943c1"): (write_PoolServed, read_PoolServed),
    bytes.fromhex("4148b38ac1eaef2b"): (write_PullMark, read_PullMark),
    bytes.fromhex("eebcb610678b8c98"): (write_Receive, read_Receive),
    bytes.fromhex("7a1155252c5b2ea4"): (write_ReceiverCorrected, read_ReceiverCorrected),
    bytes.fromhex("cea3736858c3f9e2"): (write_Release, read_Release),
    bytes.fromhex("c38bb26948175560"): (write_ReportSetAside, read_ReportSetAside),
    bytes.fromhex("b3ca345cfae5cdc6"): (write_ReservationRejected, read_ReservationRejected),
    bytes.fromhex("ac00f11a43e536a3"): (write_ReservationResolved, read_ReservationResolved),
    bytes.fromhex("a39930287ded2d93"): (write_Reserve, read_Reserve),
    bytes.fromhex("d27d035238827978"): (write_Reserved, read_Reserved),
    bytes.fromhex("455b35355fcaf5fd"): (write_Restock, read_Restock),
    bytes.fromhex("345424a5321f67dc"): (write_ReturnReceived, read_ReturnReceived),
    bytes.fromhex("33fb869ece296770"): (write_Review, read_Review),
    bytes.fromhex("555d03405447b53d"): (write_SetPool, read_SetPool),
    bytes.fromhex("b7e3ee72784d972e"): (write_SetSafetyStock, read_SetSafetyStock),
    bytes.fromhex("65aa125fcf6b7833"): (write_Shipped, read_Shipped),
    bytes.fromhex("a115f6e8655c4250"): (write_StockAlert, read_StockAlert),
    bytes.fromhex("c369f81fa629cd82"): (write_StockArrived, read_StockArrived),
    bytes.fromhex("7ac79efc1e98bd99"): (write_StockCommandAnswered, read_StockCommandAnswered),
    bytes.fromhex("2e6148c368732a1f"): (write_Task, read_Task),
    bytes.fromhex("7902ea5d0f4a125c"): (write_Transfer, read_Transfer),
    bytes.fromhex("0b6d655a976837ff"): (write_Warehouse, read_Warehouse),
    bytes.fromhex("5d936773264b1757"): (write_WarehouseReport, read_WarehouseReport),
    bytes.fromhex("15db79d924f5d78d"): (write_WritebackChanged, read_WritebackChanged),
    bytes.fromhex("b843f79e45d390f6"): (write_WritebackCommand, read_WritebackCommand),
    bytes.fromhex("b8131cb5033c110e"): (write_WritebackDead, read_WritebackDead),
    bytes.fromhex("0686f567f397264e"): (write_WritebackDeadlineNear, read_WritebackDeadlineNear),
    bytes.fromhex("0cbb85ee191b7d70"): (write_WritebackRequest, read_WritebackRequest),
    bytes.fromhex("70a15fbe33042b84"): (write_WritebackResult, read_WritebackResult),
}
