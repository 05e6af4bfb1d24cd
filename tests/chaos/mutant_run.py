"""One mutant, one fault, one run of the counting app on a real Kafka: does the difference show?

    python -m tests.chaos.mutant_run                        every mutant with every fault it names, and the sound engine with each of them
    python -m tests.chaos.mutant_run --mutant overlay-kept --fault stop:commit --seed 3

Prints what was lost, doubled or decided otherwise than in an undisturbed run. Exit code 1: a mutant went unnoticed, or the sound engine did
not pass.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from confluent_kafka import Consumer, TopicPartition

from deploy.local import broker
from tests.chaos.mutants import MUTANTS
from tests.engine.harness import Record, Rig, expected, orders, rig

MODULE = "tests.chaos.mutant_counting_app"

#: Faults of this app; what else a mutant names is for the whole system's harness.
KINDS = ("kill", "stop", "zombie", "input:poison")

#: Past the counting app's session (3 s) and transaction (4 s).
_SLEEP_S = 8.0
_NTH = 4
_ORDERS = 3_000


class Difference(NamedTuple):
    """From an undisturbed run of the same input, in orders."""

    lost: int
    doubled: int
    #: Decided once, but not as it should be.
    otherwise: int

    def __bool__(self) -> bool:
        return any(self)


def difference(want: Mapping[int, Sequence[Record]], have: Mapping[int, Sequence[Record]]) -> Difference:
    """Of decisions per partition."""
    lost = doubled = otherwise = 0
    for partition in want.keys() | have.keys():
        due = dict(want.get(partition, ()))
        met = Counter(key for key, _ in have.get(partition, ()))
        lost += len(due.keys() - met.keys())
        doubled += sum(times - 1 if key in due else times for key, times in met.items())
        otherwise += sum(due.get(key, value) != value for key, value in have.get(partition, ()) if met[key] == 1)
    return Difference(lost, doubled, otherwise)


def survive(it: Rig, fault: str, mutant: str = "", seed: int = 1) -> Difference:
    """Feeds, disturbs, waits until everything is decided."""
    it.feed(orders(_ORDERS, seed, poison=5 if fault == "input:poison" else 0))
    kind, _, step = fault.partition(":")
    settings = {"MUTANT": mutant}
    if kind == "kill":
        first = it.start(module=MODULE, KILL_AT=f"{step}:{_NTH}", **settings)
        _wait(it, lambda: first.poll() is not None, f"the kill at {step}")
        workers = [it.start(module=MODULE, **settings)]
    elif kind in ("stop", "zombie"):
        # A zombie has its first cycle in hand: with a transaction under way it would be refused for that one's age alone.
        nth = 1 if kind == "zombie" else _NTH
        sleeper = it.start(module=MODULE, STOP_AT=f"{step}:{nth}", **settings)
        _wait(it, lambda: _state(sleeper) == "T", f"the stop at {step}")
        workers = [sleeper]
        if kind == "zombie":
            workers.append(it.start(slot=1, module=MODULE, **settings))
            _at_rest(it)
        else:
            time.sleep(_SLEEP_S)
        sleeper.send_signal(signal.SIGCONT)
        # What it may still do with what it had in hand.
        time.sleep(2.0)
    else:
        workers = [it.start(module=MODULE, **settings)]
    _at_rest(it)
    for worker in workers:
        it.stop(worker, 60.0)
    return difference(expected(it.read(f"{it.app_id}-in")), it.decided())


def _state(worker: subprocess.Popen[bytes]) -> str:
    """The kernel's letter: T is stopped by a signal."""
    return Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()[0]


def _wait(it: Rig, done: object, what: str, timeout_s: float = 120.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:.0f} s for {what}\n{it.log()}")
        time.sleep(0.1)


def _at_rest(it: Rig) -> None:
    """Until the group has committed the end of every input partition, or its workers have all ended by themselves: over what they found."""
    source = f"{it.app_id}-in"
    consumer = Consumer({"bootstrap.servers": it.brokers, "group.id": it.app_id})
    try:
        partitions = [TopicPartition(source, p) for p in range(it.partitions)]
        ends = {p.partition: consumer.get_watermark_offsets(p, timeout=20.0)[1] for p in partitions}

        def done() -> bool:
            at = consumer.committed(partitions, timeout=60.0)
            read = all(p.error is None and max(p.offset, 0) == ends[p.partition] for p in at)
            return read or all(worker.poll() is not None for worker in it.workers)

        _wait(it, done, "the end of the input")
    finally:
        consumer.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="only this one")
    parser.add_argument("--fault", help="only this one, for example kill:commit")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    # So that workers and broker are ended on SIGTERM too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

    runs = [
        (name, fault)
        for name, mutant in MUTANTS.items()
        for fault in ([args.fault] if args.fault else mutant.exposed_by)
        if args.mutant in (None, name) and fault.startswith(KINDS) and name not in HIDDEN
    ]
    failed = 0
    with tempfile.TemporaryDirectory() as folder, broker(Path(folder) / "kafka") as brokers:
        for name, fault in [*runs, *(("", fault) for fault in sorted({fault for _, fault in runs}))]:
            began = time.monotonic()
            place = Path(tempfile.mkdtemp(dir=folder))
            with rig(brokers, f"mutant-{uuid4().hex[:8]}", place) as it:
                found = survive(it, fault, name, args.seed)
            good = bool(found) == bool(name)
            failed += not good
            took_s = time.monotonic() - began
            print(
                f"{name or 'the engine as it is':22} {fault:20} {'caught' if found else 'no difference':14} lost {found.lost:5} "
                f"doubled {found.doubled:5} otherwise {found.otherwise:5}   {took_s:5.1f} s{'' if good else '   <-- WRONG'}",
                flush=True,
            )
    return 1 if failed else 0


#: Not to be seen in this app, which drops repeats in silence.
HIDDEN = ("offsets-after",)

if __name__ == "__main__":
    sys.exit(main())
