"""What the stages must have made of the logs they read, by folding the pure domain over them: no engine, no agents, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable
from typing import Any, NamedTuple

from schemas.codec import CODEC, CodecError
from schemas.topics import TOPICS
from streams.domain.intake.dedup import dedup
from streams.domain.intake.reading import NotAChannelEvent, read_event
from streams.domain.inventory import decide as inventory
from streams.domain.inventory.serving import Turns, is_frozen, waits
from tests.chaos.checks.finding import Logged, Place

OUTCOME_TOPICS = {
    "Order": "orders",
    "AfterSale": "aftersales",
    "Review": "orders.review",
    "Duplicate": "orders.duplicates",
}


class Intake(NamedTuple):
    """Of the channel topics."""

    #: (topic, key) -> (record bytes, place of the event), in order.
    outcomes: dict[tuple[str, str], list[tuple[bytes, Place]]]
    seen: dict[bytes, Any]
    indigestible: set[Place]


def intake(events: Iterable[Logged], known_skus: Container[str]) -> Intake:
    """Intake's outcomes and its ``seen``."""
    result = Intake({}, {}, set())
    seen: dict[str, Any] = {}
    for event in events:
        place = event.topic, event.partition, event.offset
        source = {"topic": event.topic, "partition": event.partition, "offset": event.offset}
        try:
            reading = read_event(event.value, event.key, source, known_skus)  # type: ignore[arg-type]
        except (NotAChannelEvent, CodecError):
            result.indigestible.add(place)
            continue
        decision = dedup(reading, seen.get(reading.key))
        if decision.seen is not None:
            seen[reading.key] = decision.seen
        made = CODEC.encode(decision.name, decision.record)
        result.outcomes.setdefault((OUTCOME_TOPICS[decision.name], reading.order_id), []).append((made, place))
    result.seen.update((key.encode(), entry) for key, entry in seen.items())
    return result


class Inventory(NamedTuple):
    """Of ``inventory.commands``."""

    stock: dict[bytes, Any]
    reservations: dict[bytes, Any]
    applied: dict[bytes, Any]
    #: Record bytes on ``inventory.results`` -> how often.
    results: Counter[bytes]
    indigestible: set[Place]


def inventory_of(commands: Iterable[Logged]) -> Inventory:
    """Balances, reservations and answers."""
    stocks: dict[str, Any] = {}
    priors: dict[str, dict[str, Any]] = {"reservations": {}, "applied": {}}
    results: Counter[bytes] = Counter()
    indigestible: set[Place] = set()
    of_pools: dict[str, dict[str, Any]] = {}
    for entry in commands:
        read = digestible(entry)
        if read is None:
            indigestible.add((entry.topic, entry.partition, entry.offset))
            continue
        name, command = read
        place = inventory.prior_key(name, command)
        prior = priors[place[0]].get(place[1]) if place else None
        rest_known = inventory.rest_key(command) in priors["reservations"]
        turns = _in_turn(of_pools.setdefault(command["sku"], {}))
        decision = inventory.decide(stocks.get(command["sku"]), name, command, prior, entry.at_ms, rest_known, turns)
        if decision.stock is not None:
            stocks[command["sku"]] = decision.stock
        if decision.applied is not None:
            priors["applied"][decision.applied["command_id"]] = decision.applied
        for each in (decision.reservation, decision.rest, *decision.others):
            if each is not None:
                priors["reservations"][each["reservation_id"]] = each
                if each["pool"] is not None:
                    of_pools[each["sku"]][each["reservation_id"]] = each
        results.update(CODEC.encode(result, record) for result, record in decision.results)
    return Inventory(
        {sku.encode(): stock for sku, stock in stocks.items()},
        {key.encode(): value for key, value in priors["reservations"].items()},
        {key.encode(): value for key, value in priors["applied"].items()},
        results,
        indigestible,
    )


def _in_turn(reservations: dict[str, Any]) -> Turns:
    """Those of one SKU's pool, found anew each time."""

    def those(which: Callable[[Any], bool]) -> list[Any]:
        found = filter(which, reservations.values())
        return sorted(found, key=lambda each: (each["pool"]["turn"], each["reservation_id"]))

    return Turns(lambda: those(is_frozen), lambda: those(waits))


def digestible(entry: Logged) -> tuple[str, Any] | None:
    """(record name, record) where the record belongs to its topic and stands under its owner's key."""
    topic = TOPICS[entry.topic]
    try:
        name, record = CODEC.decode(entry.value or b"")
    except CodecError:
        return None
    if name not in topic.records:
        return None
    owner = record[topic.key] or record["sku"]
    return (name, record) if entry.key == owner.encode() else None
