"""Listing: which quantity each shop is told, when, and what its answers mean.

One event about a SKU in, one decision out. Events of different topics come in any order, and more than once.

| event | does |
| --- | --- |
| Availability | newer balances; bundles that have it as a part hear of them; what changes is told |
| PartStock | the same of a bundle's part |
| ListSku | where it is shown, by which rule, and what it is made of; a place that is not named any more is told nothing more |
| ListingResult | of a request that is open: shown, superseded, to be told again, or dead |
| ListingSeen | what a shop shows: more than it was told is put right at once, less when it is seen twice |
| ListingCommand | told anew, once by its id |
| the tick | ``wake``: what is due, and sales of pools that begin or end |

What holds at any time, of one place:
1. Requests are numbered; the connector tells the newest that it has read, after those before it, or in their place. So no older quantity
   is told after a newer one.
2. One request is open, but for a closing, which waits for none: two at the most. What changes meanwhile is told once, as it is then.
3. A closing waits for nothing; another quantity for the place's pause between two.

Less than it was told is mostly what the platform has sold, and the hub is about to hear of: told again at once, it would sell that twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemas.records import (
    Availability,
    Listed,
    ListingCommand,
    ListingResult,
    Listings,
    ListingSeen,
    ListSku,
    PartStock,
    SkuStock,
)

from .showing import shown, turns_at_ms
from .state import COMMANDS_MAX, PLACES_MAX, REASON_MAX, begun, unlisted
from .step import AGAIN_MAX_MS, AGAIN_MS, HELD_MS, Decision, Step

#: Requests that may be open of one place: one, and a closing.
_PENDING_MAX = 2


class TooManyPlaces(ValueError):
    """A SKU is listed at more places than are kept."""


def decide(state: Listings | None, name: str, record: Mapping[str, Any], at_ms: int) -> Decision:
    """Decide one event about a SKU.

    :param state: what is known of the SKU, None when nothing.
    :param at_ms: the event's time in the log; goes into everything sent.
    :raises TooManyPlaces: the record can't be taken into account; KeyError: nobody knows such an event.
    """
    step = Step(state if state is not None else unlisted(record["sku"]), at_ms)
    _HANDLERS[name](step, record)
    _reckon(step)
    return step.decision(state)


def wake(state: Listings, at_ms: int) -> Decision:
    """What the time itself sets in motion."""
    step = Step(state, at_ms)
    _reckon(step)
    return step.decision(state)


def _reckon(step: Step) -> None:
    """What each place should show by now, and which of that can be told."""
    state = step.state
    if not state["listed"]:
        return
    by_sku = {stock["sku"]: stock for stock in state["part_stocks"]}
    named = [by_sku[part["sku"]] for part in state["parts"] if part["sku"] in by_sku]
    concerned = named if state["parts"] else [] if state["stock"] is None else [state["stock"]]
    turns = turns_at_ms(concerned, step.at_ms)
    if turns != state["pool_at_ms"]:
        step.update(pool_at_ms=turns)
    for it in state["listed"]:
        found = shown(state["stock"], state["parts"], by_sku, it["place"], it["open"], step.at_ms)
        if found.quantity != it["wanted"]:
            it = step.change(it, wanted=found.quantity, open=found.open, changed_at_ms=step.at_ms)
        elif found.open != it["open"]:
            it = step.change(it, open=found.open)
        _let_go(step, it)


def _let_go(step: Step, it: Listed) -> None:
    """Has told what a place should show, as far as it can be told now."""
    wanted, at_ms = it["wanted"], step.at_ms
    if wanted is None:
        if it["phase"] != "UNKNOWN" and not it["pending"]:
            step.change(it, phase="UNKNOWN", next_at_ms=None)
        return
    newest = it["pending"][-1]["quantity"] if it["pending"] else None if it["doubt"] else it["told"]
    waits = it["phase"] == "RETRYING" and not _is_due(it, at_ms)
    free_at_ms = it["sent_at_ms"] + it["place"]["every_ms"]
    if it["phase"] == "DEAD":
        # A sale that is to be closed is tried once more: what else is told waits for a person.
        if wanted == 0 and it["sent"] != 0:
            step.request(it, 0)
    elif newest == wanted:
        if not it["pending"] and it["phase"] != "SHOWN":
            step.change(it, phase="SHOWN", attempt=0, next_at_ms=None, reason="", code="")
    elif wanted == 0 and len(it["pending"]) < _PENDING_MAX and not (waits and it["sent"] == 0):
        step.request(it, 0)
    elif it["pending"] or waits:
        return
    elif free_at_ms > at_ms and not it["attempt"]:
        if it["next_at_ms"] != free_at_ms or it["phase"] != "WAITING":
            step.change(it, phase="WAITING", next_at_ms=free_at_ms)
    else:
        step.request(it, wanted)


def _is_due(it: Listed, at_ms: int) -> bool:
    return it["next_at_ms"] is None or it["next_at_ms"] <= at_ms


def _on_availability(step: Step, record: Availability) -> None:
    known = step.state["stock"]
    if known is not None and record["version"] <= known["version"]:
        return
    stock: SkuStock = {
        "sku": record["sku"],
        "version": record["version"],
        "levels": record["levels"],
        "pool": record["pool"],
    }
    step.update(stock=stock)
    for bundle in step.state["bundles"]:
        step.parts.append({"sku": bundle, "stock": stock})


def _on_part_stock(step: Step, record: PartStock) -> None:
    stock = record["stock"]
    others = [each for each in step.state["part_stocks"] if each["sku"] != stock["sku"]]
    known = next((each for each in step.state["part_stocks"] if each["sku"] == stock["sku"]), None)
    if known is None or stock["version"] > known["version"]:
        step.update(part_stocks=[*others, stock])


def _on_list(step: Step, record: ListSku) -> None:
    if record["command_id"] in step.state["commands"]:
        return
    if len(record["places"]) > PLACES_MAX:
        raise TooManyPlaces(f"{record['sku']} is listed at {len(record['places'])} places: {PLACES_MAX} at the most")
    _remember(step, record["command_id"])
    there = {it["place"]["place"]: it for it in step.state["listed"]}
    listed = []
    for place in record["places"]:
        it = there.get(place["place"]) or begun(place, step.at_ms)
        # Another rule is a reason to try again what was given up.
        again = {"phase": "WAITING", "attempt": 0, "doubt": True} if it["phase"] == "DEAD" else {}
        listed.append(it if it["place"] == place else {**it, "place": place, **again})
    parts = {part["sku"] for part in record["parts"]}
    kept = [each for each in step.state["part_stocks"] if each["sku"] in parts] if record["parts"] else []
    step.update(parts=record["parts"], bundles=record["bundles"], listed=listed, part_stocks=kept)
    if (stock := step.state["stock"]) is not None:
        step.parts += [{"sku": bundle, "stock": stock} for bundle in record["bundles"]]


def _on_result(step: Step, result: ListingResult) -> None:
    it = step.find(result["place"])
    if it is None or not any(each["number"] == result["number"] for each in it["pending"]):
        return  # it is not listed any more, or has its answer
    pending = [each for each in it["pending"] if each["number"] != result["number"]]
    said: dict[str, Any] = {"outcome": result["outcome"], "code": result["code"]}
    said["reason"] = result["reason"][:REASON_MAX]
    it = step.change(it, pending=pending)
    match result["outcome"]:
        case "DONE" | "ALREADY":
            told = {"told": result["quantity"], "told_at_ms": step.at_ms, "doubt": False}
            step.change(it, phase="REQUESTED" if pending else "WAITING", attempt=0, next_at_ms=None, **told, **said)
        case "SUPERSEDED":
            if not pending:
                step.change(it, phase="WAITING", **said)
        case "REFUSED":
            if pending:
                # What goes in its place has its own answer.
                step.change(it, doubt=True, **said)
            else:
                step.die(it, result)
        case outcome:
            wait_ms = HELD_MS if outcome == "HELD" else min(AGAIN_MAX_MS, AGAIN_MS << min(it["attempt"] - 1, 20))
            again = {"phase": "RETRYING", "next_at_ms": step.at_ms + wait_ms} if not pending else {}
            step.change(it, doubt=True, **again, **said)


def _on_seen(step: Step, seen: ListingSeen) -> None:
    it = step.find(seen["place"])
    if it is None or it["number"] != seen["number"] or it["pending"]:
        return  # it is not listed any more, or was told another number since
    before, quantity = it["seen"], seen["quantity"]
    expected = it["told"] if it["told"] is not None else it["wanted"]
    if expected is None:
        return
    differs = quantity - expected
    it = step.change(it, seen=quantity, seen_at_ms=seen["at_ms"], differs=differs)
    if it["phase"] not in ("SHOWN", "WAITING") or not differs:
        return
    if differs > 0 or before == quantity:
        step.change(it, told=quantity, phase="WAITING", attempt=0, next_at_ms=None, doubt=False)


def _on_command(step: Step, command: ListingCommand) -> None:
    if command["command_id"] in step.state["commands"]:
        return
    _remember(step, command["command_id"])
    it = step.find(command["place"])
    if it is None or it["pending"]:
        return  # its answer is awaited: then what it should show is told anyway
    step.change(it, phase="WAITING", attempt=0, doubt=True, next_at_ms=None, by=command["by"], sent_at_ms=0)


def _remember(step: Step, command_id: str) -> None:
    step.update(commands=[*step.state["commands"], command_id][-COMMANDS_MAX:])


_HANDLERS: dict[str, Callable[[Step, Any], None]] = {
    "Availability": _on_availability,
    "PartStock": _on_part_stock,
    "ListSku": _on_list,
    "ListingResult": _on_result,
    "ListingSeen": _on_seen,
    "ListingCommand": _on_command,
}
