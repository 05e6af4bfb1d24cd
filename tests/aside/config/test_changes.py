"""Changes of documents: numbered without gaps, never the same twice, and back to what stood before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.hashing import digest
from streams.aside.config.changes import applying, in_use, publishing, releasing, rolling_back
from streams.aside.config.standing import ConfigRefused, Standing, document_of
from streams.domain.releases.sharing import Release, Share
from tests.aside.config.made import NOTHING, bundles, done, live, version

MAIN = "bundles/main"
SHARE = Share(2, 1_000, "s")


def applied(*pieces: int) -> Standing:
    found = NOTHING
    for each in pieces:
        found = done(found, applying(found, "bundles", bundles(each)))
    return found


def test_the_first_is_version_1_and_live() -> None:
    change = applying(NOTHING, "bundles", bundles())
    assert change is not None and change.version is not None
    assert (change.document, change.newest, change.change, change.action) == (MAIN, 0, 0, "config.applied")
    assert change.version[:4] == ("bundles", "main", 1, digest(bundles()))
    assert change.in_use == Release(1, None, None, None)


def test_the_same_again_is_nothing_to_do() -> None:
    assert applying(applied(4), "bundles", bundles(4)) is None
    assert publishing(applied(4), "bundles", bundles(4)) is None


def test_another_is_the_next_version_and_knows_what_was_live() -> None:
    standing = applied(4, 5)
    assert in_use(standing, MAIN) == Release(2, None, None, 1)


def test_what_an_earlier_version_says_makes_that_one_live_again_and_no_third() -> None:
    standing = applied(4, 5, 4)
    assert (live(standing), sorted(standing.versions[MAIN])) == (1, [1, 2])
    assert in_use(standing, MAIN).previous == 2


def test_what_is_published_is_used_for_nothing() -> None:
    standing = done(applied(4), publishing(applied(4), "bundles", bundles(5)))
    assert (live(standing), standing.newest(MAIN)) == (1, 2)


def test_documents_of_two_names_know_nothing_of_each_other() -> None:
    standing = done(applied(4), applying(applied(4), "bundles", bundles(4, name="other")))
    assert (live(standing, "bundles/other"), live(standing)) == (1, 1)


def test_back_to_what_was_live_before_and_not_forth_by_the_same_words() -> None:
    standing = applied(4, 5)
    back = done(standing, rolling_back(standing, MAIN))
    assert (live(back), in_use(back, MAIN).previous, back.newest(MAIN)) == (1, None, 2)
    with pytest.raises(ConfigRefused, match="no version was live before version 1"):
        rolling_back(back, MAIN)
    assert live(done(back, rolling_back(back, MAIN, 2))) == 2


def test_a_rollback_ends_the_trial_first_and_leaves_what_is_live() -> None:
    standing = done(applied(4, 5), publishing(applied(4, 5), "bundles", bundles(6)))
    shared = done(standing, releasing(standing, MAIN, Release(2, None, Share(3, 1_000, "s"), 1)))
    back = done(shared, rolling_back(shared, MAIN))
    assert in_use(back, MAIN) == Release(2, None, None, 1, (3,))
    assert live(done(back, rolling_back(back, MAIN))) == 1


def test_back_to_a_version() -> None:
    standing = applied(4, 5, 6)
    back = in_use(done(standing, rolling_back(standing, MAIN, 1)), MAIN)
    assert (back.live, back.withdrawn) == (1, (3,))
    assert rolling_back(standing, MAIN, 3) is None
    with pytest.raises(ConfigRefused, match="there is no bundles/main@7; versions of bundles/main: 1, 2, 3"):
        rolling_back(standing, MAIN, 7)


def test_nothing_is_rolled_back_where_nothing_was_live_before() -> None:
    for standing, why in ((NOTHING, "nothing is released"), (applied(4), "no version was live before version 1")):
        with pytest.raises(ConfigRefused, match=f"{MAIN}: {why}"):
            rolling_back(standing, MAIN)


def test_a_rollback_ends_a_share_even_where_what_is_live_stays() -> None:
    standing = done(applied(4), publishing(applied(4), "bundles", bundles(5)))
    shared = done(standing, releasing(standing, MAIN, Release(1, None, SHARE, None)))
    back = done(shared, rolling_back(shared, MAIN, 1))
    assert in_use(back, MAIN) == Release(1, None, None, None, (2,))


def test_nothing_is_applied_beside_a_version_that_is_tried_on_a_share() -> None:
    standing = done(applied(4), publishing(applied(4), "bundles", bundles(5)))
    shared = done(standing, releasing(standing, MAIN, Release(1, None, SHARE, None)))
    with pytest.raises(ConfigRefused, match="bundles/main@2 is tried on 10 % of the orders"):
        applying(shared, "bundles", bundles(6))


def test_a_release_names_versions_that_there_are() -> None:
    standing = applied(4)
    for wanted in (Release(2, None, None, 1), Release(1, 2, None, None), Release(1, None, SHARE, None)):
        with pytest.raises(ConfigRefused, match="there is no bundles/main@2; versions of bundles/main: 1"):
            releasing(standing, MAIN, wanted)
    assert releasing(standing, MAIN, Release(1, None, None, None)) is None


def test_a_damaged_version_keeps_its_number_and_is_not_used() -> None:
    standing = applied(4)._replace(damaged={f"{MAIN}@2": "its bytes are no version of a document"})
    change = applying(standing, "bundles", bundles(5))
    assert change is not None and change.version is not None and change.version.number == 3
    with pytest.raises(ConfigRefused, match="bundles/main@2 cannot be used: its bytes are no version"):
        rolling_back(standing, MAIN, 2)


def test_what_another_penstock_published_is_not_read_but_told() -> None:
    with pytest.raises(ConfigRefused, match="is of a kind that this Penstock does not know"):
        document_of(version(bundles(), 1, kind="unheard_of"))
    newer = version(bundles(), 1, text='{"bundles":[],"name":"main","version":9}')
    with pytest.raises(ConfigRefused, match="bundles/main@1 is not read by this Penstock: is no version"):
        document_of(newer)


@given(st.lists(st.one_of(st.integers(1, 4), st.none()), max_size=30))
def test_whatever_is_applied_and_rolled_back_versions_are_without_gaps_and_each_says_something_of_its_own(
    steps: list[int | None],
) -> None:
    """Against a list of what was live, by what was typed alone."""
    standing, history = NOTHING, list[int]()
    before: int | None = None
    now: int | None = None
    for step in steps:
        if step is not None:
            change = applying(standing, "bundles", bundles(step))
            assert (change is None) == (step == now)
            if step != now:
                before, now = now, step
        elif before is None:
            with pytest.raises(ConfigRefused):
                rolling_back(standing, MAIN)
            continue
        else:
            change = rolling_back(standing, MAIN)
            before, now = None, before
        standing = done(standing, change)
        if step is not None and step not in history:
            history.append(step)
        assert standing.newest(MAIN) == len(history)
        there = standing.live(MAIN)
        assert (there and document_of(there)) == (None if now is None else bundles(now))
    assert [document_of(each) for _, each in sorted(standing.versions.get(MAIN, {}).items())] == [
        bundles(each) for each in history
    ]
