"""What the console does about tasks and orders that wait, by the functions of ``penstock task`` and ``penstock order``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from schemas.records import Task
from streams.ops.actor import Actor

Answer = Literal["approve", "refuse", "claim"]
Decision = Literal["hold", "release", "cancel"]


class Told(NamedTuple):
    """It is in Kafka with its audit entry. ``undertaking``: its id; ``repeated``: it was there before.

    ``decided``: the worker that owns the order has taken it; not yet: it will judge it. ``says``: where the order stands then, in English.
    """

    undertaking: str
    by: str
    at_ms: int
    repeated: bool
    decided: bool
    says: str


class Way(NamedTuple):
    """Where an order goes on from a node of its flow: by which edge, to which node, and what is done there."""

    edge: str
    node: str
    does: str


class TaskDeeds(Protocol):
    """Everything but ``roles`` and ``why_not`` blocks. Raises ClusterError; an account whose name another may pass for gets a Refusal."""

    def roles(self, account: str) -> Sequence[str]:
        """Those that the settings give an account."""

    def why_not(self, task: Task, verb: Answer, account: str) -> str:
        """Why this account's answer would change nothing, as far as is known here; empty: the order's own worker judges it."""

    def ways(self, document: str, version: int, node: str) -> Sequence[Way]:
        """Where each answer, and none in time, leads; empty where the version is not there any more."""

    def answer(self, task_id: str, verb: Answer, because: str, undertaking: str, by: Actor) -> Told:
        """A person's answer, decided once. Raises Gone, Overtaken (it was answered, or its time is over), Refusal."""

    def decide(self, order_id: str, verb: Decision, because: str, undertaking: str, by: Actor) -> Told:
        """Holds, releases or cancels an order. Raises Gone, Refusal."""
