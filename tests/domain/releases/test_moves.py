"""How versions move on: what may follow what, and what is refused with a word of what to do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.domain.releases.guardrails import Guard
from streams.domain.releases.moves import (
    Answer,
    Moved,
    Stays,
    end_shadow,
    in_percent,
    roll_back,
    state_of,
    to_live,
    to_shadow,
    to_share,
)
from streams.domain.releases.sharing import Release, Share, assigned, merge_key

NAME = "rules/spring"


def then(answer: Answer) -> Release:
    assert isinstance(answer, Moved), answer
    return answer.release


def test_a_version_goes_from_draft_to_retired() -> None:
    release = Release(live=1)
    assert state_of(release, 2) == "draft"
    release = then(to_shadow(release, 2))
    assert (state_of(release, 2), state_of(release, 1)) == ("shadow", "live")
    release = then(to_share(release, 2, 1_000, NAME))
    assert (state_of(release, 2), release.shadow) == ("share", None)
    release = then(to_share(release, 2, 5_000, NAME))
    assert release.share == Share(2, 5_000, "rules/spring@2")
    release = then(to_live(release, 2))
    assert release == Release(live=2, previous=1)
    assert (state_of(release, 2), state_of(release, 1), state_of(release, 3)) == ("live", "retired", "draft")


def test_a_trial_keeps_its_guards_until_it_is_given_others() -> None:
    strict, loose = (Guard("errors", 10, 0),), (Guard("errors", 10, 900),)
    release = then(to_share(Release(live=1), 2, 1_000, NAME, strict))
    assert release.share is not None and release.share.guards == strict
    begun = release._replace(share=release.share._replace(since_ms=7))
    wider = then(to_share(begun, 2, 2_000, NAME))
    assert wider.share == Share(2, 2_000, "rules/spring@2", 7, strict)
    assert then(to_share(wider, 2, 2_000, NAME, loose)).share == Share(2, 2_000, "rules/spring@2", 7, loose)
    for guards in ((), strict):
        assert isinstance(to_share(wider, 2, 2_000, NAME, guards), Stays)
    again = then(to_share(then(roll_back(wider)), 2, 1_000, NAME))
    assert again.share == Share(2, 1_000, "rules/spring@2"), "another trial: it begins anew, with the usual limits"


REFUSED = {
    "a share of nothing": (to_share(Release(live=1), 2, 0, NAME), "a share of 0 % is none"),
    "a share of all": (to_share(Release(live=1), 2, 10_000, NAME), "a share of 100 % is none"),
    "a narrower share": (
        to_share(Release(1, None, Share(2, 1_000, "s")), 2, 999, NAME),
        "version 2 has 10 %, and 9.99 % is less",
    ),
    "two trials": (to_share(Release(1, None, Share(2, 1_000, "s")), 3, 2_000, NAME), "version 2 has a share of 10 %"),
    "another goes live": (to_live(Release(1, None, Share(2, 1_000, "s")), 3), "version 2 has a share of 10 %"),
    "a share of the live one": (to_share(Release(live=1), 1, 1_000, NAME), "version 1 is live"),
    "its own shadow": (to_shadow(Release(live=1), 1), "version 1 is live"),
    "a shadow that decides": (to_shadow(Release(1, None, Share(2, 1_000, "s")), 2), "version 2 has a share"),
    "nothing to roll back": (roll_back(Release()), "nothing is released"),
    "rolled back twice": (
        roll_back(then(roll_back(Release(live=2, previous=1)))),
        "no version was live before version 1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_may_not_be_is_refused(name: str) -> None:
    answer, says = REFUSED[name]
    assert isinstance(answer, Stays) and answer.refused and says in answer.says


@pytest.mark.parametrize(
    "answer",
    [
        to_shadow(Release(1, shadow=2), 2),
        to_share(Release(1, None, Share(2, 1_000, "s")), 2, 1_000, NAME),
        to_live(Release(live=1), 1),
        end_shadow(Release(live=1)),
    ],
)
def test_what_is_so_already_changes_nothing_and_is_no_fault(answer: Answer) -> None:
    assert isinstance(answer, Stays) and not answer.refused


def test_a_rollback_takes_back_what_decides_and_leaves_the_shadow() -> None:
    trial = Release(live=2, shadow=4, share=Share(3, 100, "s"), previous=1)
    assert then(roll_back(trial)) == Release(live=2, shadow=4, previous=1, withdrawn=(3,))
    assert then(roll_back(Release(live=2, shadow=4, previous=1))) == Release(live=1, shadow=4, withdrawn=(2,))
    assert then(roll_back(Release(live=2, shadow=1, previous=1))) == Release(live=1, withdrawn=(2,))
    assert then(end_shadow(trial)) == trial._replace(shadow=None)


def test_what_was_taken_back_is_withdrawn_until_it_is_released_again() -> None:
    back = then(roll_back(then(to_share(Release(live=1), 2, 100, NAME))))
    assert back == Release(live=1, withdrawn=(2,))
    assert then(to_shadow(back, 2)).withdrawn == (2,)
    assert then(to_share(back, 2, 50, NAME)).withdrawn == then(to_live(back, 2)).withdrawn == ()
    assert then(to_live(back, 3)).withdrawn == (2,)
    again = then(roll_back(then(to_live(back, 2))))
    assert again == Release(live=1, withdrawn=(2,))


MOVES = st.lists(
    st.tuples(st.sampled_from(("shadow", "share", "live", "back", "end")), st.integers(1, 4), st.integers(0, 10_000)),
    max_size=12,
)


@given(MOVES)
def test_whatever_is_asked_a_version_stands_in_one_place_and_no_share_reshuffles(
    moves: list[tuple[str, int, int]],
) -> None:
    release = Release()
    keys = [merge_key("shop", str(number), "") for number in range(40)]
    for what, version, share in moves:
        match what:
            case "shadow":
                answer = to_shadow(release, version)
            case "share":
                answer = to_share(release, version, share, NAME)
            case "live":
                answer = to_live(release, version)
            case "back":
                answer = roll_back(release)
            case _:
                answer = end_shadow(release)
        if isinstance(answer, Stays):
            continue
        before, release = release, answer.release
        assert release != before
        places = [release.live, release.shadow, release.share and release.share.version]
        named = [each for each in places if each is not None]
        assert len(named) == len({*named})
        assert release.live is None or release.live != release.previous
        assert {release.live, release.share and release.share.version}.isdisjoint(release.withdrawn)
        if before.share and release.share and what == "share":
            assert all(assigned(release, key).why == "share" for key in keys if assigned(before, key).why == "share")


@pytest.mark.parametrize(
    ("basis_points", "text"),
    [(0, "0 %"), (1, "0.01 %"), (50, "0.5 %"), (1_000, "10 %"), (1_250, "12.5 %"), (10_000, "100 %")],
)
def test_a_share_in_words(basis_points: int, text: str) -> None:
    assert in_percent(basis_points) == text
