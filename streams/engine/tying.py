"""The ties of a worker's shards from a restore on: checked when a shard is opened, and kept for the transactions that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from streams.engine.errors import KafkaFault, Overtaken, Untied
from streams.engine.footing import Footing, refuse
from streams.engine.ledger import Entry, Ledger
from streams.engine.shards import TP
from streams.engine.store import Checkpoint, Store
from streams.engine.ties import Commit, Tie, of_shards
from streams.engine.work import Shard, Work


class Tying:
    """Blocks.

    Args:
        committed: where the group is on these partitions, when no transaction is about to change it.
    """

    def __init__(
        self,
        store: Store,
        footing: Footing,
        committed: Callable[[Iterable[TP]], Mapping[TP, Commit]],
        clock_ms: Callable[[], int],
    ) -> None:
        self.footing = footing
        self._store = store
        self._committed = committed
        self._clock_ms = clock_ms

    @cached_property
    def ledger(self) -> Ledger:
        """What the next transaction says."""
        ground = self.footing.ground
        return Ledger(ground.sources, ground.changelogs, self.footing.identity_of)

    def inputs(self, partitions: Iterable[TP]) -> list[TP]:
        """All inputs of these partitions' numbers: what a shard's state is held against."""
        return sorted({(topic, p) for _, p in partitions for topic in self.footing.ground.inputs})

    def open(self, shards: Iterable[Shard], commits: Mapping[TP, Commit]) -> None:
        """The shards are restored, and the offsets are those from before.

        Raises:
            Untied: they don't belong together.
            KafkaFault: somebody else went on deciding meanwhile.
        """
        opened = self._stand(shards)
        misfits = of_shards(opened, self.ledger.inputs, commits, self._clock_ms())
        if misfits and self._committed(commits) != commits:
            raise KafkaFault("the group's offsets have moved on while state was restored")
        refuse(misfits)
        self.ledger.opened(opened, commits, self._clock_ms())

    def checkpoints(self, next_offsets: Mapping[Shard, int], entry: Entry) -> dict[Shard, Checkpoint]:
        """Of the shards that a transaction has written: where each then ends."""
        now_ms, found = self._clock_ms(), {}
        for shard, next_offset in next_offsets.items():
            changelog_id = self.footing.identity_of(self.footing.ground.changelogs[shard[0]]).id
            tie = entry.ties.get(shard) or self.ledger.tie(shard)
            found[shard] = Checkpoint(next_offset, now_ms, changelog_id, tie)
        return found

    def check_landed(self, work: Work, next_offsets: Mapping[Shard, int]) -> None:
        """What was committed follows what the store knows: its checkpoint must not pass records that it has not got.

        Raises:
            Overtaken: there are others between.
            Untied: it landed before what the store knows.
        """
        for shard, next_offset in next_offsets.items():
            checkpoint = self._store.checkpoint(shard)
            at = checkpoint.next_offset if checkpoint is not None else -1
            between = next_offset - len(work.changelog[shard]) - at
            if between < 0:
                lost = f"the changelog of {shard[0]}/{shard[1]} ended before {at}, where this worker had read and written it"
                raise Untied(
                    f"{lost}: it lost its end, or was deleted and made anew; penstock state check says what to do"
                )
            if between > 1:  # one: the marker of the transaction before
                raise Overtaken(
                    f"the changelog of {shard[0]}/{shard[1]} has {between} offsets from {at} on that this worker has not written: "
                    "they are read before it goes on"
                )

    def look_again(self, shards: Iterable[Shard]) -> None:
        """A transaction has failed, or so it seemed: state is caught up, and the group is where it says."""
        shards = list(shards)
        commits = self._committed(self.inputs(("", partition) for _, partition in shards))
        self.ledger.opened(self._stand(shards), commits, self._clock_ms())

    def _stand(self, shards: Iterable[Shard]) -> dict[Shard, tuple[Tie | None, bool]]:
        found = {}
        for shard in shards:
            checkpoint = self._store.checkpoint(shard)
            tie = checkpoint.tie if checkpoint is not None else None
            # Undone transactions take offsets, and leave nothing.
            found[shard] = tie, tie is None and next(iter(self._store.scan(shard)), None) is None
        return found
