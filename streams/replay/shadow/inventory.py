"""Inventory in the shadow: the live agent on ``inventory.commands``; its answers, alerts and balances compared with the recorded ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from schemas.topics import TABLE_RECORDS
from streams.agents.inventory import Inventory
from streams.agents.wire import NothingCodec, OutOfPlace, RecordCodec
from streams.aside.places import Place
from streams.domain.inventory.decide import availability
from streams.domain.inventory.stock import InvariantViolation
from streams.engine.store import Store
from streams.replay.shadow.reading import Recordings, place_of
from streams.replay.shadow.report import Report
from streams.replay.shadow.tables import ShadowTable

STAGE = "inventory"
COMMANDS = "inventory.commands"
ANSWERS = ("inventory.results", "inventory.alerts")
BALANCES = "inventory.availability"
TOPICS_READ = (COMMANDS, *ANSWERS, BALANCES)


class OneRecord:
    """A batch of one: no decision may depend on what else is in its batch, and whatever fails is the record's own failure."""

    is_tick = False

    def __init__(self, message: Message) -> None:
        self.topic = str(message.topic())
        self.partition = int(message.partition() or 0)
        self.records = [message]
        self.at_ms = int(message.timestamp()[1])
        self.sent: list[tuple[str, bytes, bytes]] = []

    def send(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        """Kept for comparison."""
        self.sent.append((topic, key or b"", value or b""))


class Recorded:
    """What is on record and not yet recomputed. Per record some 200 bytes of memory."""

    def __init__(self, logs: Recordings) -> None:
        self.answers: dict[bytes, list[tuple[Place, str]]] = {}
        self.balances: dict[tuple[str, int], tuple[Place, bytes]] = {}
        #: SKU -> place and levels of its newest balance.
        self.newest: dict[str, tuple[Place, Any]] = {}
        self.bad: list[tuple[Place, str, str]] = []
        for messages in logs.batches((*ANSWERS, BALANCES)):
            for message in messages:
                self._add(message)

    def _add(self, message: Message) -> None:
        place, key, value = place_of(message), message.key() or b"", message.value() or b""
        named = bytes(key).decode("utf-8", "backslashreplace") if isinstance(key, bytes) else key
        if place.topic != BALANCES:
            self.answers.setdefault(_digest(place.topic, key, value), []).append((place, named))
            return
        try:
            _, record = CODEC.decode(value)
            self.balances[record["sku"], record["version"]] = place, bytes(value)
            self.newest[record["sku"]] = place, record["levels"]
        except (CodecError, KeyError) as exc:
            self.bad.append((place, named, f"is no balance: {exc}"))


class Stock(ShadowTable):
    """The table of balances, which tells what a command made of its SKU's."""

    written: Mapping[bytes, Any] = {}

    def put_many(self, items: Mapping[bytes, Any]) -> None:
        self.written = items
        super().put_many(items)


def rebuild(store: Store, logs: Recordings, quarantined: set[Place], report: Report) -> None:
    """Every command."""
    recorded = Recorded(logs)
    stock = Stock(store, "stock", _codec("stock"))
    tables: list[Any] = [
        stock,
        *(ShadowTable(store, name, _codec(name)) for name in ("reservations", "applied", "expiries", "pool_turns")),
    ]
    agent = Inventory(*tables)
    for place, key, text in recorded.bad:
        report.differs(STAGE, place, key, text)
    under_way: set[str] = set()
    for messages in logs.inputs((COMMANDS,)):
        for message in messages:
            for table in tables:
                table.partition = logs.cut.shard(place_of(message).partition)
            if not logs.cut.is_due(*place_of(message)):
                under_way.add(_owner(message))
            if _one(agent, message, recorded, logs, quarantined, report):
                _balances(stock.written, recorded, report)
    for left in recorded.answers.values():
        for place, key in left:
            report.differs(STAGE, place, key, "is recorded, and no command leads to it")
    for (sku, version), (place, _) in recorded.balances.items():
        report.differs(STAGE, place, sku, f"is version {version} of a balance, and no command leads to it")
    for sku, (place, levels) in recorded.newest.items():
        stock.partition = logs.cut.shard(place.partition)
        final = stock.get_many([sku.encode()]).get(sku.encode())
        if sku not in under_way and final is not None and final["levels"] != levels:
            report.differs(STAGE, place, sku, f"is the newest balance, recomputed: {final['levels']}")


def _one(
    agent: Inventory, message: Message, recorded: Recorded, logs: Recordings, quarantined: set[Place], report: Report
) -> bool:
    """Decides one command and compares what it sends; False when it cannot be decided."""
    batch: Any = OneRecord(message)
    place, due = place_of(message), logs.cut.is_due(*place_of(message))
    try:
        if logs.misplaced(message):
            raise OutOfPlace("its key belongs to another partition")
        agent.on_batch(batch)
    except (CodecError, OutOfPlace, InvariantViolation) as exc:
        if due and place not in quarantined:
            report.differs(STAGE, place, _owner(message), f"cannot be decided ({exc}), and is not in quarantine")
        return False
    for topic, key, value in batch.sent:
        if topic == BALANCES:
            continue  # Published once a batch: compared below, at whatever command a batch ended.
        left = recorded.answers.get(_digest(topic, key, value))
        if left:
            left.pop(0)
            report.agreed[STAGE] += 1
        elif due:
            name, record = CODEC.decode(value)
            where = "is in quarantine; " if place in quarantined else ""
            text = f"{where}recomputed: {name} on {topic}, which is not recorded so: {_gist(record)}"
            report.differs(STAGE, place, key.decode(), text)
    return True


def _balances(written: Mapping[bytes, Any], recorded: Recorded, report: Report) -> None:
    for stock in written.values():
        found = recorded.balances.pop((stock["sku"], stock["version"]), None)
        seen = availability(None, stock)
        if found is None or seen is None:
            continue
        if found[1] == CODEC.encode("Availability", seen):
            report.agreed[STAGE] += 1
        else:
            report.differs(STAGE, found[0], stock["sku"], f"recomputed with other levels: {stock['levels']}")


def _codec(table: str) -> Any:
    return RecordCodec(TABLE_RECORDS[table]) if table in TABLE_RECORDS else NothingCodec()


def _digest(topic: str, key: Any, value: Any) -> bytes:
    return hashlib.blake2b(b"\0".join((topic.encode(), key, value)), digest_size=16).digest()


def _gist(record: dict[str, Any]) -> str:
    fields = ("command_id", "answer", "sku", "warehouse", "quantity", "kind")
    return ", ".join(f"{field} {record[field]}" for field in fields if field in record)


def _owner(message: Message) -> str:
    key = message.key()
    return key.decode("utf-8", "backslashreplace") if isinstance(key, bytes) else str(key or "")
