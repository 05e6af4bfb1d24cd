"""``penstock state``: whether changelogs, offsets and topics still belong together, and how work goes on when they don't."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn

from schemas.texts import word
from streams.cli.asking import confirmed, planned
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json
from streams.cli.run import WorkerGroup
from streams.cli.selection import Because, Yes, given_reason
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.ops.groups import Groups
from streams.ops.standing import look
from streams.replay.state import accept as accepting
from streams.topology import group_id


class Word(StrEnum):
    """Whose word counts about offsets."""

    GROUP = "group"
    STATE = "state"


class Whence(StrEnum):
    """Where a lost changelog's content is had from."""

    LOCAL = "local"
    INPUT = "input"


GroupOption = Annotated[WorkerGroup, typer.Option("--group", help="Whose.")]


def check(as_json: JsonFlag = False) -> None:
    """Compare what changelogs, committed offsets and topics say of each other; exit code 1 when something doesn't fit. Changes nothing."""
    cluster = connected()
    found = {group.value: look(cluster.settings, group.value).misfits for group in WorkerGroup}
    if as_json:
        print_json([{"group": group, **misfit._asdict()} for group, misfits in found.items() for misfit in misfits])
    else:
        for group, misfits in found.items():
            planned([f"{group}: {misfit.text}" for misfit in misfits])
        if not any(found.values()):
            out.print("changelogs, offsets and topics belong together")
    if any(found.values()):
        sys.exit(1)


def accept(
    because: Because = "",
    offsets: Annotated[Word | None, typer.Option(help="Of offsets that were set by hand: whose word counts.")] = None,
    group: GroupOption = WorkerGroup.DECISIONS,
    yes: Yes = False,
) -> None:
    """Let a group go on after offsets were set by hand, or an input was deleted and made anew. Its workers must be stopped.

    An input made anew is read from its beginning; what the former one held and nobody decided is gone.
    """
    given_reason(because)
    cluster = connected()
    _stopped(cluster, group.value)
    standing = look(cluster.settings, group.value)
    moves = accepting.moves(standing, offsets.value if offsets is not None else None)
    if not moves:
        out.print("everything fits: there is nothing to accept")
        return
    planned([str(move) for move in moves])
    confirmed(f"Go on from these {len(moves)} offsets?", yes)
    by = audit.operator(cluster)
    accepting.accept(cluster.settings, standing, moves, by=by)
    for move in moves:
        details = {"before": move.before, "after": move.after, "why": move.why, "group": standing.ground.group}
        _told(cluster, accepting.ACCEPT, f"{move.tp[0]}/{move.tp[1]}", by, because, details)
    out.print(f"{len(moves)} offsets accepted; the workers can be started")


def rebuild_changelog(
    whence: Annotated[
        Whence, typer.Option("--from", help="A stopped worker's copy under PENSTOCK_DATA, or the input.")
    ],
    because: Because = "",
    group: GroupOption = WorkerGroup.DECISIONS,
    yes: Yes = False,
) -> None:
    """Write changelogs that were lost anew. The group's workers must be stopped.

    From a copy that is as far as the group's offsets say; or decisions are recomputed from the recorded input, which must be whole.
    """
    from streams.replay.state.rebuild import REBUILD, plan, rebuild

    given_reason(because)
    cluster = connected()
    _stopped(cluster, group.value)
    standing = look(cluster.settings, group.value)
    parts = plan(cluster.settings, standing, whence.value)
    if not parts:
        out.print("no changelog has lost anything")
        return
    planned([str(part) for part in parts])
    confirmed(f"Write these {len(parts)} shards, each table's changelog made anew?", yes)
    by = audit.operator(cluster)
    with Progress(TextColumn(word("{task.completed:,.0f} records")), console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        keys = rebuild(cluster.settings, standing, parts, lambda count: bar.advance(task, count), by=by)
    left = look(cluster.settings, group.value).misfits
    for table, count in keys.items():
        details = {"from": whence.value, "keys": count, "group": standing.ground.group}
        _told(cluster, REBUILD, standing.ground.changelogs[table], by, because, details)
    _report(keys, left)


def _report(keys: dict[str, int], left: Sequence[object]) -> None:
    for table, count in keys.items():
        out.print(f"{table}: {count:,} keys written")
    if left:
        raise Refused(f"written, but something doesn't fit: {left[0]}")
    out.print("the workers can be started: each reads the new changelog")


def _stopped(cluster: Cluster, group: str) -> None:
    groups = Groups(cluster.settings)
    try:
        (found,) = groups.describe(group_id(cluster.settings.app_id, group))
    finally:
        groups.close()
    if found.members:
        hosts = ", ".join(sorted({member.host for member in found.members}))
        raise Refused(f"group {found.name} has {len(found.members)} workers (on {hosts}): stop them first")


def _told(cluster: Cluster, action: str, subject: str, by: Actor, because: str, details: Mapping[str, object]) -> None:
    audit.publish(cluster, [audit.entry(action, subject, by=by, reason=because, details=details)])
