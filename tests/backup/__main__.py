"""``make drill``: a site is lost in the middle of a trade and comes back from its backup (``site.py``); exit code 1: something is wrong."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.backup.site import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.backup", description=__doc__)
    parser.add_argument("--orders", type=int, default=50_000, help="generated orders (default: %(default)s)")
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two backups (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=400.0, help="events a second (default: %(default)s)")
    args = parser.parse_args()
    # Whatever ends it, what it has started is stopped on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with TemporaryDirectory(prefix="penstock-drill-") as scratch:
        outcome = run(args.orders, args.every, args.rate, Path(scratch), lambda line: print(line, flush=True))
    print("\n".join(outcome.lines()))
    return 0 if outcome.good else 1


if __name__ == "__main__":
    sys.exit(main())
