"""What comes back: of a parcel that nobody told of, in a bad state, by SKU alone."""

from __future__ import annotations

import pytest

from tests.kinds.payloads import CHANNELS, at, sent, sound, with_line
from tests.kinds.trials import decision, returned, shipped, tried, units

HZ2, HZ1 = {"SKU-A@HZ1": 2}, {"SKU-A@HZ1": 1}

every = pytest.mark.parametrize("channel", CHANNELS)


@every
def test_what_comes_back_of_a_parcel_that_nobody_told_of_is_told(channel: str) -> None:
    gone = at(channel, sent(channel, sound(channel)), 10)
    _, _, back, left = tried(channel, sound(channel), gone, returned({"SKU-A": 1}), shipped())
    assert (back.restocked, back.reserved) == (HZ1, HZ2)
    assert any("1 x SKU-A came back of a parcel that no warehouse has told of" in note for note in back.notes)
    assert (left.committed, left.reserved) == (HZ2, {})
    *_, known = tried(channel, sound(channel), shipped(), gone, returned({"SKU-A": 1}))
    assert known.notes == []


@every
def test_what_came_back_had_left_whatever_an_operator_cancels(channel: str) -> None:
    """Of 2 on the shelf both left, and one came back: one can be sold, not three."""
    gone = at(channel, sent(channel, sound(channel)), 10)
    *_, step = tried(
        channel, sound(channel), gone, returned({"SKU-A": 1}), decision("CANCEL"), stock={"HZ1": {"SKU-A": 2}}
    )
    assert (step.phase, step.released, step.reserved) == ("CANCELLED", HZ2, {})
    assert any("adjusted by -1: SKU-A at HZ1" in note for note in step.notes)


@every
def test_defective_units_that_nothing_accounts_for_are_told(channel: str) -> None:
    _, _, many = tried(channel, sound(channel), shipped(), returned({"SKU-A": 5}, grade="DEFECTIVE"))
    assert (many.restocked, units(many, "returned")) == ({}, {"SKU-A": 2})
    assert any("3 x SKU-A more than have left: defective" in note for note in many.notes)
    *_, other = tried(channel, sound(channel), shipped(), returned({"SKU-Z": 1}, grade="DEFECTIVE"))
    assert any("SKU-Z" in note for note in other.notes)
    *_, early = tried(channel, sound(channel), returned({"SKU-A": 1}, grade="DEFECTIVE"))
    assert (early.reserved, units(early, "returned")) == (HZ2, {})
    assert any("more than have left: defective" in note for note in early.notes)


@every
def test_a_sku_of_two_lines_is_told_without_a_line(channel: str) -> None:
    both = with_line(channel, sound(channel), "SKU-A", 1)
    _, left, back = tried(channel, both, shipped(lines={"SKU-A": 3}), returned({"SKU-A": 3}))
    assert (left.phase, left.committed) == ("SHIPPED", {"SKU-A@HZ1": 3})
    assert back.restocked == {"SKU-A@HZ1": 3}
