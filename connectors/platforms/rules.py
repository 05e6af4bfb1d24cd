"""What a platform's code means, as tables: the platforms' modules hold the rows, here is how one is looked up and raised.

A rule's verdict is what becomes of the call:

    NUMBER_WRONG, CARRIER_WRONG, REQUEST_WRONG, ORDER_FORBIDS, RETRYABLE   Refused with this outcome
    UNAVAILABLE   Unavailable: not carried out, no order is at fault (the platform's own fault, or the account's: a key, a permission)
    UNSURE        Unsure where the call changes something, Unavailable for a read
    THROTTLED     Throttled

``reread``: the code also stands for "it has this already": the order is read again before the verdict counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from schemas.records import WritebackOutcome

from .base import PlatformError, Refused, Throttled, Unavailable, Unsure

Refusal = Literal["NUMBER_WRONG", "CARRIER_WRONG", "REQUEST_WRONG", "ORDER_FORBIDS", "RETRYABLE"]
Verdict = Refusal | Literal["UNAVAILABLE", "UNSURE", "THROTTLED"]

#: Where a rule comes from: the platform's reference, public clients' code, or our own caution where neither says anything.
Source = Literal["reference", "clients", "caution"]

_WORDS_MAX = 200
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{5}(\d{3})(?!\d)")


class Rule(NamedTuple):
    """One row: these codes mean this."""

    codes: tuple[str, ...]
    verdict: Verdict
    source: Source
    reread: bool = False


class Ambiguous(PlatformError):
    """The platform says no, perhaps because it has done it already: ``verdict`` counts if reading the order doesn't explain it."""

    def __init__(self, verdict: WritebackOutcome, reason: str, code: str) -> None:
        super().__init__(reason, code)
        self.verdict = verdict


def table(*rules: Rule) -> dict[str, Rule]:
    """Rules by code. Raises ValueError for a code that stands twice."""
    found: dict[str, Rule] = {}
    for rule in rules:
        for code in rule.codes:
            if code in found:
                raise ValueError(f"code {code!r} has two rules")
            found[code] = rule
    return found


def error(rule: Rule, reason: str, code: str, *, effect: bool, wait_s: float | None = None) -> PlatformError:
    """The exception of a platform's no. ``effect``: the call was to change something; ``wait_s`` is for THROTTLED."""
    verdict = rule.verdict
    if verdict == "THROTTLED":
        return Throttled(reason, wait_s, code)
    if verdict == "UNAVAILABLE":
        return Unavailable(reason, code)
    if verdict == "UNSURE":
        return Unsure(reason, code) if effect else Unavailable(reason, code)
    if rule.reread and effect:
        return Ambiguous(verdict, reason, code)
    return Refused(verdict, reason, code)


def words(parts: Iterable[object], secrets: Iterable[str] = ()) -> str:
    """A platform's words for a log or the audit: one line, cut, without secrets and whole phone numbers."""
    text = " ".join(" ".join(str(part).split()) for part in parts if part not in (None, ""))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _PHONE.sub(r"\1*****\2", text)
    return text if len(text) <= _WORDS_MAX else f"{text[:_WORDS_MAX]}..."
