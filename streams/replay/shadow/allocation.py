"""Allocation in the shadow: for each order, a course of its recorded events that leads to every recorded decision, status and command.

Depth first. A step takes the next event of one of the four topics (the oldest first, which is mostly right), lets the pure domain decide it
on what planning may have seen, and holds what it sends against what is recorded next. A step that says anything else is no step. Most
orders need no second try; the number of tries is bounded, and an order that is not retraced within it is a difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from schemas.codec import CODEC
from schemas.topics import TABLE_RECORDS
from streams.agents.wire import RecordCodec
from streams.aside.places import Place
from streams.domain.allocation.decide import decide, retry
from streams.domain.allocation.step import AllocationDecision, View
from streams.domain.routing.book import Book
from streams.engine.store import Store
from streams.replay.shadow.books import Books
from streams.replay.shadow.cases import Case, Event, Said, cases, gather
from streams.replay.shadow.flows import Flows
from streams.replay.shadow.reading import Recordings
from streams.replay.shadow.report import Report
from streams.replay.shadow.tables import ShadowTable
from streams.replay.shadow.views import Views, load_in

STAGE = "allocation"
#: Decisions computed for one order at the most, and views tried for one decision.
_TRIES_MAX = 5_000
_VIEWS_MAX = 300


class Point(NamedTuple):
    """Where a course has come to: events taken of each topic, decisions, statuses and commands that are explained."""

    taken: tuple[int, ...]
    state: Any
    decisions: int
    statuses: int
    commands: Counter[bytes]
    #: (command id, quantity) that a tick may ask again for while the order waits.
    retries: frozenset[tuple[str, int]]

    @property
    def explained(self) -> int:
        return self.decisions + self.statuses + self.commands.total()


def rebuild(
    store: Store, logs: Recordings, quarantined: set[Place], views: Views, report: Report, merge_secret: bytes
) -> None:
    """Every order. ``merge_secret``: the workers' own."""
    for place in gather(store, logs, quarantined):
        report.differs(STAGE, place, "", "cannot be read, and is not in quarantine")
    states = ShadowTable(store, "order_state", RecordCodec(TABLE_RECORDS["order_state"]))
    books, flows = views.books(), views.flows()
    for case in cases(store, logs):
        course = Course(case, views, books, flows, merge_secret)
        if course.found():
            if course.end.state is not None:
                states.partition = logs.cut.shard(next(e.place.partition for events in case.events for e in events))
                states.put_many({case.order_id.encode(): course.end.state})
            report.tries_most = max(report.tries_most, course.tries)
            report.agreed[STAGE] += len(case.decisions) + len(case.statuses) + len(case.commands)
        else:
            place, text = course.failure()
            report.differs(STAGE, place, case.order_id, text)


#: A sale that every order is of.
_SALE: Any = {"closed": False, "from_ms": 0, "until_ms": 1 << 62}


