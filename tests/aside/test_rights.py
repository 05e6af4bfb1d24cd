"""Whoever changes something, or sees a person's data, is named and has the right to: each function is tried without it."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

import streams
import streams.aside
import streams.replay.state
from schemas.codec import CODEC
from streams.aside import (
    catalog,
    correction,
    deliveries,
    listings,
    orders,
    persons,
    quarantine,
    receivers,
    releases,
    review,
    said,
    stock,
    tasks,
    writebacks,
)
from streams.aside.config import apply
from streams.aside.config import store as config
from streams.aside.config.changes import Change
from streams.aside.config.rows import RowChanges
from streams.aside.config.standing import Rows, Standing
from streams.aside.places import Place
from streams.domain.listing.state import begun
from streams.domain.releases.sharing import Release
from streams.ops import audit
from streams.ops.actor import ALL_RIGHTS, Actor, NotAllowed, Right, asked
from streams.ops.cluster import Cluster
from streams.replay import journal
from streams.replay.state import accept, rebuild
from streams.settings import Settings
from tests.command_line import in_process

#: What a call that is let through may need and does not get here: a cluster. What it is refused for comes first.
NO_CLUSTER = cast(Any, None)
LISTED = {"place": "pdd/tea/1/2/"}

_EVENT = CODEC.encode(
    "ChannelEvent",
    {
        "channel": "taobao",
        "shop": "tea",
        "order_no": "1",
        "kind": "order",
        "event_id": "1",
        "occurred_at_ms": 1,
        "received_at_ms": 1,
        "content_type": "application/json",
        "payload": b"{}",
    },
)
_REVIEW: Any = {
    "channel": "taobao",
    "shop": "tea",
    "order_no": "1",
    "reasons": [],
    "event": _EVENT,
    "source": {"topic": "channel.taobao.events", "partition": 0, "offset": 1},
}
IN_REVIEW = review.Item(Place("orders.review", 0, 1), 1, "taobao:1", _REVIEW, "taobao:1", "taobao:1", 1)
SET_ASIDE = quarantine.Item(Place("sink.refused", 0, 1), 1, b"taobao:1", b"", {"error": "Bad"})
PARCEL = writebacks.Item(
    Place("writeback.status", 0, 1), cast(Any, {"order_id": "taobao:1", "shipment_id": "1", "phase": "DEAD"})
)
DELIVERY = deliveries.Item(
    Place("warehouse.status", 0, 1),
    cast(Any, {"order_id": "taobao:1", "delivery_id": "taobao.1.1.HZ", "phase": "DEAD"}),
)
TASK: Any = {"task_id": "taobao:1/ask/1", "order_id": "taobao:1"}
WITHOUT_ROLES: Any = SimpleNamespace(settings=SimpleNamespace(roles=""))
SENDING = correction.Sending(IN_REVIEW, "taobao:1", "channel.taobao.events", _EVENT, 1, False)
WAREHOUSE: Any = {"warehouse": "HZ1", "version": 1}
STATE: Any = {"lines": []}
EMPTY = Standing({}, {}, Rows({}, {}), {})
APPLYING = Change("rules/main", 0, 0, "config.applied", None, Release(), None)


def _said(text: str) -> Callable[[Actor], object]:
    return lambda by: said.telling(said.parse(text), STATE, by=by)


def _receivers() -> receivers.Receivers:
    """That have read nothing."""
    them = receivers.Receivers.__new__(receivers.Receivers)
    them._future = NO_CLUSTER
    return them


#: What each function that takes an actor is tried with; the names are `module.function`. One that is not here fails the walk below.
TRIED: dict[str, tuple[Right, Callable[[Actor], object]]] = {
    "streams.aside.orders.decision": (
        Right.ORDERS,
        lambda by: orders.decision("taobao:1", "hold", by=by, because="why"),
    ),
    "streams.aside.orders.parcel": (
        Right.ORDERS,
        lambda by: orders.parcel("taobao:1", by=by, warehouse="HZ1", carrier="SF"),
    ),
    "streams.aside.orders.receipt": (
        Right.ORDERS,
        lambda by: orders.receipt("taobao:1", by=by, warehouse="HZ1", lines=[]),
    ),
    "streams.aside.receivers.Receivers.telling": (
        Right.ORDERS,
        lambda by: _receivers().telling("taobao:1", {"street": "x"}, by=by, because="why"),
    ),
    "streams.aside.receivers.told_before": (
        Right.ORDERS,
        lambda by: receivers.told_before(NO_CLUSTER, "taobao:1", "1", None, by=by),
    ),
    "streams.aside.receivers._telling": (
        Right.ORDERS,
        lambda by: receivers._telling(
            cast(Any, {"order_id": "taobao:1", "correction_id": "1", "reason": ""}), None, by
        ),
    ),
    "streams.aside.said.telling": (
        Right.ORDERS,
        _said('{"do": "cancel", "order_id": "taobao:1", "because": "why"}'),
    ),
    "streams.aside.stock.receive": (Right.STOCK, lambda by: stock.receive("RED", "HZ1", 1, by=by)),
    "streams.aside.stock.adjust": (Right.STOCK, lambda by: stock.adjust("RED", "HZ1", 1, by=by, because="why")),
    "streams.aside.stock.transfer": (Right.STOCK, lambda by: stock.transfer("RED", "HZ1", "HZ2", 1, by=by)),
    "streams.aside.stock.safety": (Right.STOCK, lambda by: stock.safety("RED", "HZ1", 1, by=by)),
    "streams.aside.stock._telling": (
        Right.STOCK,
        lambda by: stock._telling("Receive", {"sku": "RED"}, by, ""),
    ),
    "streams.aside.listings.closing": (
        Right.STOCK,
        lambda by: listings.closing(listings.Item("RED", begun(cast(Any, LISTED), 1)), by, "why", "1"),
    ),
    "streams.aside.listings.redrive": (
        Right.STOCK,
        lambda by: listings.redrive(NO_CLUSTER, [listings.Item("RED", begun(cast(Any, LISTED), 1))], by=by, because=""),
    ),
    "streams.aside.catalog.set_warehouse": (
        Right.SETTINGS,
        lambda by: catalog.set_warehouse(NO_CLUSTER, WAREHOUSE, by=by, because=""),
    ),
    "streams.aside.catalog.set_bundle": (
        Right.SETTINGS,
        lambda by: catalog.set_bundle(NO_CLUSTER, "SET", [], None, by=by, because=""),
    ),
    "streams.aside.catalog.warehouse_entry": (
        Right.SETTINGS,
        lambda by: catalog.warehouse_entry(WAREHOUSE, by=by, because=""),
    ),
    "streams.aside.catalog.bundle_entry": (
        Right.SETTINGS,
        lambda by: catalog.bundle_entry({"sku": "SET", "parts": [], "version": 1}, None, by=by, because=""),
    ),
    "streams.aside.config.apply.carried_out": (
        Right.SETTINGS,
        lambda by: apply.carried_out(NO_CLUSTER, apply.Plan({}, (APPLYING,), RowChanges((), ())), by=by, because=""),
    ),
    "streams.aside.config.apply._entries": (
        Right.SETTINGS,
        lambda by: apply._entries(RowChanges((WAREHOUSE,), ()), EMPTY, by, ""),
    ),
    "streams.aside.config.store.write": (
        Right.SETTINGS,
        lambda by: config.write(NO_CLUSTER, [APPLYING], by=by, because=""),
    ),
    "streams.aside.releases.publish": (
        Right.SETTINGS,
        lambda by: releases.publish(NO_CLUSTER, NO_CLUSTER, "rules", cast(Any, None), by=by, because=""),
    ),
    "streams.aside.releases.carry_out": (
        Right.SETTINGS,
        lambda by: releases.carry_out(
            NO_CLUSTER, NO_CLUSTER, "rules/main", Release(), "config.released", by=by, because=""
        ),
    ),
    "streams.aside.correction.Sending.closing": (Right.REVIEW, lambda by: SENDING.closing(by, "why", "1")),
    "streams.aside.correction.discarding": (
        Right.REVIEW,
        lambda by: correction.discarding(IN_REVIEW, by, "why", "1"),
    ),
    "streams.aside.quarantine.Item.redriving": (
        Right.REVIEW,
        lambda by: SET_ASIDE.redriving(by, "why", "1", send=False),
    ),
    "streams.aside.quarantine.Item.discarding": (Right.REVIEW, lambda by: SET_ASIDE.discarding(by, "why", "1")),
    "streams.aside.quarantine.Item._entry": (
        Right.REVIEW,
        lambda by: SET_ASIDE._entry("quarantine.redriven", by, "why", "1"),
    ),
    "streams.aside.tasks.answer": (
        Right.ORDERS,
        lambda by: tasks.answer(WITHOUT_ROLES, TASK, "approve", by=by, because="why"),
    ),
    "streams.aside.deliveries.closing": (
        Right.ORDERS,
        lambda by: deliveries.closing(DELIVERY, "REDRIVE", by, "why", "1"),
    ),
    "streams.aside.writebacks.closing": (
        Right.WRITEBACK,
        lambda by: writebacks.closing(PARCEL, "REDRIVE", by, "why", "1"),
    ),
    "streams.aside.persons.forget": (
        Right.PERSONS,
        lambda by: persons.forget(NO_CLUSTER, "taobao:1", by=by, because="why"),
    ),
    "streams.replay.state.accept.accept": (
        Right.STATE,
        lambda by: accept.accept(NO_CLUSTER, NO_CLUSTER, [], by=by),
    ),
    "streams.replay.state.rebuild.rebuild": (
        Right.STATE,
        lambda by: rebuild.rebuild(NO_CLUSTER, NO_CLUSTER, [], lambda count: None, by=by),
    ),
    "streams.ops.audit.read": (
        Right.UNMASKED,
        lambda by: audit.read(NO_CLUSTER, "taobao:1", "order show", by=by),
    ),
    "streams.ops.audit.entry": (Right.ORDERS, lambda by: audit.entry("order.hold", "taobao:1", by=by)),
}


@pytest.mark.parametrize("name", TRIED)
def test_who_lacks_the_right_is_refused_before_anything_is_done(name: str) -> None:
    right, call = TRIED[name]
    for rights in (frozenset[Right](), ALL_RIGHTS - {right}):
        with pytest.raises(NotAllowed, match=f"li may not do .+: it asks for the right {right}, theirs are: "):
            call(Actor("li", rights))
    try:
        call(Actor("li", {right}))
    except NotAllowed:
        raise
    except Exception as exc:
        # Only for what they are not given here.
        assert "NoneType" in str(exc), exc


def test_every_function_that_takes_an_actor_is_tried() -> None:
    modules = [*_modules(streams.aside), *_modules(streams.replay.state), audit]
    assert {name for module in modules for name in _taking_actors(module)} == set(TRIED)


def test_a_replay_is_refused_before_anything_is_written() -> None:
    plan: Any = type(
        "Plan", (), {"topic": "orders", "replay_id": "1", "into": "postgres", "to_json": lambda self: ""}
    )()
    with pytest.raises(NotAllowed, match=r"replay\.started: it asks for the right replay"):
        journal.Journal(NO_CLUSTER, plan, journal.Who(Actor("li", ALL_RIGHTS - {Right.REPLAY}), "why")).started()


def test_nothing_is_written_by_streams_in_a_persons_name_but_with_their_rights() -> None:
    """The audit's entry is made of an actor; what makes one without is for processes, and what writes without one is not for people."""
    found = []
    for path in sorted(Path(streams.__path__[0]).rglob("*.py")):
        where = path.relative_to(Path(streams.__path__[0])).as_posix()
        for call in (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func)
            if name.endswith("audit.noted"):
                found.append(f"{where} calls {name}")
            if where.startswith("aside/") and name in ("cluster.publish", "Publisher", "Producer", "Transactor"):
                found.append(f"{where} calls {name}")
    # Messages and their entries, in one transaction.
    assert found == ["aside/fenced.py calls Transactor"]


