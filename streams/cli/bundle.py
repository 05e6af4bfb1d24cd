"""``penstock bundle``: combined goods, sold as one SKU and shipped as their parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from schemas.records import Bundle, BundlePart, ListSku
from schemas.table import Table
from streams.aside.catalog import in_words, set_bundle
from streams.aside.config.listed import of_bundle
from streams.aside.config.rows import live_documents
from streams.aside.config.standing import standing
from streams.aside.foresight import bundles
from streams.aside.orders import now_ms
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.ops import audit
from streams.ops.cluster import Cluster

_PARTS_MAX, _UNITS_MAX, _SKU_CHARS_MAX = 50, 1_000, 64

Why = Annotated[str, typer.Option(help="Why, for the audit.")]


def set_(
    sku: Annotated[str, typer.Argument(help="The SKU that the listings bear.")],
    parts: Annotated[list[str], typer.Argument(help="What is in one, such as CUP=2 PLATE=1; without a number, one.")],
    because: Why = "",
) -> None:
    """Say what a SKU is shipped as, from the next snapshot of an order on."""
    wanted = [_part(text) for text in parts]
    names = [part["sku"] for part in wanted]
    if not 0 < len(sku) <= _SKU_CHARS_MAX:
        raise Refused(f"{sku!r} is no SKU: 1 to {_SKU_CHARS_MAX} characters")
    if len(wanted) > _PARTS_MAX:
        raise Refused(f"{len(wanted)} parts are given: at most {_PARTS_MAX}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"{', '.join(twice)} is given twice: add the numbers up")
    cluster = connected()
    known = bundles(cluster)
    opened = {name for name, bundle in known.items() if bundle["parts"]}
    if nested := sorted({*names} & {*opened, sku}):
        raise Refused(f"{', '.join(nested)} is a bundle itself: name the parts it is shipped as")
    holders = sorted(name for name in opened - {sku} if any(part["sku"] == sku for part in known[name]["parts"]))
    if holders:
        raise Refused(f"{sku} is a part of {', '.join(holders)}: a part is no bundle")
    by = audit.operator(cluster)
    set_bundle(cluster, sku, wanted, known.get(sku), by=by, because=because, along=_shown_by(cluster))
    out.print(f"one {sku} is shipped as {in_words(wanted)}", soft_wrap=True)
    stocked = {(m.key() or b"").decode() for m in cluster.read("inventory.availability") if m.value() is not None}
    if missing := [name for name in names if name not in stocked]:
        out.print(
            f"never received yet: {', '.join(missing)}; until then orders of {sku} go to review: penstock stock receive",
            soft_wrap=True,
        )


def remove(
    sku: Annotated[str, typer.Argument(help="The SKU that the listings bear.")],
    because: Why = "",
) -> None:
    """Say that a SKU is shipped as itself again."""
    cluster = connected()
    before = bundles(cluster).get(sku)
    if before is None or not before["parts"]:
        raise Refused(f"{sku!r} is no bundle: penstock bundle list shows those that are")
    set_bundle(cluster, sku, [], before, by=audit.operator(cluster), because=because, along=_shown_by(cluster))
    out.print(f"{sku} is no bundle any more")


def list_(as_json: JsonFlag = False) -> None:
    """Show every bundle and its parts."""
    found = [bundle for _, bundle in sorted(bundles(connected()).items()) if bundle["parts"]]
    if as_json:
        print_json(found)
        return
    table = Table("sku", "parts", "version", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for bundle in found:
        table.add_row(bundle["sku"], in_words(bundle["parts"]), str(bundle["version"]))
    out.print(table if found else "no bundles: penstock bundle set makes one")


def _shown_by(cluster: Cluster) -> Callable[[Bundle], list[ListSku]]:
    """Shops that list a bundle show what its parts make."""
    there = standing(cluster)
    return lambda record: of_bundle(live_documents(there).values(), there.rows.bundles, record, now_ms())


def _part(text: str) -> BundlePart:
    sku, _, units = text.rpartition("=") if "=" in text else (text, "", "1")
    number = int(units) if units.isascii() and units.isdigit() and len(units) < 5 else 0
    if not 0 < len(sku) <= _SKU_CHARS_MAX or not 0 < number <= _UNITS_MAX:
        raise Refused(f"{text!r} is no part: write SKU=UNITS, 1 to {_UNITS_MAX:,} units")
    return {"sku": sku, "quantity": number}