class Course:
    """The search for one order."""

    def __init__(self, case: Case, views: Views, books: Books, flows: Flows, merge_secret: bytes = b"") -> None:
        self._case = case
        self._merge_secret = merge_secret
        self._views = views
        self._books = books
        self._flows = flows
        #: Decisions computed.
        self.tries = 0
        self._recorded = Counter(said.value for said in case.commands)
        self._traces = {
            (said.record["attempt"], each["round"]): each
            for said in case.decisions
            if "trace" in said.record
            for each in said.record["trace"]["rounds"]
        }
        #: SKUs of a sale, and when pieces of them were asked for.
        self._frozen = {(s.record["sku"], s.record["requested_at_ms"]) for s in case.commands if s.name == "Freeze"}
        #: How long reservations wait, as the recorded ones say: the workers' setting may have changed.
        self._ttls = list(dict.fromkeys(map(_ttl, (s.record for s in case.commands if s.name == "Reserve")))) or [None]
        self._best = self.end = Point((0,) * len(case.events), None, 0, 0, Counter(), frozenset())

    def found(self) -> bool:
        """Whether there is a course."""
        ways = [iter([self._best])]
        while ways and self.tries < _TRIES_MAX:
            point = next(ways[-1], None)
            if point is None:
                ways.pop()
                continue
            if point.explained >= self._best.explained and sum(point.taken) >= sum(self._best.taken):
                self._best = point
            if self._is_end(point):
                self.end = point
                return True
            ways.append(self._steps(point))
        return False

    def failure(self) -> tuple[Any, str]:
        """The first record that no course explains, and why it counts."""
        best, case = self._best, self._case
        left = [*case.decisions[best.decisions :][:1], *case.statuses[best.statuses :][:1]]
        left += [said for said in case.commands if said.value not in best.commands][:1]
        if self.tries >= _TRIES_MAX:
            why = f"is not retraced within {_TRIES_MAX:,} tries"
        else:
            why = "is not what the order's events and any balances still on record lead to"
        if left:
            # By what caused them: the records of one decision are written side by side, in no order.
            first = min(left, key=lambda said: said.at_ms)
            return first.place, f"{first.name} {why}: {_gist(first)}"
        event = next(e for _, e in self._next_events(best))
        return event.place, f"{event.name} leads to more than is recorded"

    def _is_end(self, point: Point) -> bool:
        case = self._case
        if point.decisions < len(case.decisions) or point.statuses < len(case.statuses):
            return False
        if any(event.due for _, event in self._next_events(point)):
            return False
        for said in case.commands:
            if point.commands[said.value] < self._recorded[said.value]:
                if (
                    said.name != "AwaitStock"
                    or (said.record["command_id"], said.record["quantity"]) not in point.retries
                ):
                    return False
        return True

    def _next_events(self, point: Point) -> list[tuple[int, Event]]:
        heads = [
            (i, events[n])
            for i, (n, events) in enumerate(zip(point.taken, self._case.events, strict=True))
            if n < len(events)
        ]
        return sorted(heads, key=lambda head: head[1].at_ms)

    def _steps(self, point: Point) -> Iterator[Point]:
        for topic_no, event in self._next_events(point):
            for decision in self._decisions(point.state, event):
                after = self._explained(point, topic_no, decision)
                if after is not None:
                    yield after

    def _decisions(self, state: Any, event: Event) -> Iterator[AllocationDecision]:
        """What the event does, on everything that planning may have seen."""
        sent_ms = self._sent_ms(event)
        asked: dict[str, Sequence[Sequence[Any]]] = {}
        choice: dict[str, int] = {}

        def levels(sku: str) -> Sequence[Any]:
            if sku not in asked:
                asked[sku] = self._views.levels(sku, sent_ms)
            return asked[sku][min(choice.get(sku, 0), len(asked[sku]) - 1)]

        def pool(sku: str) -> Any:
            """The view showed a sale where it froze; which, does not matter."""
            return _SALE if (sku, event.at_ms) in self._frozen else None

        planned = self._planned(state, event)
        load = load_in(planned["considered"]) if planned is not None else {}
        for flows in self._flows.candidates(state, event.name):
            asked.clear()
            first = True
            for book, ttl_ms, warehouses in product(
                self._candidates(planned), self._ttls, self._views.warehouses(sent_ms)
            ):
                choice.clear()
                secret = self._merge_secret
                view = View(levels, warehouses, load, ttl_ms, book, pool=pool, flows=flows, merge_secret=secret)
                self.tries += 1
                yield decide(state, event.name, event.record, view, event.at_ms)
                if first and not asked and len(self._ttls) == 1:
                    break  # Nothing was planned.
                first = False
                skus = list(asked)
                ranks = sorted(islice(product(*(range(len(asked[s])) for s in skus)), 20_000), key=sum)
                for rank in ranks[1:_VIEWS_MAX]:
                    choice.update(zip(skus, rank, strict=True))
                    self.tries += 1
                    yield decide(state, event.name, event.record, view, event.at_ms)

    def _sent_ms(self, event: Event) -> int:
        """When the event was decided: what it caused bears its time."""
        case = self._case
        sent = [said.sent_ms for said in (*case.decisions, *case.statuses, *case.commands) if said.at_ms == event.at_ms]
        return min(sent, default=event.at_ms)

    def _planned(self, state: Any, event: Event) -> Mapping[str, Any] | None:
        """The recorded round of the plan that this event may cause; None: there is none."""
        attempt, number = (state["attempt"], state["round"]) if state is not None else (0, 0)
        again = event.name in ("Reserved", "ReservationRejected", "ReservationResolved") and (attempt, number + 1)
        return self._traces.get(again or (attempt + 1, 1)) or self._traces.get((attempt + 1, 1))

    def _candidates(self, planned: Mapping[str, Any] | None) -> Iterator[Book | None]:
        """Books by which that plan may have been made."""
        named = [_by(each) for each in self._traces.values()]
        return self._books.candidates([] if planned is None else [_by(planned)], named)

    def _explained(self, point: Point, topic_no: int, decision: AllocationDecision) -> Point | None:
        """The point after a decision; None when it says what is not recorded."""
        case, state = self._case, decision.state
        decisions = _matched(case.decisions, point.decisions, decision.events)
        statuses = _matched(case.statuses, point.statuses, [("OrderStatusChanged", s) for s in decision.statuses])
        if decisions is None or statuses is None or not self._trace_fits(state):
            return None
        commands = point.commands
        if decision.commands:
            commands = commands + Counter(CODEC.encode(name, record) for name, record in decision.commands)
            if not commands <= self._recorded:
                return None
        retries = point.retries
        if state is not None and state["phase"] == "BACKORDERED":
            retries |= {(record["command_id"], record["quantity"]) for _, record in retry(state, 0)}
        taken = tuple(n + (i == topic_no) for i, n in enumerate(point.taken))
        return Point(taken, state, decisions, statuses, commands, retries)

    def _trace_fits(self, state: Any) -> bool:
        """The plan of a round looked at what its recorded trace says."""
        if state is None or state["trace"] is None or not state["trace"]["rounds"]:
            return True
        last = state["trace"]["rounds"][-1]
        recorded = self._traces.get((state["attempt"], last["round"]))
        return recorded is None or (recorded["considered"], recorded["by_rules"]) == (
            last["considered"],
            last["by_rules"],
        )


def _by(planned: Mapping[str, Any]) -> Any:
    return None if planned["by_rules"] is None else planned["by_rules"]["decided_by"]


def _matched(recorded: Sequence[Said], start: int, said: Sequence[tuple[str, Any]]) -> int | None:
    """How many are explained with these; None when one of them is not what is recorded next."""
    for name, record in said:
        if start >= len(recorded) or recorded[start].value != CODEC.encode(name, record):
            return None
        start += 1
    return start


def _ttl(reserve: Mapping[str, Any]) -> int | None:
    expires_at_ms = reserve["expires_at_ms"]
    return None if expires_at_ms is None else expires_at_ms - reserve["requested_at_ms"]


def _gist(said: Said) -> str:
    record = said.record
    match said.name:
        case "OrderAllocated":
            return ", ".join(f"{p['quantity']} x {p['sku']} from {p['warehouse']}" for p in record["parts"])
        case "OrderStatusChanged":
            return f"{record['status']}, {record['reason']}"
    return str(record.get("reason") or record.get("command_id") or "")
