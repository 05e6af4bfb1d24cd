"""What cannot be done as asked: one clear line, exit code 2, nothing changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.ops.moments import local
from streams.settings import Settings
from tests.replay.conftest import Bench, Here

#: Name -> (arguments, what must be said). {source} has 300 records in 3 partitions, {empty} none; {kept} has lost its first hundred.
BAD: dict[str, tuple[str, str]] = {
    "no topic": ("--from-beginning --into topic:{target}", "name a topic, or --resume ID"),
    "no target": ("{source} --from-beginning", "nothing says where to"),
    "no beginning": ("{source} --into topic:{target}", "nothing says where to begin"),
    "two beginnings": (
        "{source} --from-beginning --from-time -2h --into topic:{target}",
        "--from-time and --from-beginning contradict each other",
    ),
    "two ends": (
        "{source} --from-time -2h --to-time -1h --to-offset 3 --into topic:{target}",
        "--to-offset and --to-time contradict each other",
    ),
    "ends before it begins": (
        "{source} --from-time 2025-10-09T09:00Z --to-time 2025-10-09T08:00Z --into topic:{target}",
        "not after --from-time",
    ),
    "offsets the wrong way round": (
        "{source} -p 0 --from-offset 9 --to-offset 3 --into topic:{target}",
        "before --from-offset 9",
    ),
    "an offset past the log": (
        "{source} -p 0 --from-offset 99999 --into topic:{target}",
        "outside the log: {source}/0 holds 0 to ",
    ),
    "a last offset past the log": (
        "{source} -p 0 --from-offset 1 --to-offset 99999 --into topic:{target}",
        "outside the log: {source}/0 holds 0 to ",
    ),
    "an offset retention has taken": ("{kept} -p 0 --from-offset 5 --into topic:{target}", "{kept}/0 holds 50 to "),
    "a negative offset": (
        "{source} -p 0 --from-offset -5 --into topic:{target}",
        "--from-offset is -5: offsets begin at 0",
    ),
    "an offset in several partitions": ("{source} --from-offset 5 --into topic:{target}", "add one --partition"),
    "a time before retention": (
        "{source} --from-time 1999-01-01T00:00Z --into topic:{target}",
        f"before the earliest record {{source}} holds, {local(1_760_000_000_000, 'milliseconds')}: --from-beginning takes all",
    ),
    "a time before one partition's retention": (
        "{kept} --from-time 2025-10-09T08:53:22Z --into topic:{target}",
        "but {kept}/0 holds nothing before 2025-10-09T",
    ),
    "a naive time": (
        "{source} --from-time 2025-10-09T09:00 --into topic:{target}",
        "without a time zone: write 2025-10-09T09:00:00+08:00",
    ),
    "no time at all": ("{source} --from-time yesterday --into topic:{target}", "--from-time is 'yesterday'"),
    "no such partition": ("{source} -p 7 --from-beginning --into topic:{target}", "has no partition 7: it has 0 to 2"),
    "no such topic": ("nowhere --from-beginning --into topic:{target}", "there is no topic 'nowhere'"),
    "no such target": (
        "{source} --from-beginning --into topic:nowhere",
        "there is no topic 'nowhere': create it, or add --create",
    ),
    "no kind of target": ("{source} --from-beginning --into kafka", "--into is 'kafka'"),
    "its own target": ("{source} --from-beginning --into topic:{source}", "is the source itself"),
    "a stage's topic": ("{source} --from-beginning --into topic:orders", "--force-with TEXT"),
    "a changelog": ("{source} --from-beginning --into topic:{app}-seen-changelog", "belongs to Penstock's own stages"),
    "a file that is there": ("{source} --from-beginning --into file:{there}", "is there already"),
    "a file without a folder": ("{source} --from-beginning --into file:{there}.d/x", "there is no folder"),
    "a filter that is none": ("{source} --from-beginning --into topic:{target} --only sku=1", "--only is 'sku=1'"),
    "no such channel": (
        "{source} --from-beginning --into topic:{target} --only channel=kaola",
        "there is no such channel",
    ),
    "a format for a topic": ("{source} --from-beginning --into topic:{target} --format raw", "are for files"),
    "force for a file": ("{source} --from-beginning --into file:{there}.x --force-with why", "are for topics"),
    "resume with a plan": ("{source} --resume {source}-20261111T031500-3f2a9c", "give only --rate"),
    "resume of nothing": (
        "--resume {source}-20261111T031500-3f2a9c",
        "no replay '{source}-20261111T031500-3f2a9c' stands in the audit",
    ),
    "no id": ("--resume yesterdays", "is no replay's id"),
}


@pytest.mark.timeout(600)
def test_one_clear_line_exit_code_2_nothing_changed(bench: Bench, tmp_path: Path) -> None:
    source, target, kept = bench.source(), bench.topic("target"), bench.topic("kept")
    bench.fill(kept, range(300))
    bench.forget_before(kept, 0, 50)
    there = tmp_path / "there.jsonl"
    there.write_text("precious")
    names = {"source": source, "target": target, "kept": kept, "there": str(there), "app": bench.settings.app_id}
    orders, groups = len(bench.read("orders")), bench.groups()
    wrong = {}
    for name, (args, says) in BAD.items():
        done = bench.penstock("replay", *(each.format(**names) for each in args.split()), "--yes")
        clear = done.stderr.startswith("error: ") and done.stderr.count("\n") == 1 and done.stdout == ""
        if done.code != 2 or not clear or says.format(**names) not in done.stderr:
            wrong[name] = done
    assert not wrong
    assert bench.read(target) == []
    assert bench.audit(source) == bench.audit(kept) == []
    assert len(bench.read("orders")) == orders
    assert there.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["there.jsonl"]
    assert bench.groups() == groups


def test_nobody_to_ask(bench: Bench) -> None:
    source, target = bench.source(), bench.topic("target")
    done = bench.penstock("replay", source, "--from-beginning", "--into", f"topic:{target}")
    assert done.code == 2
    assert done.stderr.endswith("nobody answered, nothing was changed: add --yes to go ahead without being asked\n")
    assert "Replay " in done.stdout  # the plan stands above it
    assert bench.read(target) == []


def test_no_broker(here: Here, tmp_path: Path) -> None:
    nowhere = Settings(brokers="127.0.0.1:1", data=tmp_path)
    done = here(nowhere, "replay", "orders", "--from-beginning", "--into", "topic:x", "--yes")
    assert (done.code, done.stderr.count("\n")) == (2, 1)


def test_a_channel_topic_is_open_to_replays(bench: Bench) -> None:
    source = bench.source()
    done = bench.penstock("replay", source, "--from-beginning", "--into", "topic:channel.jd.events", "--dry-run")
    assert done.code == 0, done.stderr


def test_a_stage_is_replayed_into_only_with_a_reason(bench: Bench) -> None:
    source = bench.source()
    into = ("--into", "topic:health.checks", "--force-with", "nobody acts on old checks")
    done = bench.penstock("replay", source, "-p", "0", "--from-offset", "0", "--to-offset", "0", *into, "--dry-run")
    assert done.code == 0, done.stderr
