"""The faults, each by its name: what is done, and what it proves. ``FAULTS`` is the whole table.

A fault acts on a Run while its input flows; it leaves the workers as it found them, or to the crew that brings them back.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.chaos.run import Run
from tests.chaos.topics import cleaned

#: Every point of the engine's cycle at which it can be killed, as the engine names them.
CYCLE_STEPS = (
    *("fetched", "decided", "begin", "produce-changelog", "produce", "offsets", "commit", "committed", "apply"),
    "applied",
)
STEPS = (*CYCLE_STEPS, "restore", "revoked")

#: In what was seen: faults that their worker did not come to in time, as on a machine that has much else to do.
MISSED = "faults missed"
#: Longest wait for something that a busy machine makes late.
_LATE_S = 60.0
#: A worker's transaction (5 s) is undone by the broker within this time.
_TRANSACTION_OVER_S = 8.0


class Fault(NamedTuple):
    """``inject(run, detail)``; ``proves``: what would go wrong without the rule it tests."""

    inject: Callable[[Run, str], None]
    proves: str


def kill(run: Run, step: str) -> None:
    """SIGKILL at a named step, of all workers at once: first at random, then the restarted ones at the step."""
    crew = run.crew
    if step == "restore":
        _kill_restoring(run)
    elif step == "revoked":
        _kill_revoked(run)
    else:
        slots = list(crew.slots)
        # Together: the group waits for the dead members' session once.
        for slot in slots:
            crew.kill(slot)
        for slot in slots:
            crew.start(slot, KILL_AT=f"{step}:{run.chance.randrange(1, 6)}")
        _expect_death(run, slots[0], step)


def _kill_restoring(run: Run) -> None:
    slot = run.chance.choice(run.crew.slots)
    run.crew.kill(slot)
    run.crew.lose_folder(slot)
    run.crew.start(slot, KILL_AT="restore:1")
    _expect_death(run, slot, "restore")


def _kill_revoked(run: Run) -> None:
    slot = run.chance.choice(run.crew.slots)
    run.crew.kill(slot)
    run.crew.start(slot, KILL_AT="revoked:1")
    if not run.wait(lambda: (run.crew.metric(slot, "engine_assigned_partitions") or 0) > 0, _LATE_S):
        return
    extra = max(run.crew.slots) + 1
    run.crew.start(extra)
    _expect_death(run, slot, "revoked")
    run.crew.remove(extra)


def _expect_death(run: Run, slot: int, step: str) -> None:
    before = run.crew.kills[step]
    if not _wait_with_input(run, lambda: run.crew.kills[step] > before):
        # Nothing came its way. It is taken for what it is: no kill.
        run.say(f"worker {slot} was not killed at {step}: it did not come there")
        run.verdict.seen[MISSED] += 1
        run.crew.kill(slot)
        run.crew.start(slot)


def _wait_with_input(run: Run, done: Callable[[], bool]) -> bool:
    """Waits for what happens only while there is something to decide: lets a little more of the input through now and then."""
    deadline = time.monotonic() + _LATE_S
    while not run.wait(done, 2.0):
        if time.monotonic() > deadline:
            return False
        run.feed.trickle()
    return True


def kill_at_random(run: Run, detail: str) -> None:
    """SIGKILL whenever it comes; sometimes several in a row."""
    for _ in range(int(detail or 1)):
        run.sleep(run.chance.uniform(0.2, 2.5))
        slot = run.chance.choice(run.crew.slots)
        run.crew.kill(slot)
        run.crew.start(slot)


def zombie(run: Run, step: str) -> None:
    """A worker sleeps at a step until its group has given its partitions to others; it wakes and must be refused."""
    crew = run.crew
    # In its first cycle: with an older transaction under way it would be refused for that one's age alone. At ``begin`` it has something in
    # hand and nothing open.
    slot = _sleeper(run, f"{step}:1")
    if slot is None:
        return
    others = [each for each in crew.slots if each != slot]
    restores = [crew.metric(each, "engine_restore_seconds") for each in others]
    earliest = time.monotonic() + _TRANSACTION_OVER_S

    def taken_over() -> bool:
        # Assigned to others, and restored by them: they have waited until its transaction was undone. Until then its commit is
        # still right, and nobody has decided its records a second time.
        return (
            sum(crew.metric(each, "engine_assigned_partitions") or 0 for each in others) >= run.inputs
            and restores != [crew.metric(each, "engine_restore_seconds") for each in others]
            and time.monotonic() > earliest
        )

    if not run.wait(taken_over, 2 * _LATE_S):
        run.say(f"nobody has taken over from worker {slot}")
        crew.signal(slot, signal.SIGCONT)
        return
    crew.signal(slot, signal.SIGCONT)
    if _refused(run, slot):
        run.verdict.seen["zombies fenced"] += 1
    else:
        run.violate(
            "zombie_not_fenced", f"worker {slot} slept at {step} until others had taken over; it was not refused"
        )


def nap(run: Run, step: str) -> None:
    """A worker sleeps for longer than its transaction lives and keeps its partitions: the transaction is undone under it."""
    slot = _sleeper(run, f"{step}:3", SESSION_TIMEOUT_MS="20000", TRANSACTION_TIMEOUT_MS="2000")
    if slot is None:
        return
    run.sleep(8.0)
    run.crew.signal(slot, signal.SIGCONT)
    # A broker that was late in undoing it has let it through, which is right too: nothing is said of it then.
    run.verdict.seen["transactions undone"] += _refused(run, slot, 15.0)


def _sleeper(run: Run, stop_at: str, **times: str) -> int | None:
    """The slot of a worker that has stopped itself at "step:n", its n-th entry into the step."""
    crew = run.crew
    slot = run.chance.choice(crew.slots)
    crew.kill(slot)
    crew.start(slot, STOP_AT=stop_at, **times)
    if _wait_with_input(run, lambda: crew.is_stopped(slot)):
        return slot
    run.say(f"worker {slot} did not come to {stop_at}")
    run.verdict.seen[MISSED] += 1
    return None


def _refused(run: Run, slot: int, within_s: float = _LATE_S) -> bool:
    """Something the worker did after it woke was refused, or it has ended over it."""
    pid = run.crew.pid(slot)
    return run.wait(
        lambda: run.crew.pid(slot) != pid or (run.crew.metric(slot, "engine_aborted_batches_total") or 0) > 0, within_s
    )


def storm(run: Run, detail: str) -> None:
    """Workers come and go faster than the group settles."""
    crew = run.crew
    first = max(crew.slots) + 1
    extras = list(range(first, first + 3))
    for slot in extras:
        crew.start(slot)
        run.sleep(run.chance.uniform(0.3, 2.5))
    for slot in run.chance.sample(extras, len(extras)):
        crew.remove(slot)
        run.sleep(run.chance.uniform(0.1, 1.5))


def upgrade(run: Run, channel: str) -> None:
    """A roll-back and an upgrade, worker by worker: those that have not heard of a channel work beside those that have."""
    crew = run.crew
    slots = run.chance.sample(crew.slots, len(crew.slots))
    for arms in ({"WITHOUT": channel}, {}):
        for slot in slots:
            if run.chance.random() < 0.5:
                crew.kill(slot)
            else:
                crew.remove(slot)
            crew.start(slot, **arms)
            run.wait(crew.all_up, _LATE_S)
            if slot != slots[-1]:
                # Each topic is given out among those who read it: some shard is split, and whoever was given a part of it waits.
                waits = lambda: any((crew.metric(each, "engine_waiting_partitions") or 0) > 0 for each in crew.slots)  # noqa: E731
                run.verdict.seen["shards split"] += _wait_with_input(run, waits)
            run.feed.trickle()
            run.sleep(2.0)


def broker_kill(run: Run, detail: str) -> None:
    """The broker dies by SIGKILL and comes back on its ports with its data."""
    run.broker.kill()
    run.sleep(float(detail or 1))
    run.broker.start()


def broker_away(run: Run, detail: str) -> None:
    """The broker falls silent: connections stay open and nothing answers.

    Stopped by SIGSTOP, not cut off by a proxy: nothing about the clients' way to it changes, and silence is the hardest kind
    of unreachable, since no refused connection tells of it. A refused one is what ``broker-kill`` gives.
    """
    pid = run.broker.pid
    if pid is None:
        raise RuntimeError("there is no broker to stop")
    os.kill(pid, signal.SIGSTOP)
    try:
        run.sleep(float(detail or 60))
    finally:
        os.kill(pid, signal.SIGCONT)


def folder_lost(run: Run, detail: str) -> None:
    """A worker's data folder is deleted while it is down: all is restored from the changelog."""
    slot = run.chance.choice(run.crew.slots)
    run.crew.kill(slot)
    run.crew.lose_folder(slot)
    run.crew.start(slot)
    run.sleep(1.0)


