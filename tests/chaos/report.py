"""What is printed and kept of a run of the harness."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.run import Verdict

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path(__file__).with_name("RESULTS.md")


def commit() -> str:
    """The commit that runs, with a mark when the tree has changes; "unknown" where there is no git."""
    if shutil.which("git") is None:
        return "unknown"
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    done = subprocess.run(asked, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def failure(verdict: Verdict, command: str, kept: int = 10) -> str:
    """Everything that is needed to see it again."""
    lines = [f"FAILED {verdict.name}: {len(verdict.violations)} violations, commit {commit()}"]
    lines += [f"  {violation}" for violation in verdict.violations[:kept]]
    if len(verdict.violations) > kept:
        lines.append(f"  and {len(verdict.violations) - kept} more: {_listed(Counter(verdict.checks))}")
    return "\n".join([*lines, f"  again: {command}"])


def as_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "orders": verdict.orders,
        "kills": dict(verdict.kills),
        "faults": dict(verdict.faults),
        "seen": dict(verdict.seen),
        "checks": verdict.checks,
        "violations": [violation._asdict() for violation in verdict.violations],
        "seconds": round(verdict.seconds, 1),
    }


def table(verdicts: Sequence[Verdict]) -> str:
    """The runs, as Markdown."""
    rows = [
        "| run | orders | kills | faults | seen | violations | s |",
        "| --- | ---: | ---: | --- | --- | ---: | ---: |",
    ]
    for v in verdicts:
        rows.append(
            f"| {v.name} | {v.orders:,} | {sum(v.kills.values())} | {_listed(v.faults)} | {_listed(v.seen)} "
            f"| {len(v.violations)} | {v.seconds:.0f} |"
        )
    orders, kills = sum(v.orders for v in verdicts), sum(sum(v.kills.values()) for v in verdicts)
    violations, seconds = sum(len(v.violations) for v in verdicts), sum(v.seconds for v in verdicts)
    rows.append(f"| **total** | **{orders:,}** | **{kills}** | | | **{violations}** | {seconds:.0f} |")
    return "\n".join(rows)


def kills_table(verdicts: Sequence[Verdict]) -> str:
    """Where workers were killed, over all runs."""
    where: Counter[str] = Counter()
    for verdict in verdicts:
        where += verdict.kills
    return "Killed: " + ", ".join(f"{count} at {step}" for step, count in where.most_common()) + "."


def mutants_table(caught: dict[str, Verdict], what: dict[str, str]) -> str:
    """Which check caught which mutant."""
    rows = ["| mutant | what is broken | caught by | after |", "| --- | --- | --- | ---: |"]
    for name, verdict in caught.items():
        by = _listed(Counter(verdict.checks)) or "**not caught**"
        rows.append(f"| {name} | {what.get(name, '')} | {by} | {verdict.seconds:.0f} s |")
    return "\n".join(rows)


def write(sections: Sequence[str], command: str) -> None:
    """RESULTS.md."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    head = (
        "# What the chaos harness has found\n\n"
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit()}, "
        f"{os.cpu_count()} cores, {memory_gb:.0f} GB, Python {platform.python_version()}.\n"
    )
    RESULTS.write_text("\n\n".join([head.rstrip(), *sections]) + "\n")


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
