"""After-sales of an order: what has not left is held while one is open, and cancelled by one that pays all of it back.

No after-sale moves stock that has left: goods are sellable again when a warehouse has received them (`returns`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from schemas.records import AfterSale, KnownAfterSale, OrderState, ParcelLine, StateLine

from .order_state import Key, key_of, outstanding, units_committed

# What may take goods away that have not left. Price protection, a second parcel and a repair never do.
_HOLDING = frozenset(("REFUND", "RETURN", "EXCHANGE", "OTHER"))
_CANCELLING = frozenset(("REFUND", "RETURN"))

OPEN, AMOUNT_UNKNOWN, UNCLEAR = "refund_open", "refund_amount_unknown", "refund_unclear"
#: Goods are asked back that have left, and none of them has.
SENT_CONTRADICTS, GIFT_ALONE = "sent_contradicts", "gift_alone"


def known_from(record: AfterSale) -> KnownAfterSale:
    """What the saga keeps of it, not judged yet."""
    return {
        "aftersale_id": record["aftersale_id"],
        "version": record["version"],
        "kind": record["kind"],
        "state": record["state"],
        "before_shipping": record["before_shipping"],
        "whole": record["whole"],
        "lines": record["lines"],
        "cancels": [],
        "unclear": "",
        "released": False,
    }


def judged(state: OrderState, known: KnownAfterSale) -> KnownAfterSale:
    """The after-sale with what it cancels, or why that is not clear, on the order as it stands."""
    if known["state"] != "DONE" or known["kind"] not in _CANCELLING or known["before_shipping"] is False:
        return {**known, "cancels": [], "unclear": ""}
    cancels: list[ParcelLine] = []
    unclear = ""
    for line, asked in _lines_of(state, known):
        sent = _sent(state, line)
        unsent = line["quantity"] - sent
        if unsent <= 0:
            continue
        if known["whole"] is None:
            unclear = AMOUNT_UNKNOWN
        elif known["kind"] == "RETURN" and known["before_shipping"] is None and not sent:
            unclear = SENT_CONTRADICTS
        elif known["whole"] and (asked is None or (_may_be_of_the_sent(known, asked, line) and sent)):
            unclear = UNCLEAR
        elif known["whole"]:
            units = min(asked or unsent, unsent)
            cancels.append({"line_no": line["line_no"], "sku": line["sku"], "quantity": units})
    return {**known, "cancels": cancels if not unclear else [], "unclear": unclear}


def _may_be_of_the_sent(known: KnownAfterSale, asked: int, line: StateLine) -> bool:
    """Whether some of a line are paid back, and nobody says whether they are those that have left. All of it is all of it."""
    return known["before_shipping"] is None and 0 < asked < line["quantity"]


def doubted(known: KnownAfterSale, fewer: Collection[Key]) -> KnownAfterSale:
    """The after-sale once fewer are ordered of lines that it cancelled units of: whether these are the same units nobody says."""
    if not any((line["line_no"], line["sku"]) in fewer for line in known["cancels"]):
        return known
    return {**known, "cancels": [], "unclear": UNCLEAR, "released": False}


def came_too_late(known: KnownAfterSale) -> bool:
    """Whether it pays back goods that had not left when it was asked for, and have left now."""
    done = known["state"] == "DONE" and known["kind"] in _CANCELLING and known["before_shipping"]
    return bool(done and known["whole"] and not known["cancels"] and not known["unclear"])


def hold_reasons(state: OrderState) -> Iterator[str]:
    """Why after-sales hold the order, but for those it was released from."""
    for known in state["aftersales"]:
        if known["released"]:
            continue
        if known["unclear"] and not _is_shown_cancelled(state, known):
            yield known["unclear"]
        elif known["state"] == "OPEN" and known["kind"] in _HOLDING and known["before_shipping"] is not False:
            if any(line["quantity"] > _sent(state, line) for line, _ in _lines_of(state, known)):
                yield OPEN
        elif known["state"] != "CLOSED" and known["kind"] in _HOLDING and known["before_shipping"] is False:
            lines = [line for line, _ in _lines_of(state, known) if line["quantity"] > line["cancelled_quantity"]]
            if lines and not any(_sent(state, line) for line in lines):
                yield SENT_CONTRADICTS
    if _gifts_alone(state):
        yield GIFT_ALONE


def _gifts_alone(state: OrderState) -> bool:
    """Whether after-sales have cancelled what was bought, and what is left to send was given with it."""
    cancelled = {key_of(line): 0 for line in state["lines"]}
    for known in state["aftersales"]:
        for line in known["cancels"] if not known["released"] else ():
            cancelled[line["line_no"], line["sku"]] = (
                cancelled.get((line["line_no"], line["sku"]), 0) + line["quantity"]
            )
    if not any(cancelled.values()):
        return False
    bought = [line for line in state["lines"] if line["unit_price_minor"] or line["bundle_line_no"]]
    given_up = all(line["quantity"] <= max(line["cancelled_quantity"], cancelled[key_of(line)]) for line in bought)
    return bool(bought and given_up and outstanding(state))


def answers(state: OrderState, reason: str) -> bool:
    """Whether what is known of the after-sales answers a reason for which the platform's order is held."""
    if reason not in (OPEN, AMOUNT_UNKNOWN):
        return False
    asked = [known for known in state["aftersales"] if known["kind"] in _HOLDING]
    if not asked or any(known["state"] == "OPEN" or known["unclear"] for known in asked):
        return False
    # Each line that the platform shows as asked back has one that has come to its end.
    return all(
        any(key_of(line) == key_of(each) for known in asked for each, _ in _lines_of(state, known))
        for line in state["lines"]
        if line["asked_back_quantity"]
    )


def _lines_of(state: OrderState, known: KnownAfterSale) -> Iterator[tuple[StateLine, int | None]]:
    """The order's own lines that it is about, each with its units: 0 for all of them, None where a bundle's parts don't say."""
    for line in state["lines"]:
        if line["sent_by"] != "MERCHANT":
            continue
        if not known["lines"]:
            yield line, 0
        for each in known["lines"]:
            if each["line_no"] == line["line_no"] or (not each["line_no"] and each["sku"] == line["sku"]):
                yield line, each["quantity"]
                break
            if each["line_no"] and each["line_no"] == line["bundle_line_no"]:
                yield line, None
                break


def _is_shown_cancelled(state: OrderState, known: KnownAfterSale) -> bool:
    """Whether the order itself shows by now that units of it are cancelled: then that counts."""
    lines = [line for line, _ in _lines_of(state, known)]
    return bool(lines) and all(line["cancelled_quantity"] for line in lines)


def _sent(state: OrderState, line: StateLine) -> int:
    committed = units_committed(state["parts"]).get(key_of(line), 0)
    return max(committed + line["elsewhere_quantity"], line["shipped_quantity"])
