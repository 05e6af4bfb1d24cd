"""Whose turn an order is: the same answer every time, nobody goes back when a share is widened, and trials know nothing of each other."""

from __future__ import annotations

from hashlib import blake2b

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.domain.releases.sharing import BUCKETS, Assigned, Release, Share, assigned, bucket, merge_key, salt_of

KEYS = [merge_key("shop", f"buyer {number}", "address") for number in range(20_000)]
TEXT = st.text(max_size=8)
SHARES = st.integers(1, BUCKETS - 1)


def in_trial(salt: str, basis_points: int) -> set[bytes]:
    release = Release(live=1, share=Share(2, basis_points, salt))
    return {key for key in KEYS if assigned(release, key).version == 2}


@given(st.tuples(TEXT, TEXT, TEXT), st.tuples(TEXT, TEXT, TEXT))
def test_different_buyers_shops_or_addresses_have_different_keys(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert (merge_key(*one) == merge_key(*other)) == (one == other)


def test_what_lies_between_two_parts_of_a_key_counts() -> None:
    assert merge_key("ab", "c", "") != merge_key("a", "bc", "") != merge_key("a", "b", "c")


def test_a_bucket_stays_what_it_was_yesterday() -> None:
    """Else a new release of Penstock would reshuffle every trial: reckoned here once more from the words of the docstring."""
    raw = b"".join(len(part).to_bytes(4, "big") + part for part in (b"rules/spring@2", b"shop", b"buyer", b"hash"))
    expected = int.from_bytes(blake2b(raw, digest_size=8).digest(), "big") % 10_000
    assert bucket(salt_of("rules/spring", 2), merge_key("shop", "buyer", "hash")) == expected == 9_303


# Each looks at all keys twice.
@settings(max_examples=15)
@given(TEXT, SHARES, SHARES)
def test_who_was_in_stays_in_when_a_share_is_widened(salt: str, one: int, other: int) -> None:
    narrow, wide = sorted((one, other))
    assert in_trial(salt, narrow) <= in_trial(salt, wide)


def test_a_share_has_about_so_many_orders() -> None:
    for basis_points in (100, 1_000, 5_000):
        expected = len(KEYS) * basis_points / BUCKETS
        # Five standard deviations of a binomial count.
        assert (
            abs(len(in_trial("salt", basis_points)) - expected) < 5 * (expected * (1 - basis_points / BUCKETS)) ** 0.5
        )


def test_the_last_bucket_of_a_share_is_in_and_the_next_one_is_not() -> None:
    key = KEYS[0]
    its = bucket("salt", key)
    assert assigned(Release(live=1, share=Share(2, its, "salt")), key).version == 1
    assert assigned(Release(live=1, share=Share(2, its + 1, "salt")), key).version == 2


def test_two_trials_are_not_correlated() -> None:
    salts = [salt_of("rules/a", 1), salt_of("rules/a", 2), salt_of("rules/b", 1), salt_of("flows/a", 1)]
    groups = [in_trial(salt, 3_000) for salt in salts]
    for at, one in enumerate(groups):
        for other in groups[at + 1 :]:
            both = len(one & other)
            assert abs(both - len(KEYS) * 0.09) < 5 * (len(KEYS) * 0.09 * 0.91) ** 0.5


def test_the_first_decision_pins_the_version_until_it_is_withdrawn() -> None:
    release = Release(live=3, share=Share(4, 5_000, "salt"))
    mine, others = sorted(KEYS, key=lambda key: bucket("salt", key))[:: len(KEYS) - 1]
    assert assigned(release, mine) == Assigned(4, "share", bucket("salt", mine))
    assert assigned(release, others) == Assigned(3, "live", bucket("salt", others))
    assert assigned(release, others, pinned=4) == Assigned(4, "pinned", None)
    assert assigned(release, mine, pinned=2) == Assigned(2, "pinned", None)
    assert assigned(Release(live=3), mine, pinned=4, withdrawn=(4,)) == Assigned(3, "live", None)
    assert assigned(Release(), mine) == Assigned(None, "live", None)
