"""python -m tests.connectors.knowledge.recall: does the knowledge base find what helped, among three?

The labelled failures happen by chance over eight weeks. Those of the first six are solved, as far as somebody dealt with their cause; for
each of the last two weeks whose cause was solved before, it counts whether one of the first three cases is of that cause. Beside it the
same without the exact kind and the code, by words alone. A labelled set of one's own making says whether the way works, not how well it
does for a merchant: their platforms say other things.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from connectors.knowledge.cases import cases_of
from connectors.knowledge.failures import Failure, case_id
from connectors.knowledge.similar import similar
from tests.connectors.knowledge.made import BEGIN, deed, failure

LABELLED = Path(__file__).with_name("labelled.toml")
WEEKS, LEARNED_WEEKS, SHOWN = 8, 6, 3
#: Of causes, those in a hundred that somebody dealt with in the first weeks.
DEALT_WITH = 80


class Recall(NamedTuple):
    """Failures whose cause was solved before, and those of them for which a case of it was shown."""

    asked: int
    found: int
    #: Of the same, by cause.
    missed: Counter[str]

    @property
    def share(self) -> float:
        return self.found / self.asked if self.asked else 0.0


def history(random: Random, failures: int) -> list[tuple[str, Failure]]:
    """(cause, failure), in the order in which they happen."""
    kinds = tomllib.loads(LABELLED.read_text("utf-8"))["failure"]
    found = []
    for number in range(failures):
        kind = random.choice(kinds)
        words = random.choice(kind["words"]).replace("{n}", str(random.randrange(10**9, 10**12)))
        at = BEGIN + timedelta(weeks=WEEKS) * (number / failures)
        about = {"kind": kind.get("kind", "writeback"), "platform": kind["platform"], "at": at}
        found.append((kind["cause"], failure(number, words, kind["code"], **about)))
    return found


def measured(happened: list[tuple[str, Failure]], random: Random, *, by_words_alone: bool = False) -> Recall:
    """``by_words_alone``: no case of the very kind or code is there to be found."""
    causes = sorted({cause for cause, _ in happened})
    dealt_with = {cause for cause in causes if random.randrange(100) < DEALT_WITH}
    until = BEGIN + timedelta(weeks=LEARNED_WEEKS)
    learned = [
        each._replace(deed=deed()) if cause in dealt_with else each for cause, each in happened if each.at < until
    ]
    cause_of: dict[str, set[str]] = defaultdict(set)
    for cause, each in happened:
        cause_of[case_id(each)].add(cause)
    cases = cases_of(learned)
    solved = {cause for case in cases if case.solved_by is not None for cause in cause_of[case.id]}
    asked = found = 0
    missed: Counter[str] = Counter()
    for cause, each in happened:
        if each.at < until or cause not in solved:
            continue
        there = cases
        if by_words_alone:
            there = [c for c in cases if c.id != case_id(each) and (c.platform, c.code) != (each.platform, each.code)]
            if not each.words or not any(
                cause in cause_of[c.id] and c.solved_by and c.kind == each.kind for c in there
            ):
                continue
        asked += 1
        if any(cause in cause_of[match.case.id] for match in similar(each, there, most=SHOWN)):
            found += 1
        else:
            missed[cause] += 1
    return Recall(asked, found, missed)


def main() -> None:
    """Prints both."""
    happened = history(Random(8), 1_200)
    for title, alone in (("as it is asked", False), ("by words alone, nothing of its code known", True)):
        it = measured(happened, Random(1), by_words_alone=alone)
        missed = ", ".join(f"{cause} {count}" for cause, count in it.missed.most_common(5)) or "none"
        print(f"recall@{SHOWN} {title}: {it.share:.3f} ({it.found} of {it.asked}); missed: {missed}")


if __name__ == "__main__":
    main()