def test_every_action_asks_for_one_right() -> None:
    assert asked("review.exported") is Right.UNMASKED and asked("review.discarded") is Right.REVIEW
    with pytest.raises(KeyError):
        asked("orders.hold")


def test_the_command_line_acts_with_all_rights_and_its_refusal_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    me = audit.operator(Cluster(Settings(brokers="127.0.0.1:1", data=Path())))
    assert me.rights == ALL_RIGHTS
    main = importlib.import_module("streams.cli.main")
    monkeypatch.setattr(main, "app", lambda: Actor("li", frozenset()).check("order.hold"))
    done = in_process([], {})
    assert (done.returncode, done.stderr) == (
        2,
        "error: li may not do order.hold: it asks for the right orders, theirs are: none\n",
    )


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def _taking_actors(module: ModuleType) -> Iterator[str]:
    places: list[tuple[str, Any]] = [(module.__name__, module)]
    places += [(f"{module.__name__}.{c.__name__}", c) for _, c in inspect.getmembers(module, inspect.isclass)]
    for where, place in places:
        for name, function in inspect.getmembers(place, inspect.isfunction):
            own = function.__module__ == module.__name__
            if own and any(p.annotation == "Actor" for p in inspect.signature(function).parameters.values()):
                yield f"{where}.{name}"
