"""Trials of orders, told in few words: payloads and what happens in between, one after another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streams.replay.trial.course import Trial, named_skus
from streams.replay.trial.happening import Happening, parse
from streams.replay.trial.step import Step
from streams.settings import Settings

CASES = Path(__file__).parent / "cases"
#: One in Zhejiang, where the raw orders go, one in Guangdong.
WAREHOUSES = {"HZ1": "浙江", "GZ1": "广东"}
UNITS = 100


class Happened(dict[str, Any]):
    """Something else than a payload."""


def shipped(warehouse: str = "HZ1", **more: Any) -> Happened:
    """A parcel left; without ``lines`` all that the warehouse had."""
    return Happened({"shipped": {"warehouse": warehouse, **more}})


def returned(lines: Mapping[str, int], warehouse: str = "HZ1", **more: Any) -> Happened:
    """Goods were counted in; ``lines`` by line or SKU."""
    return Happened({"returned": {"warehouse": warehouse, "lines": lines, **more}})


def decision(action: str) -> Happened:
    """An operator decided."""
    return Happened({"decision": {"action": action, "reason": "called the buyer"}})


def aftersale(payload: Mapping[str, Any]) -> Happened:
    """The platform pushed an after-sale."""
    return Happened({"aftersale": payload})


def tried(
    channel: str,
    *things: Mapping[str, Any],
    stock: Mapping[str, Mapping[str, int]] | None = None,
    bundles: Mapping[str, Mapping[str, int]] | None = None,
    pushed: bool = False,
) -> list[Step]:
    """A step for each payload or happening. ``stock``: warehouse -> SKU -> units; left out: plenty of each at HZ1 and GZ1."""
    payloads = [raw(thing) for thing in things if not isinstance(thing, Happened)]
    skus = dict.fromkeys(
        [*named_skus(channel, payloads), *(part for parts in (bundles or {}).values() for part in parts)]
    )
    trial = Trial(channel, "shop-1", Settings.from_env({}), pushed=pushed)
    for code, province in WAREHOUSES.items():
        trial.warehouse(code, province)
    for code, shelf in (stock or {code: dict.fromkeys(skus, UNITS) for code in WAREHOUSES}).items():
        for sku, units in shelf.items():
            trial.stock(sku, units, code)
    for sku, parts in (bundles or {}).items():
        trial.bundle(sku, parts)
    return [
        trial.happens(_parsed(thing)) if isinstance(thing, Happened) else trial.snapshot(raw(thing)) for thing in things
    ]


def case(number: str) -> list[dict[str, Any]]:
    """The payloads of a case."""
    (path,) = CASES.glob(f"{number}_*.json")
    payloads: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["payloads"]
    return payloads


def raw(payload: Mapping[str, Any]) -> bytes:
    """As it is sent."""
    return json.dumps(payload, ensure_ascii=False).encode()


def line(step: Step, line_no: str) -> Mapping[str, Any]:
    """A line of a step."""
    (found,) = [each for each in step.lines if each["line_no"] == line_no]
    return found


def units(step: Step, count: str) -> dict[str, int]:
    """SKU -> units of all its lines, those that have any."""
    found: dict[str, int] = {}
    for each in step.lines:
        if each[count]:
            found[each["sku"]] = found.get(each["sku"], 0) + each[count]
    return found


def _parsed(happened: Happened) -> Happening:
    return parse(json.dumps(happened, ensure_ascii=False))
