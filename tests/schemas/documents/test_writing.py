"""A document that is written out says the same when it is read again; and what is different is told, all of it."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.differences import Difference, differences
from schemas.documents.faults import NOTHING
from schemas.documents.hashing import canonical, digest
from schemas.documents.kinds import KINDS, drafted
from schemas.documents.reading import draft
from schemas.documents.writing import basis_of, toml
from schemas.terminal import plain_lines
from tests.schemas.documents.drawn import DRAWN, documents


def test_documents_of_every_kind_are_drawn() -> None:
    assert DRAWN.keys() == KINDS.keys()


@given(documents(), st.none() | st.integers(1, 10**9))
def test_what_is_written_as_toml_is_the_same_document_again(
    drawn: tuple[str, msgspec.Struct], basis: int | None
) -> None:
    kind, document = drawn
    text = toml(kind, document, basis)
    form, found = drafted(text)
    assert (form, found.faults) == (KINDS[kind], ())
    assert found.document == document and digest(found.document) == digest(document)
    # And nothing that a terminal would obey is in it.
    assert plain_lines(text) == text


@given(documents())
def test_the_canonical_text_is_the_same_document_again_and_has_one_form(drawn: tuple[str, msgspec.Struct]) -> None:
    kind, document = drawn
    text = canonical(document).decode()
    again = draft(text, KINDS[kind]).document
    assert again is not None and canonical(again).decode() == text
    # By another library, in another order: still the same.
    shuffled = json.dumps(dict(reversed(json.loads(text).items())), indent=3)
    other = draft(shuffled, KINDS[kind]).document
    assert other is not None and digest(other) == digest(document)


@given(documents(), documents())
def test_two_documents_have_no_difference_exactly_where_their_digests_are_equal(
    one: tuple[str, msgspec.Struct], other: tuple[str, msgspec.Struct]
) -> None:
    assert differences(one[1], one[1]) == []
    assert (differences(one[1], other[1]) == []) == (digest(one[1]) == digest(other[1]))
    told = {(each.where, repr(each.before), repr(each.after)) for each in differences(one[1], other[1])}
    assert {(each.where, repr(each.after), repr(each.before)) for each in differences(other[1], one[1])} == told


def of(text: str) -> msgspec.Struct:
    found = drafted(text)[1].document
    assert found is not None
    return found


def rows(*them: str) -> msgspec.Struct:
    return of('kind = "warehouses"\nversion = 1\nname = "x"\n' + "".join(f"[[warehouses]]\n{each}\n" for each in them))


A, B, C = ('code = "A"\nprovince = "浙江"', 'code = "B"\nprovince = "广东"', 'code = "C"\nprovince = "四川"')


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((A, B), (A, B + "\npriority = 3"), [("$.warehouses[B].priority", NOTHING, 3)]),
        ((A, B + "\nenabled = false"), (A, B), [("$.warehouses[B].enabled", False, NOTHING)]),
        ((A, B), (A, B, C), [("$.warehouses[C]", NOTHING, {"code": "C", "province": "四川"})]),
        ((A, B, C), (B, C), [("$.warehouses[A]", {"code": "A", "province": "浙江"}, NOTHING)]),
        ((A, B), (B, A), [("$.warehouses[]", ["A", "B"], ["B", "A"])]),
        # Of entries that no field tells apart, by their places.
        ((A, A), (A, A + "\npriority = 1"), [("$.warehouses[1].priority", NOTHING, 1)]),
    ],
)
def test_a_difference_is_told_by_the_name_of_what_it_is_in(
    before: tuple[str, ...], after: tuple[str, ...], told: list[tuple[str, Any, Any]]
) -> None:
    assert differences(rows(*before), rows(*after)) == [Difference(*each) for each in told]


def test_a_number_is_none_of_the_values_that_python_calls_equal_to_it() -> None:
    """Of two forms: whatever types a later one has, ``true`` in place of ``1`` is told."""

    class One(msgspec.Struct):
        value: Any

    assert differences(One(1), One(True)) == [Difference("$.value", 1, True)]
    assert differences(One([1, 2]), One([1.0, 2])) == [Difference("$.value[0]", 1, 1.0)]
    assert differences(One({"a": None}), One({})) == [Difference("$.value.a", None, NOTHING)]


@pytest.mark.parametrize(
    ("text", "basis"),
    [
        ("# penstock config: rules/main@3\nkind = 1", 3),
        ("\ufeff# penstock config: rules/main@12 \r\n", 12),
        ("# penstock config: rules/main@3", 3),
        # A copy under another name goes on from nothing.
        ("# penstock config: rules/other@3\n", None),
        ("\n# penstock config: rules/main@3\n", None),
        ("# penstock config: rules/main@x\n", None),
        ("# penstock config: rules/main@3 or so\n", None),
        ('{"kind": "rules"}', None),
        ("", None),
    ],
)
def test_what_a_text_says_it_goes_on_from(text: str, basis: int | None) -> None:
    assert basis_of(text, "rules/main") == basis
