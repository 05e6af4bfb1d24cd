"""The cases of tests/kinds/cases: small payloads with a property that others stumbled over, and what is right of each."""

from __future__ import annotations

import pytest

from streams.replay.trial.step import Step
from tests.kinds.trials import CASES, case, decision, line, returned, shipped, tried, units

HZ2 = {"SKU-A@HZ1": 2}


def moved(step: Step) -> tuple[object, ...]:
    return step.released, step.committed, step.restocked


def test_every_case_is_tried() -> None:
    here = (CASES.parent / "test_cases.py").read_text("utf-8")
    # Notices without an order are the gateway's affair.
    assert [path.name for path in CASES.glob("*.json") if f'"{path.name[:3]}"' not in here] == []
    assert len(list(CASES.glob("*.json"))) == 22


def test_t01_five_yuan_back_before_sending_cancel_nothing() -> None:
    first, partly, good = tried("taobao", *case("T01"))
    assert (first.phase, first.reserved) == ("ALLOCATED", HZ2)
    assert (partly.outcome, partly.status, partly.hold_reason, partly.phase) == (
        *("accepted", "HOLD", "refund_amount_unknown"),
        "HELD",
    )
    assert units(partly, "cancelled") == {}
    assert units(partly, "to_ship") == {"SKU-A": 2}
    assert (good.status, good.phase, good.reserved) == ("PAID", "ALLOCATED", HZ2)


def test_t02_refund_only_after_sending_sells_nothing_again() -> None:
    _, refunded = tried("taobao", *case("T02"))
    assert (refunded.outcome, refunded.status) == ("accepted", "SHIPPED")
    assert moved(refunded) == ({}, {}, {})
    assert refunded.reserved == HZ2  # until the warehouse says so
    *_, left = tried("taobao", *case("T02"), shipped())
    assert (left.phase, left.committed, left.released, left.restocked) == ("SHIPPED", HZ2, {}, {})


@pytest.mark.parametrize("payload", case("T03"), ids=["daixiao", "line sh_ship", "force_wlb", "sh_ship"])
def test_t03_what_others_send_is_never_reserved(payload: dict[str, object]) -> None:
    (step,) = tried("taobao", payload)
    assert (step.outcome, step.phase, step.reserved) == ("accepted", "ELSEWHERE", {})
    assert units(step, "to_ship") == {}
    assert {each["sent_by"] for each in step.lines} <= {"SUPPLIER", "PLATFORM"}


def test_t03_one_after_another() -> None:
    assert {(step.outcome, step.phase) for step in tried("taobao", *case("T03"))} == {("accepted", "ELSEWHERE")}


def test_t04_town_and_country() -> None:
    town, abroad = (tried("taobao", payload)[0] for payload in case("T04"))
    assert town.receiver is not None and abroad.receiver is not None
    assert (town.receiver["address"], town.receiver["country"]) == ("三墩镇欣然街***", "CN")
    assert abroad.receiver["country"] == "CA"


def test_p01_part_of_the_money_back_before_sending() -> None:
    first, refunded = case("P01")
    later = {**first, "updated_at": "2026-01-01 13:00:00"}
    allocated, partly, good = tried("pdd", first, refunded, later)
    assert (allocated.phase, allocated.reserved) == ("ALLOCATED", HZ2)
    assert (partly.status, partly.hold_reason, partly.phase) == ("HOLD", "refund_amount_unknown", "HELD")
    assert units(partly, "cancelled") == {}
    assert (good.status, good.phase, good.reserved) == ("PAID", "ALLOCATED", HZ2)


def test_p02_refund_without_return_after_sending() -> None:
    _, refunded = tried("pdd", *case("P02"))
    assert (refunded.outcome, refunded.status, refunded.reserved) == ("accepted", "SHIPPED", HZ2)
    assert moved(refunded) == ({}, {}, {})


def test_d01_the_street_is_part_of_the_address() -> None:
    (step,) = tried("douyin", *case("D01"))
    assert step.receiver is not None
    assert (step.receiver["town"], step.receiver["district"]) == ("塘栖镇", "西湖区")
    assert step.receiver["address"].startswith("塘栖镇")
    assert "##cipher-of-丁河村3组12号##" in step.receiver["address"]


def test_d02_price_protection_takes_nothing_away() -> None:
    before, protected, older = tried("douyin", *case("D02"))
    assert (before.phase, before.reserved) == ("ALLOCATED", HZ2)
    assert (protected.status, protected.phase, protected.reserved) == ("PAID", "ALLOCATED", HZ2)
    assert moved(protected) == ({}, {}, {})
    assert older.outcome == "stale"
    (both,) = tried("douyin", case("D02")[2])
    assert (both.status, both.reserved) == ("PAID", {"SKU-A@HZ1": 2, "SKU-B@HZ1": 1})


def test_d03_one_of_two_pieces_comes_back() -> None:
    first, back = case("D03")
    _, left, asked, received = tried("douyin", first, shipped(), back, returned({"SKU-A": 1}))
    assert left.committed == HZ2
    assert units(asked, "returned").get("SKU-A", 0) <= 1
    assert moved(asked) == ({}, {}, {})
    assert received.restocked == {"SKU-A@HZ1": 1}


