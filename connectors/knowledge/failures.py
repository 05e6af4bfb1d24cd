"""A failure, and what tells one kind from another: who refused what, with which code, in which words."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from schemas.texts import template_of

#: A changed way to tell kinds apart is another version: a case of an older one is not taken for its like.
VERSION = 1
#: What stands for something of one order alone.
GAP = "…"

#: What is of one order alone, the narrower first: quoted values, addresses on the net, numbers with what they are written together with.
_OF_ONE = re.compile(
    r"""'[^']*' | "[^"]*" | “[^”]*” | ‘[^’]*’ | 「[^」]*」 | 【[^】]*】 | \[[^\]]*\]
      | https?://\S+ | [\w.+-]+@[\w-]+\.[\w.]+
      | [A-Za-z0-9_-]*[0-9](?:[A-Za-z0-9_:./+-]*[A-Za-z0-9])?""",
    re.VERBOSE,
)
_FIELD_OF_TEMPLATE = re.compile(r"\{\d+!?\}")
_GAPS = re.compile(rf"{GAP}(?:[\s,;:/]*{GAP})+")


class Deed(NamedTuple):
    """What a person did about a failure."""

    #: redriven, abandoned, resubmitted, discarded, released, cancelled.
    action: str
    by: str
    #: Why, in their words.
    because: str
    at: datetime
    #: Whether what they wanted came of it; None: it has not turned out yet.
    worked: bool | None


class Failure(NamedTuple):
    """One thing that went wrong, of an order or record."""

    #: review, writeback, held, no stock, refused row.
    kind: str
    #: The channel; empty: none has to do with it.
    platform: str
    #: What was tried: intake, writeback, allocation, or the topic whose record a database refused.
    operation: str
    #: As whoever refused it says it, without the words.
    code: str
    words: str
    shop: str
    #: The order id, or a record as topic/partition@offset.
    subject: str
    at: datetime
    deed: Deed | None = None


def masked(words: str) -> str:
    """Without what is of one order alone; of a sentence of the hub's own its template."""
    left = _GAPS.sub(GAP, _OF_ONE.sub(GAP, words)).strip()
    return _own(left) or left


def is_own(left: str) -> bool:
    """Whether the hub itself says so, of masked words: then no name of a person can stand beside its gaps."""
    return _own(left) is not None


# Once the gaps are out, a million failures say a few things.
@lru_cache(4096)
def _own(left: str) -> str | None:
    template = template_of(left)
    return None if template is None else _GAPS.sub(GAP, _FIELD_OF_TEMPLATE.sub(GAP, template))


def case_id(failure: Failure) -> str:
    """Of the kind of failure, ``K`` and ten digits: the same wherever and whenever it is asked."""
    parts = (str(VERSION), failure.kind, failure.platform, failure.operation, failure.code, masked(failure.words))
    return f"K{sha256(chr(0).join(parts).encode()).hexdigest()[:10]}"
