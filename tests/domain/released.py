"""Documents as they stand on the config topics, and a rulebook of them, for tests without a broker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.documents.hashing import canonical, digest
from schemas.documents.kinds import KINDS
from schemas.documents.reading import draft
from schemas.records import ConfigDocument, ConfigRelease
from streams.agents.flowbook import Flowbook
from streams.agents.rulebook import Rulebook
from streams.domain.releases.sharing import salt_of

RULES, FLOWS = "rules/default", "flows/default"


def version(number: int, document: Mapping[str, Any] | str, name: str = RULES) -> ConfigDocument:
    """``document``: as it is written, or its plain values."""
    kind, _, its = name.partition("/")
    read = draft(document if isinstance(document, str) else json.dumps(document), KINDS[kind])
    assert read.document is not None, read.faults
    return {
        "document": f"{name}@{number}",
        "kind": kind,
        "name": its,
        "version": number,
        "digest": digest(read.document),
        "text": canonical(read.document).decode(),
        "note": "",
        "at_ms": 0,
        "by": "wang",
    }


def release(
    live: int | None = None,
    share: tuple[int, int] | None = None,
    previous: int | None = None,
    withdrawn: Sequence[int] = (),
    name: str = RULES,
    shadow: int | None = None,
    since_ms: int = 0,
) -> ConfigRelease:
    """``share``: version and basis points."""
    return {
        "document": name,
        "live": live,
        "shadow": shadow,
        "share": None
        if share is None
        else {
            "version": share[0],
            "basis_points": share[1],
            "salt": salt_of(name, share[0]),
            "since_ms": since_ms,
            "guards": [],
        },
        "previous": previous,
        "withdrawn": list(withdrawn),
        "change": 1,
        "reason": "",
        "at_ms": 0,
        "by": "wang",
    }


def rulebook(documents: Sequence[ConfigDocument], *releases: ConfigRelease) -> Rulebook:
    return Rulebook(
        RULES, {each["document"]: each for each in documents}, {each["document"]: each for each in releases}
    )


def flowbook(documents: Sequence[ConfigDocument], *releases: ConfigRelease) -> Flowbook:
    return Flowbook(
        FLOWS, "default", {each["document"]: each for each in documents}, {each["document"]: each for each in releases}
    )


def by_sequence(*codes: str, filters: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Rules that rank warehouses by this list."""
    return {
        "kind": "rules",
        "version": 1,
        "name": "default",
        "default": {
            "filters": list(filters),
            "rank": {"mode": "lexicographic", "criteria": [{"by": "sequence", "warehouses": list(codes)}]},
        },
    }
