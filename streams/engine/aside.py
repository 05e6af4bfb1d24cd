"""What is written to the quarantine topic, and to a sink's: a record as it stood, or a reference to it, with its place and its error.

key, value    the record's own; of a reference no value, and no key that is large
group         who set it aside: of the groups that read the topic, the others have nothing to do with it
topic, partition, offset, timestamp    where it stood, and its time in ms
error, at     what its agent raised, and where
bytes, sha256    of a reference: the size and the hash of the value that stands there
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Iterable, Mapping
from typing import Any

from streams.engine.record import Record

#: Header of a record that was sent back from quarantine: the group it is for. All others have had it.
FOR_GROUP = "for-group"
#: Characters of a header that are kept: an error's text may quote all that it found.
_TEXT_MAX = 2_000
#: Bytes of a key that a reference keeps.
_KEY_MAX = 1_000


def set_aside(record: Record, group: str, exc: BaseException, *, whole: bool) -> dict[str, Any]:
    """The message for the quarantine topic, as arguments of ``Work.send``."""
    last = traceback.extract_tb(exc.__traceback__)[-1:]
    about = {
        "group": group,
        "topic": record.topic(),
        "partition": record.partition(),
        "offset": record.offset(),
        "timestamp": record.timestamp()[1],
        "error": f"{type(exc).__name__}: {exc}",
        "at": f"{last[0].name}:{last[0].lineno}" if last else "",
    }
    return message(record.key(), record.value(), about, whole=whole)


def message(key: bytes | None, value: bytes | None, about: Mapping[str, object], *, whole: bool) -> dict[str, Any]:
    """Key, value and headers of a record that is set aside, ``whole`` or by reference."""
    if not whole:
        about = {**about, "bytes": len(value or b""), "sha256": hashlib.sha256(value or b"").hexdigest()}
        key, value = key if key is None or len(key) <= _KEY_MAX else None, None
    return {"key": key, "value": value, "headers": [(name, _cut(str(text)).encode()) for name, text in about.items()]}


def for_group(headers: Iterable[tuple[str, bytes | None]]) -> str | None:
    """The one group that is to decide a record with these headers, which was sent back; None: every group that reads it."""
    return next((value.decode() for name, value in headers if name == FOR_GROUP and value), None)


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else f"{text[:_TEXT_MAX]}... ({len(text):,} characters)"
