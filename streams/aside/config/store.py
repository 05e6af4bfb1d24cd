"""Writes changes of documents: all that was asked for together and its audit entries in one transaction, or nothing.

1. Take the transactional id: whoever else was at it is fenced and can commit nothing any more.
2. Read again what stands. Has somebody changed what a change was decided on, it is refused with what they did.
3. Send versions, what is in use, the hub's own records and the audit's entries in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemas.codec import CODEC
from schemas.records import AuditEntry, ConfigDocument, ConfigRelease
from schemas.topics import DOCUMENTS, RELEASES
from streams.aside.config.changes import Change
from streams.aside.config.standing import ConfigOvertaken, Standing, standing
from streams.aside.fenced import Message, fenced
from streams.domain.releases.recorded import share_record
from streams.ops import audit
from streams.ops.actor import Actor
from streams.ops.cluster import Cluster

#: What goes with changes, of what stands in the moment of writing: messages, and their entries.
Along = Callable[[Standing], tuple[Sequence[Message], Sequence[AuditEntry]]]


def nothing_along(_: Standing) -> tuple[Sequence[Message], Sequence[AuditEntry]]:
    """Documents alone are written."""
    return (), ()


def write(
    cluster: Cluster, changes: Sequence[Change], *, by: Actor, because: str, along: Along = nothing_along
) -> Standing:
    """Writes changes of different documents; returns what stood before.

    Raises:
        NotAllowed: they may not.
        ConfigOvertaken: what a change was decided on has changed meanwhile.
        ClusterError: the broker is away, or another command has taken over: nothing is written.
    """
    entries = [
        audit.entry(each.action, f"config:{each.document}", by=by, reason=because, details=each.details)
        for each in changes
    ]
    with fenced(cluster) as operator:
        now = standing(cluster)
        if overtaken := [said for each in changes if (said := _meanwhile(each, now))]:
            raise ConfigOvertaken("; ".join(overtaken))
        messages = [
            message
            for each, entry in zip(changes, entries, strict=True)
            for message in _messages(each, entry["at_ms"], by.who, because)
        ]
        more, their_entries = along(now)
        operator.put_all([*entries, *their_entries], [*messages, *more])
    return now


def _meanwhile(change: Change, now: Standing) -> str:
    """What somebody else has done to the document; empty: nothing."""
    name = change.document
    if now.newest(name) != change.newest:
        there = now.versions.get(name, {}).get(now.newest(name))
        by = "somebody" if there is None else there["by"]
        return f"{name}@{now.newest(name)} was published meanwhile, by {by}: see penstock config diff, then try again"
    if now.change(name) != change.change:
        release = now.releases[name]
        live = "none" if release["live"] is None else str(release["live"])
        return f"version {live} of {name} was made live meanwhile, by {release['by']}: see penstock config diff, then try again"
    return ""


def _messages(change: Change, at_ms: int, by: str, because: str) -> list[Message]:
    found = []
    if (version := change.version) is not None:
        document: ConfigDocument = {
            "document": f"{change.document}@{version.number}",
            "kind": version.kind,
            "name": version.name,
            "version": version.number,
            "digest": version.digest,
            "text": version.text,
            "note": because,
            "at_ms": at_ms,
            "by": by,
        }
        found.append(Message(DOCUMENTS, document["document"].encode(), CODEC.encode("ConfigDocument", document)))
    if (wanted := change.in_use) is not None:
        release: ConfigRelease = {
            "document": change.document,
            "live": wanted.live,
            "shadow": wanted.shadow,
            "share": share_record(wanted.share, at_ms),
            "previous": wanted.previous,
            "withdrawn": list(wanted.withdrawn),
            "change": change.change + 1,
            "reason": because,
            "at_ms": at_ms,
            "by": by,
        }
        found.append(Message(RELEASES, change.document.encode(), CODEC.encode("ConfigRelease", release)))
    return found
