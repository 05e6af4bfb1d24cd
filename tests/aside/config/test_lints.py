"""What is wrong with documents beyond their form, judged by what would stand once they are applied together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from schemas.documents.faults import in_words, line_of
from schemas.documents.kinds import KINDS, drafted
from streams.aside.config.apply import judged, planned
from streams.aside.config.lints import LINTS
from streams.aside.config.standing import Rows, Standing
from streams.domain.routing.tables.documents import TABLES
from tests.aside.config.made import NOTHING, done
from tests.schemas.documents.test_kinds import LEAST, text

EXAMPLES = Path(__file__).parents[3] / "deploy/examples/config"
WAREHOUSES = "\n".join(LEAST["warehouses"].replace("HZ1", code) for code in ("bj1", "cd1", "gz1", "hz1", "sy1", "wh1"))


def faults(standing: Standing, *texts: str) -> list[str]:
    """Of each text, one after another."""
    drafts = [drafted(each) for each in texts]
    found = judged(standing, [(form.kind, draft) for form, draft in drafts if form is not None])
    return [
        f"{line_of(each.path, draft.lines)}: {in_words(each.path)}: {each.says}"
        for (_, draft), its in zip(drafts, found, strict=True)
        for each in its
    ]


def applied(*texts: str) -> Standing:
    """What stands once they are live."""
    found = NOTHING
    for each in texts:
        form, draft = drafted(each)
        assert form is not None and draft.document is not None
        plan = planned(found, [(form.kind, draft.document)])
        for change in plan.changes:
            found = done(found, change)
        rows = Rows(
            {**found.rows.warehouses, **{w["warehouse"]: w for w in plan.rows.warehouses}},
            {**found.rows.bundles, **{b["sku"]: b for b in plan.rows.bundles}},
        )
        found = found._replace(rows=rows)
    return found


def named(name: str, kind: str, rest: str = "") -> str:
    return text(kind, rest).replace('name = "main"', f'name = "{name}"')


def bundle(sku: str, *parts: str) -> str:
    return f'[[bundles]]\nsku = "{sku}"\nparts = [{", ".join(f"{{ sku = {part!r} }}" for part in parts)}]\n'


def test_every_kind_has_its_lint() -> None:
    assert LINTS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_the_least_document_has_no_fault_where_its_warehouse_is_set_up(kind: str) -> None:
    assert faults(applied(text("warehouses")), text(kind)) == []


def test_faults_of_the_form_are_among_them_and_none_is_told_twice() -> None:
    assert faults(NOTHING, text("warehouses", LEAST["warehouses"] + "\npriority = '1'\nlatitude = 3")) == [
        "7: $.warehouses[0].priority: is text: write a whole number, without quotes"
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (
            'code = "A"\nprovince = "Nowhere"',
            "6: $.warehouses[0].province: is no place that is known: give latitude and longitude as well",
        ),
        (
            'code = "A"\nprovince = "浙江"\nlatitude = 30',
            "5: $.warehouses[0].longitude: is missing: latitude stands there, and means nothing alone",
        ),
        (
            'code = "A"\nprovince = "浙江"\nlongitude = 0',
            "5: $.warehouses[0].latitude: is missing: longitude stands there, and means nothing alone",
        ),
        (
            'code = "A"\nprovince = "浙江"\n[[warehouses]]\ncode = "A"\nprovince = "浙江"',
            "8: $.warehouses[1].code: is that of warehouses[0] already: take one out",
        ),
    ],
)
def test_faults_of_warehouses(rows: str, says: str) -> None:
    said = faults(NOTHING, text("warehouses", f"# comment\n[[warehouses]]\n{rows}"))
    assert [each.partition(": ")[2] for each in said] == [says.partition(": ")[2]]


def test_a_warehouse_with_its_place_may_stand_anywhere() -> None:
    rows = '[[warehouses]]\ncode = "A"\nprovince = "Nowhere"\nlatitude = 0\nlongitude = 0'
    assert faults(NOTHING, text("warehouses", rows)) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (bundle("S", "A") + bundle("S", "B"), "$.bundles[1].sku: is that of bundles[0] already: take one out"),
        (bundle("S", "A", "A"), "$.bundles[0].parts[1].sku: is that of parts[0] already: add the pieces up"),
        (bundle("S", "S"), "$.bundles[0].parts[0].sku: is a bundle itself: name the parts it is shipped as"),
    ],
)
def test_faults_of_bundles(rows: str, says: str) -> None:
    assert [each.partition(": ")[2] for each in faults(NOTHING, text("bundles", rows))] == [says]


def test_a_part_is_no_bundle_whoever_set_either() -> None:
    by_hand: Any = {"S": {"sku": "S", "parts": [{"sku": "A", "quantity": 1}], "version": 1}}
    standing = NOTHING._replace(rows=Rows({}, by_hand))
    assert [each[3:] for each in faults(standing, text("bundles", bundle("T", "S")))] == [
        "$.bundles[0].parts[0].sku: is a bundle itself: name the parts it is shipped as"
    ]
    assert [each[3:] for each in faults(standing, text("bundles", bundle("A", "B")))] == [
        "$.bundles[0].sku: is a part of S: a part is no bundle"
    ]
    # Together in two documents: each is told.
    both = faults(NOTHING, named("one", "bundles", bundle("S", "A")), named("two", "bundles", bundle("A", "B")))
    assert len(both) == 2
    # And what the same document takes back is in nobody's way.
    there = applied(text("bundles", bundle("S", "A")))
    assert faults(there, text("bundles", bundle("A", "B"))) == []


def test_what_stands_in_two_documents_is_told_in_the_one_that_is_applied() -> None:
    there = applied(named("east", "warehouses"))
    said = faults(there, named("west", "warehouses"))
    assert [each[3:] for each in said] == [
        "$.warehouses[0].code: stands in warehouses/east too: leave it in one of them"
    ]
    # Moved from one to the other in one go.
    other = LEAST["warehouses"].replace("HZ1", "HZ2")
    assert faults(there, named("east", "warehouses", other), named("west", "warehouses")) == []
    assert len(faults(applied(named("a", "bundles")), named("b", "bundles"))) == 1


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_for_the_same_thing_is_in_one_of_the_tables_that_are_live(kind: str) -> None:
    """It would be one's or the other's by chance."""
    example = (EXAMPLES / f"{kind}.toml").read_text("utf-8")
    east, west = (example.replace('name = "demo"', f'name = "{name}"') for name in ("east", "west"))
    there = applied(named("all", "warehouses", WAREHOUSES), east)
    said = [each for each in faults(there, west) if f"stands in {kind}/east too: leave it in one of them" in each]
    assert len(said) == len(faults(there, west)) > 4
    # By itself it is as it was, and may take another's place in one go.
    assert faults(there, east) == []
    assert len(faults(there, east, west)) == 2 * len(said)


def test_rules_name_warehouses_that_are_there_or_come_with_them() -> None:
    rule = '[default]\nrank = { mode = "lexicographic", criteria = [{ by = "sequence", warehouses = ["HZ1"] }] }'
    (said,) = faults(NOTHING, text("rules", rule))
    assert "is no warehouse that is set up" in said
    assert faults(applied(text("warehouses")), text("rules", rule)) == []
    assert faults(NOTHING, text("rules", rule), text("warehouses")) == []


SENT_BY = """[[strategies]]
name = "s"
filters = [{ filter = "carrier", in = ["SF", "NOBODY"] }]
rank = { mode = "lexicographic", criteria = [{ by = "distance" }] }
[default]
rank = { mode = "lexicographic", criteria = [{ by = "distance" }] }"""


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (text("rules", SENT_BY), "$.strategies[0].filters[0].in[1]"),
        (named("x", "freight").replace("SF", "NOBODY"), "$.templates[0].carrier"),
        (named("x", "transit").replace("SF", "NOBODY"), "$.transit[0].carrier"),
    ],
)
def test_a_carrier_nobody_set_up_is_refused_where_any_is(document: str, path: str) -> None:
    warehouses = text("warehouses")
    carriers = text("carriers")
    assert faults(NOTHING, warehouses, document)[-1:] == []
    (said,) = faults(applied(warehouses, carriers), document)
    assert said.partition(": ")[2] == f"{path}: is no carrier that is set up: a document of carriers says where it goes"
    # One that comes with it is there.
    more = carriers.replace("SF", "NOBODY").replace('name = "main"', 'name = "more"')
    assert faults(applied(warehouses, carriers), document, more) == []
    near = document.replace("NOBODY", "SFF")
    (said,) = faults(applied(warehouses, carriers), near)
    assert said.endswith("is no carrier that is set up: did you mean SF?")


@pytest.mark.parametrize("name", ["a/b", "a\\\\b", "a@3", "a\\nb", ".a", "-a", " a", "a ", "e\\u0301", "\\u202e"])
def test_names_that_no_document_has(name: str) -> None:
    assert len(faults(NOTHING, named(name, "rules"))) == 1


@pytest.mark.parametrize("name", ["main", "华东", "é", "nearest, then cheapest", "2026-11.v2"])
def test_names_that_one_may_have(name: str) -> None:
    assert faults(NOTHING, named(name, "rules")) == []
