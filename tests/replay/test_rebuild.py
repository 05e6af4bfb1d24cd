"""A rebuild beside the live system: it agrees with what really happened, and finds every record that somebody has tampered with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.codec import CODEC
from schemas.topics import TOPICS
from tests.replay.conftest import Here
from tests.replay.trade import Trade, copied


def ends(trade: Trade) -> dict[str, int]:
    return {status.name: status.records for status in trade.cluster.statuses()}


def groups(trade: Trade) -> set[str]:
    admin = AdminClient({"bootstrap.servers": trade.settings.brokers, "log_level": 0})
    return {g.group_id for g in admin.list_consumer_groups(request_timeout=30).result(30).valid}


def test_it_agrees_and_touches_nothing(trade: Trade, here: Here) -> None:
    before = ends(trade), groups(trade), sorted(p.name for p in trade.settings.data.iterdir())
    done = here(trade.settings, "rebuild", "--shadow", "--json")
    assert done.code == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert (report["ok"], report["differences"], report["first_differences"]) == (True, {}, [])
    counted = {topic: len(list(trade.cluster.read(topic))) for topic in TOPICS}
    events = sum(count for topic, count in counted.items() if topic.startswith("channel."))
    assert report["agreed"]["intake"] == events > 200
    accepted = [CODEC.decode(m.value() or b"")[1] for m in trade.cluster.read("orders")]
    sold = {(m.key() or b"").decode() for m in trade.cluster.read("config.bundles")}
    lines = [line for order in accepted for line in order["lines"]]
    # The table of bundles changed in between: some orders were decided by it, and later ones not.
    assert any(line["bundle_line_no"] for line in lines) and any(line["sku"] in sold for line in lines)
    assert report["agreed"]["inventory"] == sum(
        counted[t] for t in ("inventory.results", "inventory.alerts", "inventory.availability")
    )
    commands = [CODEC.decode(m.value() or b"") for m in trade.cluster.read("inventory.commands")]
    # An Adjust is allocation's where it is about an order: units that left after their reservation was given back.
    own = sum(bool(record.get("order_id")) and name != "Expire" for name, record in commands)
    assert report["agreed"]["allocation"] == counted["allocations"] + counted["order.status"] + own > 400
    assert (ends(trade), groups(trade), sorted(p.name for p in trade.settings.data.iterdir())) == before


def test_it_keeps_its_tables_when_asked_and_a_second_one_is_refused(trade: Trade, here: Here) -> None:
    kept = here(trade.settings, "rebuild", "--shadow", "--keep", "--app-id", "a-closer-look")
    folder = trade.settings.data / "a-closer-look"
    assert kept.code == 0, kept.stdout + kept.stderr
    assert str(folder) in kept.stdout
    assert "rebuild: 0 differences" in kept.stdout
    assert (folder / "tables").is_dir()
    again = here(trade.settings, "rebuild", "--shadow", "--app-id", "a-closer-look")
    assert (again.code, again.stderr.count("\n")) == (2, 1)
    assert "is there already" in again.stderr
    assert (folder / "tables").is_dir()


@pytest.mark.parametrize(
    ("args", "says"), [((), "add --shadow"), (("--shadow", "--app-id", "penstock"), "the shadow needs another")]
)
def test_one_clear_line(trade: Trade, here: Here, args: tuple[str, ...], says: str) -> None:
    done = here(trade.settings, "rebuild", *args)
    assert (done.code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_record_that_was_tampered_with_is_found_and_nothing_else(
    trade: Trade, here: Here, tmp_path: Path
) -> None:
    tampered = Tampered()
    with copied(trade, tmp_path, tampered) as other:
        done = here(other.settings, "rebuild", "--shadow", "--json")
        report = json.loads(done.stdout)
        assert done.code == 1, done.stderr
        found = {(d["stage"], d["key"]) for d in report["first_differences"]}
        # Who waits for a unit more is told of other units, if any come: so are those who want the same goods, and its sale may
        # close at another time.
        asked_for_more = tampered.orders["inventory.commands"]
        assert found - {("inventory", key) for key in wanting_the_same(trade, asked_for_more)} == {
            ("intake", tampered.orders["orders"]),
            ("inventory", tampered.orders["inventory.results"]),
            ("allocation", tampered.orders["allocations"]),
            ("allocation", tampered.orders["inventory.commands"]),
            ("allocation", tampered.orders["order.status"]),
        }
        places = {d["key"]: d["place"].partition("/")[0] for d in report["first_differences"]}
        assert places[tampered.orders["orders"]] == "orders"
        assert places[tampered.orders["allocations"]] == "allocations"

        # What retention has taken can't be recomputed, and is not passed over in silence.
        admin = AdminClient({"bootstrap.servers": other.settings.brokers, "log_level": 0})
        next(iter(admin.delete_records([TopicPartition("orders", 0, 5)]).values())).result(30)
        cut = here(other.settings, "rebuild", "--shadow")
        assert (cut.code, cut.stderr.count("\n")) == (2, 1)
        assert "orders/0 begins at 5: retention has taken" in cut.stderr


def wanting_the_same(trade: Trade, order: str) -> set[str]:
    """The goods that ``order`` waited for first, and all orders that inventory was ever asked about for them."""
    commands = [CODEC.decode(m.value() or b"") for m in trade.cluster.read("inventory.commands")]
    goods = next(c["sku"] for name, c in commands if (name, c.get("order_id")) == ("AwaitStock", order))
    return {goods} | {c["order_id"] for _, c in commands if c.get("sku") == goods and c.get("order_id")}


class Tampered:
    """Changes one record of each of five topics, each of another order, to what could well have been."""

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}

    def __call__(self, topic: str, offset: int, message: Message) -> bytes | None:
        value = message.value() or b""
        if topic not in _CHANGES or topic in self.orders:
            return value
        name, record = CODEC.decode(value)
        if name != _CHANGES[topic][0] or record["order_id"] in self.orders.values():
            return value
        changed = _CHANGES[topic][1](record)
        if changed == record:
            return value
        self.orders[topic] = record["order_id"]
        return CODEC.encode(name, changed)


_CHANGES: dict[str, tuple[str, Any]] = {
    # The amount; nothing after intake looks at it.
    "orders": ("Order", lambda r: {**r, "total_minor": r["total_minor"] + 1}),
    # An answer quotes other numbers.
    "inventory.results": ("Reserved", lambda r: {**r, "quantity": r["quantity"] + 1}),
    # A decision for a warehouse that was never asked.
    "allocations": (
        "OrderAllocated",
        lambda r: {**r, "parts": [{**p, "warehouse": "elsewhere"} for p in r["parts"]]},
    ),
    # A request that nobody decided: one unit more.
    "inventory.commands": ("AwaitStock", lambda r: {**r, "quantity": r["quantity"] + 1}),
    "order.status": ("OrderStatusChanged", lambda r: {**r, "reason": f"{r['reason']}, they say"}),
}
