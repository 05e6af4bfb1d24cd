"""Commands that change something: they write commands and configuration to Kafka, like everyone else."""

from __future__ import annotations

import time
import uuid
from typing import Annotated

import typer
from rich.table import Table

from schemas.topics import TOPICS, Topic
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.domain.routing.geography import centre_of

_DAY_MS = 86_400_000


def topics_create() -> None:
    """Create every topic that does not exist yet, and have those that people work from kept for long enough."""
    cluster = connected()
    created = cluster.create_topics()
    out.print(f"created {len(created)} topics" + (": " + ", ".join(created) if created else ", all were there"))
    if kept := cluster.keep_topics():
        out.print(f"kept longer from now on: {', '.join(kept)}")


def topics_list(as_json: JsonFlag = False) -> None:
    """Topics with their key, partitions, how long records are kept, and how many there are (transaction markers included)."""
    statuses = connected().statuses()
    if as_json:
        print_json([{**s._asdict(), "key": TOPICS[s.name].key, "records_of": TOPICS[s.name].records} for s in statuses])
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("topic", no_wrap=True)
    table.add_column("key")
    table.add_column("kept")
    table.add_column("partitions", justify="right")
    table.add_column("records", justify="right")
    for s in statuses:
        topic = TOPICS[s.name]
        partitions = "[red]missing[/]" if s.partitions is None else str(s.partitions)
        table.add_row(s.name, topic.key, _kept(s.retention_ms, topic), partitions, f"{s.records:,}")
    out.print(table)


def _kept(retention_ms: int | None, topic: Topic) -> str:
    if topic.cleanup == "compact":
        return "newest of a key"
    if retention_ms is None:
        return ""
    text = "for ever" if retention_ms < 0 else f"{retention_ms / _DAY_MS:,.4g} d"
    if topic.retention_ms is not None and 0 <= retention_ms < topic.retention_ms:
        return f"[red]{text}, not {topic.kept_days:,} d[/]"
    return text


def warehouse_set(
    name: Annotated[str, typer.Argument(help="The warehouse's code, such as HZ1.")],
    province: Annotated[str, typer.Option(help="Where it stands: 浙江 or Zhejiang.")],
    title: Annotated[str, typer.Option(help="Its name for people.")] = "",
    latitude: Annotated[
        float | None, typer.Option(min=-90, max=90, help="Degrees; the province's when left out.")
    ] = None,
    longitude: Annotated[float | None, typer.Option(min=-180, max=180, help="Degrees.")] = None,
    max_open_units: Annotated[int | None, typer.Option(min=0, help="Units it can have open at a time.")] = None,
    priority: Annotated[int, typer.Option(help="Lower goes first among equals.")] = 0,
    disabled: Annotated[bool, typer.Option("--disabled", help="Orders are not sent there.")] = False,
) -> None:
    """Create a warehouse, or change its settings."""
    place = centre_of(province)
    if place is None and (latitude is None or longitude is None):
        raise Refused(f"unknown province {province!r}: give --latitude and --longitude as well")
    cluster = connected()
    record = {
        "warehouse": name,
        "name": title or name,
        "province": province,
        "latitude": latitude if latitude is not None else place[0],  # type: ignore[index]
        "longitude": longitude if longitude is not None else place[1],  # type: ignore[index]
        "max_open_units": max_open_units,
        "enabled": not disabled,
        "priority": priority,
        "version": _now_ms(),
    }
    cluster.publish([("config.warehouses", name, "Warehouse", record)])
    out.print(f"warehouse {name} is set")


def stock_receive(
    sku: Annotated[str, typer.Argument(help="Which goods.")],
    quantity: Annotated[int, typer.Argument(min=1, help="Pieces.")],
    warehouse: Annotated[str, typer.Option(help="Where they have come in.")],
    safety_stock: Annotated[
        int | None, typer.Option(min=0, help="Pieces to keep back from sale there, from now on.")
    ] = None,
    command_id: Annotated[str, typer.Option(help="Repeating a command with the same id has no effect.")] = "",
) -> None:
    """Take goods into a warehouse."""
    cluster = connected()
    known = {(m.key() or b"").decode() for m in cluster.read("config.warehouses") if m.value() is not None}
    if warehouse not in known:
        names = ", ".join(sorted(known)) or "none yet: penstock warehouse set makes one"
        raise Refused(f"unknown warehouse {warehouse!r}; there are: {names}")
    command_id = command_id or f"cli/{uuid.uuid4()}"
    command = {
        "command_id": command_id,
        "sku": sku,
        "warehouse": warehouse,
        "quantity": quantity,
        "requested_at_ms": _now_ms(),
    }
    commands = [("inventory.commands", sku, "Receive", command)]
    if safety_stock is not None:
        safety = {**command, "command_id": f"{command_id}/safety", "quantity": safety_stock}
        commands.append(("inventory.commands", sku, "SetSafetyStock", safety))
    cluster.publish(commands)
    out.print(f"{quantity} x {sku} sent to {warehouse} as command {command_id}")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
