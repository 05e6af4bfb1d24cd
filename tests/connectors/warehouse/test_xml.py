"""XML as systems send it: what is read, what is refused where it begins, and the signing vectors."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.shops import Wms
from connectors.warehouse import xml_text
from connectors.warehouse.qimen import signed
from connectors.warehouse.xml_text import NotXml

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "billion laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><request>&l9;</request>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{"x" * 50_000}">]><request>{"&a;" * 5_000}</request>',
    "a file": '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><request>&f;</request>',
    "a parameter entity": '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1/x">%p;]><request/>',
    "a bare document type": "<!DOCTYPE request><request/>",
    "an unknown entity": "<request>&nbsp;</request>",
    "too deep": "<a>" * 100 + "</a>" * 100,
    "too many": f"<request>{'<a/>' * 60_000}</request>",
    "cut off": "<request><items>",
    "two roots": "<request/><request/>",
    "nothing": "",
    "no XML": "{}",
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_a_bomb_or_no_xml_is_refused_at_once(name: str) -> None:
    began = time.process_time()
    with pytest.raises(NotXml) as told:
        xml_text.read(BOMBS[name].encode())
    assert time.process_time() - began < 1
    assert "passwd" not in str(told.value)


@pytest.mark.parametrize("encoding", ["utf-16", "gbk"])
def test_another_encoding_than_utf_8_is_refused(encoding: str) -> None:
    with pytest.raises(NotXml):
        xml_text.read(f'<?xml version="1.0" encoding="{encoding}"?><request><a>测</a></request>'.encode(encoding))


def test_elements_are_found_by_their_path() -> None:
    root = xml_text.read(b"<request><items><item><a> 1 </a></item><item><a>2</a></item></items><b/></request>")
    assert [item.text_of("a") for item in root.all("items", "item")] == ["1", "2"]
    assert (root.text_of("b"), root.text_of("none", "there"), root.all("none", "there")) == ("", "", [])


@given(st.dictionaries(st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True), st.text(st.characters()), max_size=5))
@example({"a": "\ud800퀀"})
def test_whatever_is_written_can_be_read(content: dict[str, str]) -> None:
    root = xml_text.read(xml_text.write("request", content).encode())
    assert {child.name for child in root.children} <= content.keys()


def test_a_name_that_would_be_an_element_stays_text() -> None:
    text = xml_text.write("request", {"name": "</name><admin>1</admin>&\x00<!DOCTYPE x>"})
    assert xml_text.read(text.encode()).text_of("name") == "</name><admin>1</admin>&<!DOCTYPE x>"


PARAMS = {
    "timestamp": "2026-01-01 12:00:00",
    "format": "xml",
    "app_key": "ak",
    "v": "2.0",
    "sign_method": "md5",
    "customerId": "c1",
}


def account(**facts: Any) -> Wms:
    return Wms(name="w", kind="qimen", url="", secret="s", **facts)


@pytest.mark.parametrize(
    ("method", "body", "expected"),
    [
        (
            "deliveryorder.confirm",
            "<request><deliveryOrder><deliveryOrderCode>DO1</deliveryOrderCode></deliveryOrder></request>",
            "FDC82191BCD3B81CD7AF163986625AF6",
        ),
        (
            "stockchange.report",
            "<request><items><item><ownerCode>O1</ownerCode><warehouseCode>W1</warehouseCode><itemCode>SKU-A</itemCode>"
            "<orderCode>DO1</orderCode><outBizCode>B1</outBizCode><inventoryType>ZP</inventoryType><quantity>-2</quantity>"
            "</item></items></request>",
            "56B8ABD9BADF73D38215776A7ACC32AE",
        ),
        (
            "inventory.query",
            "<request><criteriaList><criteria><warehouseCode>W1</warehouseCode><ownerCode>O1</ownerCode>"
            "<itemCode>SKU-A</itemCode><inventoryType>ZP</inventoryType></criteria></criteriaList><remark>对账</remark></request>",
            "268BBF08BAD12B686F6B1F0276E8A1A9",
        ),
    ],
)
def test_it_is_signed_as_the_vectors_say(method: str, body: str, expected: str) -> None:
    params = {**PARAMS, "method": f"taobao.qimen.{method}"}
    assert signed(account(), {**params, "sign": "ignored"}, body) == expected
    assert signed(account(sign="tail"), params, body) != expected
