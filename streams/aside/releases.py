"""Releases of a document, as the config topics have them: read, judged by what stands now, and written with the audit's entry."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.documents.faults import Fault, Path
from schemas.documents.kinds import KINDS
from schemas.documents.reading import draft
from streams.aside.config.apply import judged
from streams.aside.config.changes import in_use, releasing
from streams.aside.config.standing import Standing, standing
from streams.aside.config.store import write
from streams.domain.releases.sharing import Release
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

__all__ = ["carry_out", "faults", "in_use", "standing"]


def faults(stands: Standing, document: str, version: int) -> tuple[list[Fault], Mapping[Path, int]]:
    """What is wrong with a published version by what is set up now, with the lines of its canonical text; none: it may be released.

    Raises ConfigRefused: there is no such version, or it is damaged.
    """
    record = stands.version(document, version)
    read = draft(record["text"], KINDS[record["kind"]])
    (found,) = judged(stands, [(record["kind"], read)])
    return found, read.lines


def carry_out(
    cluster: Cluster, stands: Standing, document: str, release: Release, action: str, *, by: Actor, because: str
) -> None:
    """Writes which versions are in use from now on.

    Args:
        stands: what it was decided on.
        action: as the audit has it: ``config.released``, ``config.rolled_back``.

    Raises:
        NotAllowed: they may not.
        ConfigRefused: somebody has changed the release meanwhile, or there is no such version.
        ClusterError: nothing was written.
    """
    by.check(action)
    change = releasing(stands, document, release)
    if change is not None:
        write(cluster, [change._replace(action=action)], by=by, because=because)
