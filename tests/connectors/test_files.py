"""JSON lines by topic and day: each record once, whatever is killed in the middle of a flush, whatever the disk says."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.files import FilesSink, folder
from schemas.codec import CODEC
from streams.ops.sinks import Partition, Record, SinkFenced, SinkMisfit, SinkUnavailable, Span
from tests.conftest import Unique
from tests.connectors.driver_rig import Rig, driven, until

DAY_MS = 86_400_000
NOON_MS = 1_767_268_800_000  # 2026-01-01T12:00Z
TP = Partition("inventory.alerts", 0)


def alert(offset: int, day: int = 0, sku: str = "MUG") -> Record:
    value = {
        "sku": sku,
        "warehouse": "hz1",
        "kind": "SALE_CLOSED",
        "sellable": 0,
        "safety_stock": 1,
        "at_ms": NOON_MS,
    }
    return Record(*TP, offset, NOON_MS + day * DAY_MS, sku.encode(), CODEC.encode("StockAlert", value))


def lines(path: Path) -> list[dict[str, Any]]:
    """What a reader of the folder finds."""
    return [json.loads(line) for file in sorted(path.glob("*/*/*.jsonl")) for line in file.read_text().splitlines()]


def offsets(path: Path) -> list[int]:
    return sorted(line["offset"] for line in lines(path))


def put(sink: FilesSink, records: Sequence[Record], span: Span) -> None:
    async def once() -> None:
        await sink.setup()
        assert not await sink.write(records)
        await sink.flush({TP: span})

    asyncio.run(once())


def position(path: Path) -> int | None:
    async def ask() -> int | None:
        sink = FilesSink(path)
        await sink.setup()
        return (await sink.positions([TP])).get(TP)

    return asyncio.run(ask())


def test_a_line_says_where_and_when_it_stood_and_what_it_is(tmp_path: Path) -> None:
    put(FilesSink(tmp_path), [alert(3), alert(5, day=1)], Span(0, 9))
    assert [str(f.relative_to(tmp_path)) for f in sorted(tmp_path.glob("*/*/*"))] == [
        "inventory.alerts/2026-01-01/000000000001.jsonl",
        "inventory.alerts/2026-01-02/000000000001.jsonl",
    ]
    first, second = lines(tmp_path)
    assert first | {"value": None} == {
        "topic": "inventory.alerts",
        "partition": 0,
        "offset": 3,
        "at": "2026-01-01T12:00:00.000+00:00",
        "key": "MUG",
        "record": "StockAlert",
        "value": None,
    }
    assert (first["value"]["kind"], second["offset"]) == ("SALE_CLOSED", 5)
    assert position(tmp_path) == 9


def test_tombstones_are_lines_and_bytes_of_no_record_are_refused(tmp_path: Path) -> None:
    tombstone, garbage = alert(1)._replace(value=None), alert(2)._replace(value=b"\x00garbage")

    async def once() -> None:
        sink = FilesSink(tmp_path)
        await sink.setup()
        (refused,) = await sink.write([alert(0), tombstone, garbage])
        assert refused.record is garbage and "NotAvro" in refused.error
        await sink.flush({TP: Span(0, 3)})

    asyncio.run(once())
    assert [(line["offset"], line["record"]) for line in lines(tmp_path)] == [(0, "StockAlert"), (1, None)]


@pytest.mark.parametrize("unmask", [False, True])
def test_personal_data_is_masked_unless_asked_for(tmp_path: Path, unmask: bool) -> None:
    event = {
        "channel": "taobao",
        "shop": "tea",
        "order_no": "1",
        "kind": "order",
        "event_id": "1",
        "occurred_at_ms": NOON_MS,
        "received_at_ms": NOON_MS,
        "content_type": "application/json",
        "payload": b'{"receiver_mobile": "13912345678"}',
    }
    put(FilesSink(tmp_path, unmask=unmask), [alert(0)._replace(value=CODEC.encode("ChannelEvent", event))], Span(0, 1))
    assert ("13912345678" in json.dumps(lines(tmp_path))) is unmask


#: More than a flush has; a kill comes before each of them once.
CALLS = 16


def test_a_kill_at_any_step_of_a_flush_leaves_each_record_once(tmp_path: Path) -> None:
    folders = [tmp_path / str(call) for call in range(CALLS)]
    for path in folders:
        put(FilesSink(path), [alert(0)], Span(0, 1))
    killed = subprocess.run([sys.executable, "-c", KILLED, *map(str, folders)], timeout=120, capture_output=True)
    assert killed.returncode == 0, killed.stderr
    ends = killed.stdout.decode().split()
    assert "killed" in ends and ends[-1] == "through", "every step was met"
    stands = [position(path) for path in folders]
    assert set(stands) == {1, 4}, "some came before the step that counts, some after it"
    for path, at in zip(folders, stands, strict=True):
        assert offsets(path) == ([0] if at == 1 else [0, 1, 2, 3])
        if at == 1:
            put(FilesSink(path), [alert(1), alert(2, day=1), alert(3)], Span(1, 4))
        assert offsets(path) == [0, 1, 2, 3]
        assert not list(path.glob("**/*.draft"))


#: One child a folder; the first is killed before the first call on the file system, the second before the second...
KILLED = """
import os, signal, sys
from pathlib import Path
from streams.ops.sinks import Span
from connectors.files import FilesSink
from tests.connectors.test_files import alert, put
def counted(real):
    def call(*args, **more):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*args, **more)
    return call
