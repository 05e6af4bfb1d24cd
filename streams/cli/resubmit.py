"""``penstock review fix|resubmit|discard``: what a person does about an order in review."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from streams.aside import review
from streams.aside.correction import ENVELOPE, CannotBeSent, Submission, discarding, editable, sendings, submissions
from streams.aside.fenced import Closing
from streams.aside.foresight import verdict
from streams.aside.places import Place
from streams.aside.review import UNSETTLED, Item, Wanted
from streams.cli.asking import closed, confirmed, planned, refuse_forgotten
from streams.cli.common import Refused, connected, out
from streams.cli.editing import edited
from streams.cli.review import Channel, Reason, Shop, named_items, short, which
from streams.cli.selection import Because, Named, One, Since, Until, Yes, given_reason, one_or_many
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.masking import shown_value
from streams.ops.moments import local

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help=f"Put the envelope right: {', '.join(ENVELOPE)}."),
]
_BY = "--reason, --channel, --shop, --since, --until"


def fix(
    item: One,
    to: Annotated[Path | None, typer.Option(help="Write the payload to this file, to be edited there.")] = None,
    read: Annotated[
        Path | None,
        typer.Option("--from", help="Check the corrected payload in this file.", exists=True, dir_okay=False),
    ] = None,
    changes: Set = None,
    because: Because = "",
) -> None:
    """Correct an event: in $EDITOR on a terminal, else in a file; it is checked as intake would check it, before it is sent."""
    if to is not None and read is not None:
        raise Refused("--to and --from exclude each other: write the file, edit it, then check it")
    cluster = connected()
    (found,) = _unsettled(named_items(cluster, [item]))
    envelope = _changes(changes)
    if read is not None:
        if not _checked(cluster, found, read.read_bytes(), envelope).would_be_accepted:
            sys.exit(1)
        out.print(f"send it: penstock review resubmit {short(found)} --payload {read}", soft_wrap=True)
        return
    (whole,) = review.with_events(cluster, [found])
    draft, how = editable(whole.event["payload"])
    if to is None and sys.stdin.isatty() and sys.stdout.isatty():
        _fix_here(cluster, found, draft, envelope, because)
        return
    path = to or Path(f"review-{short(found)}.json")
    _write_new(path, draft)
    # A payload has left the system: that is on record too.
    details = {"record": found.place}
    audit.publish(cluster, [audit.entry("review.exported", found.key, by=audit.operator(cluster), details=details)])
    out.print(f"{path} holds the payload ({how}); correct it there, then:", soft_wrap=True)
    out.print(f"  penstock review fix {short(found)} --from {path}", soft_wrap=True)
    out.print(f"  penstock review resubmit {short(found)} --payload {path}", soft_wrap=True)


def resubmit(
    items: Named = None,
    payload: Annotated[
        Path | None, typer.Option(help="The corrected payload of the one item named.", exists=True, dir_okay=False)
    ] = None,
    changes: Set = None,
    reason: Reason = "",
    channel: Channel = "",
    shop: Shop = "",
    since: Since = None,
    until: Until = None,
    because: Because = "",
    yes: Yes = False,
) -> None:
    """Send events again to their channel's topic: corrected, or as they are once stock or listing was put right."""
    wanted = which(channel, shop, reason, since, until)
    one_or_many(bool(items), wanted != Wanted(), _BY)
    envelope = _changes(changes)
    if (payload is not None or envelope) and len(items or ()) != 1:
        raise Refused("--payload and --set correct one item: name it")
    cluster = connected()
    chosen = _unsettled(named_items(cluster, items)) if items else _open(cluster, wanted)
    corrected = payload.read_bytes() if payload is not None else None
    good, sent, stays = list[Item](), list[str](), list[str]()
    for item, each in zip(chosen, _foreseen(cluster, chosen, corrected, envelope), strict=True):
        if each.would_be_accepted:
            good.append(item)
            version = each.decision.record["version"]  # type: ignore[typeddict-item]
            sent.append(f"send {short(item)} {each.sending.key} version {version} to {each.sending.topic}")
        elif items:
            raise Refused(f"{item.place} stays in review, {_still_wrong(each)}")
        else:
            stays.append(f"stays {short(item)} {item.key}: {_still_wrong(each)}")
    planned(sent)
    planned(stays)
    if not good:
        raise Refused("none of them would be accepted: nothing was sent")
    confirmed(f"Send {len(good):,} events?", yes)
    _send(cluster, good, because, corrected, envelope)


