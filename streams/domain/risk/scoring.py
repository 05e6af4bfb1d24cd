"""An order's risk score: signals, each with its weight and its evidence. No evidence names a person, a number or a street."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .addresses import contradicts, detail_of, forwards, vague
from .classes import Classes, classes_of
from .facts import RiskFacts
from .phones import foreign_phone_is_odd, phone_fault
from .weights import BASIS_POINTS, Settings

Evidence = tuple[tuple[str, str | int], ...]

#: What a buyer's message asks for, by number in the evidence: another address or phone, another carrier, to wait, the money back.
_ASKS = (
    re.compile("[换改](?:一下|个|成|到|下)?(?:收货)?(?:地址|电话|手机|收货人)|(?:地址|电话|手机号?)(?:写|填|留)?错"),
    re.compile("[改换]?发顺丰|[换改]快递"),
    re.compile("不要发货|先别发|暂时别发|晚点发"),
    re.compile("退款|不想要了"),
)
#: Remarks that have such a word and ask for nothing of the kind.
_ASKS_NOT = ("不要退款", "不退款", "不用改地址")


class Signal(NamedTuple):
    """One thing that is odd."""

    code: str
    #: Basis points.
    weight: int
    #: (what, its figure): classes, prefixes, counts and limits, never a person's own data.
    evidence: Evidence


class Score(NamedTuple):
    """What an order came to."""

    #: 0 to 10,000 basis points; 0 where it is on an allow-list.
    score_bp: int
    #: Whether the score reaches the limit: the order is held for a person.
    hit: bool
    #: The platform has not decided: the order waits, whatever its score.
    waits: bool
    #: All that was found, the heaviest first, also of an order that is allowed.
    signals: tuple[Signal, ...]
    classes: Classes


def score(facts: RiskFacts, settings: Settings) -> Score:
    """Score an order. Fields are classified first, and each check looks only at those that it may."""
    classes = classes_of(facts.receiver)
    found: list[Signal] = []
    for code, evidence in _signals(facts, classes, settings):
        found.append(Signal(code, settings.weights.get(code, 0), evidence))
    found.sort(key=lambda signal: (-signal.weight, signal.code))
    allowed = any(match.list == "allow" and match.until_ms > facts.now_ms for match in facts.matches)
    total = 0 if allowed else min(BASIS_POINTS, sum([signal.weight for signal in found]))
    return Score(total, total >= settings.limits.hit_bp, facts.platform == "pending", tuple(found), classes)


def _signals(facts: RiskFacts, classes: Classes, settings: Settings) -> Iterator[tuple[str, Evidence]]:
    yield from _said_by_platform(facts)
    yield from _blocked(facts)
    yield from _of_phone(facts, classes)
    yield from _of_address(facts, classes)
    yield from _of_windows(facts, classes, settings)
    yield from _of_goods(facts, settings)
    yield from _of_buyer(facts, settings)


def _said_by_platform(facts: RiskFacts) -> Iterator[tuple[str, Evidence]]:
    if facts.platform in ("review", "high"):
        yield "PLATFORM_RISK", (("platform", facts.platform),)
    if facts.platform == "pending":
        yield "PLATFORM_PENDING", (("platform", "pending"),)


def _blocked(facts: RiskFacts) -> Iterator[tuple[str, Evidence]]:
    keys = sorted({match.key for match in facts.matches if match.list == "block" and match.until_ms > facts.now_ms})
    # One key may be lent or shared by many; two are the same person.
    if len(keys) > 1:
        yield "BLOCKED", (("keys", ", ".join(keys)),)
    elif keys:
        yield "BLOCKED_BY_ONE_KEY", (("keys", keys[0]),)


def _of_phone(facts: RiskFacts, classes: Classes) -> Iterator[tuple[str, Evidence]]:
    phone, country = facts.receiver["phone"], facts.receiver["country"]
    if classes.phone != "plain":
        return
    if country not in ("CN", ""):
        if foreign_phone_is_odd(phone):
            yield "PHONE_INVALID", (("class", "plain"), ("country", country))
        return
    fault, prefix = phone_fault(phone)
    code = {
        "SERVICE": "PHONE_SERVICE",
        "REPEATED": "PHONE_REPEATED",
        "INVALID": "PHONE_INVALID",
        "VIRTUAL": "PHONE_VIRTUAL",
    }
    if fault:
        yield code.get(fault, "PHONE_UNUSUAL"), (("class", "plain"), ("kind", fault), ("prefix", prefix))


def _of_address(facts: RiskFacts, classes: Classes) -> Iterator[tuple[str, Evidence]]:
    it = facts.receiver
    if classes.address == "absent":
        # What its platform prints itself comes as ciphertext; nothing at all is nobody's door.
        yield "VAGUE_ADDRESS", (("class", "absent"), ("why", "EMPTY"))
    if classes.address != "plain":
        return
    detail = detail_of(it["address"], it["province"], it["city"], it["district"])
    name = it["name"] if classes.name == "plain" else ""
    phone = it["phone"] if classes.phone == "plain" else ""
    others = tuple([each for each in (name, phone, it["city"], it["district"], it["town"]) if each])
    why = vague(f"{it['town']}{detail}" if it["town"] and detail not in others else detail, it["country"], others)
    if why:
        yield "VAGUE_ADDRESS", (("class", "plain"), ("why", why), ("characters", len(detail)))
    if contradicts(detail, it["province"], it["city"], it["district"]):
        yield "ADDRESS_CONTRADICTS", (("class", "plain"),)
    shown = forwards(detail, name)
    if shown:
        yield "FORWARDER", (("class", "plain"), ("by", shown))


def _of_windows(facts: RiskFacts, classes: Classes, settings: Settings) -> Iterator[tuple[str, Evidence]]:
    limit = settings.limits.burst_orders
    for window in facts.windows:
        # A number that forwards is lent to many, one after another; masked ones are the same for many.
        if window.key == "phone" and classes.phone != "plain":
            continue
        if window.key == "address" and (classes.address != "plain" or window.buyers is None or window.buyers < limit):
            continue
        if window.orders >= limit and window.minutes <= settings.limits.burst_minutes:
            evidence: Evidence = (("orders", window.orders), ("minutes", window.minutes), ("limit", limit))
            yield f"BURST_{window.key.upper()}", evidence


def _of_goods(facts: RiskFacts, settings: Settings) -> Iterator[tuple[str, Evidence]]:
    limits = settings.limits
    if facts.total_minor is not None and facts.total_minor >= limits.amount_minor:
        yield "AMOUNT", (("minor", facts.total_minor), ("limit", limits.amount_minor))
    pieces = sum([line.quantity for line in facts.lines])
    if pieces >= limits.pieces:
        yield "QUANTITY", (("pieces", pieces), ("limit", limits.pieces))
    for line in facts.lines:
        floor = facts.floors.get(line.sku)
        # A gift is priced 0 by design.
        if floor is not None and 0 < line.unit_price_minor < floor:
            yield "PRICE", (("sku", line.sku), ("minor", line.unit_price_minor), ("limit", floor))
            break


def _of_buyer(facts: RiskFacts, settings: Settings) -> Iterator[tuple[str, Evidence]]:
    limits = settings.limits
    if facts.first_order and facts.total_minor is not None and facts.total_minor >= limits.first_order_minor:
        yield "FIRST_ORDER", (("minor", facts.total_minor), ("limit", limits.first_order_minor))
    orders, refunds = facts.buyer_orders, facts.buyer_refunds
    if orders is not None and refunds is not None and orders >= limits.refund_orders:
        share = refunds * BASIS_POINTS // orders
        if share >= limits.refund_bp:
            yield "REFUNDS", (("orders", orders), ("refunds", refunds), ("limit_bp", limits.refund_bp))
    billed, sent = facts.billing_country, facts.receiver["country"]
    if billed and sent and billed != sent:
        yield "COUNTRY", (("billing", billed), ("receiver", sent))
    message = facts.buyer_message
    for harmless in _ASKS_NOT:
        message = message.replace(harmless, "")
    for at, asks in enumerate(_ASKS):
        if asks.search(message):
            yield "MESSAGE", (("asks", at + 1),)
            break
    if facts.changed_after_payment:
        yield "CHANGED", ()
