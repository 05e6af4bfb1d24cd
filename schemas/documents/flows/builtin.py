"""The flow that comes with Penstock."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ..faults import Refused
from .document import Document
from .reading import draft


@cache
def default() -> Document:
    """What happens to an order where a merchant has drawn nothing."""
    return read((files(__package__) / "default.toml").read_text("utf-8"))


def read(text: str) -> Document:
    """A document whose form is right. Raises Refused."""
    found = draft(text)
    if found.document is None:
        raise Refused(found.faults)
    return found.document
