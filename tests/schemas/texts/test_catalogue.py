"""A sentence is read back and said in Chinese; data in it goes over as it is."""

from __future__ import annotations

import pytest

from schemas.texts import UnknownLanguage, chosen
from schemas.texts.catalogue import Catalogue

TEXTS = Catalogue(
    {
        "not paid yet": "尚未付款",
        "{1} holds it already": "{1} 已经挂起它",
        "it is {1}: there is nothing left to hold": "现在{1!}：没有可挂起的",
        "{1} waits for {2}": "{2} 件有人等：{1}",
        "{1} waits for {2} more": "还差 {2} 件：{1}",
        "SHIPPED": "已发货",
        "open": "待处理",
        "SHIPPED for ever": "一直已发货",
        "{1}: {2} is {3}: {4}": "{1}：{2} 是 {3}：{4}",
    }
)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("not paid yet", "尚未付款"),
        (" not paid yet", " 尚未付款"),
        ("a price rule holds it already", "a price rule 已经挂起它"),
        # The values change places, and the template that says more is meant.
        ("A7 waits for 3", "3 件有人等：A7"),
        ("A7 waits for 3 more", "还差 3 件：A7"),
        # A word is turned where the catalogue says that it is one, and a sentence in a field anywhere.
        ("it is SHIPPED: there is nothing left to hold", "现在已发货：没有可挂起的"),
        ("it is PACKED: there is nothing left to hold", "现在PACKED：没有可挂起的"),
        ("SHIPPED holds it already", "SHIPPED 已经挂起它"),
        ("not paid yet holds it already", "尚未付款 已经挂起它"),
        # Put together of several.
        ("taobao:1: not paid yet; --anyway tells it", "taobao:1：尚未付款；--anyway tells it"),
        ("not paid yet; it is SHIPPED: there is nothing left to hold", "尚未付款；现在已发货：没有可挂起的"),
        # What is made of others is not one of few words of its own.
        ("taobao:1: it is SHIPPED: there is nothing left to hold", "taobao:1：现在已发货：没有可挂起的"),
        ("2@17: qty is 0: fetch it", "2@17：qty 是 0：fetch it"),
        # Of nobody's making: left alone, to the last character.
        ("open: it; all, right", "open: it; all, right"),
        ("", ""),
    ],
)
def test_a_sentence_in_chinese(english: str, chinese: str) -> None:
    assert TEXTS.said(english) == chinese


def test_a_value_of_many_lines_and_marks_goes_over_as_it_is() -> None:
    value = "a\nb (.*) {1} \\1"
    assert TEXTS.said(f"{value} holds it already") == f"{value} 已经挂起它"


def test_a_word_is_turned_alone() -> None:
    assert (TEXTS.word("open"), TEXTS.word("opened")) == ("待处理", "opened")


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"PENSTOCK_LANG": "zh", "LC_ALL": "en_US.UTF-8"}, "zh"),
        ({"PENSTOCK_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        ({"PENSTOCK_LANG": "", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
    ],
)
def test_whose_language_it_is(environment: dict[str, str], language: str) -> None:
    assert chosen(environment) == language


@pytest.mark.parametrize("name", ["fr", "zh_CN", "Chinese"])
def test_a_language_that_is_not_there(name: str) -> None:
    with pytest.raises(UnknownLanguage, match=f"PENSTOCK_LANG is '{name}': set it to one of en, zh"):
        chosen({"PENSTOCK_LANG": name})
