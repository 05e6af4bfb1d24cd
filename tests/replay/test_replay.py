"""Replays on a real Kafka: killed, interrupted, repeated, at the same time; into topics and files."""

from __future__ import annotations

import base64
import json
import re
import signal
from pathlib import Path

from schemas.codec import CODEC
from streams.ops.moments import local
from tests.integration.conftest import envelope, trade
from tests.replay.conftest import START_MS, Bench, until

BEGINNING = ("--from-beginning", "--yes")


def replay_id(said: str) -> str:
    found = re.search(r"[Rr]eplay (\S+-\d{8}T\d{6}-[0-9a-f]{6})", said)
    assert found, said
    return found[1]


def test_a_topic_gets_every_committed_record_as_it_was(bench: Bench) -> None:
    source, target = bench.source(), bench.topic("target")
    done = bench.penstock("replay", source, *BEGINNING, "--into", f"topic:{target}", "--reason", "the WMS lost a day")
    assert done.code == 0, done.stderr
    assert "done: 300 records replayed" in done.stdout
    known = {m.value(): m for m in bench.read(source)}
    found = bench.read(target)
    assert len(found) == len(known) == 300
    for m in found:
        was = known[m.value()]
        assert (m.key(), m.timestamp(), m.partition()) == (was.key(), was.timestamp(), was.partition())
        place = f"{source}/{was.partition()}@{was.offset()}".encode()
        assert m.headers() == [*was.headers(), ("replayed-from", place), ("replay-id", replay_id(done.stdout).encode())]
    for partition in range(3):
        numbers = [int(m.value() or b"") for m in found if m.partition() == partition]
        assert numbers == sorted(numbers)

    started, ended = bench.audit(source)
    assert (started["action"], ended["action"], ended["outcome"]) == ("replay.started", "replay.done", "done")
    assert started["correlation_id"] == ended["correlation_id"] == replay_id(done.stdout)
    assert (started["reason"], started["details"]["into"]) == ("the WMS lost a day", f"topic:{target}")
    assert ended["details"]["replayed"] == "300"


def test_killed_and_resumed_a_topic_holds_each_record_once(bench: Bench) -> None:
    source, target = bench.source(700), bench.topic("target", partitions=2)
    process = bench.begin("replay", source, *BEGINNING, "--into", f"topic:{target}", "--rate", "150")
    try:
        until(lambda: len(bench.read(target)) >= 100, "100 records are replayed")
        # Later records are no part of a plan that is made.
        bench.fill(source, range(2_000, 2_100))
    finally:
        process.kill()
        out, _ = process.communicate()
    assert process.returncode == -signal.SIGKILL
    at_kill = len(bench.read(target))
    assert at_kill < 700

    done = bench.penstock("replay", "--resume", replay_id(out), "--yes", "--by", "night shift")
    assert done.code == 0, done.stderr
    assert f"done: {700 - at_kill} records replayed" in done.stdout
    assert bench.values(target) == [str(i).encode() for i in range(700)]
    entries = bench.audit(source)
    assert [e["action"] for e in entries] == ["replay.started", "replay.resumed", "replay.done"]
    assert {e["correlation_id"] for e in entries} == {replay_id(out)}
    assert entries[1]["by"].endswith(", for night shift")

    again = bench.penstock("replay", "--resume", replay_id(out), "--yes")
    assert (again.code, again.stdout) == (2, "")
    assert "is done: nothing is left to resume" in again.stderr


def test_a_run_that_slept_through_the_loss_of_its_lock_writes_nothing_more(bench: Bench) -> None:
    source, target = bench.source(400), bench.topic("target")
    sleeper = bench.begin("replay", source, *BEGINNING, "--into", f"topic:{target}", "--rate", "50")
    try:
        until(lambda: bool(bench.read(target)), "it writes")
        sleeper.send_signal(signal.SIGSTOP)
        done = bench.penstock("replay", "--resume", bench.audit(source)[0]["correlation_id"], "--yes")
        assert done.code == 0, done.stderr
        sleeper.send_signal(signal.SIGCONT)
        out, err = sleeper.communicate(timeout=120)
    finally:
        sleeper.kill()
        sleeper.wait()
    assert sleeper.returncode == 1, err
    assert "interrupted after" in out
    assert bench.values(target) == [str(i).encode() for i in range(400)]


def test_a_file_is_there_whole_or_not_at_all(bench: Bench, tmp_path: Path) -> None:
    source, path = bench.source(600), tmp_path / "orders.jsonl"
    process = bench.begin("replay", source, *BEGINNING, "--into", f"file:{path}", "--rate", "100")
    try:
        until(lambda: sum(p.stat().st_size for p in tmp_path.glob(".*.part")) > 0, "some lines are written")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + signal.SIGTERM, err
    assert f"go on with: penstock replay --resume {replay_id(out)}" in out
    assert not path.exists()
    assert bench.audit(source)[-1]["action"] == "replay.interrupted"

    # What a killed run wrote beyond its progress: whole lines, and a torn one.
    (part,) = tmp_path.glob(".*.part")
    beyond = {"topic": source, "partition": 0, "offset": 10**9, "at": "", "key": None, "value": "beyond"}
    with part.open("a") as file:
        file.write(json.dumps(beyond) + "\n" + '{"topic": "torn')

    done = bench.penstock("replay", "--resume", replay_id(out), "--yes")
    assert done.code == 0, done.stderr
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    places = {(m.partition(), m.offset()) for m in bench.read(source)}
    assert len(lines) == 600
    assert {(line["partition"], line["offset"]) for line in lines} == places
    assert not list(tmp_path.glob(".*.part"))


