"""Receivers that people correct: theirs stays while the platform goes on to show the one that it replaced. Pure.

| the platform shows | the order goes to | and |
| --- | --- | --- |
| whom the correction replaced, in whatever form | whom people named | |
| whom people named, in clear | the platform's | the correction has served |
| a third one | whom people named | it is held: who is right, a person says, by another correction or a release |

What people take back stays known, with its time: told once more, as a replay does, an older correction has no effect.
"""

from __future__ import annotations

from typing import Any

from schemas.records import Order, OrderStatus, ReceiverCorrected, StandingCorrection
from streams.domain.receiver import has_moved, mark_of, merged

#: The hold of an order of which a platform shows a third receiver; the second time of one order it has the number behind it.
DISPUTED = "receiver_disputed"
_TO_BE_HELD: frozenset[OrderStatus] = frozenset(("PAID", "HOLD"))


def corrected(order: Order, record: ReceiverCorrected, before: StandingCorrection | None) -> StandingCorrection:
    """What is known after a person's word about an order, as its platform shows it."""
    return {
        "correction_id": record["correction_id"],
        "receiver": record["receiver"],
        "replaced": mark_of(order["receiver"]) if record["receiver"] is not None else "",
        "disputed": "",
        # Of each further dispute a release is asked anew.
        "disputes": before["disputes"] if before is not None else 0,
        "decided_at_ms": record["decided_at_ms"],
    }


def forgotten(correction: StandingCorrection) -> StandingCorrection:
    """Without the person: no more than when it was."""
    return {**correction, "receiver": None, "replaced": "", "disputed": ""}


def applied(order: Order, correction: StandingCorrection) -> tuple[Order, StandingCorrection]:
    """The order as it is to be told, of one as its platform shows it; and what is known then."""
    theirs = correction["receiver"]
    if theirs is None:
        return order, correction
    shown = mark_of(order["receiver"])
    told: Any = {**order, "receiver": theirs, "receiver_from": correction["correction_id"]}
    if not has_moved(correction["replaced"], shown):
        replaced = merged(correction["replaced"], shown)
        return told, {**correction, "replaced": replaced, "disputed": ""}
    if shown == mark_of(theirs):
        return order, forgotten(correction)
    known = correction["disputed"]
    disputes = correction["disputes"] + (not known or has_moved(known, shown))
    told["platform_receiver"] = order["receiver"]
    if order["status"] in _TO_BE_HELD:
        reason = DISPUTED if disputes == 1 else f"{DISPUTED}_{disputes}"
        told |= {"status": "HOLD", "hold_reason": ",".join(filter(None, (order["hold_reason"], reason)))}
    return told, {**correction, "disputed": merged(known, shown), "disputes": disputes}
