"""Real orders: the invoices of a retailer's CSV file as raw events of the five channels.

    python -m connectors.generator.retail_csv FILE.csv.gz [--seed N]      says what is in the file

Format: Daqing Chen, *Online Retail*, UCI Machine Learning Repository, 2015, doi 10.24432/C5BW33, licence CC BY 4.0
(columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country). The file is the
user's; nothing of it is kept here. What it does not have is added from the seed: channel, shop, address, fake phone.

- An invoice is one paid order. Its digits are in the order number, so every decision leads back to the file.
- Codes that are no goods (postage, discounts, manual entries, bank charges) are amounts: lines that need no shipping on
  Shopify, postage and discount elsewhere. An invoice of such codes alone goes out as an order without goods: review.
- An invoice "C..." is a cancellation or return and does not say of what. It is matched to the newest earlier order of
  the same customer with these goods in sufficient number: a cancellation when it takes back the whole order within a
  day, else a return, where the channel's order can show one. What cannot be matched or shown goes out as it stands,
  with negative quantities, under its own number: review. So do negative quantities on ordinary invoices (write-offs).
- Prices are pounds: GBP on Shopify. The other shapes have no currency; there one pound is written as one yuan, figures
  unchanged. Parts of a penny are rounded half up. Times are taken as UTC.
- JD and PDD have one line per SKU: repeated ones are added up. Addresses are in the invoice's country on Shopify, in
  China elsewhere.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import NamedTuple

from .draw import CHANNELS
from .invoices import Invoice, read_invoices, retail_demand
from .places import Buyer, buyer
from .sale import RawEvent, Sale, SaleLine
from .shapes import SHAPES
from .stock import StockCommand, initial_stock
from .stream import raw_event, return_event

_COUNTRIES = {
    **{"United Kingdom": ("GB", "London"), "Germany": ("DE", "Berlin"), "France": ("FR", "Paris")},
    **{"EIRE": ("IE", "Dublin"), "Netherlands": ("NL", "Amsterdam"), "Switzerland": ("CH", "Bern")},
    **{"Spain": ("ES", "Madrid"), "Australia": ("AU", "Sydney"), "Belgium": ("BE", "Brussels")},
    **{"Portugal": ("PT", "Lisbon"), "Finland": ("FI", "Helsinki"), "Channel Islands": ("JE", "St Helier")},
    **{"Cyprus": ("CY", "Nicosia"), "Italy": ("IT", "Rome"), "Norway": ("NO", "Oslo"), "Sweden": ("SE", "Stockholm")},
    **{
        "USA": ("US", "New York"),
        "Denmark": ("DK", "Copenhagen"),
        "Canada": ("CA", "Ottawa"),
        "Japan": ("JP", "Tokyo"),
    },
    **{
        "Iceland": ("IS", "Reykjavik"),
        "Austria": ("AT", "Vienna"),
        "Poland": ("PL", "Warsaw"),
        "Malta": ("MT", "Valletta"),
    },
    **{"Singapore": ("SG", "Singapore"), "United Arab Emirates": ("AE", "Dubai"), "Greece": ("GR", "Athens")},
    **{"Lithuania": ("LT", "Vilnius"), "Hong Kong": ("HK", "Hong Kong"), "Saudi Arabia": ("SA", "Riyadh")},
    **{
        "Bahrain": ("BH", "Manama"),
        "Israel": ("IL", "Tel Aviv"),
        "Brazil": ("BR", "Sao Paulo"),
        "RSA": ("ZA", "Cape Town"),
    },
    **{"Czech Republic": ("CZ", "Prague"), "Lebanon": ("LB", "Beirut")},
}
_ELSEWHERE = ("XX", "Unspecified")
_DAY_MS = 86_400_000


@dataclass(slots=True)
class _Placed:
    """An order already published, and the pieces of it not yet taken back, by line number."""

    sale: Sale
    last: RawEvent
    left: dict[str, int]
    line_of: dict[str, str]


class Retail(NamedTuple):
    """A file's orders, and stock to serve them from."""

    events: Sequence[RawEvent]
    stock: Sequence[StockCommand]


def read_retail(path: str | Path, seed: int) -> Retail:
    """The whole file; the stock is there when the first invoice is written."""
    invoices = read_invoices(path)
    at_ms = invoices[0].at_ms if invoices else 0
    stock = initial_stock(retail_demand(invoices), seed, at_ms)
    return Retail(list(retail_events(invoices, seed)), list(stock))


