"""What is begun goes before what comes from outside; nothing is lost, doubled or out of order by it, and nothing waits for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from confluent_kafka import Producer
from hypothesis import given
from hypothesis import strategies as st

from streams.engine import inflow
from streams.engine.inflow import Inflow
from tests.conftest import Unique
from tests.engine.harness import Record, Rig, rig
from tests.patience import PATIENCE_S

BATCH, STILL_S = 4, 5.0
OWN, NEW = ("own", 0), ("new", 0)


class Fetched(NamedTuple):
    tp: tuple[str, int]
    number: int
    size: int = 1

    def topic(self) -> str:
        return self.tp[0]

    def partition(self) -> int:
        return self.tp[1]

    def value(self) -> bytes:
        return bytes(self.size)


def some(tp: tuple[str, int], count: int, first: int = 0) -> list[Any]:
    return [Fetched(tp, first + number) for number in range(count)]


def made(*fetched: Any, lag: int = 0) -> Inflow:
    it = Inflow({"new"}, BATCH, STILL_S)
    it.read([OWN, NEW])
    it.add(fetched, lag, 0.0)
    return it


def test_what_is_begun_goes_first() -> None:
    it = made(*some(NEW, 3), *some(OWN, 2))
    assert it.take() == [*some(OWN, 2), *some(NEW, 2)]
    assert it.take() == some(NEW, 1, 2)


def test_with_much_between_the_stages_nothing_more_is_taken_in() -> None:
    it = made(*some(NEW, 3), lag=2 * BATCH)
    assert (it.ready(), it.take()) == (0, [])
    it.add([], 2 * BATCH - 1, 0.1)
    assert it.take() == some(NEW, 1)


def test_a_little_between_them_holds_nothing_back() -> None:
    assert made(*some(NEW, 3), lag=BATCH).take() == some(NEW, 3)


def test_who_fills_an_own_topic_does_not_lock_the_others_out() -> None:
    assert len(made(*some(OWN, 16), *some(NEW, 9), lag=1_000).take()) == 16 + 2


def test_what_stands_still_holds_nothing_back() -> None:
    it = made(*some(NEW, 3), lag=1_000)
    it.add([], 1_000, STILL_S - 0.1)
    assert it.take() == []
    it.add([], 1_000, STILL_S)
    assert it.take() == some(NEW, 3)
    it.add([*some(OWN, 1), *some(NEW, 3, 3)], 1_000, STILL_S + 1)
    assert it.take() == some(OWN, 1), "it moves again"
    it.add([], 1_000, 3 * STILL_S)
    assert it.take() == [], "however long it took to decide that one"
    it.add([], 1_000, 4 * STILL_S)
    assert it.take() == some(NEW, 3, 3)


def test_many_waiting_are_fetched_no_more_until_few_are() -> None:
    it = made(*some(NEW, 2 * BATCH), lag=1_000)
    assert it.change() == ([], [])
    it.add(some(NEW, 1, 8), 1_000, 0.1)
    assert (it.change(), it.held) == (([NEW], []), {NEW})
    it.add([], 0, 0.2)
    it.take()
    assert it.change() == ([], []), "seldom: what the client has fetched ahead is lost"
    it.take()
    assert (it.change(), it.held) == (([], [NEW]), set())


def test_so_are_large_ones() -> None:
    it = made(Fetched(NEW, 0, inflow._HOLD_BYTES + 1), lag=1_000)
    assert it.change() == ([NEW], [])
    it.add([], 0, 0.1)
    it.take()
    assert it.change() == ([], [NEW])


def test_what_is_given_up_is_not_fetched_again_and_what_is_new_is_held_too() -> None:
    it = made(*some(NEW, 9), lag=1_000)
    it.change()
    it.read([("new", 1)])
    assert it.change() == ([("new", 1)], [])
    it.leave([NEW, OWN])
    assert (len(it), it.own()) == (0, [])
    assert it.change() == ([], [("new", 1)])


def test_a_new_beginning_holds_nothing() -> None:
    it = made(*some(NEW, 9), *some(OWN, 1), lag=1_000)
    it.change()
    assert (it.clear(), len(it), it.held) == ([NEW], 0, set())


@given(st.data())
def test_all_is_taken_once_and_in_its_order(data: st.DataObject) -> None:
    it = Inflow({"new"}, BATCH, STILL_S)
    partitions = [(topic, number) for topic in ("own", "new") for number in range(2)]
    it.read(partitions)
    added: dict[Any, list[Any]] = {tp: [] for tp in partitions}
    taken: dict[Any, list[Any]] = {tp: [] for tp in partitions}
    now_s = 0.0
    paused: set[tuple[str, int]] = set()

    def take(most: int | None = None) -> None:
        for record in it.take(most):
            taken[record.tp].append(record)

    for _ in range(data.draw(st.integers(1, 8))):
        now_s += data.draw(st.sampled_from((0.0, 0.1, 2.0)))
        fetched: list[Any] = []
        for tp in partitions:
            if tp not in paused:
                fetched += some(tp, data.draw(st.integers(0, 5)), len(added[tp]))
                added[tp] += [m for m in fetched if m.tp == tp]
        it.add(fetched, data.draw(st.sampled_from((0, 3, 7, 50))), now_s)
        change = it.change()
        assert paused.isdisjoint(change.pause) and paused.issuperset(change.resume)
        paused = (paused | set(change.pause)) - set(change.resume)
        assert paused == it.held and all(topic == "new" for topic, _ in paused)
        if data.draw(st.booleans()):
            take(data.draw(st.sampled_from((None, 1, 3))))
    # Whatever still lags, and stands still: all that was fetched is taken, and all is fetched from again.
    while before := len(it):
        for _ in range(2):  # the first time own ones may have been with the cycle
            now_s += 2 * STILL_S
            it.add([], 50, now_s)
            take()
        assert len(it) < before
    assert not it.change().pause and not it.held
    assert taken == added


# -- on a broker

COUNT = 2_000


def _app(it: Rig, **env: str | int | float) -> dict[str, Any]:
    return {"MORE": "1", "OUTSIDE": "1", "BATCH_SIZE": 50, **env}


def _records(name: str) -> list[Record]:
    return [(b"%s%d" % (name.encode(), number), b"g") for number in range(COUNT)]


def _decided(it: Rig) -> list[bytes]:
    return [key for found in it.decided().values() for key, _ in found]


def test_own_topics_are_read_first(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path, partitions=2) as it:
        it.create(f"{it.app_id}-more")
        it.feed(_records("new"))
        it.feed(_records("own"), "more")
        it.start(**_app(it))
        it.until(lambda: len(_decided(it)) == 2 * COUNT, "all is decided")
        for found in it.decided().values():
            own = [place for place, (key, _) in enumerate(found) if key.startswith(b"own")]
            before = own[-1] + 1 - len(own)
            assert before < len(own) / 4, f"{before} from outside were taken in before {len(own)} that were begun"


@pytest.mark.long
@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_rebalance_while_they_are_held(kafka: str, unique: Unique, tmp_path: Path, protocol: str) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.create(f"{it.app_id}-more")
        it.feed(_records("new"))
        it.feed(_records("own"), "more")
        settings = _app(it, PAUSE_S=0.01, GROUP_PROTOCOL=protocol)
        first = it.start(0, **settings)
        it.until(it.works, "something is decided")
        it.start(1, **settings)
        it.until(lambda: it.members() == 2, "both are members")
        it.feed([(b"more" + key, group) for key, group in _records("own")], "more")
        first.kill()
        it.until(lambda: len(_decided(it)) >= 3 * COUNT, "all is decided", slot=1)
        assert sorted(_decided(it)) == sorted({*_decided(it)}), "something is decided twice"


def test_an_own_partition_that_stands_still_holds_nobody_back(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.create(f"{it.app_id}-more")
        hanging = Producer(
            {
                "bootstrap.servers": kafka,
                "transactional.id": it.app_id,
                "transaction.timeout.ms": 600_000,
                "partitioner": "murmur2_random",
            }
        )
        hanging.init_transactions(PATIENCE_S)
        hanging.begin_transaction()
        for key, value in _records("own"):
            hanging.produce(f"{it.app_id}-more", key=key, value=value)
        assert hanging.flush(PATIENCE_S) == 0
        it.feed(_records("new"))
        it.start(**_app(it))
        it.until(lambda: len(_decided(it)) == COUNT, "what comes from outside is decided")
        hanging.commit_transaction(PATIENCE_S)
        it.until(lambda: len(_decided(it)) == 2 * COUNT, "and the rest, once it can be read")
