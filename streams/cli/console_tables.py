"""What the console does with documents of tables, warehouses and bundles in its users' names, by the functions of ``penstock config``."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.console.deeds import Gone, Overtaken, Refusal
from connectors.console.rule_deeds import Faulty
from connectors.console.tables import KINDS, Changed, Held, History, Judged, Shelf, Version
from schemas.documents.differences import Difference, differences
from schemas.documents.faults import Fault
from schemas.documents.kinds import drafted
from schemas.documents.writing import toml
from streams.aside.config.apply import Plan, carried_out, judged, judged_back, planned, planned_back
from streams.aside.config.changes import in_use, name_of
from streams.aside.config.standing import ConfigOvertaken, ConfigRefused, Standing, document_of, standing
from streams.aside.fenced import Overtaken as Fenced
from streams.cli.config_screen import history_for_machines
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster


class Tables:
    """See ``connectors.console.tables.Tables``. ``turns``: one deed at a time in this process."""

    def __init__(self, cluster: Callable[[], Cluster], turns: threading.Lock) -> None:
        self._cluster = cluster
        self._turns = turns

    def shelf(self) -> Shelf:
        stands = standing(self._cluster())
        names = sorted(name for name in {*stands.versions, *stands.releases} if _is_ours(name))
        damaged = [f"{key}: {says}" for key, says in sorted(stands.damaged.items()) if _is_ours(key)]
        return Shelf([_held(stands, name) for name in names], damaged)

    def history(self, document: str) -> History:
        stands = standing(self._cluster())
        if not _is_ours(document) or document not in stands.versions:
            raise Gone
        versions = [
            Version(number, it["digest"], it["note"], it["by"], it["at_ms"], history_for_machines(stands, it)["in_use"])
            for number, it in sorted(stands.versions[document].items(), reverse=True)
        ]
        live = in_use(stands, document).live
        return History(document, stands.newest(document), stands.change(document), live, versions)

    def text(self, document: str, number: int) -> str:
        version = _version(standing(self._cluster()), document, number)
        return toml(version["kind"], _read(version))

    def differences(self, document: str, before: int, after: int) -> Sequence[Difference]:
        stands = standing(self._cluster())
        one, other = (_read(_version(stands, document, number)) for number in (before, after))
        return differences(one, other)

    def judge(self, text: str) -> Judged:
        stands = standing(self._cluster())
        form, draft = drafted(text)
        if form is None:
            return Judged("", draft.faults, draft.lines, None, (), ())
        if form.kind not in KINDS:
            fault = Fault(("kind",), form.kind, f"is not kept here: one of {', '.join(KINDS)}")
            return Judged("", [fault], draft.lines, None, (), ())
        (faults,) = judged(stands, [(form.kind, draft)])
        if draft.document is None:
            return Judged("", faults, draft.lines, None, (), ())
        name = name_of(form.kind, draft.document)
        live = stands.live(name)
        found = None if live is None else differences(document_of(live), draft.document)
        rows = None
        if not faults:
            with _refused():
                rows = planned(stands, [(form.kind, draft.document)]).rows
        warehouses = [each["warehouse"] for each in rows.warehouses] if rows is not None else []
        bundles = [each["sku"] for each in rows.bundles] if rows is not None else []
        return Judged(name, faults, draft.lines, found, warehouses, bundles)

    def publish(self, text: str, newest: int, change: int, because: str, by: Actor) -> Changed:
        form, draft = drafted(text)
        if form is None or form.kind not in KINDS or draft.document is None:
            raise Faulty
        kind, document = form.kind, draft.document
        name = name_of(kind, document)

        def asked(stands: Standing) -> Plan:
            if any(judged(stands, [(kind, draft)])):
                raise Faulty
            return planned(stands, [(kind, document)])

        return self._changed(name, asked, newest, change, because, by)

    def roll_back(self, document: str, to: int, newest: int, change: int, because: str, by: Actor) -> Changed:
        def asked(stands: Standing) -> Plan:
            _version(stands, document, to)
            plan = planned_back(stands, document, to)
            if any(faults for _, faults, _ in judged_back(stands, plan)):
                raise Faulty
            return plan

        return self._changed(document, asked, newest, change, because, by)

    def _changed(
        self, document: str, asked: Callable[[Standing], Plan], newest: int, change: int, because: str, by: Actor
    ) -> Changed:
        """Carries a plan out, on what the person has seen. Raises as the caller."""
        cluster = self._cluster()
        with self._turns, _refused():
            stands = standing(cluster)
            plan = asked(stands)
            before = in_use(stands, document).live
            if plan.is_nothing:
                return Changed(document, before, False)
            # Whoever has changed it since is found by the writing itself, and named.
            seen = tuple(each._replace(newest=newest, change=change) for each in plan.changes)
            carried_out(cluster, plan._replace(changes=seen), by=by, because=because)
            live = next((each.in_use.live for each in plan.changes if each.in_use is not None), before)
        return Changed(document, live, True)


@contextmanager
def _refused() -> Iterator[None]:
    """Raises Overtaken, Refusal."""
    try:
        yield
    except (ConfigOvertaken, Fenced) as error:
        raise Overtaken(str(error) if isinstance(error, ConfigOvertaken) else "") from error
    except ConfigRefused as error:
        raise Refusal(str(error)) from error


def _is_ours(name: str) -> bool:
    return name.partition("/")[0] in KINDS


def _held(stands: Standing, document: str) -> Held:
    release = stands.releases.get(document)
    at_ms, by = (None, None) if release is None else (release["at_ms"], release["by"])
    return Held(document, in_use(stands, document).live, stands.newest(document), at_ms, by)


def _version(stands: Standing, document: str, number: int) -> Any:
    """Raises Gone: there is none, or it is damaged."""
    try:
        if not _is_ours(document):
            raise Gone
        return stands.version(document, number)
    except ConfigRefused as error:
        raise Gone from error


def _read(version: Any) -> Any:
    """Raises Refusal: it is of another Penstock's."""
    with _refused():
        return document_of(version)