def corrupted(run: Run, detail: str) -> None:
    """Bytes of a RocksDB file change while the worker is down."""
    slot = run.chance.choice(run.crew.slots)
    run.crew.kill(slot)
    files = [p for p in (run.crew.folder(slot) / "state").glob("*") if p.is_file() and p.stat().st_size > 0]
    # A log that has just been turned into a table file is empty: then any other.
    files = [p for p in files if detail in p.name] or [p for p in files if p.suffix in (".sst", ".log")]
    if files:
        _spoil(run, max(files, key=lambda p: (p.stat().st_size, p.name)))
    else:
        run.say(f"worker {slot} has no such file to spoil")
    run.crew.start(slot)
    run.sleep(1.0)


def _spoil(run: Run, path: Path) -> None:
    size = path.stat().st_size
    with path.open("r+b") as file:
        for _ in range(8):
            file.seek(run.chance.randrange(size))
            file.write(bytes([run.chance.randrange(256)]) * min(64, size))
    run.verdict.seen[f"spoilt {path.suffix or path.name.partition('-')[0]}"] += 1
    run.say(f"spoilt {path.name}, {size:,} bytes")


def disk_full(run: Run, detail: str) -> None:
    """A worker's disk has no room left, for longer than it is patient; then there is room again."""
    slot = run.chance.choice(run.crew.slots)
    run.crew.kill(slot)
    if _mount_small(run, slot):
        ballast = run.crew.folder(slot) / "ballast"
        _fill(ballast)
        run.crew.start(slot)
        what = "disk full (tmpfs)"
    else:
        ballast = run.folder / f"no-space-{slot}"
        ballast.touch()
        run.crew.start(slot, NO_SPACE=str(ballast))
        what = "disk full (injected)"
    logged = run.crew.log(slot).count("No space left")
    if run.wait(lambda: run.crew.log(slot).count("No space left") > logged, _LATE_S):
        run.verdict.seen[what] += 1
    else:
        run.say(f"worker {slot} did not notice that its disk is full")
    run.sleep(5.0)
    ballast.unlink()
    run.sleep(2.0)