def test_a_dry_run_changes_nothing(bench: Bench, tmp_path: Path) -> None:
    source, target, groups = bench.source(), bench.topic("target"), bench.groups()
    for into in (f"topic:{target}", f"file:{tmp_path / 'x.jsonl'}", "topic:made-by-nobody"):
        create = ("--create",) if "nobody" in into else ()
        done = bench.penstock("replay", source, *BEGINNING, "--into", into, "--dry-run", *create)
        assert done.code == 0, done.stderr
        assert "records  300 in " in done.stdout
        assert local(1_760_000_000_000, "milliseconds") in done.stdout, "the first record's time"
        assert "dry run: nothing was changed" in done.stdout
    assert bench.read(target) == []
    assert list(tmp_path.iterdir()) == []
    assert bench.audit(source) == []
    assert bench.groups() == groups
    assert "there is no topic" in bench.penstock("tail", "made-by-nobody").stderr


def test_times_choose_the_records_of_that_time(bench: Bench) -> None:
    source, target = bench.source(), bench.topic("target")
    done = bench.penstock(
        *("replay", source, "--from-time", "2025-10-09T16:55:00+08:00", "--to-time", "2025-10-09T08:56:00Z"),
        *("--yes", "--into", f"topic:{target}"),
    )
    assert done.code == 0, done.stderr
    first = (1_760_000_100_000 - START_MS) // 1_000
    assert bench.values(target) == [str(i).encode() for i in range(first, first + 60)]


def test_offsets_choose_from_the_first_to_the_last(bench: Bench) -> None:
    source, target = bench.source(), bench.topic("target")
    held = [m for m in bench.read(source) if m.partition() == 1]
    first, last = held[10], held[29]
    done = bench.penstock(
        *("replay", source, "-p", "1", "--from-offset", str(first.offset()), "--to-offset", str(last.offset())),
        *("--yes", "--into", f"topic:{target}"),
    )
    assert done.code == 0, done.stderr
    assert bench.values(target) == [m.value() for m in held[10:30]]


def test_a_filter_takes_what_is_meant(bench: Bench) -> None:
    source, target = bench.source(), bench.topic("target")
    # Not a topic of the registry: the key says nothing, and these values can't be decoded.
    done = bench.penstock("replay", source, *BEGINNING, "--into", f"topic:{target}", "--only", "order-id=taobao:7")
    assert done.code == 0, done.stderr
    assert "done: 0 records replayed, 300 left out by the filter (300 of them could not be decoded)" in done.stdout


def test_a_second_replay_into_the_same_target_is_refused(bench: Bench) -> None:
    source, target, other = bench.source(600), bench.topic("target"), bench.topic("other")
    process = bench.begin("replay", source, *BEGINNING, "--into", f"topic:{target}", "--rate", "20")
    try:
        until(lambda: bool(bench.read(target)), "the first one writes")
        second = bench.penstock("replay", source, *BEGINNING, "--into", f"topic:{target}")
        assert second.code == 2
        running = bench.audit(source)[0]["correlation_id"]
        assert f"replay {running} is writing the same topic into the same target" in second.stderr
        assert len(bench.audit(source)) == 1
        # Another target is another matter.
        assert bench.penstock("replay", source, *BEGINNING, "--into", f"topic:{other}").code == 0
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT


def test_create_makes_the_target_with_the_sources_partitions(bench: Bench) -> None:
    source, target = bench.source(), bench.name("made")
    assert bench.penstock("replay", source, *BEGINNING, "--into", f"topic:{target}", "--create").code == 0
    known = {m.value(): m.partition() for m in bench.read(source)}
    assert {m.value(): m.partition() for m in bench.read(target)} == known


def test_a_file_masks_people_unless_asked_and_raw_loses_nothing(bench: Bench, tmp_path: Path) -> None:
    source = bench.topic("events")
    event = envelope("1", trade("1", "MASKED", receiver_name="王小明"))
    bench.cluster.publish([(source, "taobao:1", "ChannelEvent", CODEC.decode(event)[1])])
    masked, raw = tmp_path / "masked.jsonl", tmp_path / "raw.jsonl"
    assert bench.penstock("replay", source, *BEGINNING, "--into", f"file:{masked}").code == 0
    assert "王小明" not in masked.read_text()
    assert json.loads(masked.read_text())["record"] == "ChannelEvent"
    refused = bench.penstock("replay", source, *BEGINNING, "--into", f"file:{raw}", "--format", "raw")
    assert (refused.code, "add --unmask" in refused.stderr, raw.exists()) == (2, True, False)
    assert (
        bench.penstock("replay", source, *BEGINNING, "--into", f"file:{raw}", "--format", "raw", "--unmask").code == 0
    )
    line = json.loads(raw.read_text())
    assert (base64.b64decode(line["key"]), base64.b64decode(line["value"])) == (b"taobao:1", event)


def test_what_retention_took_cannot_be_resumed_in_silence(bench: Bench) -> None:
    source, target = bench.source(400), bench.topic("target")
    process = bench.begin("replay", source, *BEGINNING, "--into", f"topic:{target}", "--rate", "20")
    try:
        until(lambda: bool(bench.read(target)), "it writes")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    end = max(m.offset() or 0 for m in bench.read(source) if m.partition() == 0)
    bench.forget_before(source, 0, end)
    there = len(bench.read(target))
    done = bench.penstock("replay", "--resume", replay_id(out), "--yes")
    assert done.code == 2, done
    assert f"{source}/0 holds {end} to " in done.stderr
    assert len(bench.read(target)) == there
