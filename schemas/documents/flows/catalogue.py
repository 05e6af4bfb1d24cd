"""The flows' own part of the catalogue: nodes, events, and facts that a flow itself has of an order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ..rules.catalogue import Entry, read

#: What a condition puts before the name of a field of the merchant's own.
FIELD_PREFIX = "fields."


@cache
def entries() -> Mapping[tuple[str, str], Entry]:
    """All of them, by kind (node, event, condition) and name."""
    return read((files(__package__) / "catalogue.toml").read_text("utf-8"), ("node", "event", "condition"))


def own_condition(name: str, fields: Mapping[str, str]) -> Entry | None:
    """A fact of the flow itself; None: it is none, and perhaps one of the order.

    :param fields: the document's own fields, name -> type.
    """
    found = entries().get(("condition", name))
    if found is None and name.startswith(FIELD_PREFIX) and (kind := fields.get(name.removeprefix(FIELD_PREFIX))):
        return Entry("condition", name, name, name, kind, "", of_lines=False, source="", lacks="")
    return found
