"""Whom people name stays while the platform shows whom they replaced; what else it shows is decided by people again."""

from __future__ import annotations

from typing import Any, cast

import pytest

from schemas.codec import CODEC
from schemas.records import Order, Receiver, ReceiverCorrected, Seen
from streams.domain.intake.corrections import DISPUTED
from streams.domain.intake.dedup import Decision, Reading, dedup
from streams.domain.intake.parts import NotFit, with_parts
from streams.domain.intake.reading import NotAChannelEvent, read_event
from tests.domain.intake import messages
from tests.domain.intake.messages import SKUS, at, first_seen, outcome

PLAIN = {"receiver_name": "王小明", "receiver_mobile": "13800000000", "receiver_address": "文三路 1 号", "oaid": ""}


def taobao(offset: int, minute: int = 0, **fields: Any) -> Reading:
    """An order whose receiver its platform shows in clear."""
    return messages.taobao(offset, minute, **{**PLAIN, **fields})


#: The sound order's: region, street and phone as its platform shows them.
SHOWN: Receiver = cast(Order, taobao(1).order)["receiver"]
NEW = with_parts(SHOWN, {"street": "新街 9 号"})


def said(receiver: Receiver | None = NEW, *, number: int = 1, of: Reading | None = None, offset: int = 50) -> Reading:
    """What a person says of the order that an event shows."""
    event = of or taobao(1)
    record: ReceiverCorrected = {
        "correction_id": f"c-{number}",
        "order_id": event.order_id,
        "receiver": receiver,
        "of": cast(Order, event.order)["source"],
        "event": event.value,
        "by": "li",
        "reason": "the buyer moved",
        "decided_at_ms": number,
    }
    value = CODEC.encode("ReceiverCorrected", record)
    return read_event(value, event.order_id, at(offset), SKUS)


def order(decision: Decision) -> Order:
    assert decision.name == "Order", decision
    found = cast(Order, decision.record)
    assert CODEC.decode(CODEC.encode("Order", found))[1] == found
    return found


def stored(decision: Decision, before: Seen | None = None) -> Seen:
    seen = decision.seen or before
    assert seen is not None
    assert CODEC.decode(CODEC.encode_state("Seen", seen))[1] == seen
    return seen


def corrected(*more: Reading) -> tuple[Seen, list[Decision]]:
    """The first event, the correction, and what comes after."""
    seen, decisions = first_seen(taobao(1)), []
    for each in (said(), *more):
        decisions.append(dedup(each, seen))
        seen = stored(decisions[-1], seen)
    return seen, decisions


def test_an_order_is_told_anew_with_the_receiver_that_a_person_names() -> None:
    before = first_seen(taobao(1))
    decision = dedup(said(), before)
    told = order(decision)
    assert (told["receiver"], told["receiver_from"], told["correction_id"]) == (NEW, "c-1", "c-1")
    assert (told["version"], told["source"]) == (before["version"] + 1, at(50))
    assert (told["status"], told["platform_receiver"]) == ("PAID", None)
    # All else is the platform's, and its event is known as before.
    shown = cast(Order, taobao(1).order)
    assert {field for field in told if told[field] != shown[field]} == {  # type: ignore[literal-required]
        *("receiver", "receiver_from", "correction_id", "version", "source")
    }
    assert stored(decision)["source"] == before["source"]
    assert outcome(dedup(taobao(1), stored(decision))) == "Duplicate EXACT"


def test_it_stays_while_the_platform_shows_whom_it_replaced() -> None:
    seen, decisions = corrected(
        taobao(2, minute=1, buyer_message="soon"), taobao(3, minute=2, receiver_name="王**", buyer_message="please")
    )
    for decision in decisions[1:]:
        told = order(decision)
        assert (told["receiver"], told["receiver_from"], told["correction_id"]) == (NEW, "c-1", "")
        assert (told["status"], told["platform_receiver"]) == ("PAID", None)
    assert seen["correction"] is not None and seen["correction"]["receiver"] == NEW


