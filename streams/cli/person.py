"""``penstock person forget``: what tells of an order's person is erased where it can be, and the rest is told, place by place."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said
from schemas.topics import CHANNELS
from streams.aside import persons
from streams.cli.asking import confirmed
from streams.cli.common import JsonFlag, Refused, connected, database_url, out, print_json
from streams.cli.order import Order, stood
from streams.cli.selection import Because, Yes, given_reason
from streams.domain.allocation.order_state import CLOSED
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.forgetting import forget_in_file, lines_telling
from streams.ops.history import history, standing
from streams.ops.moments import local_day
from streams.ops.sinks import Record

#: What has been done at a place, or will be.
_ERASED, _NOTHING, _RETAINED, _LOOK = "erased", "nothing there", "until", "left"


class Place(NamedTuple):
    """Where something of a person may stand: what there is, what becomes of it, and until when it stays at the latest.

    ``left``: it stays without an end, or nobody can say.
    """

    place: str
    holds: str
    outcome: str
    until: str | None = None
    left: bool = False


def forget(
    order_id: Order,
    because: Because,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--in",
            exists=True,
            help="A files sink's folder, or a replayed file, beside the data folder's files/; may be repeated.",
        ),
    ] = None,
    even_open: Annotated[
        bool, typer.Option("--even-open", help="Although it is not shipped or cancelled: nobody can send it any more.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what stands where and change nothing.")] = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Forget the person whom an order tells of: name, phone, address, remarks. The order, its decisions and its numbers stay.

    Erased at once: the database's tables, files. Named on a topic: whatever is written from the log later is written without them.
    What the topics have goes with their retention: it says by when. Twice is once. Exit code 1: something stays without an end.
    """
    given_reason(because)
    cluster = connected()
    if order_id.partition(":")[0] not in CHANNELS or not order_id.partition(":")[2]:
        raise Refused(f"{order_id!r} is no order's id: write it as listed, platform:order number")
    stands = standing(history(cluster, order_id))
    if stands is not None and stands.phase not in CLOSED and not even_open:
        raise Refused(
            f"{order_id} is {stands.phase}: whoever sends it needs the address; once it is shipped or cancelled "
            "it can be forgotten, --even-open does it all the same"
        )
    known = persons.record_of(cluster, order_id)
    if not as_json:
        about = stood(stands) if stands is not None else "the topics tell nothing of it (any more)"
        out.print(f"{order_id}: {about}" + (", its person is forgotten already" if known else ""), soft_wrap=True)
    if not dry_run:
        if known is None:
            confirmed("Forget whom it tells of? Nothing brings them back.", yes)
            persons.forget(cluster, order_id, by=audit.operator(cluster), because=because)
            known = persons.record_of(cluster, order_id)
        assert known is not None, "what was committed is read"
    paths = list(dict.fromkeys([cluster.settings.data / "files", *(files or ())]))
    places = [
        _in_database(order_id, None if dry_run else known),
        *(_in_files(path, order_id, dry_run) for path in paths),
        Place(
            "workers' state",
            "a receiver who still needs a waybill or was corrected, a checksum",
            "emptied as the workers read it",
        ),
        *_in_spool(cluster, order_id),
        *_on_topics(cluster, order_id),
    ]
    _shown(order_id, places, dry_run, as_json)
    if any(place.left for place in places):
        sys.exit(1)


def _in_database(order_id: str, known: Record | None) -> Place:
    """By the sink's own way, as a replay of the record: the sink itself comes to it when it runs."""
    from connectors.postgres.forgetting import found
    from connectors.postgres.schema import status

    async def erase(url: str, record: Record) -> None:
        from connectors.postgres import PostgresSink

        sink = PostgresSink(url)
        try:
            await sink.setup()
            await sink.write([record])
            await sink.flush({})
        finally:
            await sink.close()

    later = "the sink erases it once it runs"
    try:
        url = database_url()
        version = asyncio.run(status(url)).version
        if not version.fits:
            return Place("database", version.advice(), later, left=True)
        before = asyncio.run(found(url, order_id))
        if known is not None:
            asyncio.run(erase(url, known))
            after = asyncio.run(found(url, order_id))
            if after.rows or not after.named:
                return Place("database", _counted(after.rows), "not erased", left=True)
    except Refused:
        return Place("database", "no database is set up, or it does not run", later, left=True)
    except Exception as exc:
        from connectors.postgres.faults import fault_of, reason_of
        from streams.ops.sinks import SinkError

        if fault_of(exc) is None and not isinstance(exc, SinkError | ValueError):
            raise
        return Place("database", f"it cannot be reached: {reason_of(exc)}", later, left=True)
    return Place("database", _counted(before.rows), _ERASED if before.rows else _NOTHING)


def _counted(rows: dict[str, int]) -> str:
    return ", ".join(f"{count} in {table}" for table, count in rows.items())


def _in_files(path: Path, order_id: str, dry_run: bool) -> Place:
    from connectors.files.folder import Folder

    place = str(path)
    try:
        if not path.exists():
            return Place(place, "", _NOTHING)
        is_sinks = (path / "MANIFEST.json").exists()
        its = sorted(path.glob("*/*/*.jsonl")) if path.is_dir() else [path]
        if path.is_dir() and not is_sinks:
            return Place(place, "no folder of a files sink: name the files in it", "not touched", left=True)
        lines = sum(lines_telling(file, order_id) for file in its)
        if not dry_run and is_sinks:
            Folder(path).forget({order_id})
        elif not dry_run:
            forget_in_file(path, {order_id})
    except (OSError, ValueError) as exc:
        return Place(place, f"cannot be read and written: {exc}", "not erased", left=True)
    return Place(place, f"{lines:,} lines" if lines else "", _ERASED if lines else _NOTHING)


def _in_spool(cluster: Cluster, order_id: str) -> list[Place]:
    from connectors.channels.spool import segments_about

    found = segments_about(cluster.settings.data / "gateway" / "spool", order_id)
    return [
        Place(
            str(path), "the order's number", "held back by the gateway, and deleted, once Kafka takes what waits there"
        )
        if path.suffix == ".spool"
        else Place(str(path), "the order's number, in what the disk has spoilt", "delete it, once looked at", left=True)
        for path in found
    ]


def _on_topics(cluster: Cluster, order_id: str) -> list[Place]:
    return [
        Place(
            f"topic {each.topic}",
            f"{each.records:,} records",
            "goes with the topic's retention",
            local_day(each.gone_by_ms),
        )
        if each.gone_by_ms is not None
        else Place(
            f"topic {each.topic}",
            f"{each.records:,} records",
            "stays for ever: penstock topics create --shorten",
            left=True,
        )
        for each in persons.on_topics(cluster, order_id)
    ]


def _shown(order_id: str, places: list[Place], dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"order_id": order_id, "forgotten": not dry_run, "places": [place._asdict() for place in places]})
        return
    table = Table(box=None, pad_edge=False)
    for column in ("where", "what", "dry run: would be" if dry_run else "now", "until"):
        table.add_column(column, overflow="fold")
    for place in places:
        outcome = Text(said(place.outcome), "red") if place.left else said(place.outcome)
        table.add_row(said(place.place), said(place.holds), outcome, place.until or "")
    out.print(table)
