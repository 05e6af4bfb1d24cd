"""What the documents of one kind are made of: their types, and what leads there from an older form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar

import msgspec

from . import shape

D = TypeVar("D", bound=msgspec.Struct)
#: Takes plain values of one version of the form and makes those of the next; leaves what it is given as it is.
Migration = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Form(Generic[D]):
    """One kind of document. Its type has ``version``, ``name`` and ``kind``, and leaves ``kind`` out of the canonical bytes."""

    #: As it stands in a document: ``kind = "rules"``.
    kind: str
    type: type[D]
    #: Of the form itself, not of a merchant's document.
    version: int
    #: Entries of one list that are looked at; a longer one is a fault of its shape.
    parts_max: int
    #: Version -> what makes the next one of a document of that version.
    migrations: Mapping[int, Migration] = field(default_factory=dict)
    #: What is known of names that the types do not have.
    known: shape.Known = shape.nothing_known

    @cached_property
    def shape(self) -> msgspec.inspect.Type:
        """What its text is held to."""
        return msgspec.inspect.type_info(self.type)
