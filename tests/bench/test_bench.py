"""The benchmark itself: its tables can be computed, and what it would print of a wrong or dead contestant is an error, not a figure."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from schemas.topics import DOCUMENTS, RELEASES, TOPICS
from streams.agents.rulebook import Rulebook
from tests.bench import codec, console, dedup, flows, java_build, mapping, restore, rules, rules_path, sink, topics
from tests.bench.__main__ import TABLES
from tests.bench.measure import Bench, Child, ContestantDied, Spread, interleaved
from tests.bench.peers import FAUST, PEERS, PENSTOCK, PLAIN, QUIX, STREAMS
from tests.bench.report import Goal
from tests.bench.stage import Input, Job, WrongOutput
from tests.domain.released import RULES

# Whole contestants start, join and stop here: generous for a machine that does other things too.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(Console(quiet=True), tmp_path, rounds=1, quick=True)


@pytest.fixture
def on_kafka(kafka: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The tables run on the tests' broker."""
    monkeypatch.setenv("PENSTOCK_BROKERS", kafka)
    return kafka


@pytest.mark.long
def test_the_dedup_table_has_the_contestants_and_their_ratio(bench: Bench, on_kafka: str) -> None:
    (report,) = dedup.run(bench, orders=3_000, names=[PENSTOCK, STREAMS, PLAIN])
    assert set(report.data) == {PENSTOCK, STREAMS, PLAIN}
    assert all(found["orders_s"]["median"] > 0 and found["rss_mib"]["median"] > 0 for found in report.data.values())
    to_streams, to_quix, to_faust = report.goals
    expected = report.data[PENSTOCK]["orders_s"]["median"] / report.data[STREAMS]["orders_s"]["median"]
    assert (to_streams.found, to_streams.reached) == (f"{expected:.2f} x", expected >= 1.0)
    assert to_quix.reached is None and to_faust.reached is None
    json.dumps(report.as_json())


@pytest.mark.long
def test_the_restore_table_shows_what_was_read_again(bench: Bench, on_kafka: str) -> None:
    (report,) = restore.run(bench, [PENSTOCK])
    (found,) = report.data.values()
    # Every key ever decided: 2,000 at first, and 2,000 more around the kill.
    assert found["rebuild_records"]["median"] == 4_000
    assert found["rebuild_s"]["median"] > 0
    # With the disk kept, the last cycle at the most.
    assert found["restart_records"]["median"] <= 2_000


@pytest.mark.long
def test_kafka_streams_own_account_of_a_restore_is_understood(tmp_path: Path, kafka: str) -> None:
    with Job(PEERS[STREAMS], Input.published(kafka, 500, restore.PARTITIONS), tmp_path) as job:
        with job.start() as worker:
            job.follow([worker])
        job.wipe()
        with job.start() as worker:
            records, seconds = restore.restored(STREAMS, worker)
    assert records == 500 and seconds > 0


def test_the_mapping_table_has_every_channel_and_its_steps_add_up(bench: Bench) -> None:
    (report,) = mapping.run(bench)
    assert set(report.data) == {"taobao", "jd", "pdd", "douyin", "shopify"}
    for found in report.data.values():
        parts = sum(found[step]["median"] for step in ("read", "dedup", "encode"))
        assert found["total"]["median"] == pytest.approx(parts)
        assert found["read"]["median"] > found["decode"]["median"] > 0


@pytest.mark.long
def test_the_codec_table_has_every_type_of_message(bench: Bench) -> None:
    (report,) = codec.run(bench)
    assert set(report.data) == {name for topic in TOPICS.values() for name in topic.records}
    for found in report.data.values():
        assert found["write_ratio"]["median"] == found["write_fastavro"]["median"] / found["write"]["median"] > 0


@pytest.mark.long
def test_the_sink_table_has_plain_copy_beside_it(bench: Bench) -> None:
    (report,) = sink.run(bench, orders=700)
    ours, copied = report.data[sink.PENSTOCK], report.data[sink.COPY]
    assert ours["records_s"]["median"] > 0 and ours["cpu_s_million"]["median"] > 0
    # The same rows: a record makes as many of them either way.
    per_record = [each["rows_s"]["median"] / each["records_s"]["median"] for each in (ours, copied)]
    assert per_record[0] == pytest.approx(per_record[1]) and per_record[0] > 1
    assert report.goals[0].found == f"{ours['rows_s']['median'] / copied['rows_s']['median']:.2f} x"


@pytest.mark.long
@pytest.mark.parametrize("name", [QUIX, "Quix Streams ALOS", "Bytewax", FAUST])
def test_a_peer_with_packages_of_its_own_is_right(name: str, bench: Bench, on_kafka: str) -> None:
    if not PEERS[name].is_there:
        pytest.skip(f"{name} needs .venv-bench, which `make bench` makes")
    (report,) = dedup.run(bench, orders=2_000, names=[name])
    assert report.data[name]["orders_s"]["median"] > 0


@pytest.mark.parametrize(
    ("published", "complaint"),
    [(24, "24 keys of 50 came out, 1 of them more than once"), (51, "51 keys of 50 came out, 3 of them")],
)
def test_an_output_with_missing_or_doubled_keys_is_no_figure(
    published: int, complaint: str, tmp_path: Path, kafka: str
) -> None:
    given = Input(kafka, "unused", 2, orders=50, records=52)
    with Job(PEERS[PLAIN], given, tmp_path) as job:
        topics.publish(kafka, job.sink, published)
        with pytest.raises(WrongOutput, match=complaint):
            job.check_output()


