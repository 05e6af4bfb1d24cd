"""The rule document beside its types: published schema, hash, versions, catalogue."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from schemas.documents.faults import Refused
from schemas.documents.hashing import canonical, digest
from schemas.documents.rules.builtin import default, read
from schemas.documents.rules.catalogue import entries, offered
from schemas.documents.rules.document import Allocate, Criterion, Default, Document, Filter, Rank, Then
from schemas.documents.rules.reading import FORM
from schemas.documents.versions import upgraded
from streams.domain.routing.rules.facts import LINE_FACTS, ORDER_FACTS, Facts, LineFacts, OrderFacts
from streams.domain.routing.tables.reckoning import Reckoned

TREE: dict[str, Any] = {
    "version": 1,
    "name": "x",
    "default": {"rank": {"mode": "lexicographic", "criteria": [{"by": "distance"}]}},
}


def test_equal_documents_have_one_hash_however_they_are_written() -> None:
    written = json.dumps({**TREE, "strategies": []}, indent=4)
    toml = 'name = "x"\nversion = 1\ndefault.rank.criteria = [{by="distance"}]\ndefault.rank.mode = "lexicographic"\n'
    assert digest(read(written)) == digest(read(toml))
    assert canonical(read(toml)) == json.dumps(TREE, sort_keys=True, separators=(",", ":")).encode()
    assert digest(read(json.dumps({**TREE, "name": "y"}))) != digest(read(written))


def test_a_hash_that_was_published_stays_what_it_is() -> None:
    """An order's decision names it: what changes it for a document that stands makes a new version of the form."""
    assert digest(read(json.dumps(TREE))) == "28d7ceb36a54e44f5b7d5df66d22dbfe5c57cc9c8485f3b7a84410ae18c93c5a"


def test_canonical_bytes_are_a_document_again() -> None:
    assert msgspec.json.decode(canonical(default()), type=Document) == default()


def test_an_older_form_is_carried_over_step_by_step() -> None:
    def renamed(tree: dict[str, Any]) -> dict[str, Any]:
        return {**{key: value for key, value in tree.items() if key != "title"}, "name": tree["title"]}

    def ranked(tree: dict[str, Any]) -> dict[str, Any]:
        return {**tree, "default": {"rank": tree["default"]}}

    oldest = {"version": 1, "title": "x", "default": {"mode": "m"}}
    assert upgraded(oldest, {1: renamed, 2: ranked}, 3) == {
        "version": 3,
        "name": "x",
        "default": {"rank": {"mode": "m"}},
    }
    assert oldest == {"version": 1, "title": "x", "default": {"mode": "m"}}
    with pytest.raises(Refused, match="is no version that this Penstock reads: 2, 3"):
        upgraded(oldest, {2: ranked}, 3)
    assert upgraded(TREE, FORM.migrations, FORM.version) == TREE


def tags(union: Any) -> list[str]:
    return [each.__struct_config__.tag for each in get_args(union)]


def test_what_the_catalogue_offers_is_what_the_types_have() -> None:
    assert sorted(offered("filter")) == sorted(tags(Filter))
    assert sorted(offered("criterion")) == sorted(tags(Criterion))
    assert sorted(offered("condition")) == sorted((*ORDER_FACTS, *LINE_FACTS))
    assert sorted(name for (kind, name), it in entries().items() if kind == "condition" and it.of_lines) == sorted(
        LINE_FACTS
    )
    fields = {each.encode_name for each in msgspec.structs.fields(Allocate)}
    assert {*offered("action")} == fields | {"next", "backorder", "allocate"}
    assert {*msgspec.structs.fields(Then)[0].type.__args__} == {"next", "backorder"}
    assert {each.encode_name for each in msgspec.structs.fields(Default)} == {"rank", "filters", "allocate"} and Rank


def test_every_entry_says_what_it_is_in_both_languages_and_where_from_or_what_it_lacks() -> None:
    assert len(entries()) > 100
    for entry in entries().values():
        assert entry.en and entry.zh and not entry.zh.isascii(), entry
        assert bool(entry.source) != bool(entry.lacks), entry


def test_an_offered_condition_has_a_fact_of_its_type() -> None:
    line = LineFacts("1", "A", 1, grams=1, cm3=1, cost_minor=1)
    order = OrderFacts((line,), "", total_minor=1, collect_minor=1, placed_at_ms=0, paid_at_ms=0)
    facts = Facts(order._replace(ship_by_ms=9), (), reckoned={"HZ1": Reckoned()})
    for name in offered("condition"):
        value = LINE_FACTS[name](facts.order.lines[0]) if name in LINE_FACTS else ORDER_FACTS[name](facts)
        assert type(value) is {"text": str, "number": int, "yes_no": bool}[entries()["condition", name].type], name