def test_j01_a_sku_bought_and_given_is_two_lines() -> None:
    (step,) = tried("jd", *case("J01"))
    assert (step.outcome, step.phase, step.reserved) == ("accepted", "ALLOCATED", {"SKU-A@HZ1": 3})
    assert sorted(each["ordered"] for each in step.lines) == [1, 2]
    assert len({each["line_no"] for each in step.lines}) == 2


def test_j02_the_region_stands_once() -> None:
    (step,) = tried("jd", *case("J02"))
    assert step.receiver is not None
    assert (step.receiver["province"], step.receiver["city"], step.receiver["district"]) == ("浙江", "杭州市", "西湖区")
    assert step.receiver["address"] == "文三路1号"


def test_s01_what_was_edited_out_is_not_sent() -> None:
    (step,) = tried("shopify", *case("S01"))
    assert (step.phase, step.reserved) == ("ALLOCATED", HZ2)
    assert units(step, "to_ship") == {"SKU-A": 2}
    assert line(step, "830000000000002")["ordered"] == 0


def test_s02_what_was_sent_already_is_not_sent_again() -> None:
    (step,) = tried("shopify", *case("S02"))
    assert (step.phase, step.reserved) == ("ALLOCATED", {"SKU-B@HZ1": 1})
    assert units(step, "shipped") == {"SKU-A": 2}
    assert units(step, "to_ship") == {"SKU-B": 1}


def test_s03_a_shipped_order_opens_again_for_the_line_in_exchange() -> None:
    first, exchanged = case("S03")
    _, left, again, received, last = tried(
        "shopify", first, shipped(), exchanged, returned({"SKU-A": 2}), shipped(lines={"830000000000002": 1})
    )
    assert (left.phase, left.committed) == ("SHIPPED", HZ2)
    assert (again.phase, again.reserved, again.restocked) == ("ALLOCATED", {"SKU-B@HZ1": 1}, {})
    assert received.restocked == HZ2
    assert (last.phase, last.committed, last.reserved) == ("SHIPPED", {"SKU-B@HZ1": 1}, {})


def test_s06_cash_on_delivery() -> None:
    (step,) = tried("shopify", *case("S06"))
    assert (step.outcome, step.status, step.phase, step.reserved) == ("accepted", "PAID", "ALLOCATED", HZ2)
    assert "cash on delivery: 99.00 CNY to collect" in step.notes


def test_s07_the_phone_is_where_the_platform_puts_it() -> None:
    (step,) = tried("shopify", *case("S07"))
    assert step.receiver is not None
    assert (step.outcome, step.receiver["phone"], step.receiver["country"]) == ("accepted", "+14155550100", "US")


def test_s08_the_company_is_kept() -> None:
    (step,) = tried("shopify", *case("S08"))
    assert step.receiver is not None
    assert step.receiver["company"] == "Example GmbH, Dept 4"


def test_s09_a_services_line_is_recorded_as_its_own() -> None:
    (step,) = tried("shopify", *case("S09"))
    assert (step.phase, step.reserved) == ("ALLOCATED", HZ2)
    theirs = line(step, "830000000000002")
    assert (theirs["sent_by"], theirs["to_ship"], theirs["ordered"]) == ("SERVICE", 0, 1)


def test_s12_no_order_is_no_order() -> None:
    steps = tried("shopify", *case("S12")[:2])
    assert [step.outcome for step in steps] == ["refused", "refused"]
    assert all(step.reasons and step.reserved == {} for step in steps)


def test_s13_the_newer_content_of_one_second_counts() -> None:
    _, newer, same = tried("shopify", *case("S13"))
    assert newer.receiver is not None
    assert (newer.outcome, newer.receiver["address"]) == ("accepted", "9 New Street")
    assert newer.reserved == HZ2
    assert same.outcome == "duplicate"


def test_i01_a_parcel_of_one_piece_then_the_other_is_cancelled() -> None:
    first, cancelled = case("I01")
    _, left, after = tried("shopify", first, shipped(lines={"830000000000001": 1}), cancelled)
    assert (left.committed, left.reserved, left.released) == ({"SKU-A@HZ1": 1}, {"SKU-A@HZ1": 1}, {})
    assert (after.phase, after.released, after.committed, after.reserved) == ("SHIPPED", {"SKU-A@HZ1": 1}, {}, {})
    assert (units(after, "shipped"), units(after, "to_ship")) == ({"SKU-A": 1}, {})


def test_i02_another_address_is_planned_anew() -> None:
    before, after = tried("taobao", *case("I02"))
    assert before.reserved == HZ2
    assert (after.phase, after.released, after.reserved) == ("ALLOCATED", HZ2, {"SKU-A@GZ1": 2})
    assert any("receiver_changed" in note for note in after.notes)
    *_, told = tried("taobao", case("I02")[0], shipped(), case("I02")[1])
    assert (told.phase, told.released, told.reserved) == ("SHIPPED", {}, {})
    assert any("receiver" in note or "address" in note for note in told.notes)


def test_an_operators_word_ends_a_hold() -> None:
    *_, held, released = tried("taobao", *case("T01")[:2], decision("RELEASE_HOLD"))
    assert held.phase == "HELD"
    assert (released.phase, released.reserved) == ("ALLOCATED", HZ2)
