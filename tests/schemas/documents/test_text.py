"""JSON and TOML are read to the same values, each with the line that it stands on."""

from __future__ import annotations

import json

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.documents.text import read

TOML = '''# a remark
version = 1
"a name" = "with # and \\" in it"
long = """
two lines
"""
raw = '[no list'

[default]
rank = { mode = "x", criteria = [
    { by = "one" },   # ], another remark
    { by.deep = "two" },
] }

[[strategies]]
name = "s"
  [[strategies.when]]
  field = 'f'
  [[strategies.when]]
  field = 'g'
[strategies.then]
none = "next"

[[strategies]]
name = "t"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("version",), 2),
        (("a name",), 3),
        (("long",), 4),
        (("raw",), 7),
        (("default",), 9),
        (("default", "rank", "mode"), 10),
        (("default", "rank", "criteria", 0, "by"), 11),
        (("default", "rank", "criteria", 1, "by", "deep"), 12),
        (("strategies", 0, "name"), 16),
        (("strategies", 0, "when", 0, "field"), 18),
        (("strategies", 0, "when", 1, "field"), 20),
        (("strategies", 0, "then", "none"), 22),
        (("strategies", 1), 24),
        (("strategies", 1, "name"), 25),
    ],
)
def test_lines_of_toml(path: tuple[str | int, ...], line: int) -> None:
    assert read(TOML).lines[path] == line


def paths(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path}.union(*(paths(each, (*path, key)) for key, each in inner))


KEYS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6)
SCALARS = (
    st.integers(-9, 10**12) | st.booleans() | st.text(st.characters(codec="utf-8"), max_size=8) | st.floats(-1e6, 1e6)
)
TREES = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
    ),
)


@settings(max_examples=150, deadline=None)
@given(TREES, st.sampled_from((None, 2)))
def test_every_value_of_json_has_a_line(tree: dict[str, object], indent: int | None) -> None:
    text = json.dumps(tree, ensure_ascii=False, indent=indent)
    found = read(text)
    assert (found.tree, found.faults, {*found.lines}) == (tree, [], paths(tree))
    if indent and tree:
        last = [*tree][-1]
        assert (
            found.lines[(last,)] == text[: text.rindex(f"\n  {json.dumps(last, ensure_ascii=False)}: ")].count("\n") + 2
        )


@settings(max_examples=150, deadline=None)
@given(TREES)
def test_every_value_of_toml_has_a_line(tree: dict[str, object]) -> None:
    found = read(tomli_w.dumps(tree, multiline_strings=True))
    assert (found.faults, {*found.lines}) == ([], paths(found.tree))