def discard(
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    items: Named = None,
    reason: Reason = "",
    channel: Channel = "",
    shop: Shop = "",
    since: Since = None,
    until: Until = None,
    yes: Yes = False,
) -> None:
    """Decide that nothing is to be done; the event stays where it is, its item is closed."""
    given_reason(because)
    wanted = which(channel, shop, reason, since, until)
    one_or_many(bool(items), wanted != Wanted(), _BY)
    cluster = connected()
    chosen = _unsettled(named_items(cluster, items)) if items else _open(cluster, wanted)
    planned([f"discard {short(item)} {item.key}: {', '.join(item.codes)}" for item in chosen])
    confirmed(f"Discard {len(chosen):,} items?", yes)
    by, undertaking = audit.operator(cluster), str(uuid.uuid4())
    done = closed(
        cluster,
        chosen,
        lambda left: (discarding(item, by, because, undertaking) for item in left),
        lambda: _unsettled_places(cluster),
    )
    out.print(f"{done:,} discarded")


def _fix_here(cluster: Cluster, item: Item, draft: bytes, envelope: Mapping[str, str], because: str) -> None:
    # An editor shows the payload as it is.
    audit.read(cluster, item.key, "review fix", by=audit.operator(cluster), record=item.place)
    while True:
        draft = edited(draft, f"review-{short(item)}.json")
        submission = _checked(cluster, item, draft, envelope)
        if submission.would_be_accepted:
            confirmed("Send it?", yes=False)
            _send(cluster, [item], because, draft, envelope)
            return
        confirmed("Edit it again?", yes=False)


def _checked(cluster: Cluster, item: Item, payload: bytes, envelope: Mapping[str, str]) -> Submission:
    """Prints what intake would say."""
    (submission,) = _foreseen(cluster, [item], payload, envelope)
    out.print(verdict(submission.decision), soft_wrap=True)
    if submission.decision.name == "Review":
        for reason in submission.decision.record["reasons"]:  # type: ignore[typeddict-item]
            value = shown_value(reason)
            out.print(
                f"  {reason['code']}: {reason['field']} is {value}: {reason['fix']}",
                soft_wrap=True,
            )
    return submission


def _foreseen(
    cluster: Cluster, chosen: Sequence[Item], payload: bytes | None, envelope: Mapping[str, str]
) -> Iterator[Submission]:
    try:
        yield from submissions(cluster, chosen, time.time_ns() // 1_000_000, payload, envelope)
    except CannotBeSent as exc:
        raise Refused(str(exc)) from None


def _still_wrong(submission: Submission) -> str:
    if submission.decision.name != "Review":
        return verdict(submission.decision)
    first, *others = submission.decision.record["reasons"]  # type: ignore[typeddict-item]
    more = f" (and {len(others)} more)" if others else ""
    return f"{first['code']}: {first['field']} is {shown_value(first)}: {first['fix']}{more}"


def _send(
    cluster: Cluster, good: Sequence[Item], because: str, payload: bytes | None, envelope: Mapping[str, str]
) -> None:
    by, undertaking, now_ms = audit.operator(cluster), str(uuid.uuid4()), time.time_ns() // 1_000_000

    def closings(left: Sequence[Item]) -> Iterator[Closing]:
        for each in sendings(cluster, left, now_ms, payload, envelope):
            yield each.closing(by, because, undertaking)

    refuse_forgotten(cluster, ((each.place, each.message) for each in closings(good)))
    out.print(f"{closed(cluster, good, closings, lambda: _unsettled_places(cluster)):,} sent; intake decides them now")


def _unsettled_places(cluster: Cluster) -> set[Place]:
    return {item.place for item in review.items(cluster) if item.state in UNSETTLED}


def _unsettled(chosen: Sequence[Item]) -> Sequence[Item]:
    for item in chosen:
        if item.state not in UNSETTLED:
            done = item.trail[-1]
            raise Refused(f"{item.place} is {item.state} by {done['by']} since {local(done['at_ms'])}: it is not open")
    return chosen


def _open(cluster: Cluster, wanted: Wanted) -> list[Item]:
    every = [item for item in review.items(cluster) if item.state == "open"]
    chosen = [item for item in every if wanted.fits(item)]
    if not chosen:
        there = ", ".join(f"{code} {count:,}" for code, count in review.reasons(every).most_common()) or "none"
        raise Refused(f"no open item is like that; reasons of open ones: {there}")
    return chosen


def _changes(texts: Sequence[str] | None) -> dict[str, str]:
    changes = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or name not in ENVELOPE:
            raise Refused(f"--set is {text!r}: write NAME=VALUE with one of {', '.join(ENVELOPE)}")
        changes[name] = value
    return changes


def _write_new(path: Path, content: bytes) -> None:
    """Readable by its owner alone: it tells of a person. Never over another file."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        raise Refused(f"{path} is there already: name another with --to, or check it with --from") from None
    except OSError as exc:
        raise Refused(f"{path} cannot be written: {exc.strerror}") from None
