"""``penstock rules publish | release | rollback``: versions of a rule document, and which of them is in use."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple

import typer

from schemas.terminal import Text, styled
from schemas.texts import said
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json, text_of
from streams.cli.faults import print_faults
from streams.cli.rules import File
from streams.cli.selection import Because
from streams.domain.releases.guardrails import GUARDS, Figure, Guard

Name = Annotated[str, typer.Argument(metavar="NAME", help="The document's name, as its text has it.")]

_GUARD = re.compile(r"(\w+)=(\d{1,9})@([1-9]\d{0,8})")
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%")


def publish(file: File, because: Because = "", as_json: JsonFlag = False) -> None:
    """Keep a rule document as a new version, which decides nothing; what has a fault, or names a warehouse nobody set up, is refused.

    A version is never replaced. One that says the same as an earlier one is none: nothing is written, exit code 0.
    Example: penstock rules publish rules.toml --because "spring sale"
    """
    published("rules", file, because, as_json)


def release(
    name: Name,
    version: Annotated[int, typer.Option(min=1, help="Which one; penstock config history lists them.")],
    share: Annotated[
        str,
        typer.Option(
            metavar="PERCENT", help="It decides so many of the orders, such as 10% or 0.5%; it is only widened."
        ),
    ] = "",
    shadow: Annotated[bool, typer.Option("--shadow", help="It stands beside the live one, without effect.")] = False,
    live: Annotated[bool, typer.Option("--live", help="It decides all orders.")] = False,
    guard: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIGURE=LIMIT@SAMPLE",
            help="With --share: where its trial ends by itself, such as backordered=200@1000; may be repeated.",
        ),
    ] = None,
    because: Because = "",
    as_json: JsonFlag = False,
) -> None:
    """Move a version on: into the shadow, to a share of the orders, live. Workers follow the document that PENSTOCK_RULES names.

    Whose turn an order is goes by a hash of shop, buyer and address: who is in a share stays in when it is widened, and orders that may
    leave as one parcel are decided by one version; it stays with an order that it has decided once. An order that came in before anything
    was released goes by the built-in rule until its platform shows a newer version. Refused: a version that cannot be compiled, that names
    a warehouse nobody set up any more, a narrower share. Example: penstock rules release default --version 3 --share 10%

    penstock monitor ends a trial by itself whose figure is over its limit, from so many of its decisions on. Of 10,000: errors=100@100,
    undecided=100@100, backordered=300@500 (above what stands makes of the same orders); orders: over_capacity=0@1, below_safety=0@1;
    microseconds of which 99 of 100 stay below: decision_us=4096@1000. --guard sets others.
    """
    released("rules", name, version, Asked(share, shadow, live, guard or ()), because, as_json)


def rollback(
    name: Name,
    shadow: Annotated[bool, typer.Option("--shadow", help="End the shadow, and leave what decides as it is.")] = False,
    because: Because = "",
    as_json: JsonFlag = False,
) -> None:
    """Take the last release back: end the trial where there is one, else what was live before is live again.

    What it had decided stays; an order of its that has to be decided again is assigned anew.
    Example: penstock rules rollback default --because "more backorders"
    """
    taken_back("rules", name, because, as_json, shadow=shadow)


class Asked(NamedTuple):
    """What a version is to be released for, as typed."""

    share: str = ""
    shadow: bool = False
    live: bool = False
    guards: Sequence[str] = ()


def published(kind: str, file: str, because: str, as_json: bool) -> None:
    """``publish``, of documents of a kind."""
    from schemas.documents.faults import Refused as Faulty
    from schemas.documents.kinds import KINDS
    from schemas.documents.reading import draft
    from streams.aside import releases
    from streams.ops import audit

    read = draft(text_of(file), KINDS[kind])
    cluster = connected()
    by = audit.operator(cluster)
    try:
        document, number, is_new = releases.publish(
            cluster, releases.standing(cluster), kind, read, by=by, because=because
        )
    except Faulty as exc:
        print_faults(file, exc.faults, read.lines)
        sys.exit(1)
    if as_json:
        print_json({"document": document, "version": number, "published": is_new})
    elif not is_new:
        out.print(said(f"unchanged: version {number} of {document} says the same"), soft_wrap=True)
    else:
        name, next_ = document.partition("/")[2], "shadow" if kind == "rules" else "live"
        out.print(said(f"version {number} of {document} is published, and decides nothing"), soft_wrap=True)
        out.print(said(f"next: penstock {kind} release {name!r} --version {number} --{next_}"), soft_wrap=True)


def released(kind: str, name: str, version: int, asked: Asked, because: str, as_json: bool) -> None:
    """``release``, of documents of a kind. Raises Refused."""
    from streams.aside import releases
    from streams.aside.releases import Wanted

    if [bool(asked.share), asked.shadow, asked.live].count(True) != 1:
        raise Refused("say what it is released for: one of --shadow, --share PERCENT, --live")
    if asked.guards and not asked.share:
        raise Refused("--guard is of a trial: it goes with --share")
    document = f"{kind}/{name}"
    wanted = (
        Wanted("share", _basis_points(asked.share), _guards(asked.guards))
        if asked.share
        else Wanted("shadow" if asked.shadow else "live")
    )
    cluster = connected()
    stands = releases.standing(cluster)
    faults, lines = releases.faults(stands, document, version)
    if faults:
        print_faults(f"{document}@{version}", faults, lines)
        raise Refused(
            f"{document}@{version} has {len(faults)} faults: publish it with them put right, and release that"
        )
    answer = releases.released(stands, document, version, wanted)
    _carry_out(cluster, stands, document, answer, "config.released", because, as_json)


def taken_back(kind: str, name: str, because: str, as_json: bool, *, shadow: bool = False) -> None:
    """``rollback``, of documents of a kind. Raises Refused."""
    from streams.aside import releases

    document = f"{kind}/{name}"
    cluster = connected()
    stands = releases.standing(cluster)
    answer = releases.taken_back(stands, document, shadow=shadow)
    _carry_out(cluster, stands, document, answer, "config.rolled_back", because, as_json)


def _carry_out(cluster: Any, stands: Any, document: str, answer: Any, action: str, because: str, as_json: bool) -> None:
    from streams.aside import releases
    from streams.domain.releases.moves import Stays
    from streams.domain.releases.recorded import share_record
    from streams.ops import audit

    if isinstance(answer, Stays) and answer.refused:
        raise Refused(answer.says)
    changed = not isinstance(answer, Stays)
    if changed:
        releases.carry_out(
            cluster, stands, document, answer.release, action, by=audit.operator(cluster), because=because
        )
    if as_json:
        # As it was written: a trial that begins has its time by now.
        in_use = releases.in_use(releases.standing(cluster) if changed else stands, document)
        share = share_record(in_use.share)
        print_json({"document": document, "changed": changed, **in_use._asdict(), "share": share})
        return
    out.print(styled("[bold]{}[/]: {}", document, said(answer.did if changed else answer.says)), soft_wrap=True)
    kind, settings = document.partition("/")[0], cluster.settings
    its, variable = (settings.rules, "PENSTOCK_RULES") if kind == "rules" else (settings.flow, "PENSTOCK_FLOW")
    if document != f"{kind}/{its}":
        follows = f"workers follow {kind}/{its} ({variable}): {document} decides nothing"
        err.print(Text(said(follows), "yellow"), soft_wrap=True)


def _basis_points(text: str) -> int:
    """``12.5%`` -> 1,250. Raises Refused."""
    found = _PERCENT.fullmatch(text.replace(" ", ""))
    if found is None:
        raise Refused(f"--share is {text!r}: write per cent with at most two decimals, such as 10% or 0.5%")
    return int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))


def _guards(texts: Sequence[str]) -> tuple[Guard, ...]:
    """``backordered=200@1000``, once a figure. Raises Refused."""
    found: dict[Figure, Guard] = {}
    for text in texts:
        parts = _GUARD.fullmatch(text.replace(" ", ""))
        figure = next((each.figure for each in GUARDS if parts and each.figure == parts[1]), None)
        if parts is None or figure is None:
            names = ", ".join(each.figure for each in GUARDS)
            raise Refused(
                f"--guard is {text!r}: write FIGURE=LIMIT@SAMPLE, such as backordered=200@1000; figures are {names}"
            )
        if figure in found:
            raise Refused(f"--guard names {figure} twice: give it one limit")
        found[figure] = Guard(figure, int(parts[3]), int(parts[2]))
    return tuple(found.values())
