"""What one replay does, fixed before it begins; as JSON it stands in the audit trail, and ``--resume`` reads it from there."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from streams.replay.errors import ReplayRefused
from streams.replay.log import Range


@dataclass(frozen=True)
class Plan:
    """``into``: ``postgres``, ``topic:NAME`` or ``file:PATH``. ``form``: of a file, ``json`` or ``raw``."""

    replay_id: str
    topic: str
    ranges: tuple[Range, ...]
    into: str
    only: tuple[str, ...] = ()
    form: str = "json"
    unmask: bool = False
    #: Why a topic of a stage is written to nevertheless; empty: it is not.
    force_with: str = ""
    #: Make the target topic, with the source's partitions, if it isn't there.
    create: bool = False

    @property
    def offsets(self) -> int:
        """Offsets in all ranges: at least as many as there are records."""
        return sum(r.end - r.start for r in self.ranges)

    def to_json(self) -> str:
        """On one line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """What ``to_json`` wrote. Raises ReplayRefused: another version of Penstock wrote it."""
        try:
            fields = json.loads(text)
            ranges = tuple(Range(*each) for each in fields.pop("ranges"))
            return cls(ranges=ranges, only=tuple(fields.pop("only")), **fields)
        except (TypeError, ValueError, KeyError) as exc:
            raise ReplayRefused(
                f"the plan in the audit trail is of another version: {exc}; begin a new replay"
            ) from exc


def new_id(topic: str) -> str:
    """The topic, the time and a few random digits; the topic is first so that the audit trail is found by its key."""
    return f"{topic}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"


def topic_of(replay_id: str) -> str:
    """The topic in an id. Raises ReplayRefused: it is none."""
    topic, *rest = replay_id.rsplit("-", 2)
    if len(rest) != 2 or not topic:
        raise ReplayRefused(f"{replay_id!r} is no replay's id: it looks like orders-20261111T031500-3f2a9c")
    return topic
