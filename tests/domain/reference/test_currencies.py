"""ISO 4217, the whole list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from streams.domain.reference import digits_of


def test_every_code_has_the_standards_digits() -> None:
    assert {each.code: digits_of(each.code) for each in Currency} == {each.code: each.exponent for each in Currency}
    assert len(list(Currency)) == 178


@pytest.mark.parametrize("text", ["", "cny", "RMB", "YUAN", "XAU", "XXX", "¥", " CNY", "DEM"])
def test_what_has_no_amounts_is_no_currency(text: str) -> None:
    assert digits_of(text) is None


@given(st.text(max_size=4).filter(lambda text: text not in {each.code for each in Currency}))
def test_nothing_else_is_one(text: str) -> None:
    assert digits_of(text) is None
