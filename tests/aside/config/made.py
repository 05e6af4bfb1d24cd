"""Documents and what stands, made up for tests that need no broker."""

from __future__ import annotations

from typing import Any

import msgspec

from schemas.documents.hashing import canonical, digest
from schemas.documents.kinds import drafted
from schemas.records import ConfigDocument, ConfigRelease
from streams.aside.config.changes import Change
from streams.aside.config.standing import Rows, Standing
from streams.domain.releases.recorded import share_record

NOTHING = Standing({}, {}, Rows({}, {}), {})


def bundles(pieces: int = 4, name: str = "main", sku: str = "TEA-SET") -> msgspec.Struct:
    """A document of one bundle, told apart by its pieces."""
    text = f'kind = "bundles"\nversion = 1\nname = "{name}"\n[[bundles]]\nsku = "{sku}"\nparts = [{{ sku = "CUP", pieces = {pieces} }}]\n'
    found = drafted(text)[1].document
    assert found is not None
    return found


def version(document: msgspec.Struct, number: int, kind: str = "bundles", **fields: Any) -> ConfigDocument:
    name: str = document.name  # type: ignore[attr-defined]
    record: Any = {
        "document": f"{kind}/{name}@{number}",
        "kind": kind,
        "name": name,
        "version": number,
        "digest": digest(document),
        "text": canonical(document).decode(),
        "note": "",
        "at_ms": number,
        "by": "li",
        **fields,
    }
    return record


def done(standing: Standing, change: Change | None) -> Standing:
    """What stands after a change."""
    if change is None:
        return standing
    versions = {name: dict(its) for name, its in standing.versions.items()}
    releases = dict(standing.releases)
    if (new := change.version) is not None:
        record: Any = {**new._asdict(), "document": f"{change.document}@{new.number}", "version": new.number}
        del record["number"]
        versions.setdefault(change.document, {})[new.number] = {**record, "note": "", "at_ms": 1, "by": "li"}
    if change.in_use is not None:
        release: Any = {
            **change.in_use._asdict(),
            "share": share_record(change.in_use.share),
            "document": change.document,
            "change": change.change + 1,
            "reason": "",
            "at_ms": 1,
            "by": "li",
        }
        releases[change.document] = release
    return standing._replace(versions=versions, releases=releases)


def live(standing: Standing, document: str = "bundles/main") -> int | None:
    release: ConfigRelease | None = standing.releases.get(document)
    return None if release is None else release["live"]
