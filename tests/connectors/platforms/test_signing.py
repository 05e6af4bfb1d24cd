"""Each signature against known vectors: the platforms' published samples and public clients' tests, where there are any."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.platforms import signing

VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector for vector in json.loads(Path(__file__).with_name("signing_vectors.json").read_text("utf-8"))
}


def _top(vector: dict[str, Any]) -> str:
    base = VECTORS[vector.get("same_params_as", vector["id"])]
    params = dict(base["params"])
    params["sign_method"] = method = vector.get("sign_method", params["sign_method"])
    return signing.top(base["secret"], params, method)


SIGN: dict[str, Callable[[dict[str, Any]], str]] = {
    "top-md5": _top,
    "top-hmac": _top,
    "top-hmac-sha256": _top,
    "top-stock": _top,
    "jd": lambda v: signing.jd(v["secret"], v["params"]),
    "pdd": lambda v: signing.pdd(v["secret"], v["params"]),
    "pdd-ws": lambda v: signing.pdd_messages_path(v["client_id"], v["ms"], v["secret"]),
    "douyin": lambda v: signing.douyin(v["secret"], v["app_key"], v["method"], v["timestamp"], v["param_json"]),
    "douyin-push": lambda v: signing.douyin_push(v["app_key"], v["secret"], v["body"].encode()),
    "shopify-push": lambda v: signing.shopify_push(v["secret"], v["body"].encode()),
    "k100-query": lambda v: signing.kuaidi100_query(v["param"], v["key"], v["customer"]),
    "k100-label": lambda v: signing.kuaidi100_label(v["param"], v["t"], v["key"], v["secret"]),
    "k100-eshop": lambda v: signing.kuaidi100_eshop(v["param"], v["key"], v["secret"]),
    "k100-push": lambda v: signing.kuaidi100_push(v["param"], v["salt"]),
    "qimen": lambda v: signing.qimen(v["secret"], v["params"], v["body"]),
}


@pytest.mark.parametrize("name", VECTORS)
def test_signs_as_the_vector_says(name: str) -> None:
    assert SIGN[name](VECTORS[name]) == VECTORS[name]["expect"]


def test_neither_empty_values_nor_the_signature_itself_are_signed() -> None:
    params = VECTORS["jd"]["params"]
    assert signing.jd("s", {**params, "empty": "", "sign": "X"}) == VECTORS["jd"]["expect"]
    assert signing.jd("s", {**params, "zero": "0"}) != VECTORS["jd"]["expect"]


def test_chinese_text_is_signed_as_utf8() -> None:
    # MD5 of the UTF-8 bytes of "s", "name", "测试", "s", as md5sum prints it.
    assert signing.pdd("s", {"name": "测试"}) == "62337D227BFEDC1BC925BC978C78148E"


@pytest.mark.parametrize("given", ["ABD", "AB", "", "ABCD", "abc", "签名", "\ud800"])
def test_another_signature_is_not_the_same_whatever_is_in_it(given: str) -> None:
    assert signing.same("ABC", "ABC")
    assert not signing.same("ABC", given)


def test_case_is_ignored_only_where_it_is_asked_for() -> None:
    assert signing.same("ABC", "abc", ignore_case=True)
    assert not signing.same("ABC", "abd", ignore_case=True)
