"""Douyin's after-sale of a line, as the order shows it (`after_sale_info`): what it does to units, sent or not.

Sources: the platform's order and after-sale references. It names no pieces, and no amount; where a payload has them
(`aftersale_item_num`, `need_return_count`, `refund_amount`) they are read.

after_sale_type    0 goods go back, 1 refund of sent goods, 2 refund before sending, 3 exchange, 4 and 5 cancelled by the
                   system, the buyer; 6 price protection, 7 reissue, 8 repair
after_sale_status  6, 7, 8, 11, 13 (3) go on; 12, 14, 51 (cancelled), 53 are done; 27, 28, 29 refused or failed; 0 none
refund_status      3 the money is back
"""

from __future__ import annotations

from typing import NamedTuple

from .fields import Fields

RETURN, EXCHANGE = 0, 3
CANCELLATIONS, MONEY_ONLY = (4, 5), (6, 7, 8)
OPEN, DONE, CLOSED = (3, 6, 7, 8, 11, 13), (12, 14, 51, 53), (27, 28, 29)
CANCELLED, REFUNDED = 51, 3
UNKNOWN_KIND = -1


class Sale(NamedTuple):
    """Units of the line; `hold`: why units that wait to be sent must not be."""

    cancelled: int = 0
    asked_back: int = 0
    returned: int = 0
    hold: str = ""


NONE = Sale()
_NO = (0, None, "")


def after_sale(line: Fields, left: int, sent: int, all_refunded: bool) -> Sale:
    """What the line's after-sale does to it.

    :param left: units that are still to be sent.
    :param sent: units that have left.
    :param all_refunded: whether the line's own status says that all its money is back.
    """
    told = line.doc.get("after_sale_info")
    if told.__class__ is dict and told.get("after_sale_status") in _NO and told.get("refund_status") in _NO:
        return NONE
    sale = line.child("after_sale_info")
    state = sale.integer("after_sale_status", 0, 10_000, default=0)
    money = sale.integer("refund_status", 0, 10_000, default=0)
    if not state and money != REFUNDED:
        return NONE
    kind = sale.integer("after_sale_type", 0, 10_000, default=UNKNOWN_KIND)
    if kind in MONEY_ONLY:
        return NONE
    done = state in DONE or money == REFUNDED
    if left:
        return _before_sending(line, sale, kind, state, done, left)
    if kind not in (RETURN, EXCHANGE) or state in CLOSED or not (done or state in OPEN):
        return NONE
    count = _pieces(sale, sent) or (sent if sent == 1 or (done and all_refunded) else 0)
    return Sale(returned=count) if done else Sale(asked_back=count)


def _before_sending(line: Fields, sale: Fields, kind: int, state: int, done: bool, left: int) -> Sale:
    if done and state not in CLOSED:
        if state == CANCELLED or kind in CANCELLATIONS or _whole(line, sale):
            return Sale(cancelled=left)
        return Sale(hold="refund_amount_unknown")
    if done:  # refused, and the money is back
        return Sale(hold="refund_amount_unknown")
    if state in CLOSED:
        return NONE
    return Sale(asked_back=left, hold="refund_open" if state in OPEN else "after_sale_unknown")


def _whole(line: Fields, sale: Fields) -> bool:
    """Whether the payload itself says that all of the line's money is back."""
    paid = line.minor("pay_amount", default=0)
    if not paid or "refund_amount" not in sale.doc:
        return False
    refunded = sale.minor("refund_amount", default=0)
    if refunded > paid:
        sale.wrong(
            "out_of_range", "refund_amount", refunded, f"more than was paid for the line ({paid}): fetch it again"
        )
    return refunded == paid


def _pieces(sale: Fields, most: int) -> int:
    """Pieces that the after-sale is about, 0 when it does not say."""
    for name in ("aftersale_item_num", "need_return_count"):
        if name in sale.doc:
            return sale.integer(name, 0, most, default=0)
    return 0
