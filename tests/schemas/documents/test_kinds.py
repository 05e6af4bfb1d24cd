"""The registry of kinds: each has its folder, its published schema, and documents that are read as theirs."""

from __future__ import annotations

import json

import msgspec
import pytest

from schemas.documents import publish
from schemas.documents.faults import NOTHING, Fault, in_words, line_of
from schemas.documents.hashing import canonical, digest
from schemas.documents.kinds import KINDS, drafted
from schemas.documents.reading import draft

#: Kind -> the smallest document there is of it.
LEAST = {
    "rules": 'default.rank = { mode = "lexicographic", criteria = [{ by = "distance" }] }',
    "warehouses": '[[warehouses]]\ncode = "HZ1"\nprovince = "浙江"',
    "bundles": '[[bundles]]\nsku = "TEA-SET"\nparts = [{ sku = "POT" }, { sku = "CUP", pieces = 4 }]',
    "flows": """[[nodes]]
name = "accepted"
do = "on"
event = "accepted"
then = "route"
[[nodes]]
name = "route"
do = "route"
rules = "built-in"
then = "done"
[[nodes]]
name = "done"
do = "end"
""",
    "risk": "limits = { pieces = 9 }",
    "products": '[[products]]\nsku = "A"',
    "freight": '[[templates]]\nwarehouse = "HZ1"\ncarrier = "SF"\nzones = [{ regions = ["*"], first = 1000, first_fee = 500 }]',
    "transit": '[[transit]]\nwarehouse = "HZ1"\ncarrier = "SF"\nregions = ["*"]\ndays = 3',
    "calendars": '[[calendars]]\nwarehouse = "HZ1"\nhandling_minutes = 60\nweekly = [{ days = [1], opens = "08:00", closes = "18:00" }]',
    "coverage": '[[coverage]]\nwarehouse = "HZ1"\nregions = ["*"]',
    "capacity": '[[capacity]]\nwarehouse = "HZ1"',
    "carriers": '[[carriers]]\nwarehouse = "HZ1"\ncarrier = "SF"\nregions = ["*"]',
    "listings": '[[shops]]\nchannel = "pdd"\nshop = "tea"\n[[shops.items]]\nsku = "MUG"\nitem = "1"\nvariant = "2"',
    "pools": '[[pools]]\nsku = "COAT-M"\ncap = 500\nfrom = "2026-10-24 20:00"\nuntil = "2026-11-12 00:00"',
}
ALL = ", ".join(KINDS)


def text(kind: str, rest: str = "", *, head: str = "") -> str:
    return f'{head or f"kind = {kind!r}"}\nversion = {KINDS[kind].version}\nname = "main"\n{rest or LEAST[kind]}\n'


def faults(of: str) -> list[str]:
    _, found = drafted(of)
    return [f"{line_of(each.path, found.lines)}: {in_words(each.path)}: {each.says}" for each in found.faults]


def test_every_kind_has_an_example_here() -> None:
    assert LEAST.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_its_schema_is_published_as_its_types_are(kind: str) -> None:
    stands = publish.published(KINDS[kind]).read_text("utf-8")
    assert stands == publish.text(KINDS[kind]), "python -m schemas.documents.publish writes it"
    assert json.loads(stands)["$defs"]["Document"]["properties"]["kind"]["enum"] == [kind]


@pytest.mark.parametrize("kind", KINDS)
def test_its_types_say_their_kind_and_version_and_the_canonical_text_does_without_the_kind(kind: str) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(KINDS[kind].type)}
    assert fields["kind"].default == kind and fields["name"].required and fields["version"].required
    form, found = drafted(text(kind))
    assert (form, found.faults) == (KINDS[kind], ())
    assert found.document is not None and b'"kind"' not in canonical(found.document)
    # And it is read again, by who knows the kind.
    again = draft(canonical(found.document).decode(), KINDS[kind]).document
    assert again is not None and digest(again) == digest(found.document)


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_that_is_left_out_is_told_by_what_stands_there_and_never_guessed(kind: str) -> None:
    form, found = drafted(text(kind, head="# nothing"))
    assert (form, found.document) == (None, None)
    assert found.faults == (Fault(("kind",), NOTHING, f'is missing: write kind = "{kind}"'),)


@pytest.mark.parametrize(
    ("of", "says"),
    [
        ("version = 1\n", f"1: $.kind: is missing: one of {ALL}"),
        ('name = "x"\nkind = "warehouse"\n', "2: $.kind: is no kind of document: did you mean warehouses?"),
        (
            'kind = "zzz"\n',
            f"1: $.kind: is no kind of document: write one of {ALL}",
        ),
        ("kind = 3\n", f"1: $.kind: is no kind of document: write one of {ALL}"),
        (
            'kind = ["rules", "bundles"]\n',
            f"1: $.kind: names several: a file holds one document, of one kind, one of {ALL}",
        ),
        ("kind = \n", "1: $: this is no TOML: Invalid value (at line 1, column 8)"),
        ("", f"1: $.kind: is missing: one of {ALL}"),
        ("{", "1: $: this is no JSON: Expecting property name enclosed in double quotes"),
    ],
)
def test_a_text_of_no_kind(of: str, says: str) -> None:
    assert faults(of) == [says]


def test_two_documents_in_one_file() -> None:
    assert faults(text("warehouses", f"{LEAST['warehouses']}\n{LEAST['bundles']}")) == [
        "7: $.bundles: belongs to a document of kind bundles, and this is one of kind warehouses: give each a file of its own"
    ]


def test_all_faults_of_a_document_are_told_at_once() -> None:
    rows = (
        '[[warehouses]]\ncode = 1\nprovince = "浙江"\nlatitude = "30"\n[[warehouses]]\nlongitude = 181\nenabled = "yes"'
    )
    assert faults(text("warehouses", rows)) == [
        "5: $.warehouses[0].code: write text, in quotes",
        "7: $.warehouses[0].latitude: is text: write a number, without quotes",
        "8: $.warehouses[1].code: is missing: it must be given",
        "8: $.warehouses[1].province: is missing: it must be given",
        "9: $.warehouses[1].longitude: write a number from -180 to 180",
        "10: $.warehouses[1].enabled: write true or false, without quotes",
    ]


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "true", "91", "-90.5", '"30"', "[]"])
def test_what_is_no_latitude(value: str) -> None:
    assert len(faults(text("warehouses", f"{LEAST['warehouses']}\nlatitude = {value}"))) == 1


@pytest.mark.parametrize("value", ["30", "30.2741", "-90", "90", "0"])
def test_what_is_one(value: str) -> None:
    assert faults(text("warehouses", f"{LEAST['warehouses']}\nlatitude = {value}")) == []


def test_a_version_that_is_true_is_none() -> None:
    assert faults(text("rules").replace("version = 1", "version = true")) == [
        "2: $.version: is not known here: write one of 1"
    ]


def test_a_million_rows_are_refused_unread() -> None:
    many = text("bundles", "\n".join('[[bundles]]\nsku = "A"\nparts = [{ sku = "B" }]' for _ in range(30_000)))
    (said,) = faults(many)
    assert "the document has 1," in said and "at most 1,000,000" in said
