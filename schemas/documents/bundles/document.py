"""Combined goods as a merchant writes them down. ``bundles.schema.json`` beside this file is made of these types."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from ..form import Form
from ..parts import Name, Part, Remark

VERSION = 1
BUNDLES_MAX, PARTS_MAX, PIECES_MAX = 10_000, 50, 1_000


class BundlePart(Part, frozen=True):
    """Pieces of a SKU in one bundle."""

    sku: Name
    pieces: Annotated[int, Meta(ge=1, le=PIECES_MAX)] = 1


class Bundle(Part, frozen=True):
    """A SKU that is sold as one and shipped as its parts, none of which is a bundle."""

    sku: Name
    parts: Annotated[tuple[BundlePart, ...], Meta(min_length=1, max_length=PARTS_MAX)]


class Document(Part, frozen=True):
    """Bundles. One that a later version of the document leaves out is none any more: its SKU is shipped as itself."""

    version: Literal[1]
    name: Name
    bundles: Annotated[tuple[Bundle, ...], Meta(min_length=1, max_length=BUNDLES_MAX)]
    description: Remark = ""
    kind: Literal["bundles"] = "bundles"


FORM = Form("bundles", Document, VERSION, BUNDLES_MAX)
