"""What the console does about tasks and orders that wait, in its users' names: by the functions of ``penstock task`` and ``order``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from connectors.console.deeds import Gone, Overtaken, Refusal
from connectors.console.task_deeds import Answer, Decision, Told, Way
from schemas.codec import CODEC, CodecError
from schemas.documents.flows.document import Document
from schemas.records import ConfigDocument, Task
from streams.aside import orders, tasks, telling
from streams.aside.config.standing import ConfigRefused, document_of
from streams.aside.telling import Telling
from streams.domain.flow.graph import edges
from streams.domain.flow.roles import person
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster
from streams.settings import Settings

#: So long somebody at a browser waits for the worker; what is not decided by then is decided later.
_WAIT_S = 10.0
#: Versions of flows whose ways are kept: they never change.
_KEPT = 100


class Tasks:
    """See ``connectors.console.task_deeds.TaskDeeds``."""

    def __init__(self, settings: Settings, cluster: Callable[[], Cluster], *, wait_s: float = _WAIT_S) -> None:
        self._settings, self._cluster = settings, cluster
        self.wait_s = wait_s
        self._ways: dict[tuple[str, int], dict[str, list[Way]]] = {}

    def roles(self, account: str) -> Sequence[str]:
        return tasks.roles(self._settings, account)

    def why_not(self, task: Task, verb: Answer, account: str) -> str:
        return tasks.why_not(self._settings, task, verb, account)

    def ways(self, document: str, version: int, node: str) -> Sequence[Way]:
        which = document, version
        if which not in self._ways:
            found = _ways(self._cluster(), f"{document}@{version}")
            if not found:
                return ()
            if len(self._ways) >= _KEPT:
                self._ways.clear()
            self._ways[which] = found
        return self._ways[which].get(node, ())

    def answer(self, task_id: str, verb: Answer, because: str, undertaking: str, by: Actor) -> Told:
        # 1. Look at the task as the topic has it, and judge what can be judged of it here.
        cluster = self._cluster()
        it = _task(cluster, task_id)
        told = tasks.answer(cluster, it, verb, by=_oneself(by), because=because, decision_id=undertaking)
        # Told before under the same id: what became of it is asked for, whatever the task is by now.
        if not telling.known(cluster, [told]):
            self._check(it, verb, by)
        # 2. Tell it, and wait for the worker's word.
        try:
            return self._told(cluster, told, undertaking)
        except Refusal:
            # Somebody was faster than the look, or its time came: who that was is on the topic by now.
            if verb != "claim":
                self._check(_task(cluster, task_id), verb, by)
            raise

    def decide(self, order_id: str, verb: Decision, because: str, undertaking: str, by: Actor) -> Told:
        cluster = self._cluster()
        state = orders.states(cluster, [order_id]).get(order_id)
        if state is None:
            raise Gone
        told = orders.decision(order_id, verb, by=by, because=because, decision_id=undertaking)
        if not telling.known(cluster, [told]):
            for status in orders.foretold(state, told.record_name, told.record).statuses:
                if status["refused"] or status["trouble"]:
                    raise Refusal(status["reason"])
        return self._told(cluster, told, undertaking)

    def _check(self, task: Task, verb: Answer, by: Actor) -> None:
        """Raises Overtaken, Refusal."""
        if why := self.why_not(task, verb, by.who):
            raise Overtaken(why) if task["state"] != "OPEN" else Refusal(why)

    def _told(self, cluster: Cluster, told: Telling, undertaking: str) -> Told:
        """Raises Refusal: the worker's own."""
        (sent,) = telling.tell(cluster, [told])
        if sent.conflict:
            raise Refusal(sent.conflict)
        answer = telling.answers(cluster, [told], self.wait_s).get((told.key, told.id))
        if answer is not None and answer.word == "refused":
            raise Refusal(answer.why)
        decided = answer is not None and answer.word != "undecided"
        entry = told.entry
        return Told(undertaking, entry["by"], entry["at_ms"], sent.repeated, decided, answer.why if answer else "")


def _task(cluster: Cluster, task_id: str) -> Task:
    """Raises Gone."""
    found = [each for each in tasks.course(cluster, task_id) if each["task_id"] == task_id]
    if not found:
        raise Gone
    return found[-1]


def _oneself(by: Actor) -> Actor:
    """Raises Refusal for an account that the workers would take for another: what stands behind the name of who acts is not it."""
    if person(by.who) != by.who:
        raise Refusal('an account whose name has ", " or " as " in it answers nothing: it could pass for another')
    return by


def _ways(cluster: Cluster, key: str) -> dict[str, list[Way]]:
    """Node -> its ways on; empty where the version is not there, or cannot be read."""
    for message in cluster.read("config.documents", key=key):
        try:
            name, record = CODEC.decode(message.value() or b"")
            if name != "ConfigDocument":
                continue
            nodes = cast(Document, document_of(cast(ConfigDocument, record))).nodes
        except (CodecError, ConfigRefused):
            continue
        does = {node.name: str(node.__struct_config__.tag) for node in nodes}
        return {node.name: [Way(edge.name, edge.to, does[edge.to]) for edge in edges(node)] for node in nodes}
    return {}
