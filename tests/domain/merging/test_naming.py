"""Whose orders meet: only those of one shop and one receiver, known for sure; and the key tells nobody who that is."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.merging.naming import code_of, group_of
from streams.domain.receiver import FORGOTTEN
from streams.domain.warehouse.naming import order_of
from tests.domain.make import order

SECRET = b"a secret of the hub"


def of(receiver: dict[str, Any] | None = None, mark: str = "", secret: bytes = SECRET, **facts: Any) -> str:
    made = order(**facts)
    return group_of({**made, "receiver": {**made["receiver"], **(receiver or {})}}, mark, secret)  # type: ignore[typeddict-item]


def test_one_receiver_of_one_shop_is_one_group_whatever_the_order() -> None:
    assert of() == of(order_id="taobao:2", version=7)
    assert len(of()) == 32
    assert of() == of({"postal_code": "310000"})


@pytest.mark.parametrize(
    "other",
    [
        {"name": "王大明"},
        {"phone": "13800000001"},
        {"phone_extension": "12"},
        {"address": "文三路 2 号"},
        {"city": "杭州市"},
        {"town": "西溪"},
        {"company": "茶行"},
    ],
)
def test_any_other_receiver_is_another_group(other: dict[str, Any]) -> None:
    assert of(other) != of()


def test_another_shop_or_channel_is_another_group() -> None:
    assert len({of(), of(shop="coffee"), of(order_id="jd:1")}) == 3


@pytest.mark.parametrize(
    "withheld",
    [
        {"name": ""},
        {"phone": ""},
        {"address": ""},
        {"forms": {"name": "masked"}},
        {"forms": {"phone": "privacy"}},
        {"forms": {"address": "masked"}},
    ],
)
def test_who_is_not_known_for_sure_meets_nobody(withheld: dict[str, Any]) -> None:
    assert of(withheld) == ""
    # The platform's own handle of the receiver stands for what it masks.
    assert of({**withheld, "oaid": "a"}) == of({**withheld, "oaid": "a"}) != of({**withheld, "oaid": "b"})


def test_equal_ciphertexts_are_one_receiver() -> None:
    cipher = {"forms": dict.fromkeys(("name", "phone", "address"), "cipher"), "name": "~a~", "phone": "$b$"}
    assert of(cipher) == of(cipher) != of({**cipher, "phone": "$c$"})


def test_who_is_forgotten_meets_nobody_and_without_the_secret_nobody_can_try() -> None:
    assert of(mark=FORGOTTEN) == ""
    assert of() != of(secret=b"another")


def test_a_reports_code_finds_the_first_of_the_parcel() -> None:
    assert code_of("taobao:2300000000000000001") == "taobao.2300000000000000001.M"
    assert order_of(code_of("pdd:260101-000000000000001")) == "pdd:260101-000000000000001"
