"""Real workers, a real Kafka, real orders, and faults from a seeded schedule; then every decision is checked.

    python -m tests.chaos                          the long form: several seeds of each workload, all mutants; writes RESULTS.md
    python -m tests.chaos --short                  four minutes
    python -m tests.chaos --workload plenty --seed 3 --seeds 1        one run again
    python -m tests.chaos --mutant overlay-kept    one mutant's hunt; --mutant all: every one

Workloads: plenty (the whole path; every decision compared with an undisturbed run), scarce (contention, rejections, backorders), counting
(dedup and numbering on the engine alone; the output byte for byte and in order).
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy.local import LocalKafka
from tests.chaos import report
from tests.chaos.checks.penstock import decisions
from tests.chaos.counting import Counting
from tests.chaos.faults import FAULTS, INPUTS
from tests.chaos.hunt import hunt, known_mutants
from tests.chaos.run import STOPPING, Run, Verdict
from tests.chaos.schedule import parsed, schedule
from tests.chaos.shop import Shop

if TYPE_CHECKING:
    from tests.chaos.stock_faust import Toll

#: Real orders beside the checkout, or a folder further up.
SAMPLES = [p / "shared/data/online-retail-sample.csv.gz" for p in Path(__file__).resolve().parents[3:5]]


Say = Callable[[str], None]


class Plan(NamedTuple):
    """A run of the long form."""

    workload: str
    orders: int
    kills: int


#: At least a million orders and 200 kills. Every run has each fault; the counting app is fast and carries most of the orders.
LONG = (
    *(Plan("plenty", 40_000, 40), Plan("counting", 300_000, 40), Plan("scarce", 40_000, 40)),
    *(Plan("counting", 300_000, 40), Plan("plenty", 40_000, 40), Plan("counting", 300_000, 40)),
)
#: ``scarce`` has sales before goods are there.
SHORT = (Plan("plenty", 1_500, 4), Plan("counting", 5_000, 8), Plan("scarce", 800, 3))
SHORT_FAULTS = ("kill", "zombie", "broker-kill", "folder-lost")


def main() -> int:
    args = _arguments()
    # So that workers and broker are ended on SIGTERM too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    began = time.monotonic()
    say: Say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    with ThreadPoolExecutor(args.jobs) as pool:
        try:
            return _mutants(args, say, pool) if args.mutant else _runs(args, say, pool, began)
        except BaseException:
            STOPPING.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _runs(args: argparse.Namespace, say: Say, pool: Executor, began: float) -> int:
    plans = [(plan, args.seed + number) for number, plan in enumerate(_plans(args))]
    verdicts, failures = [], []
    done = pool.map(lambda each: perform(*each, args, say), plans)
    for (plan, seed), verdict in zip(plans, done, strict=True):
        verdicts.append(verdict)
        if verdict.violations:
            failures.append(report.failure(verdict, again(plan, seed, args)))
            say(failures[-1])
    sections = [report.table(verdicts), report.kills_table(verdicts)]
    if not (args.short or args.workload or args.seeds or args.acts):
        more, missed = _can_it_fail(args.seed, say, pool)
        sections += more
        failures += missed
        report.write(sections, " ".join(["python -m tests.chaos", *sys.argv[1:]]))
    if args.json:
        print(json.dumps({"commit": report.commit(), "runs": [report.as_dict(v) for v in verdicts]}, indent=2))
    else:
        print("\n\n".join(sections))
        print(f"\n{len(failures)} failures in {time.monotonic() - began:.0f} s, commit {report.commit()}")
    for text in failures:
        print(text, file=sys.stderr)
    return 1 if failures else 0


def _can_it_fail(seed: int, say: Say, pool: Executor) -> tuple[list[str], list[str]]:
    """The harness with broken engines in it, and with stock Faust: (sections of the report, what went unnoticed)."""
    known = known_mutants()
    if not known:
        return ["There is no module of mutants here."], []
    toll_due, sound_due = pool.submit(stock_faust, seed), pool.submit(hunt, None, seed, say)
    caught, sound = _hunt_all(sorted(known), seed, say, pool), sound_due.result()
    failures = [
        f"NOT CAUGHT: {name}; again: python -m tests.chaos --mutant {name} --seed {seed}"
        for name, verdict in caught.items()
        if not verdict.violations
    ]
    failures += _unsound((sound, *_sound_elsewhere(caught, seed, say, pool)))
    toll = toll_due.result()
    line = f"Stock Faust, 40,000 orders, 8 times `kill -9`, seed {seed}: {toll.lost} lost, {toll.doubled} doubled"
    if not toll.lost:
        failures.append(f"NOT CAUGHT: stock Faust; again: python -m tests.chaos.stock_faust --seed {seed}")
    return [
        report.mutants_table(caught, known),
        f"The engine as it is, in the same hunt: {len(sound.violations)} violations.",
        f"{line} (`python -m tests.chaos.stock_faust --seed {seed}`).",
    ], failures


def stock_faust(seed: int) -> Toll:
    """What kills cost stock Faust, on a broker of its own."""
    from tests.chaos.stock_faust import lost_by_stock_faust

    with tempfile.TemporaryDirectory() as folder, LocalKafka(Path(folder)) as kafka:
        return lost_by_stock_faust(kafka.bootstrap, 40_000, 8, seed)


def perform(plan: Plan, seed: int, args: argparse.Namespace, say: Say) -> Verdict:
    """One run, and the undisturbed one beside it where it is compared with one."""
    kinds = [name for name in args.faults if name in INPUTS]
    acts = parsed(args.acts) if args.acts else schedule(seed, plan.kills, [f for f in args.faults if f in FAULTS])
    protocol = {"GROUP_PROTOCOL": args.protocol or ("consumer" if seed % 3 == 0 else "classic")}
    if plan.workload == "counting":
        run = Run(Counting(plan.orders, seed, kinds=kinds), seed, say, env=protocol, keep=args.keep)
        run.perform(acts, FAULTS)
        return run.verdict
    sample = args.sample if plan.workload == "plenty" and args.sample and args.sample.exists() else None
    shop = Shop(plan.orders, seed, plan.workload == "plenty", kinds=kinds, sample=sample)
    say(f"{shop.name}: {shop.orders:,} orders; first undisturbed, to compare with")
    calm_run = Run(shop, seed, say)
    calm = calm_run.perform((), FAULTS, after=decisions)
    run = Run(shop, seed, say, env=protocol, keep=args.keep)
    run.perform(acts, FAULTS, calm=calm)
    # An undisturbed run that is wrong proves nothing for the disturbed one.
    run.verdict.violations += calm_run.verdict.violations
    run.verdict.seconds += calm_run.verdict.seconds
    return run.verdict


def again(plan: Plan, seed: int, args: argparse.Namespace) -> str:
    """The command that repeats a run."""
    command = (
        f"python -m tests.chaos --workload {plan.workload} --orders {plan.orders} --kills {plan.kills} --seed {seed}"
    )
    command += f" --seeds 1 --faults {','.join(args.faults)}"
    if args.acts:
        command += f" --acts {args.acts}"
    return command + (f" --protocol {args.protocol}" if args.protocol else "")


def _plans(args: argparse.Namespace) -> list[Plan]:
    plans: list[Plan] = list(SHORT if args.short else LONG)
    if args.workload:
        plans = [plan for plan in plans if plan.workload == args.workload] or [Plan(args.workload, 20_000, 20)]
    if args.seeds:
        plans = (plans * args.seeds)[: args.seeds]
    return [
        plan._replace(orders=args.orders or plan.orders, kills=plan.kills if args.kills is None else args.kills)
        for plan in plans
    ]


def _mutants(args: argparse.Namespace, say: Say, pool: Executor) -> int:
    known = known_mutants()
    if args.mutant == "sound":
        names: list[str] = []
    elif args.mutant == "all":
        names = sorted(known)
    elif args.mutant in known:
        names = [args.mutant]
    else:
        print(f"there is no mutant {args.mutant!r}; there are: all, sound, {', '.join(sorted(known))}", file=sys.stderr)
        return 2
    caught = _hunt_all(names, args.seed, say, pool)
    failed = any(not verdict.violations for verdict in caught.values())
    if args.mutant in ("all", "sound"):
        wrong = _unsound((hunt(None, args.seed, say), *_sound_elsewhere(caught, args.seed, say, pool)))
        failed |= bool(wrong)
        print("\n".join(wrong) or "sound: 0 violations")
    print(report.mutants_table(caught, known))
    return 1 if failed else 0


def _hunt_all(names: list[str], seed: int, say: Say, pool: Executor) -> dict[str, Verdict]:
    caught = dict(zip(names, pool.map(lambda name: hunt(name, seed, say), names), strict=True))
    for name, verdict in caught.items():
        say(f"{name}: caught by {verdict.checks or 'nothing'}")
    return caught


def _sound_elsewhere(caught: Mapping[str, Verdict], seed: int, say: Say, pool: Executor) -> Iterable[Verdict]:
    """Of mutants that another seed has caught the sound engine must pass that seed's hunt too."""
    others = {int(v.name.rpartition("-")[2]) for v in caught.values() if v.violations} - {seed}
    return pool.map(lambda other: hunt(None, other, say), sorted(others))


