"""What the console does with rule documents in its users' names, by the functions of ``penstock rules``."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec

from connectors.console.deeds import Gone, Overtaken, Refusal
from connectors.console.rule_deeds import (
    Counterfactual,
    Faulty,
    Held,
    Judged,
    Moved,
    Published,
    Shelf,
    To,
    Tried,
    Version,
)
from schemas.documents.differences import Difference, differences
from schemas.documents.faults import NOTHING, Fault, Refused
from schemas.documents.hashing import canonical, digest
from schemas.documents.rules.builtin import default
from schemas.documents.rules.case import CaseOrder, given_order
from schemas.documents.rules.document import Document
from schemas.documents.rules.reading import Draft, draft
from schemas.documents.writing import toml
from streams.aside import facts, releases
from streams.aside.config.apply import judged, surroundings
from streams.aside.config.standing import ConfigOvertaken, ConfigRefused, Standing, document_of, same_as
from streams.aside.fenced import Overtaken as Fenced
from streams.aside.releases import Wanted
from streams.cli.console_counterfactual import Counterfactuals
from streams.domain.releases.moves import Answer, Stays, state_of
from streams.domain.routing.book import Compiled
from streams.domain.routing.rules.compiling import compiled
from streams.domain.routing.rules.deciding import decide
from streams.domain.routing.rules.explaining import explained
from streams.domain.routing.rules.facts import Facts, with_tables
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.settings import Settings

#: What stands is read whole; who looks so soon after somebody else, or types on, is shown the same.
_SHARED_S = 3.0
T = TypeVar("T")


class Rules:
    """See ``connectors.console.rule_deeds.RuleDeeds``. ``turns``: one deed at a time in this process."""

    def __init__(self, settings: Settings, cluster: Callable[[], Cluster], turns: threading.Lock) -> None:
        self._settings, self._cluster, self._turns = settings, cluster, turns
        self._looking = threading.Lock()
        self._seen: tuple[float, Standing] | None = None
        self._counterfactuals = Counterfactuals(settings)

    def shelf(self) -> Shelf:
        stands = self._stands()
        names = {name.partition("/")[2] for name in (*stands.versions, *stands.releases) if name.startswith("rules/")}
        names |= {key.partition("/")[2].rpartition("@")[0] for key in stands.damaged if key.startswith("rules/")}
        codes = sorted(surroundings(stands, {}).warehouses)
        return Shelf([_held(stands, name) for name in sorted(names - {""})], self._settings.rules, codes)

    def version(self, name: str, number: int) -> Judged:
        stands = self._stands()
        return self._judged(draft(_found(stands, name, number)["text"]), stands)

    def judge(self, text: str) -> Judged:
        return self._judged(draft(text), self._stands())

    def differences(self, name: str, before: int, after: int | str) -> Sequence[Difference]:
        stands = self._stands()
        other = _sound(after, stands) if isinstance(after, str) else document_of(_found(stands, name, after))
        return differences(document_of(_found(stands, name, before)), other)

    def publish(self, text: str, newest: int, because: str, by: Actor) -> Published:
        cluster = self._cluster()
        with self._alone():
            try:
                read, stands = draft(text), releases.standing(cluster)
                it = releases.publish(cluster, stands, "rules", read, by=by, because=because, newest=newest)
            except Refused as error:
                raise Faulty from error
        return Published(it.document.partition("/")[2], it.number, it.is_new)

    def release(self, name: str, version: int, to: To, basis_points: int, last: int, because: str, by: Actor) -> Moved:
        document = f"rules/{name}"

        def asked(stands: Standing) -> Answer:
            _found(stands, name, version)
            if releases.faults(stands, document, version)[0]:
                raise Faulty
            return releases.released(stands, document, version, Wanted(to, basis_points))

        return self._moved(document, asked, "config.released", last, because, by)

    def roll_back(self, name: str, shadow: bool, last: int, because: str, by: Actor) -> Moved:
        document = f"rules/{name}"

        def asked(stands: Standing) -> Answer:
            return releases.taken_back(stands, document, shadow=shadow)

        return self._moved(document, asked, "config.rolled_back", last, because, by)

    def try_given(self, text: str, order: Mapping[str, Any]) -> tuple[Tried, Sequence[Fault]]:
        stands = self._stands()
        document = _sound(text, stands)
        given = given_order(dict(order))
        if not isinstance(given, CaseOrder):
            return Tried("", "", None, None), given
        try:
            found: Facts | facts.NoFacts = facts.Shelves.of(self._cluster()).for_given(given)
        except facts.NoFacts as none:
            found = none
        return self._tried(document, stands, [("", found)])[0], ()

    def try_orders(self, text: str, order_ids: Collection[str]) -> Sequence[Tried]:
        stands = self._stands()
        document = _sound(text, stands)
        return self._tried(document, stands, facts.of_orders(self._cluster(), order_ids))

    def counterfactual(self) -> Counterfactual | None:
        return self._counterfactuals.last

    def start(self, text: str, days: int, by: Actor) -> Counterfactual:
        document = _sound(text, self._stands())
        return self._counterfactuals.start(canonical(document).decode(), document.name, digest(document), days, by.who)

    def stop(self) -> Counterfactual | None:
        return self._counterfactuals.stop()

    def _moved(
        self, document: str, asked: Callable[[Standing], Answer], action: str, last: int, because: str, by: Actor
    ) -> Moved:
        cluster = self._cluster()
        with self._alone():
            stands = releases.standing(cluster)
            if stands.change(document) != last:
                raise Overtaken(_changed(stands, document))
            answer = asked(stands)
            if isinstance(answer, Stays):
                if answer.refused:
                    raise Refusal(answer.says)
                return Moved(False, answer.says)
            releases.carry_out(*(cluster, stands, document, answer.release, action), by=by, because=because, last=last)
        return Moved(True, answer.did)

    def _stands(self) -> Standing:
        """As it was a moment ago. Raises ClusterError."""
        cluster = self._cluster()
        with self._looking:
            if self._seen is None or time.monotonic() - self._seen[0] > _SHARED_S:
                self._seen = time.monotonic(), releases.standing(cluster)
            return self._seen[1]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Something is changed: whoever looks afterwards sees it. Raises Overtaken."""
        try:
            with self._turns:
                yield
        except (ConfigOvertaken, Fenced) as error:
            raise Overtaken(str(error) if isinstance(error, ConfigOvertaken) else "") from error
        finally:
            with self._looking:
                self._seen = None

    def _judged(self, read: Draft, stands: Standing) -> Judged:
        (faults,) = judged(stands, [("rules", read)])
        tree, document = _plain(read.tree), read.document
        if document is None:
            return Judged(tree, "", "", faults, read.lines, None, None)
        as_json = json.dumps(msgspec.to_builtins(document), ensure_ascii=False, indent=2)
        said_before = same_as(stands, f"rules/{document.name}", document)
        hashed = None if faults else digest(document)
        return Judged(tree, as_json, toml("rules", document), faults, read.lines, hashed, said_before)

    def _tried(
        self, document: Document, stands: Standing, found: Sequence[tuple[str, Facts | facts.NoFacts]]
    ) -> list[Tried]:
        tables = facts.live_tables(stands)
        ours, todays = Compiled(compiled(document), tables), Compiled(compiled(_today(stands, document.name)), tables)
        return [
            Tried(order_id, str(it), None, None)
            if isinstance(it, facts.NoFacts)
            else Tried(order_id, "", _decided(ours, it), _decided(todays, it))
            for order_id, it in found
        ]


