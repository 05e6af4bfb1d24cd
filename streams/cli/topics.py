"""``penstock topics``: made, kept, listed."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, word
from schemas.topics import TOPICS, Topic
from streams.cli.common import JsonFlag, connected, out, print_json
from streams.ops.masking import may_tell_of_persons

_DAY_MS = 86_400_000


def create(
    shorten: Annotated[
        bool,
        typer.Option(
            "--shorten",
            help="What tells of persons is kept for PENSTOCK_PERSONAL_DAYS at the most: what is older is deleted.",
        ),
    ] = False,
) -> None:
    """Create every topic that does not exist yet, and have those that people work from kept for long enough."""
    cluster = connected()
    created = cluster.create_topics()
    out.print(f"created {len(created)} topics" + (": " + ", ".join(created) if created else ", all were there"))
    kept, longer = cluster.keep_topics(shorten=shorten)
    if kept:
        out.print(f"kept {'' if shorten else 'longer '}from now on: {', '.join(kept)}")
    if longer:
        days = cluster.settings.personal_days
        advice = f"penstock topics create --shorten keeps it for {days} days, and deletes what is older"
        out.print(f"what tells of persons is kept for longer on: {', '.join(longer)}; {advice}", soft_wrap=True)


def list_(as_json: JsonFlag = False) -> None:
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
        partitions = Text(word("missing"), "red") if s.partitions is None else str(s.partitions)
        table.add_row(s.name, topic.key, _kept(s.retention_ms, topic), partitions, f"{s.records:,}")
    out.print(table)


def _kept(retention_ms: int | None, topic: Topic) -> str | Text:
    if topic.cleanup == "compact":
        return said("newest of a key")
    if retention_ms is None:
        return ""
    if retention_ms < 0 and may_tell_of_persons(topic):
        return Text(said("for ever, with persons"), "red")
    if retention_ms < 0:
        return said("for ever")
    days = f"{retention_ms / _DAY_MS:,.4g}"
    if topic.retention_ms is not None and retention_ms < topic.retention_ms:
        return Text(said(f"{days} d, not {topic.kept_days:,} d"), "red")
    return f"{days} {word('d')}"
