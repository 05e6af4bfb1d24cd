"""What a shard's changelog and the offsets of its inputs say against each other, as plain values."""

from __future__ import annotations

import pytest

from schemas.texts import said
from streams.engine.errors import Untied
from streams.engine.ledger import Ledger
from streams.engine.store import Checkpoint
from streams.engine.ties import CARRIER, Commit, Identity, Mark, Tie, begin, of_shard, of_shards, of_topics
from streams.engine.work import Work
from tests.chinese import english

IN, OTHER, LOG = ("in", 0), ("other", 0), ("app-seen-changelog", 0)
SHARD = ("seen", 0)
NOW_MS = 1_800_000_000_000
TOPICS = {"in": Identity("A", 4), "other": Identity("B", 4), LOG[0]: Identity("L", 4)}


def commit(offset: int, number: int | None = 0, log: str = "L", topic: Identity = TOPICS["in"]) -> Commit:
    """``number`` None: without a mark."""
    return Commit(offset, None if number is None else Mark(offset, topic, {"seen": (log, number)}))


def judged(tie: Tie | None, commits: dict[tuple[str, int], Commit], *, empty: bool = False) -> list[str]:
    return [misfit.kind for misfit in of_shard(SHARD, tie, empty, commits, NOW_MS)]


def test_marks_and_ties_come_back_as_they_were_written() -> None:
    mark = Mark(7, Identity("A", 4), {"seen": ("L", 17)})
    assert Commit.of(7, mark.dumps()) == Commit(7, mark)
    tie = Tie(17, {"in": 7}, 5)
    assert Tie.loads(tie.dumps()) == tie


@pytest.mark.parametrize("text", [None, "", "hand", "17", "[]", '["tie1",7]', '["tie1",8,["A",4],{"seen":["L",17]}]'])
def test_metadata_of_others_or_of_another_offset_is_no_mark(text: str | None) -> None:
    assert Commit.of(7, text) == Commit(7, None)


def test_what_was_written_together_fits() -> None:
    assert judged(Tie(3, {"in": 7}), {IN: commit(7, 3), OTHER: commit(-1, None)}) == []


def test_inputs_go_on_without_writing_the_shard() -> None:
    assert judged(Tie(3, {"in": 7}), {IN: commit(9, 3)}) == []


def test_a_changelog_that_lost_its_end_is_behind_the_offsets() -> None:
    assert judged(Tie(2, {"in": 5}), {IN: commit(7, 3)}) == ["changelog"]
    assert judged(None, {IN: commit(7, 3)}, empty=True) == ["changelog"]
    assert judged(None, {IN: commit(7, 3)}) == ["changelog"], "what is left of its last transaction bears no tie"


@pytest.mark.parametrize("offset", [0, 6, -1])
@pytest.mark.parametrize("number", [None, 2])
def test_offsets_behind_the_state_were_set_back(offset: int, number: int | None) -> None:
    assert judged(Tie(3, {"in": 7}), {IN: commit(offset, number)}) == ["offsets"]


def test_offsets_that_were_set_on_skip_what_nobody_decided() -> None:
    assert judged(Tie(3, {"in": 7}), {IN: commit(90, None)}) == ["offsets"]


def test_an_earlier_version_at_work_during_an_upgrade_leaves_no_marks() -> None:
    assert judged(Tie(3, {"in": 7}, since_ms=NOW_MS - 60_000), {IN: commit(90, None)}) == []
    assert judged(Tie(3, {"in": 7}, since_ms=NOW_MS - 60_000), {IN: commit(6, None)}) == ["offsets"]
    assert judged(None, {IN: commit(90, None), OTHER: commit(5, 3)}) == []  # it wrote last: records without ties


def test_a_person_accepts_by_a_mark_of_the_state_as_it_is() -> None:
    assert judged(Tie(3, {"in": 7}), {IN: commit(0, 3)}) == []


def test_inputs_decided_by_an_earlier_version_with_nothing_in_any_changelog() -> None:
    def inputs(shard: object, tps: object) -> list[tuple[str, int]]:
        return [IN]

    nothing, something = (None, True), (None, False)
    commits = {IN: commit(7, None)}
    both = {SHARD: nothing, ("counts", 0): nothing}
    assert [m.kind for m in of_shards(both, inputs, commits, NOW_MS)] == ["changelog"]
    assert of_shards({**both, SHARD: something}, inputs, commits, NOW_MS) == []
    assert of_shards(both, inputs, {IN: commit(0, None)}, NOW_MS) == []
    assert of_shards(both, inputs, {IN: commit(7, 0)}, NOW_MS) == [], "a table that was never written"


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (TOPICS, []),
        ({**TOPICS, "in": Identity("A2", 4)}, ["topic"]),
        ({**TOPICS, "in": Identity("A", 6)}, ["partitions"]),
        ({**TOPICS, LOG[0]: Identity("L2", 4)}, ["changelog"]),
        ({name: each for name, each in TOPICS.items() if name != LOG[0]}, ["changelog"]),
        ({name: each for name, each in TOPICS.items() if name != "in"}, ["topic"]),
        ({**TOPICS, "in": Identity("", 4), LOG[0]: Identity("", 4)}, []),  # a broker that tells no ids
    ],
)
def test_topics_that_are_not_those_the_offsets_were_committed_for(now: dict[str, Identity], kinds: list[str]) -> None:
    found = of_topics({IN: commit(7, 3)}, now, {IN: 9}, {"seen": LOG[0]})
    assert [misfit.kind for misfit in found] == kinds


