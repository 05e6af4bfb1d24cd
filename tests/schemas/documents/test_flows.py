"""The flow document beside its types: published schema, hash, catalogue."""

from __future__ import annotations

import json
from typing import Any, get_args

from schemas.documents.flows.builtin import default, read
from schemas.documents.flows.catalogue import entries
from schemas.documents.flows.document import Event, Node
from schemas.documents.hashing import canonical, digest
from streams.domain.flow.conditions import is_own

TREE: dict[str, Any] = {
    "version": 1,
    "name": "x",
    "nodes": [{"name": "begin", "do": "on", "event": "accepted", "then": "done"}, {"name": "done", "do": "end"}],
}


def test_equal_documents_have_one_hash_however_they_are_written() -> None:
    toml = (
        'version = 1\nname = "x"\nnodes = [{do="on",name="begin",event="accepted",then="done"},{name="done",do="end"}]'
    )
    assert digest(read(toml)) == digest(read(json.dumps({**TREE, "fields": []}, indent=2)))
    assert read(canonical(default()).decode()) == default()


def test_a_hash_that_was_published_stays_what_it_is() -> None:
    """An order's state names it: what changes it for a document that stands makes a new version of the form."""
    assert digest(read(json.dumps(TREE))) == "a8643cd1d9a3447e40658695e969565425f9e70e3794f659b6cee26926db2615"


def test_the_catalogue_names_what_the_types_have() -> None:
    names = {kind: [name for found, name in entries() if found == kind] for kind in ("node", "event", "condition")}
    assert sorted(names["node"]) == sorted(each.__struct_config__.tag for each in get_args(Node))
    assert sorted(names["event"]) == sorted(get_args(Event))
    assert all(is_own(name) for name in names["condition"])
    assert all(entry.en and entry.zh for entry in entries().values())
