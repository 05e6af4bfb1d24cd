"""A document's canonical bytes and their hash: equal for equal documents, however they were written down."""

from __future__ import annotations

from hashlib import sha256

import msgspec


def canonical(document: msgspec.Struct) -> bytes:
    """JSON without blanks, keys sorted, what has its default left out."""
    return msgspec.json.encode(document, order="sorted")


def digest(document: msgspec.Struct) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return sha256(canonical(document)).hexdigest()
