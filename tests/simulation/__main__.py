"""Histories by the thousand.

    python -m tests.simulation --histories 2000 --seed 1

A seed is lived twice, disturbed and undisturbed, and the two are compared: that counts as two histories. The first violation ends the run
and says how to see it again.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections import Counter

from rich.progress import track

from tests.simulation.history import live
from tests.simulation.truth import Violation


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--histories", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1, help="the first; the others follow it")
    args = parser.parse_args()
    # The engine tells of each fault; here there is nothing but faults.
    logging.disable(logging.CRITICAL)

    seeds = range(args.seed, args.seed + (args.histories + 1) // 2)
    crashes: Counter[str] = Counter()
    transactions = 0
    began = time.monotonic()
    for seed in track(seeds, description="histories, two a seed", disable=not sys.stderr.isatty()):
        try:
            history = live(seed)
        except Violation as exc:
            print(f"seed {seed}: {exc}")
            return 1
        crashes += history.crashes
        transactions += history.told.steps
    took_s = time.monotonic() - began
    print(
        f"{2 * len(seeds)} histories from seed {args.seed} in {took_s:.1f} s, {120 * len(seeds) / took_s:,.0f} a minute: 0 violations; "
        f"{transactions:,} commits and {crashes.total():,} crashes in the disturbed half"
    )
    print("crashes " + ", ".join(f"{where} {times}" for where, times in sorted(crashes.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