def test_offsets_beyond_the_end_are_those_of_a_topic_that_is_no_more() -> None:
    (misfit,) = of_topics({IN: commit(7, None)}, TOPICS, {IN: 2}, {})
    assert misfit.kind == "topic" and "in/0 ends at offset 2, and the group has decided up to 7" in misfit.text


def test_a_new_table_has_nothing_to_have_lost() -> None:
    now = {**TOPICS, "app-new-changelog": Identity("N", 4)}
    assert of_topics({IN: commit(7, 3)}, now, {}, {"seen": LOG[0], "new": "app-new-changelog"}) == []
    assert of_shard(("new", 0), None, True, {IN: commit(7, 3)}, NOW_MS) == []


@pytest.mark.parametrize("watermarks", [(0, 4), (0, 0), (6, 9)])
def test_a_local_copy_is_not_given_up_for_a_changelog_that_lacks_it(watermarks: tuple[int, int]) -> None:
    with pytest.raises(Untied, match=r"app-seen-changelog/0 .* penstock state rebuild-changelog"):
        begin(LOG, SHARD, Checkpoint(5, 0, "L", Tie(3)), watermarks, "L", {})


def test_a_copy_of_another_changelog_goes_when_the_group_knows_the_new_one() -> None:
    copy = Checkpoint(5, 0, "old", Tie(3))
    assert begin(LOG, SHARD, copy, (0, 9), "L", {IN: commit(7, 3)}) is None
    with pytest.raises(Untied, match="made anew; the local copy of 'seen' is kept"):
        begin(LOG, SHARD, copy, (0, 9), "L", {IN: commit(7, 3, log="old")})


def test_a_copy_of_nothing_is_no_loss() -> None:
    assert begin(LOG, SHARD, Checkpoint(0, 0, "old"), (0, 9), "L", {}) is None


def test_a_cut_changelog_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(Untied, match="begins at offset 3 only"):
        begin(LOG, SHARD, None, (3, 9), "L", {})


def test_a_transaction_counts_for_the_shards_it_writes() -> None:
    ledger = Ledger({"seen": ("in",), "counts": ("in",)}, {"seen": LOG[0], "counts": "c"}, lambda t: Identity("x", 4))
    ledger.opened({SHARD: (Tie(3, {"in": 5}), False), ("counts", 0): (None, True)}, {IN: commit(5, 3)}, NOW_MS)
    work = Work()
    work.offsets[IN] = 8
    work.put(SHARD, {b"k": 1}, {b"k": b"1"})
    work.put(("counts", 0), {b"k": None}, {b"k": None})
    entry = ledger.next(work)
    assert entry.ties == {SHARD: Tie(4, {"in": 8}), ("counts", 0): Tie(1, {"in": 8})}
    assert work.changelog["counts", 0] == {b"k": None, CARRIER: b""}, (
        "where it only deletes, something must bear the tie"
    )
    mark = Commit.of(8, entry.marks[IN]).mark
    assert mark is not None and mark.tables == {"seen": ("x", 4), "counts": ("x", 1)}
    assert ledger.next(work) == entry, "what was not committed counts for nothing"
    ledger.committed(work, entry)
    assert ledger.next(work).ties[SHARD].number == 5


def test_what_an_earlier_version_wrote_is_counted_so_that_its_loss_shows() -> None:
    ledger = Ledger({"seen": ("in",)}, {"seen": LOG[0]}, lambda topic: Identity("x", 4))
    ledger.opened({SHARD: (None, False)}, {IN: commit(5, None)}, NOW_MS)
    work = Work()
    work.offsets[IN] = 8
    mark = Commit.of(8, ledger.next(work).marks[IN]).mark
    assert mark is not None and mark.tables["seen"][1] == -1
    assert judged(None, {IN: Commit(8, mark)}) == []
    assert judged(None, {IN: Commit(8, mark)}, empty=True) == ["changelog"]
    work.put(SHARD, {b"k": 1}, {b"k": b"1"})
    assert ledger.next(work).ties[SHARD] == Tie(2, {"in": 8}, NOW_MS)


def test_what_does_not_fit_is_said_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_LANG", "zh")
    found = of_shard(SHARD, Tie(2, {"in": 5}), False, {IN: commit(7, 3)}, NOW_MS)
    for set_back in (commit(6, 2), commit(-1, None)):
        found += of_shard(SHARD, Tie(3, {"in": 7}), False, {IN: set_back}, NOW_MS)
    for now in ({"in": Identity("A2", 4)}, {"in": Identity("A", 6)}, {LOG[0]: Identity("L2", 4)}):
        found += of_topics({IN: commit(7, 3)}, {**TOPICS, **now}, {IN: 9}, {"seen": LOG[0]})
    found += of_topics({IN: commit(7, None)}, TOPICS, {IN: 2}, {})
    found += of_shards({SHARD: (None, True)}, lambda shard, tps: [IN], {IN: commit(7, None)}, NOW_MS)
    shown = [said(misfit.text) for misfit in found]
    assert len(shown) == 8 and [line for line in shown if english(line)] == []
    assert "in/0：消费组位移为 6，而 'seen' 的状态已决定到 7：位移被手工改过；" in shown[1]
