"""What is told of a submission: its audit entries and its result. No secrets, and no personal data but in what the platform ``said``.

Actions, in the order they come; ``correlation_id`` is the shipment's, the same over all attempts:

    writeback.waybill_asking      an e-waybill is about to be asked for          details.provider
    writeback.waybill_obtained    the provider's answer                          outcome: obtained, or why not
    writeback.asked               the platform was asked what it knows           outcome: known, unknown, unanswered
    writeback.submitting          a call is about to be made                     outcome: pending
    writeback.submitted           its answer, or why no call was made            outcome: a WritebackOutcome; of a call after which
                                  the submission goes on: THROTTLED, UNAVAILABLE, UNSURE; HELD: the platform holds the order
"""

from __future__ import annotations

from connectors.driver.dispatch.ledger import Said
from connectors.logistics.templates import TEMPLATES
from connectors.platforms.times import now_ms
from schemas.records import WritebackOutcome, WritebackRequest, WritebackResult
from streams.ops import audit

#: A platform's words are for a person to read, not to fill the log.
_WORDS_MAX = 500


def entry(
    request: WritebackRequest, action: str, outcome: str, reason: str = "", said: str = "", **details: object
) -> Said:
    """One audit entry about a request. ``said``: the platform's own words, which may name a person."""
    template = TEMPLATES.get(request["channel"])
    told = audit.noted(
        f"writeback.{action}",
        request["order_id"],
        by=request["by"],
        reason=reason[:_WORDS_MAX],
        said=said[:_WORDS_MAX],
        outcome=outcome,
        correlation_id=f"{request['order_id']}/{request['shipment_id']}",
        details={
            "request_id": request["request_id"],
            "shipment_id": request["shipment_id"],
            "shop": request["shop"],
            "call": template.call if template is not None else "",
            "attempt": request["attempt"],
            "parcel_no": request["parcel_no"],
            **{name: str(value)[:_WORDS_MAX] for name, value in details.items()},
        },
    )
    return Said("audit", told["subject"], "AuditEntry", told)


def result(
    request: WritebackRequest,
    outcome: WritebackOutcome,
    code: str,
    reason: str,
    *,
    carrier: str,
    tracking_no: str,
    retry_after_ms: int | None = None,
    held: bool = False,
) -> Said:
    """The answer to the writeback stage. ``carrier`` and ``tracking_no`` as they were, or would have been, told."""
    told: WritebackResult = {
        "request_id": request["request_id"],
        "order_id": request["order_id"],
        "shipment_id": request["shipment_id"],
        "outcome": outcome,
        "code": code,
        "reason": reason[:_WORDS_MAX],
        "carrier": carrier,
        "tracking_no": tracking_no,
        "retry_after_ms": retry_after_ms,
        "held": held,
        "at_ms": now_ms(),
    }
    return Said("writeback.results", request["order_id"], "WritebackResult", told)
