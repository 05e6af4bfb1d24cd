"""What the console does with the tables that routing looks at, warehouses and bundles: documents, as ``penstock config`` has them.

Each blocks; ClusterError when Kafka does not answer. A document is named ``kind/name``; texts are TOML or JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from schemas.documents.differences import Difference
from schemas.documents.faults import Fault, Path
from streams.ops.actor import Actor

#: Kinds that are kept here. Rules, flows and risk are released otherwise: in the shadow first, then for a share.
KINDS = ("warehouses", "products", "freight", "transit", "calendars", "coverage", "capacity", "carriers", "bundles")


class Held(NamedTuple):
    """A document and which of its versions is live; ``at_ms``, ``by``: of the last change of that."""

    document: str
    live: int | None
    newest: int
    at_ms: int | None
    by: str | None


class Shelf(NamedTuple):
    """All of them; ``damaged``: what cannot be used, in words."""

    documents: Sequence[Held]
    damaged: Sequence[str]


class Version(NamedTuple):
    """One version, without its text; ``uses``: live, shadow, share."""

    number: int
    digest: str
    note: str
    by: str
    at_ms: int
    uses: Sequence[str]


class History(NamedTuple):
    """Versions, the newest first; ``newest`` and ``change`` are what a change of it is made on."""

    document: str
    newest: int
    change: int
    live: int | None
    versions: Sequence[Version]


class Judged(NamedTuple):
    """A text: what it would change. ``document`` is empty where it says not which it is."""

    document: str
    faults: Sequence[Fault]
    lines: Mapping[Path, int]
    #: From what is live; None: nothing is.
    differences: Sequence[Difference] | None
    #: Codes of warehouses and SKUs of bundles that would be set at once.
    warehouses: Sequence[str]
    bundles: Sequence[str]


class Changed(NamedTuple):
    """Which version is live; ``is_new``: it was not before."""

    document: str
    live: int | None
    is_new: bool


class Tables(Protocol):
    """All of them."""

    def shelf(self) -> Shelf:
        """Every document of these kinds."""

    def history(self, document: str) -> History:
        """Raises Gone."""

    def text(self, document: str, number: int) -> str:
        """One version as TOML. Raises Gone."""

    def differences(self, document: str, before: int, after: int) -> Sequence[Difference]:
        """Between two versions. Raises Gone."""

    def judge(self, text: str) -> Judged:
        """Everything that is wrong with a text, and what it would change; nothing is kept."""

    def publish(self, text: str, newest: int, change: int, because: str, by: Actor) -> Changed:
        """Makes a text live. Raises Faulty, Overtaken, Refusal."""

    def roll_back(self, document: str, to: int, newest: int, change: int, because: str, by: Actor) -> Changed:
        """Makes an earlier version live. Raises Faulty, Gone, Overtaken, Refusal."""
