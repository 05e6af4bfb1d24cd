"""Persons who are forgotten: of which orders (topic ``persons.forgotten``), and what is left of such an order's messages.

What is written from the log anew, into a store, a file or another topic, is written without them. The log itself keeps what it has until
retention takes it.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator, Set
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.codec import CODEC, CodecError
from schemas.private import private, sync_folder
from schemas.topics import FORGOTTEN
from streams.ops.masking import forgotten
from streams.ops.sinks import Record, as_record

if TYPE_CHECKING:
    from streams.ops.cluster import Cluster

#: Records whose whole content is personal.
_RAW = frozenset(("ChannelEvent", "ChannelNotice", "ReceiverCorrected"))
#: What a kill leaves of a file that was being written anew.
UNFINISHED = ".*.forgetting"


def without_person(value: bytes | None) -> bytes | None:
    """A message's value with every personal field empty; what cannot be read may hold anything, and is emptied."""
    if value is None:
        return None
    try:
        name, record = CODEC.decode(value)
    except CodecError:
        return b""
    return CODEC.encode(name, forgotten(name, record))


def is_all_raw(value: bytes | None) -> bool:
    """Whether a message is a platform's own bytes in an envelope, or nobody's: without its person no stage can read it."""
    if value is None:
        return False
    try:
        return CODEC.decode(value)[0] in _RAW
    except CodecError:
        return True


def named(cluster: Cluster) -> list[Record]:
    """All of the topic: each has the order's id as its key. None on a hub that has no such topic yet. Raises ClusterError."""
    if not cluster.has(FORGOTTEN):
        return []
    return [as_record(m) for m in cluster.read(FORGOTTEN) if m.value() is not None]


def lines_telling(path: Path, order_id: str) -> int:
    """How many lines of the order in such a file tell of its person. Raises OSError, ValueError."""
    name = {order_id.encode()}
    return sum(_line_without_person(line, {order_id}) != line for line in _lines(path) if _may_be_about(line, name))


def forget_in_file(path: Path, orders: Set[str]) -> int:
    """Takes the orders' persons out of a file of JSON lines, as the files sink and replays write them; returns how many lines changed.

    The file is replaced by a whole one, or stays as it is. Raises OSError; ValueError for a line that is none of theirs.
    """
    names = {order.encode() for order in orders}
    # Of most files not a line is about them.
    if not any(_may_be_about(line, names) for line in _lines(path)):
        return 0
    draft = path.with_name(f".{path.name}.forgetting")
    changed = 0
    with open(draft, "wb", opener=private) as file:
        file.truncate()
        for line in _lines(path):
            kept = _line_without_person(line, orders) if _may_be_about(line, names) else line
            changed += kept != line
            file.write(kept)
        file.flush()
        os.fsync(file.fileno())
    if changed:
        os.chmod(draft, path.stat().st_mode & 0o777)
        draft.rename(path)
        sync_folder(path.parent)
    else:
        draft.unlink()
    return changed


def _lines(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        yield from file


def _may_be_about(line: bytes, orders: Set[bytes]) -> bool:
    """Of bytes in base64 nothing can be told without a look."""
    return b'"timestamp_ms"' in line or any(order in line for order in orders)


def _line_without_person(line: bytes, orders: Set[str]) -> bytes:
    """The line itself where it is about another order, or tells of nobody."""
    document = json.loads(line)
    raw = "timestamp_ms" in document
    key = document["key"]
    if key is None or (base64.b64decode(key).decode("utf-8", "backslashreplace") if raw else key) not in orders:
        return line
    if raw:
        value = without_person(base64.b64decode(document["value"])) if document["value"] is not None else None
        left = base64.b64encode(value).decode() if value is not None else None
    elif document["record"] is None:
        left = "" if document["value"] is not None else None
    else:
        left = forgotten(document["record"], document["value"])
    if left == document["value"]:
        return line
    return json.dumps({**document, "value": left}, ensure_ascii=False).encode() + b"\n"
