"""The counting workload: an app that dedups by key and numbers what is new. Its output must be that of an undisturbed run, byte for
byte and in the same order; a pure function says what that is. Fast, so it carries most of the orders."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tests.chaos.checks.finding import Logged, Violation, read, shown
from tests.chaos.checks.state import State, check_state, compare
from tests.chaos.feed import Sent
from tests.chaos.topics import changelog, create

POISON = b"poison"


class Counting:
    """See the module's text; the app is ``tests.engine.counting_app``."""

    app = "counting"
    inputs = 2
    tables = ("seen", "counts")

    def __init__(self, orders: int, seed: int, partitions: int = 4, kinds: Iterable[str] = ("duplicates", "poison")):
        self.name = f"counting-{seed}"
        self.app_id = f"chaos-counting-{seed}"
        self.orders, self.partitions = orders, partitions
        self.records = _records(f"{self.app_id}-in", orders, seed, set(kinds))

    def env(self, brokers: str, data: Path) -> dict[str, str]:
        return {
            "APP_ID": self.app_id,
            "BROKERS": brokers,
            "PARTITIONS": str(self.partitions),
            "BATCH_SIZE": "100",
            # Nothing stands there: workers that read it and workers that have not heard of it decide the same.
            "MORE": "1",
            "PAUSE_S": "0.002",
        }

    def prepare(self, brokers: str) -> None:
        create(
            brokers,
            [f"{self.app_id}-in", f"{self.app_id}-more", f"{self.app_id}-out", f"{self.app_id}.quarantine"],
            self.partitions,
        )
        create(brokers, self.changelogs.values(), self.partitions, compacted=True)

    @property
    def changelogs(self) -> dict[str, str]:
        return {table: changelog(self.app_id, table) for table in self.tables}

    def start_helpers(self, brokers: str) -> None:
        """Nothing plays a part beside the workers."""

    def stop_helpers(self) -> None: ...

    def ready(self, brokers: str) -> bool:
        return True

    def at_rest(self, brokers: str) -> bool:
        """The group has committed the end of every input partition (only plain producers write there: no markers)."""
        consumer = Consumer({"bootstrap.servers": brokers, "group.id": self.app_id, "log_level": 0})
        try:
            tps = [TopicPartition(f"{self.app_id}-in", p) for p in range(self.partitions)]
            committed = consumer.committed(tps, timeout=20)
            return all(
                tp.error is None and max(tp.offset, 0) >= consumer.get_watermark_offsets(tp, timeout=20)[1]
                for tp in committed
            )
        except KafkaException:
            return False
        finally:
            consumer.close()

    def judge(self, brokers: str, folders: Iterable[Path], calm: object = None) -> list[Violation]:
        entered = read(brokers, [f"{self.app_id}-in"])
        want, state, poisoned = decided(entered)
        found = compare_output(read(brokers, [f"{self.app_id}-out"]), want)
        found += _check_quarantine(read(brokers, [f"{self.app_id}.quarantine"]), poisoned, f"{self.app_id}.quarantine")
        truth, wrong = check_state(brokers, folders, self.changelogs, self.partitions)
        found += wrong
        for table, p in truth.keys() | state.keys():
            shard = table, p
            # What is remembered of a key is where it was met first.
            place = (lambda raw, p=p: (f"{self.app_id}-in", p, int(raw))) if table == "seen" else None
            found += compare(
                "state_not_from_input", truth.get(shard, {}), state.get(shard, {}), self.changelogs[table], place
            )
        if len(entered) != len(self.records):
            text = f"{len(self.records)} records were published, {len(entered)} stand in the log"
            found.append(Violation("input_differs", f"{self.app_id}-in", -1, -1, "", text))
        return found


def _records(topic: str, count: int, seed: int, inputs: set[str]) -> list[Sent]:
    chance = random.Random(f"counting/{seed}")
    records = []
    for i in range(count):
        again = "duplicates" in inputs and i and chance.random() < 0.1
        key = chance.randrange(i) if again else i
        records.append(Sent(topic, b"k%d" % key, b"g%d" % (key % 7)))
    if "poison" in inputs:
        for i in range(min(10, 1 + count // 1000)):
            records.insert(chance.randrange(len(records)), Sent(topic, b"poison%d" % i, POISON))
    return records


Output = dict[int, list[tuple[bytes, bytes, int]]]
"""Partition -> (key, value, offset of the input it comes from), in order."""


def decided(entered: Iterable[Logged]) -> tuple[Output, State, set[tuple[int, int]]]:
    """What an undisturbed run makes of the input as it stands in the log: output, state, places of poison."""
    output: Output = {}
    state: State = {}
    poisoned = set()
    for r in entered:
        key, group, p = r.key or b"", r.value or b"", r.partition
        seen, counts = state.setdefault(("seen", p), {}), state.setdefault(("counts", p), {})
        if group == POISON:
            poisoned.add((p, r.offset))
        elif key not in seen:
            seen[key] = b"%d" % r.offset
            counts[group] = b"%d" % (int(counts.get(group, b"0")) + 1)
            output.setdefault(p, []).append((key, b"%s:%s" % (group, counts[group]), r.offset))
    return output, state, poisoned


def compare_output(written: Iterable[Logged], want: Output) -> list[Violation]:
    have: dict[int, list[Logged]] = {}
    for record in written:
        have.setdefault(record.partition, []).append(record)
    found = []
    for p in have.keys() | want.keys():
        out, due = have.get(p, []), want.get(p, [])
        places: dict[bytes, list[Logged]] = {}
        for r in out:
            places.setdefault(r.key or b"", []).append(r)
        wanted = {key for key, _, _ in due}
        for key, value, offset in due:
            met = places.get(key, [])
            if not met:
                text = "the input's record at this offset was never decided"
                found.append(Violation("lost", "in", p, offset, shown(key), text))
            elif len(met) > 1:
                text = f"decided {len(met)} times, input offset {offset}"
                found.append(Violation("doubled", "out", p, met[1].offset, shown(key), text))
            elif met[0].value != value:
                text = f"{met[0].value!r}, undisturbed {value!r}; input offset {offset}"
                found.append(Violation("decided_otherwise", "out", p, met[0].offset, shown(key), text))
        for key in places.keys() - wanted:
            found.append(Violation("out_of_nothing", "out", p, places[key][0].offset, shown(key), "not in the input"))
        for record, (key, _, offset) in zip(out, due, strict=False):
            if record.key != key:
                text = f"stands where {shown(key)} (input offset {offset}) belongs"
                found.append(Violation("out_of_order", "out", p, record.offset, shown(record.key), text))
                break
    return found


def _check_quarantine(records: Iterable[Logged], poisoned: set[tuple[int, int]], topic: str) -> list[Violation]:
    """Each poisoned record once, nothing else."""
    met: dict[tuple[int, int], int] = {}
    found = []
    for record in records:
        headers = dict(record.headers)
        place = int(headers["partition"]), int(headers["offset"])
        met[place] = met.get(place, 0) + 1
        if place not in poisoned or met[place] > 1:
            text = f"input {place} was put aside {'again' if place in poisoned else 'though it is sound'}"
            found.append(Violation("quarantine", topic, record.partition, record.offset, shown(record.key), text))
    for p, offset in poisoned - met.keys():
        found.append(Violation("quarantine", "in", p, offset, "", "an indigestible record is not in quarantine"))
    return found
