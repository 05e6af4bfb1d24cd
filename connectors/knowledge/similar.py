"""Which cases a failure is like, and why: the very kind first, then the platform's code, then words; ranks of the three are fused.

Words are ranked by BM25, Chinese cut into pairs of characters, as search engines do that know no dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import bm25s

from connectors.knowledge.cases import Case
from connectors.knowledge.failures import Failure, case_id, masked

SHOWN = 5
#: Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): the constant that its authors found good.
_K = 60
#: Of the failure's words a case must have so many parts of a hundred: what is like it by one common word is not.
_COMMON_LEAST = 40

Why = Literal["the same failure", "the same code", "like words"]
_TOKENS = re.compile(r"[a-z]+|[0-9]+|[\u3400-\u9fff]+")


class Match(NamedTuple):
    """A case that a failure is like."""

    case: Case
    why: tuple[Why, ...]
    score: float


def similar(failure: Failure, cases: Sequence[Case], *, most: int = SHOWN) -> list[Match]:
    """Solved cases that it is like, best first; of no other kind than its own. Helpful ones come before others that are as like."""
    solved = [case for case in cases if case.kind == failure.kind and (case.solved_by is not None or case.said.advice)]
    own = case_id(failure)
    same = [case for case in solved if case.id == own]
    code = [case for case in solved if failure.code and (case.platform, case.code) == (failure.platform, failure.code)]
    ranked: tuple[tuple[Why, Sequence[Case]], ...] = (
        ("the same failure", same),
        ("the same code", sorted(code, key=_of_use)),
        ("like words", _by_words(failure, solved)),
    )
    scores: dict[str, float] = {}
    why: dict[str, list[Why]] = {}
    for reason, them in ranked:
        for rank, case in enumerate(them, start=1):
            scores[case.id] = scores.get(case.id, 0.0) + 1 / (_K + rank)
            why.setdefault(case.id, []).append(reason)
    known = {case.id: case for case in solved}
    # The very kind is the best there is, whatever its rank by the others.
    best = sorted(scores, key=lambda id_: (id_ != own, -scores[id_], _of_use(known[id_]), id_))
    return [Match(known[id_], tuple(why[id_]), scores[id_]) for id_ in best[:most]]


def tokens(text: str) -> list[str]:
    """Words in small letters, and pairs of Chinese characters."""
    found: list[str] = []
    for run in _TOKENS.findall(text.lower()):
        is_chinese = run[0] > "z" and len(run) > 1
        found += [run[at : at + 2] for at in range(len(run) - 1)] if is_chinese else [run]
    return found


def _of_use(case: Case) -> tuple[int, int]:
    """What people found helpful, and what worked more often, first."""
    solved = case.solved_by
    return case.said.not_helpful - case.said.helpful, -(solved.worked if solved is not None else 0)


def _by_words(failure: Failure, cases: Sequence[Case]) -> list[Case]:
    asked = tokens(masked(failure.words))
    corpus = [tokens(case.words) for case in cases]
    if not asked or not any(corpus):
        return []
    index = bm25s.BM25()
    index.index(corpus, show_progress=False)
    scores = index.get_scores(asked)
    wanted = set(asked)
    enough = [
        (float(scores[at]), at)
        for at, its in enumerate(corpus)
        if 100 * len(wanted & set(its)) >= _COMMON_LEAST * len(wanted)
    ]
    return [cases[at] for _, at in sorted(enough, key=lambda each: (-each[0], each[1]))]
