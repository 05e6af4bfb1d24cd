"""Orders that leave as one parcel, and wait for that: a log that contradicts itself is found, and one that is right is not blamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.verify.logs import ORDER, WAREHOUSE, Logs, decision, rid

OTHER = "taobao:other"
CODE = "taobao.1.M"
UNTIL_MS = 60_000


def asks(logs: Logs, order_id: str = ORDER, kind: str = "JOIN") -> None:
    fields = {"group": "g", "order_id": order_id, "kind": kind, "until_ms": UNTIL_MS if kind == "JOIN" else 0}
    logs.add("merging.requests", "g", "MergeRequest", **fields, warehouse="", carrier="", at_ms=1)


def told(logs: Logs, order_id: str, kind: str, *orders: str) -> None:
    fields: dict[str, Any] = {"order_id": order_id, "kind": kind, "warehouse": "", "carrier": "", "code": ""}
    logs.add("merging.answers", order_id, "MergeAnswer", **fields, orders=list(orders), until_ms=0, at_ms=1)


def says(logs: Logs, phase: str, reason: str, order_id: str = ORDER) -> None:
    fields = {"order_id": order_id, "channel": "taobao", "shop": "s", "order_version": 1, "at_ms": 1, "cause": ""}
    logs.add(
        "order.status", order_id, "OrderStatusChanged", **fields, status=phase, reason=reason, trouble="", refused=False
    )


def leaves(
    logs: Logs, order_id: str, *orders: str, warehouse: str = WAREHOUSE, attempt: int = 1, code: str = CODE
) -> None:
    part = {"reservation_id": rid(attempt, order_id), "line_no": "1", "sku": "S", "warehouse": warehouse, "quantity": 2}
    logs.add(
        "allocations",
        order_id,
        "OrderAllocated",
        **decision(order_id, attempt, 1),
        parts=[{**part, "collect_minor": None, "carrier": None}],
        collect_minor=None,
        merged={"code": code, "orders": list(orders)},
    )


def waiting() -> Logs:
    logs = Logs()
    logs.order(status="PAID")
    says(logs, "HELD", "waits_for_companions")
    asks(logs)
    return logs


def together() -> Logs:
    logs = waiting()
    for order_id in (ORDER, OTHER):
        leaves(logs, order_id, ORDER, OTHER)
    return logs


def long_after(logs: Logs) -> None:
    logs.now_ms = UNTIL_MS + 3_600_000
    says(logs, "ALLOCATED", "every part is reserved", OTHER)


def with_(made: Callable[[], Logs], *then: Callable[[Logs], None]) -> Callable[[], Logs]:
    def case() -> Logs:
        logs = made()
        for each in then:
            each(logs)
        return logs

    return case


SOUND: list[Callable[[], Logs]] = [
    waiting,
    together,
    with_(waiting, lambda logs: leaves(logs, ORDER, ORDER, OTHER), lambda logs: told(logs, ORDER, "LEFT", OTHER)),
    with_(waiting, lambda logs: says(logs, "RESERVING", "goes alone: nobody came"), long_after),
]
WRONG: dict[str, list[Callable[[], Logs]]] = {
    "merged_wrongly": [
        with_(waiting, lambda logs: leaves(logs, ORDER, ORDER, OTHER)),
        with_(waiting, lambda logs: leaves(logs, ORDER, OTHER, "taobao:third")),
        with_(waiting, lambda logs: leaves(logs, ORDER, ORDER)),
        with_(waiting, asks),
        with_(together, lambda logs: leaves(logs, ORDER, ORDER, OTHER, attempt=2)),
        with_(
            waiting,
            lambda logs: leaves(logs, ORDER, ORDER, OTHER),
            lambda logs: leaves(logs, OTHER, ORDER, OTHER, warehouse="elsewhere"),
        ),
    ],
    "waits_too_long": [with_(waiting, long_after)],
}


@pytest.mark.parametrize("made", SOUND)
@pytest.mark.parametrize("seed", range(3))
def test_who_leaves_with_whom_it_was_told_is_no_violation(made: Callable[[], Logs], seed: int) -> None:
    assert not WRONG.keys() & made().verify_mixed(seed).violation_counts.keys()


@pytest.mark.parametrize(("kind", "made"), [(kind, made) for kind, cases in WRONG.items() for made in cases])
def test_what_contradicts_itself_is_found(kind: str, made: Callable[[], Logs]) -> None:
    assert made().kinds()[kind] >= 1


def test_while_something_is_under_way_nobody_is_missed() -> None:
    logs = waiting()
    leaves(logs, ORDER, ORDER, OTHER)
    assert "merged_wrongly" not in logs.kinds(at_rest=False)
