"""What an accepted order or after-sale may say, given its payload's bytes: nothing that is not there. Knows nothing of mappers.

quantities   of a line are numbers of its payload, of what one minus another leaves, or (a bundle's part) of one times another; none is
             negative; what is cancelled, sent, asked back or come back is at most what was ordered, or what was sent
lines        of a SKU are at most as many as the payload says the SKU
amounts      are numbers of the payload, in main or minor units; or nothing
after-sales  in their ids, pieces, amount, words and waybill the same; of one line's pieces the payload may tell in parts
receiver     every word of it is in one of the payload's texts; a country is named there, or is China
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from streams.domain.reference.countries import country_of
from streams.domain.reference.currencies import digits_of

_COUNTS = ("cancelled_quantity", "shipped_quantity", "asked_back_quantity", "returned_quantity")
_RECEIVER = (
    "name",
    "phone",
    "province",
    "city",
    "district",
    "town",
    "address",
    "postal_code",
    "oaid",
    "company",
    "phone_extension",
)
_FORMS = {"cipher", "masked", "privacy"}
#: Parts of China with codes of their own, and China itself: named by a province, or by nothing at all.
_AT_HOME = {"CN", "HK", "MO", "TW"}
#: Shopify's codes for islands that ISO 3166 counts to Saint Helena.
_ISLANDS = {"ac": "SH", "ta": "SH"}


def about_order(payload: bytes, order: dict[str, Any]) -> list[str]:
    """What the order says and the payload does not."""
    doc, texts, numbers = _read(payload)
    return [
        *_lines(order, doc, texts, numbers),
        *_amounts(order, numbers),
        *_receiver(order["receiver"], texts),
    ]


def about_aftersale(payload: bytes, sale: dict[str, Any]) -> list[str]:
    """What the after-sale says and the payload does not."""
    doc, texts, numbers = _read(payload)
    found: list[str] = []
    # A line that comes back for several reasons is named for each of them.
    pieces = _sums(doc, "quantity")
    for line in sale["lines"]:
        if line["quantity"] not in numbers | pieces:
            found.append(f"line {line['line_no']}: quantity {line['quantity']} is no number of the payload")
        for name in ("line_no", "sku"):
            found += _words(f"line.{name}", line[name], texts)
    scale = Decimal(10) ** (digits_of(sale["currency"]) or 0)
    minor = sale["amount_minor"]
    # What was paid back is told transaction by transaction.
    amounts = numbers | _sums(doc, "amount")
    if minor is not None and (minor < 0 or (minor not in amounts and Decimal(minor) / scale not in amounts)):
        found.append(f"amount_minor {minor} is no amount of the payload")
    for name in ("reason", "reason_code", "tracking_no", "order_no"):
        found += _words(name, sale[name], texts)
    return found + _words("aftersale_id", sale["aftersale_id"].rpartition("/")[2], texts)


def _read(payload: bytes) -> tuple[Any, list[str], set[Decimal]]:
    """The document, its texts in a plain form, its numbers."""
    doc = json.loads(payload, parse_float=Decimal, parse_int=Decimal)
    return doc, [_plain(text) for text in _texts(doc)], set(_numbers(doc))


def _sums(doc: Any, field: str) -> set[Decimal]:
    """What some of the numbers in a field of that name come to, wherever it stands; of the first dozen."""
    found = {Decimal(0)}
    for number in [number for each in _objects(doc) for number in _numbers(each.get(field))][:12]:
        found |= {number + other for other in found}
    return found


def _words(name: str, text: str, texts: list[str]) -> list[str]:
    return [
        f"{name}: {word!r} is in none of the payload's texts"
        for word in _plain(text).split()
        if not any(word in each for each in texts)
    ]


def _lines(order: dict[str, Any], doc: Any, texts: list[str], numbers: set[Decimal]) -> Iterator[str]:
    said: dict[str, int] = {}
    for line in order["lines"]:
        name = f"line {line['line_no']}"
        own = set().union(*(set(_numbers(each)) for each in _about(doc, line))) or numbers
        allowed = {0, *own, *(a - b for a in own for b in own if len(own) < 200)}
        if line["bundle_line_no"]:
            allowed |= {a * b for a in own for b in own if len(own) < 200}
        if line["quantity"] not in allowed:
            yield f"{name}: quantity {line['quantity']} is no number of its payload"
        for count in _COUNTS:
            if not 0 <= line[count] <= max(line["quantity"], line["shipped_quantity"]):
                yield f"{name}: {count} {line[count]} of {line['quantity']}"
        if line["sku"] and _plain(line["sku"]) not in texts and not _is_number(line["sku"], numbers):
            yield f"{name}: sku {line['sku']!r} is not in the payload"
        said[line["sku"]] = said.get(line["sku"], 0) + 1
    for sku, times in said.items():
        there = texts.count(_plain(sku)) + sum(_is_number(sku, {number}) for number in _all_numbers(doc))
        if sku and times > max(1, there):
            yield f"{times} lines of {sku}, which the payload names {there} times"


def _amounts(order: dict[str, Any], numbers: set[Decimal]) -> Iterator[str]:
    scale = Decimal(10) ** (digits_of(order["currency"]) or 0)
    amounts = {"total_minor": order["total_minor"], "collect_minor": order["collect_minor"]}
    amounts |= {f"line {line['line_no']}: unit_price_minor": line["unit_price_minor"] for line in order["lines"]}
    for name, minor in amounts.items():
        if minor and Decimal(minor) not in numbers and Decimal(minor) / scale not in numbers:
            yield f"{name} {minor} is no amount of the payload"
        if minor is not None and minor < 0:
            yield f"{name} is {minor}"


def _receiver(receiver: dict[str, Any], texts: list[str]) -> Iterator[str]:
    for field in _RECEIVER:
        yield from _words(f"receiver.{field}", receiver[field] or "", texts)
    country = receiver["country"]
    if (
        country
        and country not in _AT_HOME
        and not any(text == country.casefold() or country_of(_ISLANDS.get(text, text)) == country for text in texts)
    ):
        yield f"receiver.country {country!r} is named nowhere"
    for field, form in receiver["forms"].items():
        if form not in _FORMS or field not in _RECEIVER:
            yield f"receiver.forms: {field} is {form!r}"


def _about(doc: Any, line: dict[str, Any]) -> Iterator[Any]:
    """The objects that have the line's number, or failing that its SKU, as one of their own values; with all inside them."""
    ids = {part for part in (line["line_no"], line["bundle_line_no"]) if part}
    ids |= {
        part
        for each in ids
        for part in (each.partition(":")[2], each.partition("/")[0], each.partition("#")[0])
        if part
    }
    objects = [each for each in _objects(doc) if each is not doc]
    named = [each for each in objects if any(str(value).strip() in ids for value in each.values() if _is_leaf(value))]
    sku = line["sku"]
    yield from named
    if not named:
        yield from (
            each for each in objects if any(str(value).strip() == sku for value in each.values() if _is_leaf(value))
        )


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Decimal):
        yield str(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _numbers(value: Any) -> Iterator[Decimal]:
    for text in _texts(value):
        try:
            number = Decimal(text.strip())
        except InvalidOperation:
            continue
        if number.is_finite():
            yield number


def _all_numbers(doc: Any) -> Iterable[Decimal]:
    return _numbers(doc)


def _is_leaf(value: Any) -> bool:
    return isinstance(value, str | Decimal)


def _is_number(text: str, numbers: set[Decimal]) -> bool:
    try:
        return Decimal(text) in numbers
    except InvalidOperation:
        return False


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
