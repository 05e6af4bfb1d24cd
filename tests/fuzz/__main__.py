"""``make fuzz``: ten minutes for each platform's mapper of orders and of after-sales; exit code 1 when something was found.

A payload may end in review, or as an order. What must never be: an exception, a record that cannot be written, an order with a quantity, an
amount or a receiver's word that its payload does not have. atheris (libFuzzer) chooses what to try by the lines of ``streams.domain`` that
it reaches; ``mutate`` keeps it JSON, ``oracle`` holds what was accepted against the payload. Findings stay in ``--folder``, each with its
payload: ``--again FILE --channel CHANNEL`` shows one again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from schemas.topics import CHANNELS
from tests.fuzz.check import check
from tests.fuzz.corpus import TARGETS, channel_of


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make fuzz", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seconds", type=int, default=600, help="for each mapper")
    parser.add_argument("--channel", choices=CHANNELS, help="this one alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=Path(".penstock/fuzz"))
    parser.add_argument("--again", type=Path, metavar="FILE", help="read this payload, and say what is wrong")
    options = parser.parse_args()
    if options.again:
        if not options.channel:
            parser.error("--again needs --channel")
        return max(_show(target, options.again) for target in TARGETS if channel_of(target)[0] == options.channel)
    found = 0
    for target in TARGETS:
        if options.channel in (None, channel_of(target)[0]):
            found += _fuzz(target, options.seconds, options.seed, options.folder / f"{target}-{int(time.time())}")
    print("nothing was found" if not found else f"{found} findings")
    return 1 if found else 0


def _fuzz(target: str, seconds: int, seed: int, folder: Path) -> int:
    """Runs the mapper's process; the number of its findings."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.fuzz.one", target, "--seconds", str(seconds), "--seed", str(seed)]
    with (folder / "log").open("wb") as log:
        code = subprocess.run(
            [*command, "--folder", str(folder)], stdout=log, stderr=log, timeout=seconds + 300
        ).returncode
    outcomes = json.loads((folder / "outcomes.json").read_text()) if (folder / "outcomes.json").exists() else {}
    tried = sum(outcomes.values())
    told = ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()))
    print(f"{target}: {tried:,} payloads in {seconds} s: {told}", flush=True)
    findings = sorted(folder.glob("finding-*.txt"))
    for each in findings:
        print(f"  {each.read_text('utf-8')}\n    {each.with_suffix('.json')}", flush=True)
    if code or not tried:
        print(f"  the fuzzer ended with code {code} after {tried:,} payloads: {folder / 'log'}", flush=True)
        return len(findings) + 1
    return len(findings)


def _show(target: str, path: Path) -> int:
    found = check(target, path.read_bytes())
    print(f"{target}: {found.outcome}")
    for wrong in found.wrong:
        print(f"  {wrong}")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
