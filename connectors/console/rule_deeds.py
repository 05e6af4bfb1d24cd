"""What the console has done with rule documents, by the same functions as ``penstock rules``; whoever starts it hands them in.

Each blocks; ClusterError when Kafka does not answer. A document is named without its kind. Texts are JSON or TOML; what is decided by one
is decided by the workers' own engine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from schemas.documents.differences import Difference
from schemas.documents.faults import Fault, Path
from streams.domain.releases.moves import State
from streams.domain.releases.sharing import Release
from streams.ops.actor import Actor


class Faulty(Exception):
    """A document has faults, so that nothing is decided by it, and no version made of it."""


class Version(NamedTuple):
    """One of a document's, in a state of its release."""

    number: int
    digest: str
    note: str
    by: str
    at_ms: int
    state: State


class Held(NamedTuple):
    """A document. ``change``: number of the last change of its release, 0 for none."""

    name: str
    description: str
    #: The newest first.
    versions: Sequence[Version]
    #: The highest number that was given, also to what cannot be read any more; 0 for none.
    newest: int
    release: Release
    change: int
    released_by: str
    released_at_ms: int | None
    reason: str
    #: What is wrong with versions that stand there and cannot be used.
    damaged: Sequence[str]


class Shelf(NamedTuple):
    """All documents. ``follows``: the name of that which workers decide by. ``warehouses``: codes that a document may name."""

    documents: Sequence[Held]
    follows: str
    warehouses: Sequence[str]


class Judged(NamedTuple):
    """A document's text, held to what is set up now."""

    #: Plain values; None where it cannot be read, or JSON cannot say them.
    tree: Any
    #: As JSON and as TOML, in which it reads the same; empty where it cannot be read, or its form is wrong.
    json: str
    toml: str
    faults: Sequence[Fault]
    lines: Mapping[Path, int]
    #: None where there is a fault.
    digest: str | None
    #: The version that says the same; None: none does.
    same_as: int | None


class Published(NamedTuple):
    """``is_new``: False where a version says the same, which is this one."""

    name: str
    number: int
    is_new: bool


class Moved(NamedTuple):
    """What came of a release, in English; ``changed``: False where it is so already."""

    changed: bool
    says: str


class Tried(NamedTuple):
    """One order, decided by a draft and by what decides today, both as ``explaining.explained`` has them; ``none``: why it was not."""

    order_id: str
    none: str
    draft: dict[str, Any] | None
    today: dict[str, Any] | None


class Counterfactual(NamedTuple):
    """A run over what was decided in the last days. ``found``: as ``penstock rules simulate --json`` has its figures."""

    name: str
    digest: str
    by: str
    days: int
    state: Literal["running", "done", "failed", "stopped"]
    started_at_ms: int
    ended_at_ms: int | None
    #: Records read, of so many; the second grows when the log is read and the period begins to run.
    read: int
    total: int
    #: Why it failed, in English.
    says: str
    found: Mapping[str, Any] | None


To = Literal["shadow", "share", "live"]


class RuleDeeds(Protocol):
    """All of them."""

    def shelf(self) -> Shelf:
        """What there is."""

    def version(self, name: str, number: int) -> Judged:
        """Raises Gone."""

    def judge(self, text: str) -> Judged:
        """A draft; nothing is kept."""

    def differences(self, name: str, before: int, after: int | str) -> Sequence[Difference]:
        """Of two versions, or of one and a draft's text. Raises Gone, Faulty."""

    def publish(self, text: str, newest: int, because: str, by: Actor) -> Published:
        """``newest``: the version that the person has seen. Raises Faulty, Overtaken."""

    def release(self, name: str, version: int, to: To, basis_points: int, last: int, because: str, by: Actor) -> Moved:
        """``last``: the change that the person has seen. Raises Faulty, Gone, Overtaken, Refusal."""

    def roll_back(self, name: str, shadow: bool, last: int, because: str, by: Actor) -> Moved:
        """With ``shadow`` ends that alone. Raises Gone, Overtaken, Refusal."""

    def try_given(self, text: str, order: Mapping[str, Any]) -> tuple[Tried, Sequence[Fault]]:
        """An order that a person wrote down, at the hub's shelves of now; with faults of its form it is not tried. Raises Faulty."""

    def try_orders(self, text: str, order_ids: Collection[str]) -> Sequence[Tried]:
        """Orders of the hub's, at its shelves of now. Raises Faulty."""

    def counterfactual(self) -> Counterfactual | None:
        """The one that runs, or ran last; None: none did since the console was started."""

    def start(self, text: str, days: int, by: Actor) -> Counterfactual:
        """Over the last days. Raises Faulty; Refusal: another is running."""

    def stop(self) -> Counterfactual | None:
        """Ends the one that runs."""
