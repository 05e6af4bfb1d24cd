"""A rule document from its text."""

from __future__ import annotations

from .. import reading
from ..form import Form
from ..reading import around
from .catalogue import why_not
from .document import PARTS_MAX, VERSION, Document

__all__ = ["FORM", "Draft", "around", "draft"]

FORM = Form("rules", Document, VERSION, PARTS_MAX, known=why_not)
Draft = reading.Draft[Document]


def draft(text: str) -> Draft:
    """Read a document, JSON or TOML: typed where its form is right, and every fault of its form."""
    return reading.draft(text, FORM)
