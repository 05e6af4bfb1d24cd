"""What stands on the config topics: every version of every document, and which of them are in use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple, cast

import msgspec
from confluent_kafka import Message

from schemas.codec import CODEC, CodecError
from schemas.documents.hashing import digest
from schemas.documents.kinds import KINDS
from schemas.documents.reading import draft
from schemas.records import Bundle, ConfigDocument, ConfigRelease, Warehouse
from schemas.topics import DOCUMENTS, RELEASES
from streams.aside.foresight import bundles
from streams.aside.stock import warehouses
from streams.ops.cluster import Cluster, ClusterError

_KEY = re.compile(r"([^/]+)/(.+)@([1-9]\d{0,17})", re.DOTALL)


class ConfigRefused(Exception):
    """What was asked of a document cannot be done; the message says why, and what to do."""


class ConfigOvertaken(ConfigRefused):
    """Somebody else has changed the document meanwhile: nothing is written."""


class Rows(NamedTuple):
    """Records that the hub works by today, whoever wrote them."""

    warehouses: Mapping[str, Warehouse]
    bundles: Mapping[str, Bundle]


class Standing(NamedTuple):
    """As it was when it was read."""

    #: ``kind/name`` -> number -> version.
    versions: Mapping[str, Mapping[int, ConfigDocument]]
    #: ``kind/name`` -> which are in use.
    releases: Mapping[str, ConfigRelease]
    rows: Rows
    #: Key -> what is wrong with the record that stands there: it counts as a version, and can't be used.
    damaged: Mapping[str, str]

    def newest(self, document: str) -> int:
        """The highest number that was given; 0: there is no version."""
        spoilt = (int(found[3]) for key in self.damaged if (found := _KEY.fullmatch(key)) and _name_of(key) == document)
        return max((*self.versions.get(document, ()), *spoilt), default=0)

    def change(self, document: str) -> int:
        """Number of the last change of what is in use; 0: nothing ever was."""
        release = self.releases.get(document)
        return 0 if release is None else release["change"]

    def version(self, document: str, number: int) -> ConfigDocument:
        """One version. Raises ConfigRefused: there is none, or it is damaged."""
        found = self.versions.get(document, {}).get(number)
        if found is not None:
            return found
        key = f"{document}@{number}"
        if key in self.damaged:
            raise ConfigRefused(f"{key} cannot be used: {self.damaged[key]}")
        there = ", ".join(map(str, sorted(self.versions.get(document, ())))) or "none"
        raise ConfigRefused(f"there is no {key}; versions of {document}: {there}")

    def live(self, document: str) -> ConfigDocument | None:
        """The version that is live; None: none is. Raises ConfigRefused: it is damaged."""
        release = self.releases.get(document)
        return None if release is None or release["live"] is None else self.version(document, release["live"])


def standing(cluster: Cluster) -> Standing:
    """Reads both topics whole, and the records that the hub works by. Raises ClusterError."""
    for topic in (DOCUMENTS, RELEASES):
        if not cluster.has(topic):
            raise ClusterError(f"this hub has no topic {topic} yet: penstock topics create makes it")
    versions, releases, damaged = read(cluster.read(DOCUMENTS), cluster.read(RELEASES))
    return Standing(versions, releases, Rows(warehouses(cluster), bundles(cluster)), damaged)


def read(
    documents: Iterable[Message], releases: Iterable[Message]
) -> tuple[dict[str, dict[int, ConfigDocument]], dict[str, ConfigRelease], dict[str, str]]:
    """Versions, what is in use, and what is damaged, of the messages of both topics."""
    versions: dict[str, dict[int, ConfigDocument]] = {}
    damaged: dict[str, str] = {}
    for key, value in _last(documents).items():
        record = _decoded("ConfigDocument", value)
        if record is None:
            damaged[key] = "its bytes are no version of a document"
        elif f"{record['kind']}/{record['name']}@{record['version']}" != key or record["document"] != key:
            damaged[key] = f"its record says that it is {record['document']}"
        elif (found := sha256(record["text"].encode()).hexdigest()) != record["digest"]:
            damaged[key] = f"its text has the digest {found[:12]}, and {record['digest'][:12]} was published"
        else:
            versions.setdefault(_name_of(key), {})[record["version"]] = record
    in_use: dict[str, ConfigRelease] = {}
    for key, value in _last(releases).items():
        release = _decoded("ConfigRelease", value)
        if release is None or release["document"] != key:
            damaged[key] = "its bytes do not say which version is in use"
        else:
            in_use[key] = release
    return versions, in_use, damaged


def document_of(version: ConfigDocument) -> msgspec.Struct:
    """The document, in the newest form of its kind. Raises ConfigRefused: this Penstock does not read it."""
    return _document_of(version["document"], version["kind"], version["text"])


@cache
def _document_of(key: str, kind: str, text: str) -> msgspec.Struct:
    form = KINDS.get(kind)
    if form is None:
        raise ConfigRefused(f"{key} is of a kind that this Penstock does not know: use the version that wrote it")
    found = draft(text, form)
    if found.document is None:
        raise ConfigRefused(f"{key} is not read by this Penstock: {found.faults[0].says}")
    return cast(msgspec.Struct, found.document)


def same_as(standing: Standing, document: str, wanted: msgspec.Struct) -> int | None:
    """The number of a version that says the same, in whatever form it was published; None: none does."""
    its = digest(wanted)
    for number, version in sorted(standing.versions.get(document, {}).items(), reverse=True):
        if version["digest"] == its:
            return number
        try:
            if digest(document_of(version)) == its:
                return number
        except ConfigRefused:
            continue
    return None


def _last(messages: Iterable[Message]) -> dict[str, bytes]:
    last = {(m.key() or b"").decode("utf-8", "backslashreplace"): m.value() for m in messages}
    return {key: value for key, value in last.items() if value is not None}


def _decoded(name: str, value: bytes) -> Any:
    try:
        found, record = CODEC.decode(value)
    except CodecError:
        return None
    return record if found == name else None


def _name_of(key: str) -> str:
    return key.rpartition("@")[0]
