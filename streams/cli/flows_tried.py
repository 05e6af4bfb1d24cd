"""One order taken through a flow by the events of a file."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import msgspec

from schemas.documents.flows.case import FlowCase, case
from schemas.documents.flows.document import Document
from schemas.documents.rules.case import CaseRefused
from streams.aside.facts import moment_ms, order_of
from streams.cli.common import Refused, text_of
from streams.cli.faults import print_faults
from streams.domain.flow.compiling import compiled, value_of
from streams.domain.flow.facts import Event, FlowFacts
from streams.domain.flow.state import START
from streams.domain.flow.stepping import Stepped, step
from streams.domain.routing.rules.facts import Facts


class Tried(NamedTuple):
    """One event, when it was, and what came of it."""

    event: str
    at_ms: int
    stepped: Stepped


def tried(document: Document, file: str, payload: str) -> list[Tried]:
    """Each event of a file, in its order.

    :param payload: file of the channel's payload; empty: there is none.

    Raises:
        Refused: the file has faults, of which every one was printed; or an event is older than the one before it.
    """
    given = _read(file)
    raw = _payload(payload) if payload else None
    order, record = order_of(given.order), msgspec.to_builtins(given.order)
    fields = {each.field: value_of(each) for each in given.fields}
    table, state, last_ms, found = compiled(document), START, 0, []
    risk_bp: int | None = None
    signals: tuple[str, ...] = ()
    for number, each in enumerate(given.events):
        at_ms = moment_ms(f"events[{number}].at", each.at) or 0
        if at_ms < last_ms:
            raise Refused(
                f"events[{number}] is older than the one before it: write them in the order in which they came"
            )
        last_ms = at_ms
        risk_bp = risk_bp if each.risk_bp is None else each.risk_bp
        signals = each.risk_signals or signals
        order = order if each.total_minor is None else order._replace(total_minor=each.total_minor)
        facts = FlowFacts(Facts(order, (), at_ms), fields, risk_bp, signals, raw, record)
        event = Event(each.event, each.custom, each.by, each.roles, each.task)
        stepped = step(table, state, event, facts, at_ms)
        state = stepped.state
        found.append(Tried(f"{each.event} {each.custom}".strip(), at_ms, stepped))
    return found


def _read(file: str) -> FlowCase:
    try:
        return case(text_of(file))
    except CaseRefused as exc:
        print_faults(file, exc.faults, exc.read.lines)
        raise Refused(f"{file} has {len(exc.faults)} faults: put them right") from None


def _payload(file: str) -> Any:
    try:
        return json.loads(text_of(file))
    except (ValueError, RecursionError) as exc:
        raise Refused(f"{file} is no JSON: {exc}") from None
