"""``penstock case``: failures that have been seen, what people did about them, and whether it helped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import JsonFlag, Refused, connected, database_url, err, out, print_json
from streams.cli.db import run
from streams.cli.moments import moment_ms
from streams.cli.selection import Limit
from streams.ops import audit
from streams.ops.moments import local, utc

if TYPE_CHECKING:
    from connectors.knowledge.cases import Case, Handling
    from connectors.knowledge.failures import Failure
    from connectors.knowledge.similar import Match

KINDS = ("review", "writeback", "held", "no stock", "refused row")
_SHOWN = 20

Since = Annotated[str, typer.Option(help="Failures from then on: 2026-11-24T21:00+08:00, or -90d (s, m, h, d).")]
Shop = Annotated[list[str] | None, typer.Option(help="Only of this shop; may be repeated.")]
Id = Annotated[str, typer.Argument(metavar="CASE", help="As listed: K and ten digits.")]


def list_(
    kind: Annotated[str, typer.Option(help=f"Only of this kind: {', '.join(KINDS)}.")] = "",
    unsolved: Annotated[bool, typer.Option("--unsolved", help="Only those of which nothing has worked yet.")] = False,
    shop: Shop = None,
    since: Since = "-90d",
    limit: Limit = 30,
    as_json: JsonFlag = False,
) -> None:
    """List kinds of failures, what happened last first: how often, and what worked. Read from the database."""
    if kind and kind not in KINDS:
        raise Refused(f"--kind is {kind!r}: one of {', '.join(KINDS)}")
    _, cases = _known(since, shop)
    found = [case for case in cases if kind in ("", case.kind) and not (unsolved and case.solved_by is not None)]
    if as_json:
        print_json([_plain(case) for case in found[:limit]])
        return
    if not found:
        out.print(said("no failure is like that"))
        return
    table = Table("case", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("count", justify="right")
    for column in ("what", "code", "last", "solved by"):
        table.add_column(column, overflow="fold")
    for case in found[:limit]:
        what = f"{case.platform} {word(case.kind)}".strip()
        solved = _in_words(case.solved_by) if case.solved_by is not None else ""
        table.add_row(case.id, f"{case.times:,}", what, _code(case), local(_ms(case.last)), solved)
    out.print(table)
    if len(found) > limit:
        err.print(said(f"{len(found) - limit:,} more: -n {len(found)} shows all"))


def show(case: Id, shop: Shop = None, since: Since = "-90d", as_json: JsonFlag = False) -> None:
    """Show one case: what is common to its failures, what was done about them, and how to do the same to those that are left."""
    found = _one(case, since, shop)
    if as_json:
        print_json(_plain(found))
        return
    out.print(styled("[bold]{}[/]  {} {}", found.id, found.platform, word(found.kind)))
    if found.code:
        out.print(f"  {word('code')}: {found.code}", soft_wrap=True)
    if found.words:
        out.print(Text(f"  {said(found.words)}"), soft_wrap=True)
    out.print(said(f"{found.times:,} times, from {local(_ms(found.first))} to {local(_ms(found.last))}"))
    if found.shops:
        out.print(f"{word('shops')}: {', '.join(found.shops)}", soft_wrap=True)
    for each in found.handled:
        out.print(f"  {_in_words(each)}: {_last(each)}", soft_wrap=True)
    if found.said.advice:
        out.print(Text(said(f"{found.said.by} advises: {found.said.advice}"), "bold"), soft_wrap=True)
    if found.said.helpful or found.said.not_helpful:
        out.print(said(f"helpful to {found.said.helpful}, not to {found.said.not_helpful}"))
    if found.untouched:
        shown = ", ".join(found.untouched[:_SHOWN])
        rest = len(found.untouched) - _SHOWN
        more = said(f"{shown} and {rest:,} more") if rest > 0 else shown
        out.print(f"{word('nothing was done yet about')}: {more}", soft_wrap=True)
        if same := _the_same(found):
            out.print(said(f"to do the same about those that are left: {same}"), soft_wrap=True)


def similar(
    subject: Annotated[
        str, typer.Argument(metavar="ORDER|RECORD", help="The order id, or a record as orders.review/2@17.")
    ],
    shop: Shop = None,
    since: Since = "-90d",
    as_json: JsonFlag = False,
) -> None:
    """Show solved cases that what happened to an order is like, five at the most: why they are like it, and what helped.

    Its last failure is meant about which nothing was done, else its last. Example: penstock case similar jd:300000424242
    """
    from connectors.knowledge.similar import similar as alike

    failures, cases = _known(since, shop)
    own = sorted((each for each in failures if each.subject == subject), key=lambda each: (each.deed is None, each.at))
    if not own:
        raise Refused(
            f"nothing has gone wrong with {subject!r} since {since}: write it as listed, platform:order number"
        )
    failure, matches = own[-1], alike(own[-1], cases)
    if as_json:
        print_json({"failure": _failure(failure), "similar": [_match(each) for each in matches]})
        return
    out.print(styled("[bold]{}[/]  {} {}  {}", subject, failure.platform, word(failure.kind), failure.code))
    if not matches:
        out.print(said("nothing like it has been solved yet: penstock case advise writes down what helps"))
    for each in matches:
        why = ", ".join(map(word, each.why))
        out.print(styled("[bold]{}[/]  {}  {:,} x", each.case.id, why, each.case.times))
        if each.case.words:
            out.print(Text(f"  {said(each.case.words)}", "dim"), soft_wrap=True)
        for handling in each.case.handled[:2]:
            out.print(f"  {_in_words(handling)}: {_last(handling)}", soft_wrap=True)
        if each.case.said.advice:
            out.print(Text(f"  {each.case.said.advice}", "bold"), soft_wrap=True)
    if matches:
        out.print(said("was it of help? penstock case rate CASE --helpful, or --not-helpful"))


def advise(
    case: Id,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What helps, in a sentence; no names of buyers.")],
    since: Since = "-90d",
) -> None:
    """Write down what helps against failures of a case, for the next person; the last one counts. It is in the audit."""
    from connectors.knowledge.asking import ADVISED

    if not text.strip() or len(text) > _TEXT_MAX:
        raise Refused(f"TEXT has {len(text.strip()):,} characters: write a sentence, 1 to {_TEXT_MAX:,}")
    found = _one(case, since, None)
    cluster = connected()
    audit.publish(cluster, [audit.entry(ADVISED, found.id, by=audit.operator(cluster), reason=text.strip())])
    out.print(said(f"{found.id} has this advice from now on"))


def rate(
    case: Id,
    helpful: Annotated[
        bool | None, typer.Option("--helpful/--not-helpful", help="Whether the case helped; your last mark counts.")
    ] = None,
    since: Since = "-90d",
) -> None:
    """Say whether a case was of help: what helped comes first the next time."""
    from connectors.knowledge.asking import RATED

    if helpful is None:
        raise Refused("say which: --helpful or --not-helpful")
    found = _one(case, since, None)
    cluster = connected()
    details = {"helpful": helpful}
    audit.publish(cluster, [audit.entry(RATED, found.id, by=audit.operator(cluster), details=details)])
    out.print(said(f"{found.id} is marked"))


_TEXT_MAX = 500


def _known(since: str, shop: Sequence[str] | None) -> tuple[list[Failure], list[Case]]:
    from connectors.knowledge.asking import asked
    from connectors.knowledge.cases import cases_of

    since_ms = moment_ms(since, "--since") or 0
    with err.status(said("reading what went wrong")):
        moment = datetime.fromtimestamp(since_ms / 1000, UTC)
        failures, told = run(asked(database_url(), moment, list(dict.fromkeys(shop or ()))))
        return failures, cases_of(failures, told)


def _one(case: str, since: str, shop: Sequence[str] | None) -> Case:
    _, cases = _known(since, shop)
    found = [each for each in cases if each.id == case]
    if not found:
        raise Refused(f"CASE is {case!r}: penstock case list shows those that there are, as K and ten digits")
    return found[0]


def _the_same(case: Case) -> str:
    """The command that does to all that are left what worked; empty: there is none."""
    solved = case.solved_by
    if solved is None:
        return ""
    code = case.code.split(" ")[-1]
    of = f"--channel {case.platform} --reason {code}" if case.platform else f"--reason {code}"
    return {
        "resubmitted": f"penstock review resubmit {of}",
        "discarded": f"penstock review discard {of} --because ...",
        "redriven": f"penstock writeback redrive --all {of}",
    }.get(solved.action, "")


def _in_words(handling: Handling) -> str:
    how = [
        said(f"worked {handling.worked:,} times") if handling.worked else "",
        said(f"did not {handling.failed:,} times") if handling.failed else "",
        said(f"open {handling.open:,} times") if handling.open else "",
    ]
    return f"{word(handling.action)}: {', '.join(filter(None, how))}"


def _last(handling: Handling) -> str:
    deed = handling.last
    return said(f"last {local(_ms(deed.at))} by {deed.by}") + (f", {deed.because}" if deed.because else "")


def _code(case: Case) -> str:
    return case.code or case.words


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _plain(case: Case) -> dict[str, Any]:
    return {
        **{name: getattr(case, name) for name in ("id", "kind", "platform", "operation", "code", "words")},
        "count": case.times,
        "shops": list(case.shops),
        "first": utc(_ms(case.first)),
        "last": utc(_ms(case.last)),
        "untouched": list(case.untouched),
        "handled": [
            {
                **{name: getattr(each, name) for name in ("action", "worked", "failed", "open")},
                "last": {"by": each.last.by, "because": each.last.because, "at": utc(_ms(each.last.at))},
            }
            for each in case.handled
        ],
        "advice": case.said.advice,
        "helpful": case.said.helpful,
        "not_helpful": case.said.not_helpful,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        **{name: getattr(failure, name) for name in ("kind", "platform", "operation", "code", "subject")},
        "at": utc(_ms(failure.at)),
    }


def _match(match: Match) -> dict[str, Any]:
    return {"why": list(match.why), "score": round(match.score, 5), "case": _plain(match.case)}
