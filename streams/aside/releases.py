"""Versions of a document and their releases, as the config topics have them: judged by what stands now, written with the audit's entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from schemas.documents.faults import Fault, Path, Refused
from schemas.documents.kinds import KINDS
from schemas.documents.reading import Draft, draft
from streams.aside.config.apply import judged
from streams.aside.config.changes import in_use, name_of, publishing, releasing
from streams.aside.config.standing import Standing, same_as, standing
from streams.aside.config.store import write
from streams.domain.releases.guardrails import Guard
from streams.domain.releases.moves import Answer, end_shadow, roll_back, to_live, to_shadow, to_share
from streams.domain.releases.sharing import Release
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

__all__ = ["Published", "Wanted", "carry_out", "faults", "in_use", "publish", "released", "standing", "taken_back"]


class Published(NamedTuple):
    """A version that says what was to be published. ``is_new``: there was none, and it was made."""

    #: ``kind/name``.
    document: str
    number: int
    is_new: bool


class Wanted(NamedTuple):
    """What a version is released for. ``basis_points`` and ``guards``: of a share; no guards: those that its trial has had so far."""

    to: Literal["shadow", "share", "live"]
    basis_points: int = 0
    guards: tuple[Guard, ...] = ()


def publish(
    cluster: Cluster,
    stands: Standing,
    kind: str,
    read: Draft[Any],
    *,
    by: Actor,
    because: str,
    newest: int | None = None,
) -> Published:
    """Keeps a document as a new version, which is used for nothing; what says the same as an earlier one is none.

    Args:
        newest: the newest version that the person has seen, 0 for none; left out: that of ``stands``.

    Raises:
        NotAllowed: they may not.
        Refused: it has faults.
        ConfigOvertaken: somebody has published another meanwhile.
        ClusterError: nothing was written.
    """
    by.check("config.published")
    (found,) = judged(stands, [(kind, read)])
    if found or read.document is None:
        raise Refused(found)
    document = name_of(kind, read.document)
    change = publishing(stands, kind, read.document)
    if change is None:
        return Published(document, same_as(stands, document, read.document) or 0, is_new=False)
    write(cluster, [change if newest is None else change._replace(newest=newest)], by=by, because=because)
    return Published(document, stands.newest(document) + 1, is_new=True)


def released(stands: Standing, document: str, version: int, wanted: Wanted) -> Answer:
    """What releasing a version comes to, by what is in use. It has to be without ``faults``."""
    before = in_use(stands, document)
    match wanted.to:
        case "shadow":
            return to_shadow(before, version)
        case "share":
            return to_share(before, version, wanted.basis_points, document, wanted.guards)
        case "live":
            return to_live(before, version)


def taken_back(stands: Standing, document: str, *, shadow: bool = False) -> Answer:
    """What taking the last release back comes to, or with ``shadow`` ending the shadow alone."""
    before = in_use(stands, document)
    return end_shadow(before) if shadow else roll_back(before)


def faults(stands: Standing, document: str, version: int) -> tuple[list[Fault], Mapping[Path, int]]:
    """What is wrong with a published version by what is set up now, with the lines of its canonical text; none: it may be released.

    Raises ConfigRefused: there is no such version, or it is damaged.
    """
    record = stands.version(document, version)
    read = draft(record["text"], KINDS[record["kind"]])
    (found,) = judged(stands, [(record["kind"], read)])
    return found, read.lines


def carry_out(
    cluster: Cluster,
    stands: Standing,
    document: str,
    release: Release,
    action: str,
    *,
    by: Actor,
    because: str,
    last: int | None = None,
) -> None:
    """Writes which versions are in use from now on.

    Args:
        stands: what it was decided on.
        action: as the audit has it: ``config.released``, ``config.rolled_back``.
        last: number of the last change that the person has seen, 0 for none; left out: that of ``stands``.

    Raises:
        NotAllowed: they may not.
        ConfigRefused: there is no such version; ConfigOvertaken: somebody has changed the release meanwhile.
        ClusterError: nothing was written.
    """
    by.check(action)
    change = releasing(stands, document, release)
    if change is not None:
        change = change._replace(action=action, change=change.change if last is None else last)
        write(cluster, [change], by=by, because=because)