def _unsound(hunted: Iterable[Verdict]) -> list[str]:
    """What is to be said of hunts in which the sound engine did not pass."""
    return [
        report.failure(v, f"python -m tests.chaos --mutant {v.name.replace('-', ' --seed ')}")
        for v in hunted
        if v.violations
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the first run; each further one has the next (%(default)s)"
    )
    parser.add_argument("--seeds", type=int, help="how many runs; the long form's plan otherwise")
    parser.add_argument("--workload", choices=("plenty", "scarce", "counting"), help="only this one")
    parser.add_argument("--orders", type=int, help="of each run")
    parser.add_argument("--kills", type=int, help="of each run, about")
    names = [*FAULTS, *INPUTS]
    parser.add_argument(
        "--faults",
        type=lambda text: _known(text.split(","), names),
        default=None,
        help=f"only these, of: {', '.join(names)}",
    )
    parser.add_argument("--acts", help="this very schedule: kill:commit,zombie:begin,...")
    parser.add_argument(
        "--protocol", choices=("classic", "consumer"), help="of the group; every third seed has consumer"
    )
    parser.add_argument(
        "--sample",
        type=Path,
        default=next((p for p in SAMPLES if p.exists()), None),
        help="real orders, added to plenty where the file is there",
    )
    parser.add_argument("--mutant", help="hunt this mutant; all; sound: the same hunt with the engine as it is")
    parser.add_argument("--keep", action="store_true", help="keep the folder of a run with violations")
    parser.add_argument("--jobs", type=int, help="runs at a time, each with a broker of its own (2 in the long form)")
    parser.add_argument("--short", action="store_true", help="about four minutes")
    parser.add_argument("--json", action="store_true", help="print the runs as JSON")
    args = parser.parse_args()
    args.jobs = args.jobs or (1 if args.short or args.workload else 2)
    if args.faults is None:
        args.faults = [*SHORT_FAULTS, *INPUTS] if args.short else names
    return args


def _known(words: list[str], names: list[str]) -> list[str]:
    for word in words:
        if word not in names:
            raise argparse.ArgumentTypeError(f"there is no fault {word!r}; there are: {', '.join(names)}")
    return words


if __name__ == "__main__":
    sys.exit(main())
