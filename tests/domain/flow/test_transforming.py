"""Transforms: values by hand, and no payload that makes one raise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.flows.transforms import Step
from streams.domain.flow.transforming import Mapped, compiled

PAYLOAD: dict[str, Any] = {
    "buyer": {"invoice": {"title": "杭州某公司", "kind": 2}},
    "lines": [{"sku": "A", "price": "12.50"}, {"sku": "B", "price": 3}],
    "yes": 1, "no": "false", "empty": "", "null": None, "float": 99.5, "exact": Decimal("0.07"), "flag": True,
    "long": "x" * 1_001, "huge": "1000000000001", "fine": "0.005", "list": [], "digits": "00012",
}  # fmt: skip


def made(*steps: dict[str, Any], of: Any = PAYLOAD) -> Mapped:
    return compiled([msgspec.convert(each, Step) for each in steps])(of)


def path(where: str, **more: Any) -> dict[str, Any]:
    return {"to": "x", "by": "path", "path": where, **more}


@pytest.mark.parametrize(
    ("step", "value"),
    [
        (path("buyer.invoice.title"), "杭州某公司"),
        (path("buyer.invoice.kind"), "2"),
        (path("lines.1.sku"), "B"),
        (path("lines.0.price", type="number", decimals=2), 1250),
        (path("lines.1.price", type="number", decimals=2), 300),
        (path("float", type="number", decimals=2), 9950),
        (path("exact", type="number", decimals=2), 7),
        (path("digits", type="number"), 12),
        (path("yes", type="yes_no"), True),
        (path("no", type="yes_no"), False),
        (path("flag", type="yes_no"), True),
        ({"to": "x", "by": "text", "text": "always"}, "always"),
        ({"to": "x", "by": "number", "number": 7}, 7),
    ],
)
def test_values(step: dict[str, Any], value: Any) -> None:
    assert made(step) == Mapped((("x", value),), ())


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (path("buyer.nothing.title"), "MISSING"),
        (path("lines.2.sku"), "MISSING"),
        (path("lines.-1.sku"), "MISSING"),
        (path("empty"), "MISSING"),
        (path("null"), "MISSING"),
        (path("buyer.invoice"), "ODD"),
        (path("flag"), "ODD"),
        (path("buyer.invoice.title", type="number"), "ODD"),
        (path("buyer.invoice.kind", type="yes_no"), "ODD"),
        (path("flag", type="number"), "ODD"),
        (path("fine", type="number", decimals=2), "ODD"),
        (path("long"), "TOO_LONG"),
        (path("huge", type="number"), "TOO_LARGE"),
    ],
)
def test_what_is_missing_or_odd_stays_missing_with_its_reason(step: dict[str, Any], why: str) -> None:
    assert made(step) == Mapped((), (("x", why),))


def test_steps_build_on_one_another() -> None:
    rows = [{"value": "2", "gives": "公司"}, {"value": "1", "gives": "个人"}]
    found = made(
        {"to": "_kind", "by": "path", "path": "buyer.invoice.kind"},
        {"to": "kind", "by": "look_up", "of": "_kind", "rows": rows},
        {"to": "_title", "by": "path", "path": "buyer.invoice.title"},
        {"to": "title", "by": "format", "text": "{_title}（{kind}）"},
        {"to": "price", "by": "path", "path": "lines.0.price", "type": "number", "decimals": 2},
        {"to": "_three", "by": "number", "number": 3},
        {"to": "both", "by": "product", "of": ["price", "_three"]},
        {"to": "less", "by": "difference", "of": ["both", "price", "_three"]},
        {"to": "sum", "by": "sum", "of": ["price", "_three"]},
        {"to": "third", "by": "quotient", "of": "price", "divisor": 4},
    )
    assert found.missing == ()
    assert dict(found.values) == {
        "kind": "公司", "title": "杭州某公司（公司）", "price": 1250, "both": 3750, "less": 2497, "sum": 1253, "third": 312,
    }  # fmt: skip


def test_what_builds_on_a_missing_value_is_missing_too() -> None:
    rows = [{"value": "2", "gives": "公司"}]
    found = made(
        {"to": "a", "by": "path", "path": "nowhere", "type": "number"},
        {"to": "b", "by": "sum", "of": ["a"]},
        {"to": "c", "by": "format", "text": "x{a}"},
        {"to": "d", "by": "look_up", "of": "a", "rows": rows},
        {"to": "e", "by": "look_up", "of": "a", "rows": rows, "otherwise": "?"},
        {"to": "_big", "by": "number", "number": 10**12},
        {"to": "f", "by": "product", "of": ["_big"] * 20},
        {"to": "_odd", "by": "text", "text": "9"},
        {"to": "g", "by": "look_up", "of": "_odd", "rows": rows},
    )
    assert found.values == (("e", "?"),)
    assert found.missing == (
        ("a", "MISSING"), ("b", "MISSING"), ("c", "MISSING"), ("d", "MISSING"), ("f", "TOO_LARGE"), ("g", "ODD"),
    )  # fmt: skip


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "0"]), inner, max_size=3),
    max_leaves=8,
)


@given(Json, st.sampled_from(["a", "a.0", "b.a", "0.0.b", "a.b.a"]), st.sampled_from(["text", "number", "yes_no"]))
def test_no_payload_makes_it_raise(payload: Any, where: str, kind: str) -> None:
    found = made(path(where, type=kind), {"to": "y", "by": "format", "text": "<{x}>"}, of=payload)
    assert {name for name, _ in (*found.values, *found.missing)} == {"x", "y"}
    assert all(type(value) in (str, int, bool) for _, value in found.values)
