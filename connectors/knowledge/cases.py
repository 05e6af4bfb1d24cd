"""Failures of one kind together: how many, since when, what was done about them and how often that worked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from connectors.knowledge.failures import GAP, Deed, Failure, case_id, is_own, masked

#: A platform's word is shown once it was said of so many orders: a name is of one buyer.
SAID_OF = 3
_WORDS = re.compile(rf"[^\s{GAP},;:，；：。()（）]+|[\s{GAP},;:，；：。()（）]+")


class Said(NamedTuple):
    """What people say of a case, as the audit has it."""

    #: What to do, the last that was written; empty: nothing was.
    advice: str = ""
    by: str = ""
    helpful: int = 0
    not_helpful: int = 0


class Handling(NamedTuple):
    """What was done about failures of a case."""

    action: str
    #: How often it worked, did not, and has not turned out yet.
    worked: int
    failed: int
    open: int
    #: The last time: who, why in their words, when.
    last: Deed


class Case(NamedTuple):
    """Failures of one kind."""

    id: str
    kind: str
    platform: str
    operation: str
    code: str
    #: What is common to them; gaps for the rest.
    words: str
    shops: tuple[str, ...]
    times: int
    #: Those about which nothing was done yet.
    untouched: tuple[str, ...]
    first: datetime
    last: datetime
    #: What worked most often first.
    handled: tuple[Handling, ...]
    said: Said = Said()

    @property
    def solved_by(self) -> Handling | None:
        """What worked, if anything did."""
        return self.handled[0] if self.handled and self.handled[0].worked else None


def cases_of(failures: Iterable[Failure], said: Mapping[str, Said] | None = None) -> list[Case]:
    """Cases, what happened last first. ``said``: by case."""
    together: dict[str, list[Failure]] = defaultdict(list)
    found = sorted(failures, key=lambda each: each.at)
    for each in found:
        together[case_id(each)].append(each)
    common = _said_of_several(found)
    cases = [_case(id_, them, common, (said or {}).get(id_, Said())) for id_, them in together.items()]
    return sorted(cases, key=lambda case: case.last, reverse=True)


def _case(id_: str, them: Sequence[Failure], common: frozenset[str], said: Said) -> Case:
    first, last = them[0], them[-1]
    words = masked(last.words)
    return Case(
        id_,
        *(last.kind, last.platform, last.operation, last.code),
        words if is_own(words) else _only(words, common),
        tuple(sorted({each.shop for each in them if each.shop})),
        len(them),
        tuple(dict.fromkeys(each.subject for each in them if each.deed is None)),
        first.at,
        last.at,
        _handled([each.deed for each in them if each.deed is not None]),
        said,
    )


def _handled(deeds: Sequence[Deed]) -> tuple[Handling, ...]:
    together: dict[str, list[Deed]] = defaultdict(list)
    for deed in sorted(deeds, key=lambda each: each.at):
        together[deed.action].append(deed)
    found = []
    for action, them in together.items():
        came = Counter(deed.worked for deed in them)
        found.append(Handling(action, came[True], came[False], came[None], them[-1]))
    return tuple(sorted(found, key=lambda each: (-each.worked, each.failed, each.action)))


def _said_of_several(failures: Iterable[Failure]) -> frozenset[str]:
    """Words that were said of at least SAID_OF orders."""
    said_of: dict[str, set[str]] = defaultdict(set)
    for each in failures:
        words = masked(each.words)
        if not is_own(words):
            for word in _WORDS.findall(words):
                if len(said_of[word]) < SAID_OF:
                    said_of[word].add(each.subject)
    return frozenset(word for word, subjects in said_of.items() if len(subjects) >= SAID_OF)


def _only(words: str, common: frozenset[str]) -> str:
    kept = [word if not word.strip() or word in common or not _is_word(word) else GAP for word in _WORDS.findall(words)]
    return re.sub(rf"{GAP}(?:\s*{GAP})+", GAP, "".join(kept)).strip()


def _is_word(text: str) -> bool:
    return any(each.isalnum() for each in text)
