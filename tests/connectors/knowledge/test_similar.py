"""Which solved cases a failure is like, in which order, and why."""

from __future__ import annotations

from connectors.knowledge.cases import Case, Said, cases_of
from connectors.knowledge.failures import case_id
from connectors.knowledge.similar import SHOWN, similar, tokens
from tests.connectors.knowledge.made import deed, failure


def solved(*specs: tuple[str, str], **fields: object) -> list[Case]:
    """(code, words) of each, said of several orders."""
    return cases_of(
        [
            failure(100 * at + each, words, code, deed=deed(), **fields)
            for at, (code, words) in enumerate(specs)
            for each in range(3)
        ]
    )


def test_the_very_kind_comes_first_then_its_code_then_like_words() -> None:
    cases = solved(
        ("B60", "waybill number does not fit the carrier"),
        ("B60", "the order has been closed by its buyer"),
        ("B04", "waybill number does not fit this carrier at all"),
        ("50001", "system busy, try again later"),
    )
    found = similar(failure(9_000, "waybill number does not fit the carrier", "B60"), cases)
    assert [(each.case.code, each.why) for each in found] == [
        ("B60", ("the same failure", "the same code", "like words")),
        ("B60", ("the same code",)),
        ("B04", ("like words",)),
    ]


def test_chinese_is_like_by_pairs_of_characters() -> None:
    cases = solved(("52101", "运单号与快递公司不匹配"), ("70031", "订单正在风控中"), ("10001", "店铺授权已过期"))
    (found,) = similar(failure(9_000, "快递公司与运单号不匹配，请核对", "99999"), cases)
    assert (found.case.code, found.why) == ("52101", ("like words",))
    assert tokens("运单号 B60 Not") == ["运单", "单号", "b", "60", "not"]


def test_what_is_like_by_one_common_word_is_not_shown() -> None:
    cases = solved(("A", "the order is frozen by the risk control of the platform"))
    assert similar(failure(9_000, "the parcel was told twice under another waybill", "B"), cases) == []


def test_only_what_helped_is_shown_and_of_its_own_kind() -> None:
    never = cases_of([failure(at, "system busy", "50001", deed=deed(False)) for at in range(3)])
    asked = failure(9_000, "system busy", "50001")
    assert similar(asked, never) == []
    (advised,) = cases_of([failure(1, "system busy", "50001")], {case_id(asked): Said("wait an hour", "wang")})
    assert [each.case.id for each in similar(asked, [advised])] == [case_id(asked)]
    assert similar(asked, solved(("50001", "system busy"), kind="review")) == []


def test_what_people_found_helpful_comes_before_what_is_as_like() -> None:
    specs = [("B60", "first of these"), ("B60", "second of those"), ("B60", "third of them")]
    ids = {words: case_id(failure(0, words, "B60")) for _, words in specs}
    failures = [
        failure(100 * at + each, words, code, deed=deed())
        for at, (code, words) in enumerate(specs)
        for each in range(3)
    ]
    asked = failure(9_000, "another thing entirely", "B60")
    marks = {ids["third of them"]: Said(helpful=2), ids["first of these"]: Said(not_helpful=1)}
    found = similar(asked, cases_of(failures, marks))
    assert [each.case.words for each in found] == ["third of them", "second of those", "first of these"]


def test_five_at_the_most() -> None:
    cases = solved(
        *[("B60", f"{word} is what it said") for word in ("one", "two", "three", "four", "five", "six", "seven")]
    )
    assert len(similar(failure(9_000, "eight is what it said", "B60"), cases)) == SHOWN


def test_nothing_known_is_like_nothing() -> None:
    assert similar(failure(1, "", ""), []) == []
    assert similar(failure(1, "", ""), solved(("", "some words"))) == []
