"""Invoices of a file in the Online Retail format, as they stand: see `retail_csv` for the format and its source."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from .sale import SaleLine

_NO_GOODS = frozenset(
    {
        "POST",
        "DOT",
        "D",
        "M",
        "S",
        "B",
        "C2",
        "CRUK",
        "BANK CHARGES",
        "AMAZONFEE",
        "ADJUST",
        "ADJUST2",
        "TEST001",
        "TEST002",
    }
)


@dataclass(slots=True)
class Invoice:
    """One invoice: its goods (negative quantities as they stand) and the sums of what is no goods, in pence."""

    number: str
    at_ms: int
    customer: str
    country: str
    goods: list[SaleLine] = field(default_factory=list)
    charges_fen: int = 0
    discount_fen: int = 0

    @property
    def taken_back(self) -> bool:
        return self.number.startswith("C")


def is_goods(code: str) -> bool:
    """Does the code stand for something that can be put in a parcel?"""
    return code.upper() not in _NO_GOODS and not code.lower().startswith("gift_")


def read_invoices(path: str | Path) -> list[Invoice]:
    """All invoices of the file, by time. Lines of one invoice need not stand together."""
    invoices: dict[str, Invoice] = {}
    numbers: dict[str, int] = {}
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number, code = row["InvoiceNo"].strip(), row["StockCode"].strip()
            if number not in invoices:
                at = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
                at_ms = int(at.timestamp()) * 1000
                invoices[number] = Invoice(number, at_ms, row["CustomerID"].split(".")[0], row["Country"].strip())
            invoice, quantity = invoices[number], int(row["Quantity"])
            pence = int((Decimal(row["UnitPrice"]) * 100).to_integral_value(ROUND_HALF_UP))
            if is_goods(code):
                title = row["Description"].strip() or code
                invoice.goods.append(SaleLine(numbers.setdefault(code, len(numbers)), code, title, "", quantity, pence))
            elif quantity * pence > 0:
                invoice.charges_fen += quantity * pence
            else:
                invoice.discount_fen -= quantity * pence
    return sorted(invoices.values(), key=lambda invoice: invoice.at_ms)


def retail_demand(invoices: list[Invoice]) -> dict[str, float]:
    """Pieces sold of each SKU, most often sold first: what `initial_stock` takes."""
    lines: Counter[str] = Counter()
    pieces: Counter[str] = Counter()
    for invoice in invoices:
        for line in invoice.goods:
            lines[line.sku] += 1
            pieces[line.sku] += max(0, line.quantity) if not invoice.taken_back else 0
    return {sku: float(pieces[sku]) for sku, _ in lines.most_common()}
