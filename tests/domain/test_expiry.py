"""What is due, by the index of expiries."""

from __future__ import annotations

from streams.domain.expiry import due, expiry_key


def test_the_index_of_expiry_gives_what_is_due_in_order_of_time() -> None:
    keys = sorted(expiry_key(at, name) for at, name in [(300, "c"), (100, "z/1.1/1/HZ"), (200, "a"), (201, "b")])

    assert list(due(keys, 200)) == ["z/1.1/1/HZ", "a"]
    assert list(due(keys, 99)) == []
