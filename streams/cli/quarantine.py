"""``penstock quarantine``: messages that failed and records a sink refused, seen, let go on or discarded."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from schemas.codec import CODEC, CodecError
from schemas.table import Table
from schemas.terminal import styled
from schemas.texts import said, word
from streams.aside import quarantine
from streams.aside.fenced import Closing
from streams.aside.origin import Gone, recalled
from streams.aside.places import Place
from streams.aside.quarantine import STATE_NAMES, TOPICS, Item, Wanted
from streams.aside.reapply import reapply
from streams.aside.whole import PART
from streams.cli.asking import closed, confirmed, planned, refuse_forgotten
from streams.cli.common import JsonFlag, Refused, connected, database_url, err, out, print_json
from streams.cli.listing import After, PageLimit, for_a_table, print_counts
from streams.cli.moments import age, moment_ms
from streams.cli.selection import (
    Because,
    Named,
    One,
    Since,
    Until,
    Yes,
    check_state,
    given_reason,
    one_or_many,
    places,
)
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.masking import readable, shown_bytes
from streams.ops.moments import local, utc
from streams.ops.sinks import Sink, SinkError
from streams.topology import group_id, readers

Topic = Annotated[str, typer.Option(help="Only what came from this topic.")]
Error = Annotated[str, typer.Option("--error", "--reason", help="Only with this in its error, such as CorruptBody.")]
ForGroup = Annotated[
    str, typer.Option(help="Whose stages are to have it again (decisions, writeback), for messages that don't say it.")
]
OfSink = Annotated[str, typer.Option(help="Only what this sink refused.")]
_BY = "--error, --topic, --sink, --since, --until"


def list_(
    topic: Topic = "",
    error: Error = "",
    sink: OfSink = "",
    since: Since = None,
    until: Until = None,
    state: Annotated[str, typer.Option(help=f"One of {', '.join(STATE_NAMES)}, or all.")] = "open",
    limit: PageLimit = 100,
    after: After = "",
    as_json: JsonFlag = False,
) -> None:
    """What was set aside, oldest first, and how often each error occurs."""
    check_state(state, STATE_NAMES)
    wanted = _wanted(topic, error, sink, since, until)
    states = [name for name in STATE_NAMES if state in ("all", name)]
    page = quarantine.listed(connected(), wanted, states, limit=limit, after=after)
    rows = for_a_table(page, state, "quarantine", as_json, _for_machines)
    if not rows:
        return
    table = Table("item", "age", "came from", "sink", "key", "state", "error", box=None, pad_edge=False)
    table.columns[0].no_wrap = table.columns[2].no_wrap = True
    for item in rows:
        since_s = age(time.time() - item.at_ms / 1000)
        origin = str(item.origin or word("unknown"))
        table.add_row(str(item.place), since_s, origin, item.sink, _key(item), word(item.state), said(item.error))
    out.print(table)
    print_counts(page)


def show(
    item: One,
    unmask: Annotated[bool, typer.Option("--unmask", help="Show personal data and the bytes themselves.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """One item: its error, where it came from, what was done to it, and the message."""
    cluster, gone = connected(), ""
    (found,) = quarantine.with_messages(cluster, _named(cluster, [item]))
    try:
        found = recalled(cluster, found)
    except Gone as exc:
        gone = str(exc)
    if unmask:
        audit.read(cluster, str(found.place), "quarantine show", by=audit.operator(cluster), origin=found.origin or "")
    if as_json:
        message = {"gone": gone} if gone else _message(found, unmask)
        print_json({**_for_machines(found), "headers": found.headers, "message": message})
        return
    out.print(f"{found.place}  {_key(found)}  {word(found.state)}")
    out.print(f"set aside at {local(found.at_ms)}; came from {found.origin or 'unknown'}")
    if gone:
        out.print(gone, soft_wrap=True)
    for name, value in found.headers.items():
        out.print(f"  {name}: {value}", soft_wrap=True)
    for entry in found.trail:
        why = f": {entry['reason']}" if entry["reason"] else ""
        out.print(f"{entry['action']} by {entry['by']} at {local(entry['at_ms'])}{why}")
    if not gone:
        out.print_json(data=_message(found, unmask), ensure_ascii=False, default=str)


def redrive(
    items: Named = None,
    topic: Topic = "",
    error: Error = "",
    sink: OfSink = "",
    since: Since = None,
    until: Until = None,
    group: ForGroup = "",
    because: Because = "",
    yes: Yes = False,
) -> None:
    """Let messages go on, once what they failed of is mended: to the topic they came from, or into the sink that refused them.

    Where several groups of stages read a topic, a message reaches the one alone that could not digest it.
    """
    cluster = connected()
    chosen = _chosen(cluster, items, _wanted(topic, error, sink, since, until))
    there = {topic: cluster.has(topic) for topic in {item.origin.topic for item in chosen if item.origin}}
    for item in chosen:
        if item.origin is None or not there[item.origin.topic]:
            raise Refused(
                f"{item.place} came from {item.origin or 'nowhere known'}: there is no such topic to send it to"
            )
    stores = {item.sink: _store(item.sink) for item in chosen if item.sink}
    groups = {item.place: _group(cluster, item, group) for item in chosen}
    by, undertaking = audit.operator(cluster), str(uuid.uuid4())

    def sendings(left: Sequence[Item]) -> Iterator[Closing]:
        """To be sent and closed in one transaction."""
        for item in _whole(cluster, left):
            yield item.redriving(by, because, undertaking, send=not item.sink, group=groups[item.place])

    # All of them are looked at before anything is done.
    refuse_forgotten(cluster, ((each.place, each.message) for each in sendings(chosen)))
    planned([f"redrive {item.place} {_key(item)} to {_target(item)}" for item in chosen])
    confirmed(f"Redrive {len(chosen):,} messages?", yes)
    # 1. To topics.
    if to_topics := [item for item in chosen if not item.sink]:
        done = closed(cluster, to_topics, sendings, lambda: _open_places(cluster))
        out.print(f"{done:,} sent; what fails again comes back as a new item")
    # 2. To sinks: applied, which may be done twice, and then closed.
    left = []
    for name, store in stores.items():
        of_it = [item for item in chosen if item.sink == name]
        still = _applied(cluster, store, of_it)
        taken = [item for item in of_it if item.place not in still]
        left += [(item, still[item.place]) for item in of_it if item.place in still]
        if taken:
            done = closed(
                cluster,
                taken,
                lambda mine: (item.redriving(by, because, undertaking, send=False) for item in mine),
                lambda: _open_places(cluster),
            )
            out.print(f"{done:,} applied to {name}")
    for item, why in left:
        err.print(styled("[yellow]refused again[/] {}: {}", item.place, why), soft_wrap=True)
    if left:
        sys.exit(1)


def discard(
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    items: Named = None,
    topic: Topic = "",
    error: Error = "",
    sink: OfSink = "",
    since: Since = None,
    until: Until = None,
    yes: Yes = False,
) -> None:
    """Decide that nothing is to be done; the message stays where it is, its item is closed."""
    given_reason(because)
    cluster = connected()
    chosen = _chosen(cluster, items, _wanted(topic, error, sink, since, until))
    planned([f"discard {item.place} {_key(item)}: {item.error}" for item in chosen])
    confirmed(f"Discard {len(chosen):,} messages?", yes)
    by, undertaking = audit.operator(cluster), str(uuid.uuid4())
    done = closed(
        cluster,
        chosen,
        lambda left: (item.discarding(by, because, undertaking) for item in left),
        lambda: _open_places(cluster),
    )
    out.print(f"{done:,} discarded")


def _target(item: Item) -> str:
    if item.sink:
        return f"the sink {item.sink}"
    return item.origin.topic if item.origin else "nowhere"


def _group(cluster: Cluster, item: Item, named: str) -> str:
    """The consumer group that is to decide it again; empty when its topic has no two."""
    topic = item.origin.topic if item.origin is not None and not item.sink else ""
    ids = {name: group_id(cluster.settings.app_id, name) for name in readers(topic)}
    if len(ids) < 2:
        return ""
    if item.group in ids.values():
        return item.group
    if named not in ids:
        said = f"--group is {named!r}" if named else f"{item.place} does not say whose stage could not digest it"
        raise Refused(f"{said}, and {' and '.join(ids)} read {topic}: add --group {next(iter(ids))}, or another")
    return ids[named]


def _store(name: str) -> Sink:
    if name == "postgres":
        from connectors.postgres import PostgresSink

        return PostgresSink(database_url())
    raise Refused(f"the sink {name!r} cannot be written to from here: penstock replay brings its records in")


def _whole(cluster: Cluster, chosen: Sequence[Item]) -> Iterator[Item]:
    """With their messages, also those that stand elsewhere. Raises Refused."""
    for item in quarantine.with_messages(cluster, chosen):
        try:
            yield recalled(cluster, item)
        except Gone as exc:
            raise Refused(str(exc)) from None


def _applied(cluster: Cluster, store: Sink, chosen: Sequence[Item]) -> dict[Place, str]:
    """Why the sink still refuses some of the items."""
    still: dict[Place, str] = {}
    for start in range(0, len(chosen), PART):
        part = chosen[start : start + PART]
        try:
            refused = asyncio.run(reapply(store, [item.record for item in _whole(cluster, part)]))
        except SinkError as exc:
            raise Refused(f"{store.name}: {exc}; its items are open as before") from None
        why = {each.record[:3]: each.error for each in refused}
        # A kill may have told a refusal twice: two items of one record.
        still |= {item.place: why[place] for item in part if (place := item.record[:3]) in why}
    return still


def _open_places(cluster: Cluster) -> set[Place]:
    return {item.place for item in quarantine.items(cluster) if item.state == "open"}


def _chosen(cluster: Cluster, names: Sequence[str] | None, wanted: Wanted) -> list[Item]:
    one_or_many(bool(names), wanted != Wanted(), _BY)
    if names:
        chosen = _named(cluster, names)
        for item in chosen:
            if item.state != "open":
                done = item.trail[-1]
                raise Refused(
                    f"{item.place} is {item.state} by {done['by']} since {local(done['at_ms'])}: it is not open"
                )
        return chosen
    every = [item for item in quarantine.items(cluster) if item.state == "open"]
    chosen = [item for item in every if wanted.fits(item)]
    if not chosen:
        there = ", ".join(f"{kind} {count:,}" for kind, count in quarantine.kinds(every).most_common()) or "none"
        raise Refused(f"no open item is like that; errors of open ones: {there}")
    return chosen


def _named(cluster: Cluster, names: Sequence[str]) -> list[Item]:
    wanted = places(names, *TOPICS)
    found = quarantine.named(cluster, wanted)
    for place in wanted:
        if place not in found:
            raise Refused(f"there is no {place}: penstock quarantine list --state all shows what there is")
    return [found[place] for place in wanted]


def _wanted(topic: str, error: str, sink: str, since: str | None, until: str | None) -> Wanted:
    return Wanted(topic, error, sink, moment_ms(since, "--since"), moment_ms(until, "--until"))


def _for_machines(item: Item) -> dict[str, Any]:
    return {
        "item": str(item.place),
        "at": utc(item.at_ms),
        "age_s": round(time.time() - item.at_ms / 1000),
        "state": item.state,
        "from": str(item.origin or ""),
        "group": item.group,
        "sink": item.sink,
        "key": _key(item),
        "error": item.error,
        "trail": item.trail,
    }


def _message(item: Item, unmask: bool) -> Any:
    """The record in it, or its bytes when there is none."""
    if item.value is None:
        return None
    try:
        name, record = CODEC.decode(item.value)
    except CodecError:
        return {"bytes": shown_bytes(item.value, unmask=unmask)}
    return {name: readable(name, record, unmask=unmask)}


def _key(item: Item) -> str:
    return item.key.decode("utf-8", "backslashreplace") if item.key is not None else "no key"
