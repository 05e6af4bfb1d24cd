"""What a person wants of a document, held against what stands: a change to be written, or nothing to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from schemas.documents.hashing import canonical, digest
from streams.aside.config.standing import ConfigRefused, Standing, same_as
from streams.domain.releases.moves import Moved, in_percent, roll_back
from streams.domain.releases.recorded import release_of
from streams.domain.releases.sharing import Release


class Version(NamedTuple):
    """A version to be published."""

    kind: str
    name: str
    number: int
    digest: str
    text: str


class Change(NamedTuple):
    """One document's. It holds for what it was decided on alone: ``newest`` version and last ``change`` of what is in use."""

    document: str
    newest: int
    change: int
    #: As the audit has it.
    action: str
    version: Version | None
    #: Which versions were in use, and which are from then on; None: those that were.
    before: Release
    in_use: Release | None

    @property
    def details(self) -> Mapping[str, object]:
        """For the audit."""
        found: dict[str, object] = {}
        if self.version is not None:
            found |= {"version": self.version.number, "digest": self.version.digest}
        if self.in_use is not None:
            share = self.in_use.share
            found |= {"live": _or_none(self.in_use.live), "previous": _or_none(self.in_use.previous)}
            found |= {"shadow": _or_none(self.in_use.shadow)}
            found["share"] = "none" if share is None else f"{share.basis_points} of 10,000 to {share.version}"
        return found


def publishing(standing: Standing, kind: str, wanted: msgspec.Struct) -> Change | None:
    """Makes a version of a document, and uses it for nothing; None: a version says the same."""
    document = name_of(kind, wanted)
    if same_as(standing, document, wanted) is not None:
        return None
    return _change(standing, document, "config.published", _version(standing, kind, wanted), None)


def applying(standing: Standing, kind: str, wanted: msgspec.Struct) -> Change | None:
    """Makes a document live; None: it is. Where an earlier version says the same, that one is live again.

    Raises ConfigRefused: a version is tried on a share of the orders, which would be part of another's from then on.
    """
    document = name_of(kind, wanted)
    there = same_as(standing, document, wanted)
    before = in_use(standing, document)
    if there is not None and there == before.live:
        return None
    version = _version(standing, kind, wanted) if there is None else None
    number = there if version is None else version.number
    _not_while_shared(document, before)
    withdrawn = tuple(each for each in before.withdrawn if each != number)
    after = before._replace(live=number, previous=before.live, withdrawn=withdrawn)
    return _change(standing, document, "config.applied", version, after)


def rolling_back(standing: Standing, document: str, to: int | None = None) -> Change | None:
    """Takes back what decides, as ``roll_back`` says; or ends a share and makes the version named live. None: it is.

    Raises ConfigRefused: there is nothing to be taken back, or no such version.
    """
    before = in_use(standing, document)
    if to is None:
        answer = roll_back(before)
        if not isinstance(answer, Moved):
            raise ConfigRefused(f"{document}: {answer.says}")
        after = answer.release
    else:
        shadow = None if before.shadow == to else before.shadow
        previous = before.live if to != before.live else before.previous
        taken_back = (before.live, None if before.share is None else before.share.version)
        withdrawn = [
            each for each in dict.fromkeys((*before.withdrawn, *taken_back)) if each is not None and each != to
        ]
        after = Release(to, shadow, None, previous, tuple(withdrawn))
    if after.live is not None:
        standing.version(document, after.live)
    return None if after == before else _change(standing, document, "config.rolled_back", None, after)


def releasing(standing: Standing, document: str, wanted: Release) -> Change | None:
    """Says which versions are in use; None: they are.

    Raises ConfigRefused: there is no such version.
    """
    for number in (wanted.live, wanted.shadow, wanted.share.version if wanted.share is not None else None):
        if number is not None:
            standing.version(document, number)
    if wanted == in_use(standing, document):
        return None
    return _change(standing, document, "config.released", None, wanted)


def in_use(standing: Standing, document: str) -> Release:
    """Which versions of ``kind/name`` are in use now; none of any: nothing was ever released."""
    record = standing.releases.get(document)
    return Release() if record is None else release_of(record)


def name_of(kind: str, document: msgspec.Struct) -> str:
    """``kind/name``, by which a document is known."""
    name: str = document.name  # type: ignore[attr-defined]  # every kind's type has one
    return f"{kind}/{name}"


def _version(standing: Standing, kind: str, wanted: msgspec.Struct) -> Version:
    document = name_of(kind, wanted)
    number = standing.newest(document) + 1
    return Version(kind, document.partition("/")[2], number, digest(wanted), canonical(wanted).decode())


def _change(standing: Standing, document: str, action: str, version: Version | None, wanted: Release | None) -> Change:
    newest, change, before = standing.newest(document), standing.change(document), in_use(standing, document)
    return Change(document, newest, change, action, version, before, wanted)


def _not_while_shared(document: str, before: Release) -> None:
    if before.share is not None:
        raise ConfigRefused(
            f"{document}@{before.share.version} is tried on {in_percent(before.share.basis_points)} of the orders: make it live or "
            "take its share back first"
        )


def _or_none(number: int | None) -> object:
    return "none" if number is None else number
