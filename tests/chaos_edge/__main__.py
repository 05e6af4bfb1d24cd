"""The edge under fire: platforms that fail, lose and repeat; gateway, dispatcher and writeback worker killed; then everything is counted.

python -m tests.chaos_edge                       the long form: 20 kills, then every mutant's hunt
python -m tests.chaos_edge --short               one small run
python -m tests.chaos_edge --seed 7 --orders 600 --kills 20
python -m tests.chaos_edge --mutant blind-dispatcher
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.chaos_edge.mutants import MUTANTS
from tests.chaos_edge.run import Outcome, Plan, run

LONG = Plan(orders=600, rate=8.0, kills=20, seed=1)
SHORT = Plan(orders=60, rate=12.0, kills=3, seed=1, every_s=2.0)
#: A mutant is hunted without lost pushes: whatever is missing then, the gateway has dropped.
HUNT = Plan(orders=150, rate=8.0, kills=6, seed=2, every_s=3.0, lost_pushes=False, settle_s=120.0)

out = Console(highlight=False, width=None if sys.stdout.isatty() else 140)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos_edge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="one small run")
    parser.add_argument("--no-hunts", action="store_true", help="without the mutants' hunts")
    parser.add_argument("--orders", type=int, help="orders at the platforms")
    parser.add_argument("--kills", type=int, help="processes killed")
    parser.add_argument("--seed", type=int, help="of orders, kills and the platforms' faults")
    parser.add_argument("--mutant", choices=(*MUTANTS, "all"), help="hunt a broken one instead")
    parser.add_argument("--keep", type=Path, help="keep logs and data in this folder")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given = {name: getattr(args, name) for name in ("orders", "kills", "seed") if getattr(args, name) is not None}
    if args.mutant == "all":
        plans = _hunts(list(MUTANTS))
    elif args.mutant:
        plans = _hunts([args.mutant])
    else:
        plans = [SHORT] if args.short else [LONG, *([] if args.no_hunts else _hunts(list(MUTANTS)))]
    # All of them, whatever one finds.
    good = [_shown(replace(plan, **given), args.keep) for plan in plans]
    sys.exit(0 if all(good) else 1)


def _hunts(mutants: list[str]) -> list[Plan]:
    """Of several, the edge as it is too: what such a hunt finds in a mutant is the mutant's."""
    return [replace(HUNT, mutant=name) for name in (*mutants, *([""] if len(mutants) > 1 else []))]


def _shown(plan: Plan, keep: Path | None) -> bool:
    title = f"mutant {plan.mutant}" if plan.mutant else "the edge as it is"
    out.rule(f"{title}: {plan.orders} orders, {plan.kills} kills, seed {plan.seed}")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="penstock-chaos-edge-") as scratch:
        folder = keep / f"{plan.mutant or 'as-it-is'}-{plan.seed}" if keep else Path(scratch)
        outcome = run(plan, folder, lambda line: out.print(f"[dim]{time.monotonic() - begun:6.1f} s  {line}[/]"))
    print_outcome(outcome)
    if plan.mutant:
        out.print("[green]caught[/]" if outcome.caught else "[red]NOT caught: this harness is blind to it[/]")
        return outcome.caught
    return outcome.verdict.good and outcome.in_time


def print_outcome(it: Outcome) -> None:
    """The figures, and every finding."""
    verdict = it.verdict
    kills = ", ".join(f"{name} {n}" for name, n in sorted(it.kills.items()))
    faults = ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in sorted(it.faults.items()))
    dead = ", ".join(f"{outcome} {n}" for outcome, n in sorted(verdict.dead.items())) or "none"
    found = ", ".join(f"{channel} {n}" for channel, n in sorted(it.found_late.items()) if n) or "none"
    out.print(f"orders {it.orders:,}, changes {it.changes:,}; killed: {kills}; faults: {faults}")
    out.print(
        f"parcels {verdict.parcels:,}, written back {verdict.written:,}, ship calls that arrived {verdict.calls:,}, "
        f"retried {it.retried:,}, for a person: {dead}"
    )
    out.print(f"changes that only reconciliation found: {found}; {it.seconds:.0f} s")
    if not it.in_time:
        out.print("[red]it did not come to rest in time[/]")
    for kind, lines in verdict.findings.items():
        out.print(f"[red]{kind}: {len(lines)}[/]")
        for line in lines[:5]:
            out.print(f"  {line}", soft_wrap=True)
    if verdict.good:
        out.print("[green]every parcel once at its platform, no change lost, audit complete[/]")
    else:
        out.print(
            f"again: python -m tests.chaos_edge --seed {it.plan.seed} --orders {it.plan.orders} --kills {it.plan.kills}"
        )


if __name__ == "__main__":
    main()
