"""Douyin's after-sales of a line: every type in every state, before and after sending."""

from __future__ import annotations

import pytest

from streams.domain.channels.snapshot import to_send
from tests.domain.channels.test_douyin import LINE, SECOND_NO, with_line
from tests.domain.raw_orders import DOUYIN, Doc, changed, codes, sound

OPEN, DONE, REFUSED = (3, 6, 7, 8, 11, 13), (12, 14, 53), (27, 28, 29)
RETURN, AFTER, BEFORE, EXCHANGE, SYSTEM_CANCEL, USER_CANCEL = range(6)
PRICE_PROTECTION, REISSUE, REPAIR = 6, 7, 8
SENT: Doc = {"order_status": 3}


def sale(status: int, kind: int | None, refund: int = 0, **more: object) -> Doc:
    info: Doc = {"after_sale_status": status, "refund_status": refund, **more}
    return {"after_sale_info": info if kind is None else {**info, "after_sale_type": kind}}


@pytest.mark.parametrize("kind", [RETURN, AFTER, BEFORE, EXCHANGE, SYSTEM_CANCEL, USER_CANCEL, None])
@pytest.mark.parametrize("status", OPEN)
def test_an_open_one_holds_what_waits(status: int, kind: int | None) -> None:
    order = sound("douyin", with_line(**sale(status, kind)))
    assert (order.status, order.hold_reason) == ("HOLD", "refund_open")
    assert (order.lines[0]["asked_back_quantity"], to_send(order.lines[0])) == (2, 2)


@pytest.mark.parametrize("kind", [PRICE_PROTECTION, REISSUE, REPAIR])
@pytest.mark.parametrize("status", [*OPEN, *DONE, *REFUSED])
@pytest.mark.parametrize("fields", [{}, SENT])
def test_price_protection_reissue_and_repair_move_nothing(fields: Doc, status: int, kind: int) -> None:
    order = sound("douyin", with_line(fields, **sale(status, kind, 3)))
    plain = sound("douyin", with_line(fields))
    assert (order.status, order.hold_reason, order.lines) == (plain.status, plain.hold_reason, plain.lines)


@pytest.mark.parametrize("kind", [RETURN, AFTER, BEFORE, EXCHANGE, None])
@pytest.mark.parametrize("status", REFUSED)
def test_a_refused_one_lets_go(status: int, kind: int | None) -> None:
    order = sound("douyin", with_line(**sale(status, kind, 1)))
    assert (order.status, to_send(order.lines[0])) == ("PAID", 2)


@pytest.mark.parametrize("kind", [RETURN, AFTER, BEFORE, EXCHANGE, None])
@pytest.mark.parametrize("status", DONE)
def test_a_done_one_of_a_line_that_waits_is_in_doubt(status: int, kind: int | None) -> None:
    order = sound("douyin", with_line(**sale(status, kind, 3)))
    assert (order.status, order.hold_reason) == ("HOLD", "refund_amount_unknown")
    assert order.lines[0]["cancelled_quantity"] == 0


@pytest.mark.parametrize(
    ("line", "status", "cancelled"),
    [
        (sale(12, BEFORE, 3) | {"order_status": "4"}, "CANCELLED", 2),
        (sale(12, BEFORE, 3) | {"order_status": "21"}, "CANCELLED", 2),
        (sale(51, USER_CANCEL), "CANCELLED", 2),
        (sale(12, SYSTEM_CANCEL), "CANCELLED", 2),
        (sale(12, BEFORE, 3, refund_amount=9900) | {"pay_amount": 9900}, "CANCELLED", 2),
        (sale(12, BEFORE, 3, refund_amount=500) | {"pay_amount": 9900}, "HOLD", 0),
        (sale(12, BEFORE, 3, refund_amount=500), "HOLD", 0),
        (sale(28, BEFORE, 3), "HOLD", 0),  # failed, and the money is back
        (sale(0, BEFORE, 3), "HOLD", 0),
        (sale(99, BEFORE), "HOLD", 0),
    ],
)
def test_what_says_that_all_of_the_line_is_off(line: Doc, status: str, cancelled: int) -> None:
    order = sound("douyin", with_line(**line))
    assert (order.status, order.lines[0]["cancelled_quantity"]) == (status, cancelled)


def test_a_refund_of_one_line_holds_the_order_and_a_cancelled_line_does_not() -> None:
    refunded = changed(LINE, order_id=SECOND_NO, **sale(12, BEFORE, 3))
    assert sound("douyin", changed(DOUYIN, sku_order_list=[LINE, refunded])).status == "HOLD"
    gone = changed(refunded, order_status="4")
    order = sound("douyin", changed(DOUYIN, sku_order_list=[LINE, gone]))
    assert (order.status, [to_send(line) for line in order.lines]) == ("PAID", [2, 0])


@pytest.mark.parametrize(
    ("line", "returned", "asked_back"),
    [
        (sale(12, RETURN, 3), 0, 0),  # one of two, or both: it does not say
        (sale(12, RETURN, 3) | {"item_num": 1}, 1, 0),
        (sale(12, RETURN, 3, aftersale_item_num=1), 1, 0),
        (sale(12, RETURN, 3, need_return_count=2), 2, 0),
        (sale(12, RETURN, 3) | {"order_status": "39"}, 2, 0),  # all of the line's money is back
        (sale(14, EXCHANGE) | {"item_num": 1}, 1, 0),
        (sale(12, AFTER, 3) | {"item_num": 1}, 0, 0),
        (sale(12, BEFORE, 3) | {"item_num": 1}, 0, 0),
        (sale(7, RETURN) | {"item_num": 1}, 0, 1),
        (sale(11, RETURN, aftersale_item_num=1), 0, 1),
        (sale(7, RETURN), 0, 0),
        (sale(27, RETURN, aftersale_item_num=1), 0, 0),
    ],
)
def test_what_comes_back_of_a_sent_line(line: Doc, returned: int, asked_back: int) -> None:
    order = sound("douyin", with_line(SENT, **({"order_status": "3"} | line)))
    found = order.lines[0]
    assert (order.status, found["returned_quantity"], found["asked_back_quantity"]) == ("SHIPPED", returned, asked_back)
    assert to_send(found) == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"after_sale_info": "none"}, ("wrong_type", "after_sale_info")),
        (sale(-1, 0), ("out_of_range", "after_sale_info.after_sale_status")),
        ({"after_sale_info": {"after_sale_status": []}}, ("wrong_type", "after_sale_info.after_sale_status")),
        (
            {"after_sale_info": {"after_sale_status": 6, "after_sale_type": "x"}},
            ("wrong_type", "after_sale_info.after_sale_type"),
        ),
        (
            sale(12, BEFORE, 3, refund_amount=9901) | {"pay_amount": 9900},
            ("out_of_range", "after_sale_info.refund_amount"),
        ),
        (
            sale(12, BEFORE, 3, refund_amount="a lot") | {"pay_amount": 9900},
            ("invalid_money", "after_sale_info.refund_amount"),
        ),
    ],
)
def test_after_sales_that_are_wrong(line: Doc, expected: tuple[str, str]) -> None:
    code, field = expected
    assert (code, f"sku_order_list[0].{field}") in codes("douyin", with_line(**line))


def test_more_pieces_back_than_were_sent() -> None:
    doc = with_line(SENT, order_status="3", **sale(12, RETURN, 3, aftersale_item_num=3))
    assert codes("douyin", doc) == [("out_of_range", "sku_order_list[0].after_sale_info.aftersale_item_num")]
