"""Refunds of the sixth channel in canonical terms: ``streams/domain/aftersales/youzan.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.records import AfterSaleState, Reason
from streams.domain.channels.fields import Fields

from . import reasons as classes
from .sale import Sale, dated, maybe_money

STATES: dict[str, AfterSaleState] = {"ASKED": "OPEN", "PAID_BACK": "DONE", "WITHDRAWN": "CLOSED"}


def read(doc: Mapping[str, Any], reasons: list[Reason]) -> Sale:
    """A refund -> the canonical after-sale; every problem is appended to `reasons`."""
    refund = Fields(doc, "", reasons)
    version, asked = refund.time("update_time"), refund.maybe_time("created")
    dated(refund, "update_time", version, "created", asked)
    reason = refund.text("reason")
    return Sale(
        aftersale_id=refund.ident("refund_id"),
        order_no=refund.ident("tid"),
        version=version,
        kind="REFUND",
        state=refund.choice("status", STATES) or "OPEN",
        platform_state=refund.text("status"),
        before_shipping=None,
        received=None,
        currency="CNY",
        amount_minor=maybe_money(refund, "amount"),
        whole=None,
        lines=[],
        reason=reason,
        reason_code="",
        reason_class=classes.of_text(reason),
        tracking_no="",
        asked_at_ms=asked,
    )
