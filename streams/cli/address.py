"""``penstock order address``: a person says to whom an order goes, instead of whom its platform shows."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

import typer

from schemas.records import OrderState
from streams.aside import orders
from streams.aside.receivers import CannotBeCorrected, Receivers, told_before
from streams.cli.common import JsonFlag, Refused, connected, text_of
from streams.cli.order import Order, Why, known, stands, unfit
from streams.cli.parcels import Anyway
from streams.cli.selection import Yes, given_reason
from streams.cli.telling import DryRun, How, Id, NoWait, Shop, Wish, carried_out
from streams.domain.allocation.order_state import CLOSED
from streams.domain.intake.parts import PARTS
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.ops.masking import readable

Part = Annotated[str | None, typer.Option(help="Typed here it stays in the shell's history.", show_default=False)]


def address(
    order_id: Order,
    because: Why,
    file: Annotated[
        str,
        typer.Option(
            "--from", metavar="FILE", help='A JSON object of the parts, {"street": "..."}; - for standard input.'
        ),
    ] = "",
    name: Part = None,
    phone: Part = None,
    province: Part = None,
    city: Part = None,
    county: Part = None,
    town: Part = None,
    street: Part = None,
    postcode: Part = None,
    as_platform: Annotated[
        bool, typer.Option("--as-platform", help="Take back what was corrected: to whom its platform shows.")
    ] = False,
    correction_id: Id = "",
    shop: Shop = "",
    anyway: Anyway = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    no_wait: NoWait = False,
    as_json: JsonFlag = False,
) -> None:
    """Correct to whom an order goes: parts by options, from --from, or asked for one by one. What is not said stays.

    It stays while the platform shows the receiver that it replaced. Shows it a third one, the order is held until a person decides.
    """
    given_reason(because)
    options = dict(zip(PARTS, (name, phone, province, city, county, town, street, postcode), strict=True))
    typed = {part: text for part, text in options.items() if text is not None}
    if sum(map(bool, (typed, file, as_platform))) > 1:
        raise Refused("parts by options, --from and --as-platform are three ways: use one of them")
    if file == "-" and not (yes or dry_run):
        raise Refused("standard input has the parts, so nobody can be asked: add --yes, or --dry-run")
    parts = None if as_platform else typed or (_read(file) if file else _asked())
    cluster = connected()
    state = known(cluster, order_id, shop)
    how = How("Send it there?", yes, dry_run, no_wait, as_json, anyway)
    said, by = Said(because, correction_id, anyway), audit.operator(cluster)
    try:
        wish, _ = judged(cluster, Receivers(cluster, {order_id}), state, parts, said, by)
    except CannotBeCorrected as exc:
        raise Refused(str(exc)) from None
    carried_out(cluster, [wish], how)


class Said(NamedTuple):
    """Beside the receiver. ``anyway``: also where the saga finds that it contradicts what is known."""

    because: str
    correction_id: str
    anyway: bool


def judged(
    cluster: Cluster,
    receivers: Receivers,
    state: OrderState,
    parts: Mapping[str, str] | None,
    said: Said,
    by: Actor,
) -> tuple[Wish, OrderState]:
    """What is to be told, or why it can't be; and the order as that leaves it. Raises CannotBeCorrected."""
    order_id = state["order_id"]
    if said.correction_id and (told := told_before(cluster, order_id, said.correction_id, parts, by=by)) is not None:
        return Wish(f"address {order_id}: {stands(state)}", told), state
    if why := _closed(state):
        raise CannotBeCorrected(why)
    it, order = receivers.telling(order_id, parts, by=by, because=said.because, correction_id=said.correction_id)
    foretold = orders.foretold(state, "Order", order)
    why_not = unfit(foretold, order_id, said.anyway)
    words = f"address {order_id}: {in_words(readable('Receiver', order['receiver']))} ({stands(state)})"
    return Wish(words, None if why_not else it, why_not), foretold.state or state


def _closed(state: OrderState) -> str:
    """Why an order goes nowhere any more; empty when it does."""
    if state["phase"] not in CLOSED:
        return ""
    way = {
        "SHIPPED": "its parcels have left: have the carrier redirect them, or call them back",
        "CANCELLED": "nothing of it is sent",
        "ELSEWHERE": "others send it, by what its platform shows",
    }[state["phase"]]
    return f"{state['order_id']} is {state['phase']}: {way}"


def in_words(receiver: Mapping[str, Any]) -> str:
    """Whom a receiver names, masked or not, in one line."""
    region = "".join(receiver[field] for field in ("province", "city", "district", "town"))
    return " ".join(filter(None, (receiver["name"], receiver["phone"], region, receiver["address"])))


def _read(file: str) -> dict[str, str]:
    try:
        found = json.loads(text_of(file))
    except (ValueError, RecursionError) as exc:
        raise Refused(f'{file} is no JSON object: write the parts, such as {{"street": "..."}}') from exc
    if not isinstance(found, dict) or not found or not all(isinstance(text, str) for text in found.values()):
        raise Refused(f'{file} is no object of texts: write the parts, {", ".join(PARTS)}, such as {{"street": "..."}}')
    return found


def _asked() -> dict[str, str]:
    """Each part asked for; an empty answer leaves it as it is."""
    if not sys.stdin.isatty():
        raise Refused("nobody can be asked for the parts: give them by --from -, as JSON on standard input")
    answers = {
        part: typer.prompt(f"{part} (empty: as it is)", default="", show_default=False, err=True) for part in PARTS
    }
    found = {part: text for part, text in answers.items() if text.strip()}
    if not found:
        raise Refused("no part was said: nothing was changed")
    return found
