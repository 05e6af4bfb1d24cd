"""The benchmark: Penstock beside its peers, on one broker, on the same bytes, in interleaved rounds.

    python -m tests.bench [--only dedup,scale] [--rounds 3] [--quick] [--json FILE]

A table is a module ``tests/bench/<name>.py`` with ``def run(bench: Bench) -> Iterable[Report]`` (measure.py, report.py); one line in
``TABLES`` makes it part of the run.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import tempfile
import time
from pathlib import Path

from deploy.local import LocalStackError
from tests.bench.java_build import BuildFailed
from tests.bench.measure import Bench, ContestantDied, end_on_sigterm
from tests.bench.report import Report, console

TABLES = {
    "dedup": "the dedup stage, Penstock and its peers",
    "whole_path": "raw channel event to allocation, beside the same saga in Kafka Streams",
    "latency": "order to allocation at given rates, beside Kafka Streams",
    "scale": "10^5, 10^6, 10^7 keys; workers; partitions",
    "restore": "state rebuilt from the changelog, and restart with the disk kept",
    "edge": "change at a platform to order accepted, at given rates over five channels",
    "sink": "topics into Postgres, beside plain COPY and Quix Streams' sink",
    "mapping": "decode, map, dedup and encode: cost per channel",
    "codec": "Avro bodies by record type, beside fastavro",
    "rules": "a routing decision by compiled rules, beside GoRules' engine",
    "rules_path": "raw channel event to allocation by a released rule document, beside the built-in rule",
    "flows": "a step of a compiled flow",
    "console": "the console's answers over 200,000 orders, and what 200 watchers cost",
}


def measure(bench: Bench, names: list[str]) -> list[Report]:
    """Runs the tables named, showing each as soon as it is there."""
    reports = []
    for name in names:
        for report in importlib.import_module(f"tests.bench.{name}").run(bench):
            report.show(bench.console)
            reports.append(report)
    return reports


def machine() -> dict[str, object]:
    """Where the figures come from: they mean nothing without it."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        epilog="tables: " + "; ".join(f"{name}: {what}" for name, what in TABLES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default=",".join(TABLES), help="tables, separated by commas (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each table (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one round: shows that it works, not how fast")
    parser.add_argument("--json", type=Path, metavar="FILE", help="writes the figures there too")
    args = parser.parse_args()
    names = [name for name in args.only.split(",") if name]
    if unknown := set(names) - set(TABLES):
        parser.error(f"no such table: {', '.join(sorted(unknown))}; there are {', '.join(TABLES)}")
    end_on_sigterm()
    out = console()
    with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
        bench = Bench(out, Path(folder), 1 if args.quick else args.rounds, args.quick)
        try:
            reports = measure(bench, names)
        except KeyboardInterrupt:
            raise SystemExit("interrupted") from None
        except (ContestantDied, BuildFailed, LocalStackError) as error:
            raise SystemExit(str(error)) from None
    if args.json:
        content = {"machine": machine(), "tables": {report.name: report.as_json() for report in reports}}
        args.json.write_text(json.dumps(content, indent=2) + "\n")


if __name__ == "__main__":
    main()