def test_a_third_receiver_holds_it_and_both_are_named() -> None:
    _, decisions = corrected(taobao(2, minute=1, receiver_address="他路 7 号"))
    told = order(decisions[-1])
    assert (told["status"], told["hold_reason"]) == ("HOLD", DISPUTED)
    assert told["receiver"] == NEW
    assert told["platform_receiver"] is not None and told["platform_receiver"]["address"] == "他路 7 号"


def test_each_further_receiver_holds_it_anew_and_the_same_one_does_not() -> None:
    """A release lets it go from the reasons it was held for: a fourth receiver is another one."""
    third = {"receiver_address": "他路 7 号"}
    _, decisions = corrected(
        taobao(2, minute=1, **third),
        taobao(3, minute=2, buyer_message="soon", **third),
        taobao(4, minute=3, receiver_address="又路 8 号"),
        taobao(5, minute=4),
    )
    reasons = [order(decision)["hold_reason"] for decision in decisions]
    assert reasons == [None, DISPUTED, DISPUTED, f"{DISPUTED}_2", None]
    assert order(decisions[-1])["receiver"] == NEW


def test_a_platform_that_shows_the_same_as_people_has_its_own_again() -> None:
    seen, decisions = corrected(
        taobao(2, minute=1, receiver_address=NEW["address"]), taobao(3, minute=2, receiver_address="他路 7 号")
    )
    assert [order(decision)["receiver_from"] for decision in decisions] == ["c-1", "", ""]
    assert order(decisions[-1])["receiver"]["address"] == "他路 7 号"
    assert order(decisions[-1])["status"] == "PAID"
    assert seen["correction"] is not None and seen["correction"]["receiver"] is None


@pytest.mark.parametrize(("status", "expected"), [("WAIT_BUYER_PAY", "UNPAID"), ("TRADE_CLOSED", "CANCELLED")])
def test_what_is_not_sent_is_not_held(status: str, expected: str) -> None:
    _, decisions = corrected(taobao(2, minute=1, receiver_address="他路 7 号", status=status))
    assert (order(decisions[-1])["status"], order(decisions[-1])["hold_reason"]) == (expected, None)


def test_a_dispute_is_over_when_a_person_says_who_is_right() -> None:
    third = taobao(2, minute=1, receiver_address="他路 7 号")
    _, decisions = corrected(
        third,
        said(NEW, number=2, of=third, offset=51),
        taobao(4, minute=3, receiver_address="他路 7 号", buyer_message="x"),
    )
    for decision in decisions[2:]:
        assert (order(decision)["status"], order(decision)["receiver"]) == ("PAID", NEW)
    _, decisions = corrected(third, said(None, number=2, of=third, offset=51))
    told = order(decisions[-1])
    assert (told["status"], told["receiver_from"], told["receiver"]["address"]) == ("PAID", "", "他路 7 号")


def test_who_has_not_seen_what_the_platform_shows_by_now_changes_nothing() -> None:
    newer = first_seen(taobao(2, minute=1, buyer_message="moved again"))
    decision = dedup(said(), newer)
    assert (outcome(decision), decision.seen) == ("Duplicate STALE", None)
    assert decision.record["first_source"] == at(2)  # type: ignore[typeddict-item]
    CODEC.encode("Duplicate", decision.record)


def test_what_was_said_before_has_no_effect_when_it_comes_again() -> None:
    """A replay of the channel's topic tells all of it once more."""
    seen, _ = corrected(said(None, number=2))
    for again, kind in ((said(), "STALE"), (said(None, number=2), "EXACT"), (said(number=1), "STALE")):
        decision = dedup(again, seen)
        assert (outcome(decision), decision.seen) == (f"Duplicate {kind}", None)
    assert order(dedup(said(number=3), seen))["receiver"] == NEW


def test_of_an_order_that_nothing_is_known_of_the_event_itself_is_accepted() -> None:
    told = order(dedup(said(), None))
    assert (told["receiver"], told["version"]) == (NEW, cast(Order, taobao(1).order)["version"])


