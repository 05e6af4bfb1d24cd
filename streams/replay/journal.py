"""A replay in the audit trail: who began it and why, what it was to do, how it went. The plan stands there too, for ``--resume``."""

from __future__ import annotations

from typing import NamedTuple

from schemas.codec import CODEC, CodecError
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster, ClusterError
from streams.replay.errors import ReplayRefused
from streams.replay.plan import Plan, topic_of

#: Ended for good: nothing is left to resume.
_DONE = "replay.done"


class Who(NamedTuple):
    """Whose doing it is, and why, in their words."""

    by: Actor
    reason: str


class Journal:
    """Writes one replay's entries: subject its topic, correlation id its own id.

    Raises:
        ReplayRefused: the cluster has no audit topic, or does not take the entry.
        NotAllowed: who began it may not.
    """

    def __init__(self, cluster: Cluster, plan: Plan, who: Who) -> None:
        self._cluster = cluster
        self._plan = plan
        self._who = who

    def started(self) -> None:
        """Before anything is written."""
        self._write("started", "started", {"plan": self._plan.to_json()})

    def resumed(self, positions: dict[int, int]) -> None:
        """With the offsets it goes on from."""
        self._write("resumed", "started", {"from": _listed(positions)})

    def interrupted(self, cause: str, positions: dict[int, int], counts: dict[str, int]) -> None:
        """By a signal or a fault; a run that is killed writes nothing."""
        self._write("interrupted", "interrupted", {"cause": cause, "at": _listed(positions), **counts})

    def done(self, counts: dict[str, int]) -> None:
        """Every record of the plan is in the target."""
        self._write("done", "done", counts)

    def _write(self, verb: str, outcome: str, details: dict[str, object] | dict[str, int] | dict[str, str]) -> None:
        entry = audit.entry(
            f"replay.{verb}",
            self._plan.topic,
            by=self._who.by,
            reason=self._who.reason,
            outcome=outcome,
            correlation_id=self._plan.replay_id,
            details={"into": self._plan.into, **details},
        )
        try:
            audit.publish(self._cluster, [entry])
        except ClusterError as exc:
            raise ReplayRefused(f"the audit trail does not take the entry: {exc}") from exc


def find(cluster: Cluster, replay_id: str) -> Plan:
    """The plan of a replay that was begun and is not done.

    Raises:
        ReplayRefused: nobody began it, or it is done.
    """
    plan, done = None, False
    try:
        messages = list(cluster.read("audit", key=topic_of(replay_id)))
    except ClusterError as exc:
        raise ReplayRefused(str(exc)) from exc
    for message in messages:
        try:
            _, entry = CODEC.decode(message.value() or b"")
        except CodecError:
            continue
        if entry["correlation_id"] == replay_id:
            done = done or entry["action"] == _DONE
            if "plan" in entry["details"]:
                plan = Plan.from_json(entry["details"]["plan"])
    if plan is None:
        raise ReplayRefused(
            f"no replay {replay_id!r} stands in the audit trail; penstock tail audit shows those there are"
        )
    if done:
        raise ReplayRefused(f"replay {replay_id} is done: nothing is left to resume")
    return plan


def _listed(positions: dict[int, int]) -> str:
    return ", ".join(f"{partition}@{offset}" for partition, offset in sorted(positions.items()))
