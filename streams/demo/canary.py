"""Two versions of the rules that are tried on a tenth of the orders while they flow: one goes live, the other is ended by its guardrail.

1. ``begin``: ``penstock monitor`` starts, which judges trials; FASTER is published and gets a share of 10 %.
2. Once it has decided enough orders it is live; NEAR_ALONE is published and gets a share of 10 %. It lets orders wait whose goods lie
   further away.
3. Its backorders, held against what stands makes of the same orders, pass the limit: the monitor takes the share back.

All of it is what ``penstock rules publish`` and ``release`` do; the demo itself ends no trial.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, cast

from schemas.codec import CODEC
from schemas.documents.kinds import KINDS
from schemas.documents.reading import draft
from schemas.records import AuditEntry, DecisionCompared
from schemas.terminal import Terminal, Text, styled
from schemas.texts import said
from schemas.topics import COMPARED
from streams.aside import releases
from streams.aside.config.standing import ConfigRefused
from streams.aside.guarding import GUARDRAILS
from streams.aside.releases import Wanted
from streams.demo.documents import RULES, rules_text
from streams.demo.watch import Watch
from streams.domain.releases.guardrails import Guard
from streams.domain.releases.moves import Moved
from streams.domain.releases.watching import Course, trial_in, went_on
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.processes import HubProcess
from streams.settings import Settings

DOCUMENT = f"rules/{RULES}"
_SHARE = 1_000
#: Of the orders these many in a thousand are decided by the first trial before it goes live: of its tenth about a third.
_ENOUGH_PER_MILLE, _ENOUGH_MIN = 35, 10
#: Soon, so that few orders wait: at home a sample is larger.
_GUARDS = (Guard("backordered", 20, 300),)
_ENDED_S = 30.0
_LOOK_S = 0.2


class Version(NamedTuple):
    """``what``: for people. ``of``: its text, of that of the version before."""

    what: str
    of: Callable[[str], str]


FASTER = Version(
    "every day from the nearest warehouse, by the fastest carrier",
    lambda text: text.replace(
        'allocate = { split = "fewest", max_parcels = 3 }\n\n[strategies.rank]\nmode = "banded"\n'
        'criteria = [{ by = "region_priority", bands = [1, 2] }, { by = "eta", bands = [2880, 4320] }, { by = "freight" }]',
        'allocate = { split = "fewest", max_parcels = 3, carrier = "fastest" }\n\n[strategies.rank]\nmode = "lexicographic"\n'
        'criteria = [{ by = "distance" }, { by = "eta" }]',
    ).replace("every day: the region's own, then the cheapest", "every day: the nearest, the fastest way"),
)
NEAR_ALONE = Version(
    "every day from within 300 km or not at all",
    lambda text: text.replace(
        'filters = [{ filter = "coverage" }, { filter = "carrier" }, { filter = "eta", minutes = 7200 }]',
        'filters = [{ filter = "carrier" }, { filter = "distance", metres = 300_000 }]\n'
        'then = { partial = "backorder", none = "backorder" }',
    ).replace("every day: the nearest, the fastest way", "every day: from within 300 km"),
)


class Canaries:
    """``settings`` of the hub; ``orders`` about so many will come. Its steps are printed to ``out`` as they happen."""

    def __init__(self, settings: Settings, orders: int, out: Terminal) -> None:
        self._cluster = Cluster(settings)
        self._out = out
        self._enough = max(_ENOUGH_MIN, orders * _ENOUGH_PER_MILLE // 1_000)
        self._monitor = HubProcess(settings, "monitor", ("monitor", "--port", "0"))
        #: Version -> what its trial did, and of how many orders otherwise than what stands.
        self._courses: dict[int, Course] = {}
        self._otherwise: Counter[int] = Counter()
        self._ended: AuditEntry | None = None
        self._text = rules_text()
        self._on_trial = 0
        self._begun, self._both_tried = threading.Event(), threading.Event()
        self._no_more = threading.Event()
        self._failed: Exception | None = None
        self._watch = Watch(settings, (COMPARED, "audit"), self._take)
        self._thread = threading.Thread(target=self._run, name="demo-canary", daemon=True)

    def begin(self) -> None:
        """Returns once the first trial has begun."""
        self._watch.start()
        self._thread.start()
        self._begun.wait()

    def start_monitor(self) -> None:
        """It judges from some seconds later on."""
        self._monitor.start()

    def stop(self) -> None:
        """Again: nothing. Raises what went wrong while it watched."""
        self._no_more.set()
        self._monitor.stop()
        if self._thread.ident:
            self._thread.join()
            self._thread = threading.Thread()
            self._watch.stop()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed

    def hold_back(self, stopped: threading.Event) -> None:
        """Returns once the second trial has begun; with fewer orders than enough where no more are to be decided until then."""
        while not (self._both_tried.wait(_LOOK_S) or stopped.is_set() or self._failed):
            if self._cluster.at_rest():
                self._enough = 0

    def settle(self, stopped: threading.Event) -> None:
        """Returns once the second trial is over; not where it has had too few orders to be judged by."""
        until = time.monotonic() + _ENDED_S
        while self._ended is None and not stopped.is_set() and not self._failed and time.monotonic() < until:
            if self._course().tried.decisions < _GUARDS[0].sample_min:
                return
            time.sleep(_LOOK_S)

    def print(self) -> None:
        """How the second ended: by the audit."""
        if (ended := self._ended) is not None:
            line = f"audit: {ended['by']} took the share of version {self._on_trial} back:"
            self._out.print(Text(said(line)), Text(said(ended["reason"]), "green"), soft_wrap=True)
            return
        tried, least = self._course().tried.decisions, _GUARDS[0].sample_min
        line = f"version {self._on_trial} is still on trial: it has decided {tried} orders, and is judged after {least}"
        self._out.print(Text(said(line), "yellow"), soft_wrap=True)

    def _take(self, topic: str, value: bytes | None, _: int) -> None:
        name, found = CODEC.decode(value or b"")
        if name == "DecisionCompared":
            record = cast(DecisionCompared, found)
            trial = trial_in(record)
            if trial is not None and trial.document == DOCUMENT:
                self._courses[trial.version] = went_on(self._courses.get(trial.version, Course()), record)
                self._otherwise[trial.version] += not record["equal"]
        elif name == "AuditEntry":
            entry = cast(AuditEntry, found)
            if entry["by"] == GUARDRAILS.who and entry["action"] == "config.rolled_back":
                self._ended = entry

    def _course(self) -> Course:
        """Of the trial under way."""
        return self._courses.get(self._on_trial, Course())

    def _run(self) -> None:
        try:
            self._try(FASTER)
            self._begun.set()
            if self._until(lambda: self._course().tried.decisions >= self._enough):
                self._go_live()
                self._try(NEAR_ALONE, _GUARDS)
            self._both_tried.set()
            if self._until(lambda: self._ended is not None):
                line = styled(
                    "[green]version {} has no share any more[/]: its guardrail has ended it by itself", self._on_trial
                )
                self._out.print(line)
        except Exception as exc:
            # Not lost with the thread: what was to be released was not.
            self._failed = exc
            self._begun.set()

    def _until(self, done: Callable[[], bool]) -> bool:
        """False: the demo is over before."""
        while not done():
            if self._no_more.wait(_LOOK_S):
                return done()
        return True

    def _try(self, version: Version, guards: tuple[Guard, ...] = ()) -> None:
        """Published, and released for a tenth of the orders."""
        text, self._text = self._text, version.of(self._text)
        assert self._text != text, version.what
        by, kind = audit.operator(self._cluster), "rules"
        stands = releases.standing(self._cluster)
        read = draft(self._text, KINDS[kind])
        number = releases.publish(self._cluster, stands, kind, read, by=by, because=version.what).number
        self._on_trial = number
        self._release(number, Wanted("share", _SHARE, guards), version.what)
        self._out.print(
            styled("[bold]version {}[/] of the rules decides 10 % of the orders: {}", number, said(version.what))
        )

    def _go_live(self) -> None:
        number, course = self._on_trial, self._course()
        self._release(number, Wanted("live"), "its trial has shown nothing against it")
        waiting, without = course.tried.backordered, course.stands.backordered
        self._out.print(
            styled(
                "[bold]version {}[/] is live: of {:,} orders it has decided {:,} otherwise, {:,} wait for goods ({:,} without it)",
                *(number, course.tried.decisions, self._otherwise[number], waiting, without),
            )
        )

    def _release(self, number: int, wanted: Wanted, because: str) -> None:
        stands = releases.standing(self._cluster)
        answer = releases.released(stands, DOCUMENT, number, wanted)
        if isinstance(answer, Moved):
            by = audit.operator(self._cluster)
            releases.carry_out(
                self._cluster, stands, DOCUMENT, answer.release, "config.released", by=by, because=because
            )
        elif answer.refused:
            raise ConfigRefused(answer.says)