def test_whom_people_named_is_forgotten_for_good() -> None:
    seen, _ = corrected()
    record: Any = {**cast(Any, said().correction), "correction_id": "forget", "receiver": None, "event": b""}
    reading = read_event(
        CODEC.encode("ReceiverCorrected", {**record, "decided_at_ms": 9}), record["order_id"], at(60), SKUS
    )
    decision = dedup(reading, seen)
    assert outcome(decision) == "Duplicate EXACT"
    after = stored(decision)
    assert NEW["address"] not in repr(after) and after["correction"] is not None
    assert (after["correction"]["receiver"], after["correction"]["replaced"]) == (None, "")
    assert outcome(dedup(said(), after)).startswith("Duplicate")
    # Of whom nothing is kept there is nothing to forget.
    assert dedup(reading, first_seen(taobao(1))).seen is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"order_id": "taobao:other"}, "stands under another key"),
        ({"event": CODEC.encode("Seen", first_seen(taobao(1)))}, "a Seen stands where"),
        ({"event": taobao(1, payment="free").value}, "that is accepted: "),
    ],
)
def test_a_correction_of_what_is_no_order_of_its_key_can_not_be_read(change: dict[str, Any], says: str) -> None:
    record: Any = {**cast(Any, said().correction), **change}
    with pytest.raises(NotAChannelEvent, match=says):
        read_event(CODEC.encode("ReceiverCorrected", record), taobao(1).order_id, at(60), SKUS)


MASKED = cast(Receiver, {**SHOWN, "name": "王**", "oaid": "token", "forms": {"name": "masked"}})


@pytest.mark.parametrize(
    ("before", "parts", "expected"),
    [
        (SHOWN, {"street": " 新街 9 号 "}, {"address": "新街 9 号"}),
        (
            SHOWN,
            {"phone": "13900000000转1234"},
            {"phone": "13900000000", "phone_extension": "1234", "forms": {"phone": "privacy"}},
        ),
        (SHOWN, {"postcode": ""}, {"postal_code": ""}),
        (
            SHOWN,
            {"province": "广东", "city": "深圳市", "county": "南山区", "street": "一路 1 号"},
            {"province": "广东", "city": "深圳市", "district": "南山区", "address": "一路 1 号", "town": ""},
        ),
        (
            MASKED,
            {"name": "李红", "phone": "13900000000", "street": "新街"},
            {"name": "李红", "phone": "13900000000", "address": "新街", "oaid": None, "forms": {}},
        ),
        (MASKED, {"name": "李红", "town": "镇"}, {"name": "李红", "town": "镇", "oaid": None, "forms": {}}),
        (MASKED, {"street": MASKED["address"]}, {}),
    ],
)
def test_the_parts_a_person_names_replace_the_platforms(
    before: Receiver, parts: dict[str, str], expected: dict[str, Any]
) -> None:
    assert with_parts(before, parts) == {**before, **expected}


@pytest.mark.parametrize(
    ("before", "parts", "says"),
    [
        (SHOWN, {"street": " "}, "street is empty"),
        (SHOWN, {"name": "王*"}, "name is masked or ciphertext"),
        (SHOWN, {"phone": "12 34"}, "phone has fewer than 7 digits"),
        (SHOWN, {"street": "a\x1b[2Jb"}, "street has a character that can't be printed"),
        (SHOWN, {"street": "x" * 201}, "street has 201 characters: 200 at the most"),
        (SHOWN, {"stret": "x"}, "'stret' is no part of a receiver: write name, phone"),
        (SHOWN, {"city": "宁波市"}, "city is another one: say county and street too"),
        (SHOWN, {"province": "广东省", "city": "深圳市"}, "province is another one: say county and street too"),
        (SHOWN, {"province": "Narnia", "city": "", "county": "", "street": "x"}, "none of China's"),
        (SHOWN, {"city": "深圳市", "county": "南山区", "street": "x"}, "lies in 广东省, not in 浙江省"),
        (MASKED, {"street": "新街"}, "the platform shows no name in clear"),
    ],
)
def test_parts_that_make_no_receiver_are_refused_by_name(before: Receiver, parts: dict[str, str], says: str) -> None:
    with pytest.raises(NotFit) as refused:
        with_parts(before, parts)
    assert says in str(refused.value)
