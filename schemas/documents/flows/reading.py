"""A flow document from its text."""

from __future__ import annotations

from .. import reading
from .document import FORM, Document

Draft = reading.Draft[Document]


def draft(text: str) -> Draft:
    """Read a document, JSON or TOML: typed where its form is right, and every fault of its form."""
    return reading.draft(text, FORM)
