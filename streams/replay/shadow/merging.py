"""Who waits for whom, from what orders told. At which moment a tick looked is not on record: here each window ends when it should.

Orders that were told otherwise lose nothing by it: each goes by itself when its own time is over.
"""

from __future__ import annotations

from schemas.records import MergeGroup
from schemas.topics import MERGE_REQUESTS, TABLE_RECORDS
from streams.agents.wire import NothingCodec, RecordCodec
from streams.aside.places import Place
from streams.domain.expiry import expiry_key
from streams.domain.merging.decide import decide, due_ms, wake
from streams.engine.store import Store
from streams.replay.shadow.reading import Recordings, place_of, sound
from streams.replay.shadow.tables import ShadowTable


def rebuild(store: Store, logs: Recordings, quarantined: set[Place]) -> None:
    """Both tables of the stage. Per order that waits some 300 bytes of memory."""
    states: dict[tuple[int, str], MergeGroup | None] = {}
    for messages in logs.inputs((MERGE_REQUESTS,)):
        for message in messages:
            place, found = place_of(message), None if logs.misplaced(message) else sound(message)
            if found is None or place in quarantined:
                continue
            key, at_ms = (place.partition, found.record["group"]), message.timestamp()[1]
            state = decide(_as_of(states.pop(key, None), at_ms), found.record, at_ms).state  # type: ignore[arg-type]
            if state is not None:
                states[key] = state
    groups = ShadowTable(store, "merging", RecordCodec(TABLE_RECORDS["merging"]))
    index = ShadowTable(store, "merging_due", NothingCodec())
    for (partition, group), state in states.items():
        groups.partition = index.partition = logs.cut.shard(partition)
        next_ms = due_ms(state)
        if state is not None and next_ms is not None:
            groups.put_many({group.encode(): state})
            index.put_many({expiry_key(next_ms, group): None})


def _as_of(state: MergeGroup | None, at_ms: int) -> MergeGroup | None:
    """With the ticks that were due before."""
    while state is not None and (at := due_ms(state)) is not None and at <= at_ms:
        state = wake(state, at).state
    return state
