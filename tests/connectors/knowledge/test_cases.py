"""Which failures are one kind, what of them enters a case, and what became of them."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.knowledge.cases import SAID_OF, Said, cases_of
from connectors.knowledge.failures import GAP, case_id, masked
from tests.connectors.knowledge.made import deed, failure

PERSONS = ("王小明", "13800001111", "li.lei@example.com", "文三路100号", "'Zhang San'", "SF1234567890123")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("parcel 'P 1' is told already", "parcel … is told already"),
        ("order 2300000000000000001 is closed", "order … is closed"),
        ("订单300005000255状态不允许发货", "订单…状态不允许发货"),
        ("B60:运单号不合规则", "…:运单号不合规则"),
        ("invalid waybill SF1234567890123, SF1234567890124", "invalid waybill …"),
        ("see https://open.taobao.com/doc?id=1 or mail a@b.cn", "see … or mail …"),
        ("at 2026-11-24T21:00:03+08:00 the shop 「茶」 said “no”", "at … the shop … said …"),
        ("", ""),
    ],
)
def test_what_is_of_one_order_is_left_out(words: str, left: str) -> None:
    assert masked(words) == left


def test_failures_that_differ_by_their_order_are_one_case_and_those_of_another_code_are_not() -> None:
    ids = {case_id(failure(at, f"waybill SF{at:013d} is refused", "B60")) for at in range(50)}
    assert len(ids) == 1
    others = [
        failure(0, "waybill SF0000000000000 is refused", "B04"),
        failure(0, "waybill SF0000000000000 is refused", "B60", platform="jd"),
        failure(0, "waybill SF0000000000000 is refused", "B60", kind="review"),
        failure(0, "waybill SF0000000000000 is refused", "B60", operation="intake"),
        failure(0, "the order is refused", "B60"),
    ]
    assert len({*ids, *map(case_id, others)}) == 1 + len(others)


@given(st.randoms(use_true_random=False))
def test_nobody_s_name_enters_a_case(random: Random) -> None:
    """A platform that repeats what a buyer wrote: of up to SAID_OF - 1 orders of one person."""
    them = [failure(at, f"收件人 {random.choice(PERSONS)} 的地址有误, 请核对", "52101") for at in range(SAID_OF - 1)]
    others = [failure(100 + at, "收件人 某某 的地址有误, 请核对", "52101") for at in range(random.randrange(4))]
    for case in cases_of([*them, *others]):
        assert not [each for each in PERSONS if each.strip("'") in case.words]


def test_words_that_were_said_of_several_orders_are_shown_and_others_are_gaps() -> None:
    said = [failure(at, f"{name} 不在服务区", "70031") for at, name in enumerate(("小明", "小红", "小刚", "小丽"))]
    assert {case.words for case in cases_of(said)} == {f"{GAP} 不在服务区"}
    assert {case.words for case in cases_of(said[: SAID_OF - 1])} == {GAP}


def test_a_sentence_of_the_hub_s_own_is_shown_the_first_time() -> None:
    (case,) = cases_of([failure(1, "carrier 'PIGEON' is not known: penstock carriers list shows those that are")])
    assert case.words == "carrier … is not known: penstock carriers list shows those that are"


def test_a_case_says_what_was_done_and_how_often_it_worked() -> None:
    done = [
        failure(1, deed=deed(True, hours=5)),
        failure(2, deed=deed(False, hours=6)),
        failure(3, deed=deed(True, hours=9, because="number put right")),
        failure(4, deed=deed(True, "abandoned", hours=7)),
        failure(5, deed=deed(None, "abandoned", hours=8)),
        failure(6, shop="cups"),
    ]
    (case,) = cases_of(done, {case_id(done[0]): Said("ask the carrier", "wang", 2, 1)})
    assert (case.times, case.shops, case.untouched) == (6, ("cups", "tea"), ("taobao:6",))
    assert (case.first, case.last) == (done[0].at, done[-1].at)
    assert [(each.action, each.worked, each.failed, each.open) for each in case.handled] == [
        ("redriven", 2, 1, 0),
        ("abandoned", 1, 0, 1),
    ]
    assert case.handled[0].last.because == "number put right"
    assert case.solved_by is case.handled[0]
    assert case.said == Said("ask the carrier", "wang", 2, 1)


def test_what_never_worked_is_no_solution() -> None:
    (case,) = cases_of([failure(1, deed=deed(False)), failure(2, deed=deed(None))])
    assert case.solved_by is None and case.handled


def test_cases_come_by_what_happened_last() -> None:
    found = cases_of([failure(1, "a b", "X"), failure(3, "c d", "Y"), failure(2, "c d", "Y")])
    assert [(case.code, case.times) for case in found] == [("Y", 2), ("X", 1)]
