"""What a platform's code means, as tables: the platforms' modules hold the rows, here is how one is looked up and raised.

A rule's verdict is what becomes of the call:

    NUMBER_WRONG, CARRIER_WRONG, REQUEST_WRONG, ORDER_FORBIDS, RETRYABLE   Refused with this outcome
    HELD          Held: the order is locked, under review or in an after-sale now; what is sent is sent later
    UNAVAILABLE   Unavailable: not carried out, no order is at fault (the platform's own fault, or the account's: a key, a permission)
    UNSURE        Unsure where the call changes something, Unavailable for a read
    THROTTLED     Throttled

``reread``: the code also stands for "it has this already", or for "not now": the order is read again before the verdict counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from connectors.endings import CallError, Held, Throttled, Unavailable, Unsure
from streams.ops.masking import without_phones

from .base import Refused

Refusal = Literal["NUMBER_WRONG", "CARRIER_WRONG", "REQUEST_WRONG", "ORDER_FORBIDS", "RETRYABLE"]
#: What may count once the order has been read again.
NotNow = Literal["HELD"]
Verdict = Refusal | NotNow | Literal["UNAVAILABLE", "UNSURE", "THROTTLED"]

#: Where a rule comes from: the platform's reference, public clients' code, or our own caution where neither says anything.
Source = Literal["reference", "clients", "caution"]

_WORDS_MAX = 200
#: What is not like this is no code: it is words, where a code is expected.
_CODE = re.compile(r"[\w.:/-]{0,100}", re.ASCII)


class Rule(NamedTuple):
    """One row: these codes mean this."""

    codes: tuple[str, ...]
    verdict: Verdict
    source: Source
    reread: bool = False


class Ambiguous(CallError):
    """The platform says no, perhaps because it has done it already: ``verdict`` counts if reading the order doesn't explain it."""

    def __init__(self, verdict: Refusal | NotNow, reason: str, code: str, said: str = "") -> None:
        super().__init__(reason, code, said)
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


def error(rule: Rule, asked: str, code: str, said: str, *, effect: bool, wait_s: float | None = None) -> CallError:
    """The exception of a platform's no.

    :param asked: who answered to what, in the hub's words; :param said: the platform's.
    :param effect: the call was to change something; :param wait_s: for THROTTLED.
    """
    if not _CODE.fullmatch(code):
        code, said = "", f"{words((code,))} {said}".strip()
    reason = f"{asked} with {code}" if code else f"{asked} with a no that has no code"
    verdict = rule.verdict
    if verdict == "THROTTLED":
        return Throttled(reason, wait_s, code, said)
    if verdict == "UNAVAILABLE":
        return Unavailable(reason, code, said)
    if verdict == "UNSURE":
        return Unsure(reason, code, said) if effect else Unavailable(reason, code, said)
    if rule.reread and effect:
        return Ambiguous(verdict, reason, code, said)
    if verdict == "HELD":
        # A read is not held back.
        return Held(reason, code, said) if effect else Unavailable(reason, code, said)
    return Refused(verdict, reason, code, said)


def words(parts: Iterable[object], secrets: Iterable[str] = ()) -> str:
    """A platform's words: one line, cut, without secrets and whole phone numbers."""
    text = " ".join(" ".join(str(part).split()) for part in parts if part not in (None, ""))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = without_phones(text)
    return text if len(text) <= _WORDS_MAX else f"{text[:_WORDS_MAX]}..."