def _held(stands: Standing, name: str) -> Held:
    document = f"rules/{name}"
    release, record = releases.in_use(stands, document), stands.releases.get(document)
    versions = [
        Version(n, it["digest"], it["note"], it["by"], it["at_ms"], state_of(release, n))
        for n, it in sorted(stands.versions.get(document, {}).items(), reverse=True)
    ]
    damaged = [f"{key}: {why}" for key, why in stands.damaged.items() if key.rpartition("@")[0] == document]
    return Held(
        name,
        _description(stands, document, versions[0].number) if versions else "",
        versions,
        stands.newest(document),
        release,
        stands.change(document),
        "" if record is None else record["by"],
        None if record is None else record["at_ms"],
        "" if record is None else record["reason"],
        damaged,
    )


def _description(stands: Standing, document: str, number: int) -> str:
    try:
        return cast(Document, document_of(stands.version(document, number))).description
    except ConfigRefused:
        return ""


def _found(stands: Standing, name: str, number: int) -> Any:
    """A version's record. Raises Gone: there is none, or it is damaged."""
    try:
        return stands.version(f"rules/{name}", number)
    except ConfigRefused as error:
        raise Gone from error


def _sound(text: str, stands: Standing) -> Document:
    """Raises Faulty."""
    read = draft(text)
    (faults,) = judged(stands, [("rules", read)])
    if faults or read.document is None:
        raise Faulty
    return read.document


def _today(stands: Standing, name: str) -> Document:
    """The live version; where there is none, what is built in."""
    live = stands.live(f"rules/{name}")
    return default() if live is None else cast(Document, document_of(live))


def _decided(by: Compiled, it: Facts) -> dict[str, Any]:
    looked = it if by.tables is None else with_tables(it, by.tables, {})
    return explained(by.rules, decide(by.rules, looked))


def _changed(stands: Standing, document: str) -> str:
    record = stands.releases.get(document)
    by = "somebody" if record is None else record["by"]
    return f"the release of {document} was changed meanwhile, by {by}: look at it again, then try again"


def _plain(tree: Any) -> Any:
    """As JSON says it; None where it can't."""
    if tree is NOTHING:
        return None
    try:
        return json.loads(json.dumps(tree, ensure_ascii=False, allow_nan=False, default=str).encode())
    except ValueError:
        return None
