"""``penstock review list|show``: orders that a person must look at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from schemas.records import Reason as Found
from schemas.records import Review
from schemas.table import Table
from schemas.terminal import styled
from schemas.texts import said, with_code, word
from streams.aside import review
from streams.aside.review import STATE_NAMES, Item, Wanted
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.cli.listing import After, PageLimit, for_a_table, print_counts
from streams.cli.moments import age, moment_ms
from streams.cli.selection import One, Since, Until, check_state, places
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.masking import readable
from streams.ops.moments import local, utc

Channel = Annotated[str, typer.Option(help="Only of this channel.")]
Shop = Annotated[str, typer.Option(help="Only of this shop.")]
Reason = Annotated[str, typer.Option(help="Only with this reason, such as unknown_sku.")]
Unmask = Annotated[bool, typer.Option("--unmask", help="Show the payload and the values of personal fields.")]


def list_(
    channel: Channel = "",
    shop: Shop = "",
    reason: Reason = "",
    since: Since = None,
    until: Until = None,
    state: Annotated[str, typer.Option(help=f"One of {', '.join(STATE_NAMES)}, or all.")] = "open",
    limit: PageLimit = 100,
    after: After = "",
    as_json: JsonFlag = False,
) -> None:
    """What is in review, oldest first, and how often each reason is given."""
    check_state(state, STATE_NAMES)
    wanted = which(channel, shop, reason, since, until)
    states = [name for name in STATE_NAMES if state in ("all", name)]
    page = review.listed(connected(), wanted, states, limit=limit, after=after)
    rows = for_a_table(page, state, "review", as_json, _for_machines)
    if not rows:
        return
    now_s = time.time()
    table = Table("item", "age", "channel", "shop", "order", "state", "reasons", box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for item in rows:
        r = item.review
        reasons = ", ".join(map(word, item.codes))
        table.add_row(
            short(item),
            age(now_s - item.at_ms / 1000),
            r["channel"],
            r["shop"],
            r["order_no"],
            word(item.state),
            reasons,
        )
    out.print(table)
    print_counts(page)


def show(item: One, unmask: Unmask = False, as_json: JsonFlag = False) -> None:
    """One item: every reason with its fix, what was done to it, and the original event."""
    cluster = connected()
    (found,) = review.with_events(cluster, named_items(cluster, [item]))
    if unmask:
        audit.read(cluster, found.key, "review show", by=audit.operator(cluster), record=found.place)
    event = readable("ChannelEvent", found.event, unmask=unmask)
    if as_json:
        print_json({**_for_machines(found, unmask), "event": event})
        return
    r = found.review
    out.print(styled("[bold]{}[/]  {}  [green]{}[/]", found.place, found.key, word(found.state)))
    out.print(f"in review since {local(found.at_ms)}; the event stands at {found.source}")
    for entry in found.trail:
        why = f": {entry['reason']}" if entry["reason"] else ""
        out.print(f"{entry['action']} by {entry['by']} at {local(entry['at_ms'])}{why}")
    table = Table("reason", "field", "value", "what to do", box=None, pad_edge=False)
    for reason in reasons_of(r, unmask):
        table.add_row(with_code(reason["code"]), said(reason["field"]), reason["value"], said(reason["fix"]))
    out.print(table)
    payload = event.pop("payload")
    out.print("   ".join(f"{name}: {value}" for name, value in event.items()))
    for line in payload.split("\n"):
        out.print(line, soft_wrap=True)


def named_items(cluster: Cluster, names: Sequence[str]) -> list[Item]:
    """Items by name. Raises Refused."""
    wanted = places(names, review.TOPIC)
    found = review.named(cluster, wanted)
    for place in wanted:
        if place not in found:
            raise Refused(f"there is no {place}: penstock review list --state all shows what there is")
    return [found[place] for place in wanted]


def which(channel: str, shop: str, reason: str, since: str | None, until: str | None) -> Wanted:
    """The options as one."""
    return Wanted(channel, shop, reason, moment_ms(since, "--since"), moment_ms(until, "--until"))


def reasons_of(review: Review, unmask: bool) -> list[Found]:
    """Why it is in review; what they quote of the payload is masked unless asked for."""
    return [readable("Reason", reason, unmask=unmask) for reason in review["reasons"]]


def short(item: Item) -> str:
    """Its name as typed."""
    return f"{item.place.partition}@{item.place.offset}"


def _for_machines(item: Item, unmask: bool = False) -> dict[str, Any]:
    r = item.review
    return {
        "item": str(item.place),
        "at": utc(item.at_ms),
        "age_s": round(time.time() - item.at_ms / 1000),
        "state": item.state,
        "channel": r["channel"],
        "shop": r["shop"],
        "order_no": r["order_no"],
        "order_id": item.key,
        "reasons": reasons_of(r, unmask),
        "source": str(item.source),
        "trail": item.trail,
    }