def _mount_small(run: Run, slot: int) -> bool:
    """The folder's content on a file system with little room beside it."""
    folder = run.crew.folder(slot)
    if os.path.ismount(folder):
        return True
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    aside = folder.with_name(f"{folder.name}.aside")
    folder.rename(aside)
    folder.mkdir()
    room = 2 * size + 256 * 1024 * 1024
    command = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    shutil.copytree(aside, folder, dirs_exist_ok=True)
    shutil.rmtree(aside)
    return mounted


def _fill(ballast: Path) -> None:
    """Until nothing more can be written."""
    block = bytes(1024 * 1024)
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError as exc:
            if exc.errno != errno.ENOSPC:
                raise


def unmount_all(folder: Path) -> None:
    """What a run has mounted."""
    for place in folder.iterdir() if folder.exists() else ():
        if os.path.ismount(place):
            subprocess.run(["umount", "--lazy", str(place)], capture_output=True)


def clock_ahead(run: Run, hours: str) -> None:
    """A worker's host's clock steps ahead while it works (back: negative), and is right again from its next start on."""
    slot = run.chance.choice(run.crew.slots)
    run.crew.kill(slot)
    run.crew.start(slot, CLOCK_AHEAD=f"{int(float(hours) * 3_600_000)}:3")

    def told() -> bool:
        return abs(run.crew.metric(slot, "engine_clock_skew_seconds") or 0) > abs(float(hours)) * 3_000

    if _wait_with_input(run, told):
        run.verdict.seen["wrong clocks told"] += 1
    elif not run.mutant:
        run.violate("clock_not_told", f"worker {slot} is {hours} h ahead, and does not say so")
    # Time for what it would propose by that clock, of the partitions that it is given.
    run.wait(lambda: (run.crew.metric(slot, "engine_restore_seconds") or 0) > 0, _LATE_S)
    run.sleep(5.0)
    run.crew.kill(slot)
    run.crew.start(slot)


def compaction(run: Run, detail: str) -> None:
    """The changelogs are compacted, and go on being so, while a lost state is restored from them."""
    topics = list(run.workload.changelogs.values())
    if not run.wait(lambda: bool(cleaned(run.broker.data_dir, topics)), _LATE_S):
        run.violate("not_compacted", "the broker's cleaner has not compacted any changelog: the fault was not injected")
        return
    before = cleaned(run.broker.data_dir, topics)
    folder_lost(run, "")
    deadline = time.monotonic() + 30
    run.wait(lambda: cleaned(run.broker.data_dir, topics) != before or time.monotonic() > deadline, 40)
    after = cleaned(run.broker.data_dir, topics)
    run.verdict.seen["partitions compacted"] += len(after)
    run.verdict.seen["compacted during restore"] += sum(after[tp] != before.get(tp) for tp in after)


FAULTS: dict[str, Fault] = {
    "kill": Fault(kill, "whatever was under way at any step is decided again, once"),
    "kill-random": Fault(kill_at_random, "and at the moments nobody thought of"),
    "zombie": Fault(zombie, "a worker that its group has moved on from commits nothing"),
    "nap": Fault(nap, "what an undone transaction had decided is forgotten whole, in memory too"),
    "storm": Fault(storm, "partitions change hands with state and offsets that fit together"),
    "upgrade": Fault(upgrade, "a shard has one owner, whatever the versions of an app read"),
    "broker-kill": Fault(broker_kill, "a transaction whose outcome is unknown is neither lost nor repeated"),
    "broker-away": Fault(broker_away, "silence costs time, never data"),
    "folder-lost": Fault(folder_lost, "the changelog has all of the state"),
    "corrupt": Fault(corrupted, "state that cannot be read is rebuilt, never half believed"),
    "disk-full": Fault(disk_full, "state is never ahead of what it says, and no record is blamed for the disk"),
    "clock-ahead": Fault(clock_ahead, "time is the log's: no host's clock lets anything expire, or dates a decision"),
    "compaction": Fault(compaction, "a changelog with holes restores the same state"),
}

#: Faults of the input: they are in what is published, from the beginning.
INPUTS = {
    "duplicates": "the same bytes again: recorded, of no effect",
    "reorder": "older versions after newer ones: recorded as stale",
    "poison": "garbage, tombstones, foreign records: put aside, the rest goes on",
}
