"""``penstock order tell``: many things about orders at once, from a file or a script's output; an answer for each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

import msgspec
import typer

from schemas.records import OrderState
from streams.aside import orders, said, stock
from streams.aside.receivers import CannotBeCorrected, Receivers
from streams.aside.telling import Telling
from streams.cli.address import Said, judged
from streams.cli.common import JsonFlag, Refused, connected, text_of
from streams.cli.order import check_shop, unfit
from streams.cli.parcels import Anyway, is_to_come, waybill
from streams.cli.selection import Yes
from streams.cli.stock import check_known
from streams.cli.telling import DryRun, How, NoWait, Wish, carried_out
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster


def tell(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="JSON, an object a line, such as streams/README.md shows; - for standard input."
        ),
    ],
    anyway: Anyway = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Tell decisions, parcels and returns by the line. What one line can't tell stops no other; exit code 1 when one was refused."""
    rows = [(number, line) for number, line in enumerate(text_of(file).splitlines(), 1) if line.strip()]
    if not rows:
        raise Refused(f"{file} is empty: write an object a line")
    if file == "-" and not (yes or dry_run):
        raise Refused("standard input has the lines, so nobody can be asked: add --yes, or --dry-run")
    parsed = [(number, _parsed(line)) for number, line in rows]
    cluster = connected()
    ids = {each.order_id for _, each in parsed if not isinstance(each, said.NotSaid)}
    corrected = {each.order_id for _, each in parsed if isinstance(each, said.Corrected)}
    known, by = Known(cluster, ids, anyway, corrected), audit.operator(cluster)
    wishes = [known.wish(number, each, by) for number, each in parsed]
    count = sum(wish.telling is not None for wish in wishes)
    carried_out(cluster, wishes, How(f"Tell these {count:,}?", yes, dry_run, no_wait, as_json, anyway))


class Known:
    """What the lines about these orders are held against; each line sees the orders as those before it leave them.

    ``corrected``: of which a line says to whom they go.
    """

    def __init__(
        self, cluster: Cluster, order_ids: Collection[str], anyway: bool = False, corrected: Collection[str] = ()
    ) -> None:
        self._cluster = cluster
        self._receivers = Receivers(cluster, corrected) if corrected else None
        self._states = dict(orders.states(cluster, order_ids))
        self._warehouses = stock.warehouses(cluster)
        self._anyway = anyway

    def wish(self, row: int, each: said.Said | said.NotSaid, by: Actor) -> Wish:
        """What the line tells, or why it can't. ``by``: who says it."""
        if isinstance(each, said.NotSaid):
            return Wish(f"line {row}", None, str(each), row)
        words = f"line {row}: {each.do} {each.order_id}"
        anyway = not isinstance(each, said.Decided) and each.anyway
        try:
            return Wish(words, self._telling(each, by, self._anyway or anyway), row=row, anyway=anyway)
        except Refused as exc:
            return Wish(words, None, str(exc), row)

    def _telling(self, each: said.Said, by: Actor, anyway: bool) -> Telling:
        state = self._states.get(each.order_id)
        if state is None:
            raise Refused(f"nothing is known of an order {each.order_id!r}: write it as listed, platform:order number")
        check_shop(state, each.shop)
        if isinstance(each, said.Corrected):
            return self._corrected(each, state, by, anyway)
        if not isinstance(each, said.Decided):
            check_known(self._warehouses, each.warehouse)
        if isinstance(each, said.Parcel):
            code, number = waybill(state, each.warehouse, each.carrier, each.tracking_no, options=False)
            each = msgspec.structs.replace(each, carrier=code, tracking_no=number)
        telling = said.telling(each, state, by=by)
        for field in ("shipped_at", "received_at"):
            if is_to_come(telling.record.get(f"{field}_ms", 0)):
                moment = getattr(each, field).isoformat()
                raise Refused(f"{field} is {moment}, which is still to come: tell it when it has happened")
        foretold = orders.foretold(state, telling.record_name, telling.record)
        if why_not := unfit(foretold, each.order_id, anyway):
            raise Refused(why_not)
        self._states[each.order_id] = foretold.state or state
        return telling

    def _corrected(self, each: said.Corrected, state: OrderState, by: Actor, anyway: bool) -> Telling:
        assert self._receivers is not None
        try:
            wish, after = judged(
                self._cluster, self._receivers, state, each.receiver, Said(each.because, each.id, anyway), by
            )
        except CannotBeCorrected as exc:
            raise Refused(str(exc)) from None
        if wish.telling is None:
            raise Refused(wish.why_not)
        self._states[each.order_id] = after
        return wish.telling


def _parsed(line: str) -> said.Said | said.NotSaid:
    try:
        return said.parse(line)
    except said.NotSaid as exc:
        return exc
