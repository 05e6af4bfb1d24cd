"""The documents that come with Penstock: the built-in rule, and examples of other products' shape."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ..faults import Refused
from .document import Document
from .reading import draft


@cache
def default() -> Document:
    """What decides where a merchant has no rules."""
    return read(default_text())


def default_text() -> str:
    """The same as it is written."""
    return (files(__package__) / "default.toml").read_text("utf-8")


def examples() -> Mapping[str, str]:
    """Name -> text."""
    folder = files(__package__) / "examples"
    return {
        each.name.removesuffix(".toml"): each.read_text("utf-8")
        for each in folder.iterdir()
        if each.name.endswith(".toml")
    }


def read(text: str) -> Document:
    """A document whose form is right. Raises Refused."""
    found = draft(text)
    if found.document is None:
        raise Refused(found.faults)
    return found.document
