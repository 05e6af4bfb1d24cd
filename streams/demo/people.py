"""Plays the persons whom the demo's flow asks: leads that approve or refuse, and customer service that looks and lets go."""

from __future__ import annotations

import threading
from collections import Counter
from typing import NamedTuple, cast
from zlib import crc32

from rich.box import SIMPLE_HEAD

from schemas.codec import CODEC
from schemas.records import Task
from schemas.table import Table
from schemas.terminal import Terminal
from schemas.texts import word
from schemas.topics import TASKS
from streams.aside.tasks import answer
from streams.aside.telling import Telling, tell
from streams.demo.watch import Watch
from streams.ops.actor import Actor, Right
from streams.ops.cluster import Cluster
from streams.settings import Settings

LEADS, SERVICE = ("li", "wang"), "zhao"
#: Whom the demo's settings give the role of a lead: one more than have to agree, since who asks for something has no say in it.
ROLES = f"lead={','.join(LEADS)},chen"
#: Of a hundred approvals these many are refused.
REFUSED_PERCENT = 15
#: What is asked within this time is answered together.
_TOGETHER_S = 0.3


class _Answer(NamedTuple):
    who: str
    verb: str
    because: str


class People:
    """Answers each task once it is asked, as a person does at the console or by ``penstock task``."""

    def __init__(self, settings: Settings) -> None:
        self._cluster = Cluster(settings)
        #: Task id -> its newest record; those that wait for an answer of ours.
        self._tasks: dict[str, Task] = {}
        self._asked: dict[str, Task] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._failed: Exception | None = None
        self._watch = Watch(settings, (TASKS,), self._take)
        self._thread = threading.Thread(target=self._run, name="demo-people", daemon=True)

    def start(self) -> None:
        """Returns when they watch."""
        self._watch.start()
        self._thread.start()

    def stop(self) -> None:
        """Raises what ended them before."""
        self._stopping.set()
        self._thread.join()
        self._watch.stop()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    @property
    def at_rest(self) -> bool:
        """Whether nothing is asked that nobody has answered. Raises what ended them."""
        if self._failed is not None:
            self.stop()
        with self._lock:
            return not any(each["state"] == "OPEN" for each in self._tasks.values())

    def print(self, out: Terminal) -> None:
        """What was asked, and what became of it. Nothing where nothing was."""
        found: dict[tuple[str, str], Counter[str]] = {}
        for each in self._tasks.values():
            found.setdefault((each["shop"], each["kind"]), Counter())[each["state"]] += 1
        if not found:
            return
        states = sorted({state for counts in found.values() for state in counts})
        table = Table("shop", "asks", title="What the flow asked of persons", title_justify="left", box=SIMPLE_HEAD)
        for column in ("tasks", *(state.lower() for state in states)):
            table.add_column(column, justify="right")
        for (shop, kind), counts in sorted(found.items()):
            row = (sum(counts.values()), *(counts[state] for state in states))
            table.add_row(shop, word(kind.lower()), *(f"{count:,}" for count in row))
        out.print()
        out.print(table)

    def _take(self, _: str, value: bytes | None, __: int) -> None:
        task = cast(Task, CODEC.decode(value or b"")[1])
        with self._lock:
            self._tasks[task["task_id"]] = task
            if task["state"] == "OPEN":
                self._asked[task["task_id"]] = task

    def _run(self) -> None:
        try:
            while not self._stopping.wait(_TOGETHER_S):
                self._answer()
        except Exception as exc:
            # Not lost with the thread: what they were to answer stays open.
            self._failed = exc

    def _answer(self) -> None:
        with self._lock:
            asked, self._asked = self._asked, {}
        tellings = [self._said(task, it) for task in asked.values() if (it := answered(task)) is not None]
        if tellings:
            tell(self._cluster, tellings)

    def _said(self, task: Task, it: _Answer) -> Telling:
        by = Actor(it.who, frozenset({Right.ORDERS}))
        return answer(self._cluster, task, it.verb, by=by, because=it.because)


def answered(task: Task) -> _Answer | None:
    """What somebody says to an open task, the same for the same order; None: whoever was to has."""
    if task["kind"] == "HOLD":
        return _Answer(SERVICE, "approve", "called the buyer, the order is meant")
    if crc32(task["order_id"].encode()) % 100 < REFUSED_PERCENT:
        return _Answer(LEADS[0], "refuse", "a reseller, by the amount")
    lead = next((lead for lead in LEADS if lead not in task["votes"]), None)
    return None if lead is None else _Answer(lead, "approve", "within the shop's limits")