for left, path in enumerate(sys.argv[1:]):
    if child := os.fork():
        print("killed" if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL else "through")
        continue
    os.fsync, Path.rename, Path.mkdir = counted(os.fsync), counted(Path.rename), counted(Path.mkdir)
    put(FilesSink(Path(path)), [alert(1), alert(2, day=1), alert(3)], Span(1, 4))
    os._exit(0)
"""


def test_two_drivers_of_one_partition_the_slower_one_is_fenced(tmp_path: Path) -> None:
    put(FilesSink(tmp_path), [alert(0)], Span(0, 1))
    with pytest.raises(SinkFenced, match=r"inventory.alerts/0 stands at 1, not at 0"):
        put(FilesSink(tmp_path), [alert(0)], Span(0, 1))
    assert offsets(tmp_path) == [0]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_disk_that_takes_nothing_costs_time_and_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    sink = FilesSink(tmp_path)

    def full(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    async def live() -> None:
        await sink.setup()
        await sink.write([alert(0)])
        with monkeypatch.context() as broken:
            broken.setattr(folder.os, "fsync", full)
            with pytest.raises(SinkUnavailable):
                await sink.flush({TP: Span(0, 1)})
        await sink.flush({TP: Span(0, 1)})

    asyncio.run(live())
    assert offsets(tmp_path) == [0]
    assert position(tmp_path) == 1


def test_positions_forget_what_was_written_and_not_flushed(tmp_path: Path) -> None:
    async def live() -> None:
        sink = FilesSink(tmp_path)
        await sink.setup()
        await sink.write([alert(0)])
        await sink.positions([TP])
        await sink.write([alert(0)])
        await sink.flush({TP: Span(0, 1)})

    asyncio.run(live())
    assert offsets(tmp_path) == [0]


@pytest.mark.parametrize("manifest", ['{"version": 2}', "[]", "cut off"])
def test_a_manifest_of_someone_else_is_left_alone(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "MANIFEST.json").write_text(manifest)
    with pytest.raises(SinkMisfit, match="another folder"):
        asyncio.run(FilesSink(tmp_path).setup())
    assert (tmp_path / "MANIFEST.json").read_text() == manifest


def test_a_file_where_the_folder_should_be_is_a_persons_to_mend(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(SinkMisfit, match="may write to"):
        asyncio.run(FilesSink(tmp_path / "taken").setup())


def test_a_driver_carries_a_topic_into_files_exactly_once(tmp_path: Path, kafka: str, unique: Unique) -> None:
    rig = Rig(kafka, unique("topic"), unique("group"))
    rig.send([alert(n).value for n in range(50)])
    rig.send([alert(n).value for n in range(30)], partition=1)

    async def live(stop_at: int) -> None:
        async with driven(FilesSink(tmp_path, topics=[rig.topic]), rig.options(batch=10)):
            await until(lambda: len(lines(tmp_path)) >= stop_at, "lines arrive")

    asyncio.run(live(20))
    asyncio.run(live(80))
    found = sorted((line["topic"], line["partition"], line["offset"]) for line in lines(tmp_path))
    assert found == sorted(row[:3] for row in rig.sent)


def test_a_folder_that_was_emptied_under_its_driver_fences_it(tmp_path: Path) -> None:
    sink = FilesSink(tmp_path)

    async def live() -> None:
        await sink.setup()
        await sink.write([alert(0)])
        await sink.flush({TP: Span(0, 1)})
        (tmp_path / "MANIFEST.json").unlink()
        await sink.write([alert(1)])
        with pytest.raises(SinkFenced, match=r"inventory.alerts/0 stands at 0, not at 1"):
            await sink.flush({TP: Span(1, 2)})

    asyncio.run(live())