def retail_events(invoices: Sequence[Invoice], seed: int) -> Iterator[RawEvent]:
    """One event per invoice, by time. Notes: "new", "update" (cancelled), "return", "unmatched" (goes to review)."""
    placed: dict[str, list[_Placed]] = defaultdict(list)
    for invoice in invoices:
        if invoice.taken_back:
            yield _take_back(invoice, placed[invoice.customer] if invoice.customer else [], seed)
            continue
        sale = _sale(invoice, seed)
        event = raw_event(sale, "paid", invoice.at_ms + 60_000, invoice.at_ms + 60_000, "new")
        if invoice.customer and all(line.quantity > 0 for line in sale.lines):
            placed[invoice.customer].append(_remember(sale, event))
        yield event


def _remember(sale: Sale, event: RawEvent) -> _Placed:
    left: dict[str, int] = {}
    line_of: dict[str, str] = {}
    for index, line in enumerate(sale.lines, start=1):
        line_no = SHAPES[sale.channel].line_no(sale, index)
        left[line_no] = line.quantity
        line_of.setdefault(line.sku, line_no)
    return _Placed(sale, event, left, line_of)


def _take_back(invoice: Invoice, earlier: list[_Placed], seed: int) -> RawEvent:
    for order in reversed(earlier):
        pieces = _pieces_of(invoice, order)
        if not pieces or order.last.event["occurred_at_ms"] >= invoice.at_ms:
            continue
        whole = pieces == {line_no: left for line_no, left in order.left.items() if left}
        untouched = order.last.note == "new"
        event: RawEvent | None
        if whole and untouched and invoice.at_ms - order.sale.placed_at_ms <= _DAY_MS:
            event = raw_event(order.sale, "cancelled", invoice.at_ms, invoice.at_ms, "update")
        else:
            event = return_event(order.last, invoice.at_ms, pieces)
        if event is not None:
            order.last = event
            order.left = {line_no: left - pieces.get(line_no, 0) for line_no, left in order.left.items()}
            return event
    return raw_event(_sale(invoice, seed), "paid", invoice.at_ms, invoice.at_ms, "unmatched")


def _pieces_of(invoice: Invoice, order: _Placed) -> Mapping[str, int]:
    """Line number -> pieces the invoice takes back; empty when the order does not have all of them."""
    wanted: Counter[str] = Counter()
    for line in invoice.goods:
        line_no = order.line_of.get(line.sku)
        if line_no is None:
            return {}
        wanted[line_no] -= line.quantity
    return dict(wanted) if all(0 < wanted[line_no] <= order.left[line_no] for line_no in wanted) else {}


def _sale(invoice: Invoice, seed: int) -> Sale:
    rng = Random(f"retail/{seed}/{invoice.number}")
    shares = [share for share, _ in CHANNELS.values()]
    channel = rng.choices(list(CHANNELS), weights=shares)[0]
    shops = CHANNELS[channel][1]
    digits = int("".join(filter(str.isdigit, invoice.number)))
    extra: tuple[SaleLine, ...] = ()
    if channel == "shopify" and invoice.charges_fen:
        extra = (SaleLine(0, "", "Postage and charges", "", 1, invoice.charges_fen),)
    return Sale(
        channel=channel,
        shop=shops[rng.randrange(len(shops))],
        # A letter before the number is another series of invoices.
        serial=digits if invoice.number.isdigit() else digits + 50_000_000,
        buyer=_buyer(invoice, seed, channel),
        lines=_one_per_sku(invoice.goods) if channel in ("jd", "pdd") else tuple(invoice.goods),
        placed_at_ms=invoice.at_ms,
        paid_at_ms=invoice.at_ms + 30_000,
        postage_fen=0 if extra else invoice.charges_fen,
        discount_fen=invoice.discount_fen,
        currency="GBP" if channel == "shopify" else "CNY",
        extra=extra,
    )


def _one_per_sku(goods: list[SaleLine]) -> tuple[SaleLine, ...]:
    merged: dict[str, SaleLine] = {}
    for line in goods:
        known = merged.get(line.sku)
        merged[line.sku] = replace(known, quantity=known.quantity + line.quantity) if known else line
    return tuple(merged.values())


def _buyer(invoice: Invoice, seed: int, channel: str) -> Buyer:
    """The same customer lives at the same invented address."""
    found = buyer(Random(f"retail/{seed}/customer/{invoice.customer or invoice.number}"))
    if channel != "shopify":
        return found
    country, city = _COUNTRIES.get(invoice.country, _ELSEWHERE)
    return found._replace(country=country, english_city=city, english_province="", zip="")


def main() -> None:
    """Counts of what the file becomes."""
    parser = argparse.ArgumentParser(description="Says what the invoices of FILE become as channel events.")
    parser.add_argument("file")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    events = Counter((raw.event["channel"], raw.note) for raw in read_retail(arguments.file, arguments.seed).events)
    for (channel, note), count in sorted(events.items()):
        print(f"{channel:8} {note:10} {count:7}")
    print(f"{'all':8} {'':10} {events.total():7}")


if __name__ == "__main__":
    main()
