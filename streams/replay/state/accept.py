"""A group goes on from where a person says: offsets that were set by hand, inputs that were deleted and made anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.engine.shards import TP
from streams.engine.ties import Identity, Mark, marked
from streams.ops.actor import Actor
from streams.ops.standing import Standing
from streams.replay.errors import ReplayRefused
from streams.settings import Settings

#: The audit action.
ACCEPT = "state.accept"

#: Whose word counts: the group's offsets as somebody has set them, or the state's, which has decided up to its own.
Word = Literal["group", "state"]


class Move(NamedTuple):
    """One input partition: from where the group goes on."""

    tp: TP
    before: int
    after: int
    why: str

    def __str__(self) -> str:
        return f"{self.tp[0]}/{self.tp[1]}: on from offset {self.after} (the group has {self.before}): {self.why}"


def moves(standing: Standing, word: Word | None) -> list[Move]:
    """What accepting means, partition by partition.

    Raises:
        ReplayRefused: something else has to come first, or nobody has said whose word counts.
    """
    for misfit in standing.misfits:
        if misfit.kind in ("changelog", "partitions"):
            raise ReplayRefused(misfit.text)
    found = []
    anew = {misfit.topic for misfit in standing.misfits if misfit.kind == "topic"}
    moved = {(misfit.topic, misfit.partition) for misfit in standing.misfits if misfit.kind == "offsets"}
    if moved and word is None:
        raise ReplayRefused(
            f"{len(moved)} offsets were set by hand: --offsets state goes on from where the state has decided up to, --offsets group "
            "from where the group now is, and what the state has decided before is decided again or never"
        )
    for tp, commit in sorted(standing.commits.items()):
        if tp[0] in anew:
            found.append(Move(tp, commit.offset, 0, "the topic was made anew"))
        elif tp in moved:
            after = max(0, commit.offset) if word == "group" else stood(standing, tp)
            found.append(Move(tp, commit.offset, after, f"so says the {word}"))
    return found


def stood(standing: Standing, tp: TP) -> int:
    """Up to where the state has decided an input."""
    ties = [tie for shard, (tie, _) in standing.changelogs.items() if tp in standing.inputs(shard, [tp]) and tie]
    return max((tie.offsets.get(tp[0], 0) for tie in ties), default=0)


def mark(standing: Standing, tp: TP, offset: int, numbers: Mapping[tuple[str, int], int]) -> Mark:
    """As a worker would write it that has just committed this offset; ``numbers`` of shards that have others than the changelog."""
    tables = {}
    for shard, (tie, is_empty) in standing.changelogs.items():
        if standing.inputs(shard, [tp]):
            current = standing.topics.get(standing.ground.changelogs[shard[0]], Identity("", 0))
            reach = marked(shard[0], standing.own(shard).values())
            known = tie.number if tie is not None else 0 if is_empty else -max(reach, 1)
            tables[shard[0]] = (current.id, numbers.get(shard, known))
    return Mark(offset, standing.topics[tp[0]], tables)


def commit(settings: Settings, standing: Standing, marks: Mapping[TP, Mark]) -> None:
    """Sets the group's offsets. Raises ReplayRefused: it has members, or the broker doesn't answer."""
    own = {"group.id": standing.ground.group, "enable.auto.commit": False}
    consumer = Consumer(Options.quiet(settings.kafka).client(settings.brokers, **own))
    offsets = [TopicPartition(*tp, made.offset, metadata=made.dumps()) for tp, made in marks.items()]
    try:
        for told in consumer.commit(offsets=offsets, asynchronous=False) if offsets else ():
            if told.error is not None:
                raise ReplayRefused(f"{told.topic}/{told.partition} was not set: {told.error.str()}")
    except KafkaException as exc:
        raise ReplayRefused(
            f"the offsets of group {standing.ground.group} were not set: {exc.args[0].str()}; are its workers stopped?"
        ) from exc
    finally:
        consumer.close()


def accept(settings: Settings, standing: Standing, chosen: list[Move], *, by: Actor) -> None:
    """Carries the moves out. An input made anew begins where the log does. Raises NotAllowed, ReplayRefused."""
    by.check(ACCEPT)
    starts = Admin(settings.brokers, Options.quiet(settings.kafka))
    ends = starts.ends([move.tp for move in chosen])
    for move in chosen:
        if move.after > ends[move.tp]:
            raise ReplayRefused(f"{move.tp[0]}/{move.tp[1]} ends at {ends[move.tp]}: nothing is at offset {move.after}")
    commit(settings, standing, {move.tp: mark(standing, move.tp, move.after, {}) for move in chosen})
