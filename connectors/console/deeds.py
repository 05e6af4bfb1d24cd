"""What the console has done, by the same functions as the command line: whoever starts it hands them in (``streams/cli/console_deeds.py``).

Each blocks, and takes who acts, with their rights; ClusterError when Kafka does not answer. An ``undertaking`` is the deed's id: told
again with the same, a deed that was done is answered as it was, and not done twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from connectors.console.lagging import Reader
from connectors.console.redriving import Done, Redriving
from connectors.console.rule_deeds import RuleDeeds
from connectors.console.tables import Tables
from connectors.console.task_deeds import TaskDeeds
from schemas.records import AuditEntry, Reason
from streams.ops.actor import Actor


class AlreadyDone(Exception):
    """Somebody else has settled it; what they did, who, and when in ms since the epoch."""

    def __init__(self, state: str, by: str, at_ms: int) -> None:
        super().__init__(state)
        self.state, self.by, self.at_ms = state, by, at_ms


class Overtaken(Exception):
    """Another was at it at the same moment, or since the person looked: nothing was done. The message, where there is one, says who."""


class Refusal(Exception):
    """It cannot be done as asked; the message says why, in English, and quotes nothing personal."""


class Gone(Exception):
    """Kafka has it no more."""


class Correction(NamedTuple):
    """What is put right of an event; None and empty: nothing. ``changes``: of its envelope. ``anywhere``: it may become another order's."""

    payload: bytes | None
    changes: Mapping[str, str]
    anywhere: bool


class Judged(NamedTuple):
    """What intake would make of an event, in words; ``reasons`` quote the payload as it is."""

    accepted: bool
    verdict: str
    reasons: Sequence[Reason]


class Deeds(Protocol):
    """All of them, and what is asked of Kafka."""

    @property
    def rules(self) -> RuleDeeds:
        """What is done with rule documents."""

    @property
    def tables(self) -> Tables:
        """What is done with documents of tables."""

    @property
    def tasks(self) -> TaskDeeds:
        """What is done about tasks, and orders that wait."""

    @property
    def redriving(self) -> Redriving:
        """What is told again."""

    def lags(self) -> Sequence[Reader]:
        """Of every stage and sink, over all its topics."""

    def system(self) -> Mapping[str, Any]:
        """As ``api/system.py`` has it."""

    def note(self, entry: AuditEntry) -> None:
        """Puts on record what was done at the console itself: who signs in, who may do what."""

    def read(self, subject: str, by: Actor, record: str = "") -> None:
        """Puts on record that personal data of a subject is about to be shown; ``record``: that of what is in review."""

    def draft(self, payload: bytes) -> tuple[bytes, str]:
        """A payload as a person edits it, and what was done to it."""

    def judge(self, record: str, correction: Correction) -> Judged:
        """Raises Gone, Refusal."""

    def resubmit(self, record: str, correction: Correction, because: str, undertaking: str, by: Actor) -> Done:
        """Sends what intake would accept. Raises AlreadyDone, Gone, Overtaken, Refusal."""

    def discard(self, record: str, because: str, undertaking: str, by: Actor) -> Done:
        """Raises AlreadyDone, Gone, Overtaken."""


#: Of ids that are made of a user and the key of their request.
_SPACE = uuid.UUID("6f5d6a0e-6a44-4ab4-9c6f-5b0f3d0b7a11")


def undertaking(name: str, key: str | None) -> str:
    """The id of a request with this ``Idempotency-Key``; of one without, one of its own."""
    return str(uuid.uuid5(_SPACE, f"{name}\0{key}") if key else uuid.uuid4())
