"""``python -m tests.connectors.outages``: see the package's text."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.connectors.outages.run import drawn, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.connectors.outages", description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="generated orders (default: %(default)s)")
    parser.add_argument(
        "--outages", type=int, default=10, help="drawn at random, besides each kind once (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=5, help="the same seed draws the same orders and outages")
    parser.add_argument("--data", type=Path, help="keep everything in this folder")
    args = parser.parse_args()
    # Whatever ends it, what it has started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = drawn(args.orders, args.outages, args.seed, each=True)
    print(f"seed {args.seed}: {args.orders:,} orders, {len(plan.outages)} outages", flush=True)
    with TemporaryDirectory(prefix="penstock-outages-") as scratch:
        outcome = run(plan, args.data or Path(scratch), lambda line: print(line, flush=True))
    print("\n".join(outcome.lines()))
    good = not outcome.comparison.differences and not outcome.problems
    if not good:
        again = f"--orders {args.orders} --outages {args.outages} --seed {args.seed}"
        print(f"see it again: python -m tests.connectors.outages {again}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
