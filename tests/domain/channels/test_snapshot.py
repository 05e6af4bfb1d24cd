"""An order's status from its platform's word and from its lines, which may know better."""

from __future__ import annotations

import pytest

from schemas.records import OrderLine, OrderStatus
from streams.domain.channels.snapshot import goods_line, settled

WAITS = goods_line("1", "A", "", 2, 0)
SENT = goods_line("2", "A", "", 2, 0, shipped=2)
PART = goods_line("3", "A", "", 2, 0, shipped=1)
PART_SENT_REST_CANCELLED = goods_line("4", "A", "", 2, 0, shipped=1, cancelled=1)
CANCELLED = goods_line("5", "A", "", 2, 0, cancelled=2)
EDITED_OUT = goods_line("6", "A", "", 0, 0)
THEIRS = goods_line("7", "A", "", 2, 0, sent_by="SUPPLIER")
THEIRS_CANCELLED = goods_line("8", "A", "", 2, 0, cancelled=2, sent_by="SUPPLIER")
NOT_SENT = goods_line("9", "A", "", 2, 0, sent_by="NOBODY", sender="virtual")


@pytest.mark.parametrize(
    ("platform", "lines", "holds", "expected"),
    [
        ("PAID", [WAITS], [], ("PAID", None)),
        ("PAID", [WAITS], ["b", "a"], ("HOLD", "a,b")),
        ("HOLD", [WAITS], [], ("HOLD", "own")),
        ("HOLD", [WAITS], ["a"], ("HOLD", "a")),
        ("UNPAID", [WAITS], ["a"], ("UNPAID", None)),
        ("CANCELLED", [WAITS], ["a"], ("CANCELLED", None)),
        # sent once, and something new to send
        ("SHIPPED", [SENT, WAITS], [], ("PAID", None)),
        ("SHIPPED", [SENT, WAITS], ["a"], ("HOLD", "a")),
        ("PAID", [PART], [], ("PAID", None)),
        # nothing left to send
        ("PAID", [SENT], ["a"], ("SHIPPED", None)),
        ("HOLD", [SENT], [], ("SHIPPED", None)),
        ("PAID", [PART_SENT_REST_CANCELLED], [], ("SHIPPED", None)),
        ("PAID", [SENT, CANCELLED], [], ("SHIPPED", None)),
        ("PAID", [CANCELLED, EDITED_OUT], ["a"], ("CANCELLED", None)),
        # others' lines
        ("PAID", [THEIRS], ["a"], ("PAID", None)),
        ("SHIPPED", [NOT_SENT], [], ("SHIPPED", None)),
        ("PAID", [CANCELLED, THEIRS], [], ("PAID", None)),
        ("PAID", [CANCELLED, THEIRS_CANCELLED], [], ("CANCELLED", None)),
        ("PAID", [WAITS, THEIRS], ["a"], ("HOLD", "a")),
        ("PAID", [], [], ("PAID", None)),
    ],
)
def test_settled(
    platform: OrderStatus, lines: list[OrderLine], holds: list[str], expected: tuple[OrderStatus, str | None]
) -> None:
    assert settled(platform, lines, holds, "own") == expected
