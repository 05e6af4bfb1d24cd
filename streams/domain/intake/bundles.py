"""Combined goods that a merchant's table names (`config.bundles`): a line of such a SKU is shipped as its parts."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.records import Bundle, OrderLine
from streams.domain.channels.bundles import Piece, as_parts

#: Bundles by their SKU.
Bundles = Mapping[str, Bundle]


def opened(lines: list[OrderLine], bundles: Bundles) -> list[OrderLine]:
    """The lines, those of bundles as their parts: lines that this merchant sends and whose payload named no parts."""
    if not bundles or not any(line["sku"] in bundles for line in lines):
        return lines
    found: list[OrderLine] = []
    for line in lines:
        bundle = bundles.get(line["sku"])
        if bundle is None or not bundle["parts"] or line["sent_by"] != "MERCHANT" or line["bundle_line_no"]:
            found.append(line)
        else:
            found += as_parts(line, [Piece(part["sku"], part["quantity"]) for part in bundle["parts"]])
    return found
