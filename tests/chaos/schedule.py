"""Seed -> schedule: which faults, in which order. The same seed gives the same schedule."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from tests.chaos.faults import CYCLE_STEPS, FAULTS, STEPS
from tests.chaos.run import Act

#: Kills that one act of ``kill`` gives with two workers: both at random, then both at the step.
_KILLS_PER_ACT = 4
_RANDOM_IN_A_ROW = 4

#: What a schedule has of each fault beside the kills.
ONCE: dict[str, tuple[str, ...]] = {
    "zombie": ("begin", "commit"),
    "nap": ("offsets", "commit"),
    "storm": ("",),
    "upgrade": ("shopify", "taobao"),
    "broker-kill": ("1", "8"),
    "broker-away": ("60",),
    "folder-lost": ("",),
    "corrupt": (".sst", ".log", "MANIFEST"),
    "disk-full": ("",),
    "clock-ahead": ("25", "9600", "-25"),
    "compaction": ("",),
}


def schedule(seed: int, kills: int, faults: Iterable[str] = tuple(FAULTS)) -> list[Act]:
    """About ``kills`` kills, at every named step in turn and at random; each other fault that is asked for."""
    wanted = set(faults)
    chance = random.Random(f"schedule/{seed}")
    acts = [Act(fault, detail) for fault, details in ONCE.items() if fault in wanted for detail in details]
    acts += _kills(chance, kills, wanted)
    chance.shuffle(acts)
    # The first one meets workers that have nothing yet: a plain kill, so that faults which need state find some.
    plain = next((act for act in acts if act.fault == "kill" and act.detail in CYCLE_STEPS), None)
    if plain is not None:
        acts.remove(plain)
        acts.insert(0, plain)
    return acts


def _kills(chance: random.Random, kills: int, wanted: set[str]) -> list[Act]:
    if "kill" not in wanted:
        rows = -(-kills // _RANDOM_IN_A_ROW) if "kill-random" in wanted else 0
        return [Act("kill-random", str(_RANDOM_IN_A_ROW)) for _ in range(rows)]
    acts: list[Act] = []
    # A third of them at random moments; each folder lost, disk filled and so on kills too.
    left = kills
    if "kill-random" in wanted:
        rows = max(1, kills // (3 * _RANDOM_IN_A_ROW)) if kills else 0
        acts += [Act("kill-random", str(_RANDOM_IN_A_ROW))] * rows
        left -= rows * _RANDOM_IN_A_ROW
    turn = _turn(chance)
    while left > 0:
        acts.append(Act("kill", next_step := turn.pop()))
        left -= _KILLS_PER_ACT if next_step in CYCLE_STEPS else 2
        turn = turn or _turn(chance)
    return acts


def _turn(chance: random.Random) -> list[str]:
    steps: Sequence[str] = chance.sample(STEPS, len(STEPS))
    return list(steps)


def parsed(text: str) -> list[Act]:
    """``kill:commit,zombie:begin`` as acts."""
    return [Act(*word.split(":", 1)) for word in text.split(",") if word]