def test_a_contestant_that_dies_is_named_with_its_last_lines(tmp_path: Path) -> None:
    with Child([sys.executable, "-c", "raise SystemExit('out of luck')"], {}, tmp_path / "log") as child:
        with pytest.raises(ContestantDied, match="out of luck"):
            for _ in range(600):
                child.check()
                time.sleep(0.1)


def test_cpu_and_memory_are_those_of_the_whole_tree(tmp_path: Path) -> None:
    # The parent sleeps; its child works and holds 64 MiB.
    busy = "x = bytearray(64 << 20)\nwhile True: sum(range(1000))"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    with Child([sys.executable, "-c", script], {}, tmp_path / "log") as child:
        deadline = time.monotonic() + 60
        while (child.cpu_s() < 0.5 or child.rss_mib() < 64) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert child.cpu_s() >= 0.5
        assert child.peak_rss_mib() >= child.rss_mib() >= 64
    assert child.cpu_s() == 0, "the child of the contestant has outlived it"


def test_rounds_are_interleaved_and_begin_with_another_contestant_each(tmp_path: Path) -> None:
    order: list[str] = []

    def contestant(name: str, figure: float) -> dict[str, float]:
        order.append(name)
        return {"rate": figure + len(order)}

    bench = Bench(Console(quiet=True), tmp_path, rounds=3)
    figures = interleaved({name: lambda name=name: contestant(name, 10) for name in "abc"}, bench, "test")
    assert "".join(order) == "abcbcacab"
    assert figures["a"]["rate"] == Spread((11, 16, 18))
    assert (figures["a"]["rate"].median, figures["a"]["rate"].low, figures["a"]["rate"].high) == (16, 11, 18)


def test_a_goal_is_reached_at_its_figure_and_unknown_without_one() -> None:
    assert [Goal.at_least("", ratio, 4.0).reached for ratio in (4.0, 3.99, None)] == [True, False, None]
    assert [Goal.at_most("", ratio, 1.3).reached for ratio in (1.3, 1.31, None)] == [True, False, None]


def test_restores_are_read_from_what_the_contestants_print() -> None:
    line = "[2026-01-01 00:00:00] restored {} shards, {} records, {} s\n"
    assert restore.penstock_said(line.format(3, 10, 0.5)) is None
    assert restore.penstock_said(line.format(3, 10, 0.5) + line.format(1, 5, 0.25)) == (15, 0.75)
    shards = "".join(f"restoring {number} 7 {100 + number}\nrestored {number} 7 400\n" for number in range(3))
    running = "state REBALANCING RUNNING 700\n"
    assert restore.streams_said(shards + running) is None
    assert restore.streams_said(shards + "restoring 3 10 150\nrestored 3 10 600\n" + running) == (31, 0.5)


def test_java_that_does_not_compile_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "Broken.java").write_text("class Broken { int x = nothing; }")
    monkeypatch.setattr(java_build, "FOLDER", tmp_path)
    with pytest.raises(java_build.BuildFailed, match=r"(?s)Broken\.java.*nothing"):
        java_build.compiled("broken")


def test_every_table_has_its_module() -> None:
    for name in TABLES:
        assert (Path(__file__).parent / f"{name}.py").exists()


@pytest.mark.long
def test_the_console_table_has_every_question_and_what_watchers_cost(bench: Bench) -> None:
    (report,) = console.run(bench)
    for who in ("everywhere", "three"):
        assert report.data[who].keys() == console.QUESTIONS.keys()
        assert all(0 < found["p50"] <= found["p95"] for found in report.data[who].values())
    assert report.data["watchers_core"] >= 0 and len(report.goals) == 2
    json.dumps(report.as_json())


def test_the_flows_table_has_what_a_step_costs(bench: Bench) -> None:
    (report,) = flows.run(bench)
    assert all(found["us"]["median"] > 0 for found in report.data.values())


def test_the_rules_table_has_what_a_decision_costs(bench: Bench) -> None:
    """Beside GoRules' engine, and then with the same choices, where that is installed."""
    (report,) = rules.run(bench)
    assert report.data[rules.PENSTOCK]["traced_us"]["median"] > 0
    assert len(report.goals) == 2 and report.goals[0].reached is not None
    _, chosen = rules.measure(50, 1)
    assert len({code for code, _ in chosen}) > 3
    json.dumps(report.as_json())


@pytest.mark.parametrize(("released", "tables"), [(rules_path.as_document(), 0), (rules_path.demo(), 7)])
def test_what_the_rules_path_releases_decides(released: list[rules_path.Record], tables: int) -> None:
    documents, releases = (
        {key: record for topic, key, _, record in released if topic == wanted} for wanted in (DOCUMENTS, RELEASES)
    )
    refused: list[int] = []
    rulebook = Rulebook(RULES, documents, releases, lambda: refused.append(1))
    book = rulebook.book
    assert book is not None and (book.release.live, len(book.tables)) == (1, tables)
    rulebook.tell(1_000)
    rulebook.tell(60_000)
    assert refused == [] and book.compiled(1, book.tables) is not None


@pytest.mark.long
def test_the_rules_path_table_compares_what_is_released_with_the_built_in_rule(bench: Bench) -> None:
    (report,) = rules_path.run(bench, orders=200)
    assert set(report.data) == {rules_path.BUILT_IN, rules_path.AS_DOCUMENT, rules_path.DEMO}
    assert all(found["cpu_s_million"]["median"] > 0 for found in report.data.values())
    assert len(report.goals) == 2
    json.dumps(report.as_json())
