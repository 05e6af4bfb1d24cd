"""What documents of warehouses, bundles, pools and listings make of what the hub works by. Pure.

A document says all about the warehouses and bundles that it names, and nothing about others: what people set by hand stays. What the
version before named and this one does not is taken back: a warehouse is disabled, a bundle is none any more, a pool is closed.

A pool is no record but a command to the SKU's owner, which counts what is sold of it: refused there, it is told (`SetPool`).
So is what shops show, which documents of bundles change as well (`listed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

import msgspec

from schemas.documents.bundles import document as bundles
from schemas.documents.pools import document as pools
from schemas.documents.warehouses import document as warehouses
from schemas.records import Bundle, ListSku, SetPool, Warehouse
from streams.aside.config import listed
from streams.aside.config.standing import ConfigRefused, Standing, document_of
from streams.domain.inventory import pool_documents
from streams.domain.routing.geography import centre_of


class RowChanges(NamedTuple):
    """Records that are to be written, each with its next version, and commands."""

    warehouses: tuple[Warehouse, ...]
    bundles: tuple[Bundle, ...]
    pools: tuple[SetPool, ...] = ()
    listings: tuple[ListSku, ...] = ()


def live_documents(standing: Standing) -> dict[str, msgspec.Struct]:
    """``kind/name`` -> the document that is live, of those that can be read."""
    found: dict[str, msgspec.Struct] = {}
    for name in standing.releases:
        try:
            version = standing.live(name)
            if version is not None:
                found[name] = document_of(version)
        except ConfigRefused:
            continue
    return found


def changed(standing: Standing, after: Mapping[str, msgspec.Struct], now_ms: int) -> RowChanges:
    """What has to be written where these documents become, or are, the live ones of their names."""
    before = live_documents(standing)
    replaced = [document for name, document in before.items() if name in after]
    all_after = {**before, **after}.values()
    there = {each.code for each in _warehouses(all_after)}
    opened = {each.sku for each in _bundles(all_after)}
    wanted = [
        *(_of_warehouse(each) for each in _warehouses(after.values())),
        *(
            Warehouse(**{**standing.rows.warehouses[each.code], "enabled": False})
            for each in _warehouses(replaced)
            if each.code not in there and each.code in standing.rows.warehouses
        ),
    ]
    parts = {each.sku: _of_bundle(each) for each in _bundles(after.values())}
    gone = [each.sku for each in _bundles(replaced) if each.sku not in opened]
    made = tuple(_newer_bundles({**{sku: [] for sku in gone}, **parts}, standing.rows.bundles))
    return RowChanges(
        tuple(_newer_warehouses(wanted, standing.rows.warehouses, now_ms)),
        made,
        tuple(_pools(standing, before, after, now_ms)),
        tuple(_listings(standing, before, after, made, now_ms)),
    )


def _listings(
    standing: Standing,
    before: Mapping[str, msgspec.Struct],
    after: Mapping[str, msgspec.Struct],
    made: Iterable[Bundle],
    now_ms: int,
) -> Iterator[ListSku]:
    """Commands for what shops show otherwise than before."""
    there = standing.rows.bundles
    bundles_after = {**there, **{each["sku"]: each for each in made}}
    versions = "".join(f"+{each['sku']}@{each['version']}" for each in made)
    why = ";".join(f"{name}/{standing.change(name) + 1}" for name in sorted(after)) + versions
    return listed.commands(
        listed.said(before.values(), there),
        listed.said({**before, **after}.values(), bundles_after),
        sha256(why.encode()).hexdigest()[:32],
        now_ms,
    )


def _pools(
    standing: Standing, before: Mapping[str, msgspec.Struct], after: Mapping[str, msgspec.Struct], now_ms: int
) -> Iterator[SetPool]:
    """Commands for what differs from the version that was live; what is taken out is closed."""
    for name, document in sorted(after.items()):
        if not isinstance(document, pools.Document):
            continue
        was = before.get(name)
        old = {each.sku: each for each in was.pools} if isinstance(was, pools.Document) else {}
        new = {each.sku: each for each in document.pools}
        for sku in sorted({**old, **new}):
            if sku not in new or old.get(sku) != new[sku]:
                row = new.get(sku) or old[sku]
                yield {
                    "command_id": f"{name}/{standing.change(name) + 1}/{sku}",
                    "sku": sku,
                    "warehouse": "",
                    "pool": pool_documents.record(name, document.name, row, closed=sku not in new),
                    "requested_at_ms": now_ms,
                }


def in_documents(documents: Iterable[msgspec.Struct]) -> tuple[frozenset[str], frozenset[str]]:
    """Codes of warehouses, and SKUs of bundles, that documents name."""
    them = list(documents)
    return frozenset(each.code for each in _warehouses(them)), frozenset(each.sku for each in _bundles(them))


def as_document(name: str, them: Iterable[Warehouse]) -> warehouses.Document:
    """Records of warehouses as a document that makes just these."""
    rows = (
        warehouses.Warehouse(
            code=each["warehouse"],
            province=each["province"],
            name="" if each["name"] == each["warehouse"] else each["name"],
            **_place(each),
            max_open_units=each["max_open_units"],
            enabled=each["enabled"],
            priority=each["priority"],
        )
        for each in sorted(them, key=lambda each: each["warehouse"])
    )
    return warehouses.Document(version=1, name=name, warehouses=tuple(rows))


def bundles_as_document(name: str, them: Iterable[Bundle]) -> bundles.Document:
    """The same of bundles."""
    rows = (
        bundles.Bundle(each["sku"], tuple(bundles.BundlePart(part["sku"], part["quantity"]) for part in each["parts"]))
        for each in sorted(them, key=lambda each: each["sku"])
        if each["parts"]
    )
    return bundles.Document(version=1, name=name, bundles=tuple(rows))


def _place(each: Warehouse) -> dict[str, float]:
    here = (each["latitude"], each["longitude"])
    return {} if centre_of(each["province"]) == here else {"latitude": here[0], "longitude": here[1]}


def _warehouses(documents: Iterable[msgspec.Struct]) -> Iterator[warehouses.Warehouse]:
    for each in documents:
        if isinstance(each, warehouses.Document):
            yield from each.warehouses


def _bundles(documents: Iterable[msgspec.Struct]) -> Iterator[bundles.Bundle]:
    for each in documents:
        if isinstance(each, bundles.Document):
            yield from each.bundles


def _of_warehouse(each: warehouses.Warehouse) -> Warehouse:
    place = centre_of(each.province) if each.latitude is None or each.longitude is None else None
    latitude, longitude = place if place is not None else (each.latitude or 0.0, each.longitude or 0.0)
    return {
        "warehouse": each.code,
        "name": each.name or each.code,
        "province": each.province,
        "latitude": latitude,
        "longitude": longitude,
        "max_open_units": each.max_open_units,
        "enabled": each.enabled,
        "priority": each.priority,
        "version": 0,
    }


def _of_bundle(each: bundles.Bundle) -> list[tuple[str, int]]:
    return [(part.sku, part.pieces) for part in each.parts]


def _newer_warehouses(wanted: Iterable[Warehouse], there: Mapping[str, Warehouse], now_ms: int) -> Iterator[Warehouse]:
    for each in wanted:
        before = there.get(each["warehouse"])
        if before is None:
            yield {**each, "version": now_ms}
        elif _settings(each) != _settings(before):
            yield {**each, "version": max(before["version"] + 1, now_ms)}


def _settings(each: Warehouse) -> dict[str, object]:
    return {field: value for field, value in each.items() if field != "version"}


def _newer_bundles(wanted: Mapping[str, list[tuple[str, int]]], there: Mapping[str, Bundle]) -> Iterator[Bundle]:
    for sku, parts in wanted.items():
        before = there.get(sku)
        if parts == ([(part["sku"], part["quantity"]) for part in before["parts"]] if before is not None else []):
            continue
        number = 1 if before is None else before["version"] + 1
        yield {"sku": sku, "parts": [{"sku": part, "quantity": pieces} for part, pieces in parts], "version": number}
