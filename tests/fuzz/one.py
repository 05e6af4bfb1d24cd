"""The fuzzer's own process for one mapper: libFuzzer drives it, by the coverage of ``streams.domain``; see ``__main__``."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from pathlib import Path

import atheris

# Before anything of it is imported elsewhere.
with atheris.instrument_imports(include=["streams.domain"]):
    from tests.fuzz.check import check
from tests.fuzz.corpus import texts
from tests.fuzz.mutate import crossed, mutated

#: Kinds of findings that are written down; the same again says nothing new.
_FINDINGS_MAX = 100
#: A payload of the platforms has some kilobytes.
_SIZE_MAX = 32_768


class Run:
    """What was tried, and what was found: in files, for libFuzzer ends the process by itself."""

    def __init__(self, target: str, folder: Path) -> None:
        self._target = target
        self._folder = folder
        self._outcomes: Counter[str] = Counter()
        self._kinds: set[str] = set()

    def one(self, data: bytes) -> None:
        """One input."""
        found = check(self._target, data)
        self._outcomes[found.outcome] += 1
        for wrong in found.wrong:
            kind = re.sub(r"'[^']*'|\"[^\"]*\"|line \S+|-?\d+", "_", wrong)
            if kind not in self._kinds and len(self._kinds) < _FINDINGS_MAX:
                self._kinds.add(kind)
                name = f"finding-{len(self._kinds)}"
                (self._folder / f"{name}.json").write_bytes(data)
                (self._folder / f"{name}.txt").write_text(wrong, "utf-8", errors="backslashreplace")
        if self._outcomes.total() % 100 == 1:
            (self._folder / "outcomes.json").write_text(json.dumps(self._outcomes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    corpus = options.folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, payload in enumerate(texts(options.target)):
        (corpus / f"seed-{number}").write_bytes(payload)
    run = Run(options.target, options.folder)
    atheris.Setup(
        [
            *(
                "fuzz",
                str(corpus),
                f"-max_total_time={options.seconds}",
                f"-seed={options.seed}",
                f"-max_len={_SIZE_MAX}",
            ),
            *("-len_control=0", "-timeout=20", "-rss_limit_mb=1536", f"-artifact_prefix={options.folder}/"),
        ],
        run.one,
        custom_mutator=lambda data, size_max, seed: mutated(options.target, data, size_max, seed),
        custom_crossover=crossed,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
