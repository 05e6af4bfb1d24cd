"""JSON in and out, against the standard library: what it reads and writes, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.json_text import NotJson, compact, parser

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


class Fraction(str):
    """A number's own characters."""


parse = parser(Fraction)


@given(VALUES)
def test_compact_writes_what_the_standard_library_writes(value: Any) -> None:
    assert compact(value).decode() == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_was_written_is_read_as_the_standard_library_reads_it(value: Any, ascii_only: bool, indent: Any) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()) == value


@pytest.mark.parametrize("number", ["1.50", "-0.0", "1E5", "2e-3", "99.00", "0.1"])
def test_a_fraction_keeps_its_characters(number: str) -> None:
    read = parse(f'{{"price":{number}}}'.encode())["price"]
    assert (type(read), read) == (Fraction, number)


@pytest.mark.parametrize("number", [2**53 + 1, 2**64, 10**30, -(10**30)])
def test_no_digit_of_a_whole_number_is_lost(number: int) -> None:
    assert parse(str(number).encode()) == number


@given(st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode()[:-1]))
def test_what_is_read_is_what_the_standard_library_reads(data: bytes) -> None:
    try:
        read = parse(data)
    except NotJson:
        return
    assert read == json.loads(data.decode("utf-8"), parse_float=Fraction)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"a":1}x', b"NaN", b'{"a":Infinity}', b"01", b'"\\ud800"', b'"\xff"', b"\xef\xbb\xbf{}", b'"\t"'],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(NotJson):
        parse(data)
