"""``penstock carriers``: the carrier dictionary, a tracking number held against it, a newer version in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.logistics.carriers import Carriers, InvalidCarriers, store
from connectors.logistics.carriers import check as checked
from connectors.logistics.carriers.model import CODE_FIELDS, Carrier
from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said as turned
from streams.cli.asking import confirmed, planned
from streams.cli.common import JsonFlag, Refused, connected, err, out, print_json
from streams.ops import audit
from streams.ops.cluster import ClusterError
from streams.ops.rights import own_topics
from streams.settings import Settings


def list_(as_json: JsonFlag = False) -> None:
    """Show every carrier and what each platform calls it; - where that is not known."""
    stored = current(Settings.from_env())
    carriers = stored.carriers
    if as_json:
        about = {"version": carriers.version, "date": str(carriers.date), "source": stored.source}
        print_json({**about, "carriers": [_plain(c) for c in carriers.carriers]})
        return
    # One column for all whose codes they are: a column each is narrower than some codes are long.
    table = Table("code", "name", "what each calls it", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for carrier in carriers.carriers:
        codes = "  ".join(f"{whose}={carrier.of(whose) or '-'}" for whose in CODE_FIELDS)
        table.add_row(carrier.code, carrier.name, Text(codes))
    out.print(table)
    out.print(f"version {carriers.version} of {carriers.date} ({stored.source})", soft_wrap=True)


def check(
    number: Annotated[str, typer.Argument(help="A tracking number, as it was written down.")],
    carrier: Annotated[str, typer.Option(help="Its carrier: code or name; all when left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Show a tracking number as it would be sent, and whose it may be; exit code 2 when no carrier can have it."""
    carriers = current(Settings.from_env()).carriers
    asked = carriers.carriers
    if carrier:
        found = carriers.find(carrier)
        if found is None:
            raise Refused(f"carrier {carrier!r} is not known: penstock carriers list shows those that are")
        asked = (found,)
    results = [(c, checked(number, c, carriers)) for c in asked]
    # Without a carrier named, whose pattern fits is what is asked; of carriers without one nothing is known but the length.
    fitting = [(c, r) for c, r in results if not r.refused and (carrier or not r.warnings)]
    if not carrier:
        fitting = [(c, r) for c, r in fitting if c.patterns] or fitting
    if as_json:
        print_json([{"carrier": c.code, "name": c.name, **r._asdict()} for c, r in fitting or results])
    if not fitting:
        raise Refused(results[0][1].refused if carrier else f"{number[:40]!r} looks like a number of no carrier")
    if not as_json:
        for c, r in fitting:
            known = "no pattern is known" if not c.patterns else "fits"
            said = "; ".join(r.warnings) or known
            out.print(Text(f"{r.number}  {c.code} {c.name}: {turned(said)}"), soft_wrap=True)


def update(
    file: Annotated[Path, typer.Argument(help="The whole new dictionary; connectors/logistics/carriers has its form.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the audit.")] = "",
) -> None:
    """Check a newer carrier dictionary, show what it changes, and put it in the present one's place."""
    settings = Settings.from_env()
    old, new = current(settings).carriers, _read(file)
    lines = list(store.differences(old, new))
    if not lines:
        out.print(f"version {new.version} says the same as version {old.version}: nothing to do")
        return
    if new.version == old.version:
        raise Refused(
            f"{file}: version is {new.version!r}, as of the present one, and it says something else: raise it"
        )
    if new.date < old.date:
        raise Refused(f"{file}: date is {new.date}, before the present one's {old.date}: it would be no update")
    planned(lines)
    cluster = connected()
    cluster.create_topics(own_topics("operator", cluster.settings))
    confirmed(f"Put version {new.version} of {new.date} in the place of {old.version}?", yes)
    entry = audit.entry(
        "carriers.updated",
        "carriers",
        by=audit.operator(cluster),
        reason=reason,
        details={"version": new.version, "date": new.date, "before": old.version, "changes": len(lines)},
    )
    kept = store.keep(file, new, settings.carriers_folder)
    try:
        audit.publish(cluster, [entry])
    except ClusterError:
        # What is not in the audit has not happened.
        kept.unlink()
        raise
    out.print(f"version {new.version} is in use: {len(lines)} changes ({kept})", soft_wrap=True)


def current(settings: Settings) -> store.Stored:
    try:
        return store.current(settings.carriers_folder)
    except InvalidCarriers as exc:
        raise Refused(str(exc)) from exc


def _read(file: Path) -> Carriers:
    try:
        return store.read(file)
    except InvalidCarriers as exc:
        if len(exc.problems) > 1:
            for problem in exc.problems:
                err.print(f"line {problem.line}: {problem.said}", soft_wrap=True)
        raise Refused(f"{exc}; nothing was changed") from exc


def _plain(carrier: Carrier) -> dict[str, object]:
    return {
        **{name: carrier.of(name) or None for name in CODE_FIELDS},
        "code": carrier.code,
        "name": carrier.name,
        "aliases": carrier.aliases,
        "patterns": [pattern.pattern for pattern in carrier.patterns],
        "length": carrier.length,
    }
