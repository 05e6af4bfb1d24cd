"""What an app stands on, as the cluster has it: which topics its inputs and changelogs are, and where its group is; held against the ties.

at start        the whole group's: nobody works on one partition while another's ground is gone
at a restore    the shards concerned, with what their changelogs end with
meanwhile       every quarter of a minute whether topics are still the same ones
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.engine.admin import Admin
from streams.engine.errors import KafkaFault, Untied
from streams.engine.options import Options
from streams.engine.shards import TP
from streams.engine.ties import Commit, Identity, Misfit, of_topics

_TIMEOUT_S = 20.0


class Ground(NamedTuple):
    """What an app reads and keeps."""

    group: str
    inputs: tuple[str, ...]
    #: Table -> its changelog.
    changelogs: Mapping[str, str]
    #: Table -> the inputs it is written from; none: all.
    sources: Mapping[str, tuple[str, ...]]


class Footing:
    """Asks the cluster. Blocks.

    Args:
        ground: asked once, at the first look: agents make themselves known only then.

    Raises:
        KafkaFault: no answer.
    """

    def __init__(self, bootstrap: str, options: Options, ground: Callable[[], Ground]) -> None:
        self._ground = ground
        self._bootstrap, self._options = bootstrap, options
        self._admin: Admin | None = None
        self._known: dict[str, Identity] = {}
        self._missing: set[str] = set()

    @cached_property
    def ground(self) -> Ground:
        """What is looked at."""
        return self._ground()

    def identity_of(self, topic: str) -> Identity:
        """As it was when it was last looked at."""
        return self._known.get(topic, Identity("", 0))

    def misfits(self) -> list[Misfit]:
        """What the group's offsets say that isn't so; remembers which topics there are."""
        self._known = self._identities()
        partitions = [(t, p) for t in self.ground.inputs if t in self._known for p in range(self._known[t].partitions)]
        committed = commits(self._bootstrap, self.ground.group, self._options, partitions)
        begun = [tp for tp, commit in committed.items() if commit.offset > 0]
        ends = self._asked().ends(begun)
        return of_topics(committed, self._known, ends, self.ground.changelogs)

    def check(self) -> None:
        """Raises Untied: something doesn't fit."""
        refuse(self.misfits())

    def look(self) -> list[Misfit]:
        """What has become of the topics since they were last looked at; one that is missing counts at the second look."""
        now, found = self._identities(), []
        for topic, was in self._known.items():
            is_now = now.get(topic)
            if is_now is None and topic not in self._missing:
                continue
            if is_now is None or (was.id and is_now.id and was.id != is_now.id):
                text = f"{topic} was deleted{'' if is_now is None else ' and made anew'} while it was in use"
                kind = "changelog" if topic in self.ground.changelogs.values() else "topic"
                found.append(Misfit(kind, topic, -1, text))
            elif was.partitions != is_now.partitions:
                text = f"{topic} had {was.partitions} partitions and has {is_now.partitions}"
                found.append(Misfit("partitions", topic, -1, f"{text}: keys would move away from their state"))
        self._missing = self._known.keys() - now.keys()
        return found

    def _identities(self) -> dict[str, Identity]:
        return self._asked().identities({*self.ground.inputs, *self.ground.changelogs.values()})

    def _asked(self) -> Admin:
        self._admin = self._admin or Admin(self._bootstrap, self._options)
        return self._admin


def commits(bootstrap: str, group: str, options: Options, partitions: Iterable[TP]) -> dict[TP, Commit]:
    """The group's committed offsets, once no open transaction is about to change them."""
    wanted = [TopicPartition(*tp) for tp in partitions]
    own = {"group.id": group, "enable.auto.commit": False, "isolation.level": "read_committed"}
    asking = Consumer(options.client(bootstrap, **own))
    try:
        timeout_s = options.transaction_timeout_ms / 1000 + _TIMEOUT_S
        return commits_of(asking.committed(wanted, timeout=timeout_s) if wanted else [])
    except KafkaException as exc:
        raise KafkaFault(f"cannot read the committed offsets: {exc.args[0].str()}") from exc
    finally:
        asking.close()


def commits_of(answers: Iterable[TopicPartition]) -> dict[TP, Commit]:
    """As a consumer's ``committed`` answers. Raises KafkaFault: one of them is an error."""
    found = {}
    for at in answers:
        if at.error is not None:
            text = f"cannot read the committed offset of {at.topic}/{at.partition}: {at.error}"
            raise KafkaFault(text) from KafkaException(at.error)
        found[at.topic, at.partition] = Commit.of(at.offset, at.metadata)
    return found


def refuse(misfits: Iterable[Misfit]) -> None:
    """Raises Untied, with all of them."""
    if lines := [misfit.text for misfit in misfits]:
        raise Untied("; ".join(lines))
