"""What was accepted on disk comes to Kafka, whatever happened to the process or the file in between."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.channels.base import Outgoing
from connectors.channels.outbox import Undelivered
from connectors.channels.segment import framed
from connectors.channels.spool import Spool, SpoolFailed, SpoolUnusable


def record(n: int, size: int = 10) -> Outgoing:
    return Outgoing("channel.notices", f"douyin:{n}", b"\xc3" * size, (("error", b"none"),))


def keys(records: Sequence[Outgoing]) -> list[str]:
    return [record.key for record in records]


class Kafka:
    """Takes records; ``away`` after so many deliveries."""

    def __init__(self, away_after: int | None = None) -> None:
        self.taken: list[Outgoing] = []
        self.left = away_after

    async def __call__(self, records: Sequence[Outgoing]) -> None:
        if self.left == 0:
            raise Undelivered("away")
        if self.left is not None:
            self.left -= 1
        self.taken += records


def in_loop(work: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        await work()

    asyncio.run(run())


async def drained(folder: Path) -> list[Outgoing]:
    """What another process finds there."""
    spool, kafka = Spool(folder), Kafka()
    await spool.drain(kafka)
    await spool.close()
    assert spool.records == 0
    assert not list(folder.glob("*.spool"))
    return kafka.taken


def test_records_of_a_killed_process_are_delivered_by_the_next_one(tmp_path: Path) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        await asyncio.gather(*(spool.put([record(n), record(n + 100)]) for n in range(50)))
        assert spool.records == 100
        # kill -9: nothing is closed, the lock goes with the process.
        spool.abandon()
        found = await drained(tmp_path)
        assert sorted(keys(found)) == sorted(f"douyin:{n}" for n in [*range(50), *range(100, 150)])
        assert found[0] == record(0)

    in_loop(work)


def test_puts_at_the_same_time_share_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    syncs = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (syncs.append(fd), real(fd))[1])

    async def work() -> None:
        spool = Spool(tmp_path)
        await asyncio.gather(*(spool.put([record(n)]) for n in range(200)))
        await spool.close()
        # One for the first, one for all that came meanwhile, one for the folder.
        assert len(syncs) <= 4

    in_loop(work)


@pytest.mark.parametrize("cut", [1, 5, 9, 30])
def test_a_record_cut_off_by_a_crash_hides_none_before_it_and_is_no_damage(
    tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        for n in range(3):
            await spool.put([record(n)])
        spool.abandon()
        (segment,) = tmp_path.glob("*.spool")
        raw = segment.read_bytes()
        segment.write_bytes(raw[:-cut])
        assert keys(await drained(tmp_path)) == ["douyin:0", "douyin:1"]
        assert not list(tmp_path.glob("*.damaged"))
        (kept,) = tmp_path.glob("*.cut")
        assert kept.read_bytes() == raw[:-cut]

    in_loop(work)
    assert f"ends in {len(framed(record(2))) - cut} bytes that a crash cut off" in caplog.text


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A segment of ten records."""

    async def work() -> None:
        spool = Spool(tmp_path)
        for n in range(10):
            await spool.put([record(n, 200)])
        await spool.close()

    in_loop(work)
    (segment,) = tmp_path.glob("*.spool")
    return segment


SIZE = len(framed(record(0, 200)))
#: What -> where in the segment, and the bytes that come to stand there.
DAMAGE = {
    "a length of 0": (3 * SIZE, bytes(4)),
    "a length beyond the end": (3 * SIZE, b"\x7f\0\0\0"),
    "a length that is another record's end": (3 * SIZE, (2 * SIZE - 8).to_bytes(4)),
    "the last length": (9 * SIZE, b"\0\0\1\0"),
    "the closing one's length": (10 * SIZE, b"\0\0\1\0"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_length_loses_nothing(closed: Path, what: str) -> None:
    at, patch = DAMAGE[what]
    raw = bytearray(closed.read_bytes())
    raw[at : at + len(patch)] = patch
    closed.write_bytes(raw)
    assert keys(asyncio.run(drained(closed.parent))) == [f"douyin:{n}" for n in range(10)]
    assert [path.name for path in closed.parent.iterdir()] == ["lock"]


@pytest.mark.parametrize(
    ("first", "bytes_wrong", "lost"), [(3, 300, {3, 4}), (0, 5, {0}), (9, 200, {9}), (8, 2 * SIZE - 4, {8, 9})]
)
def test_zeroed_sectors_lose_what_they_lie_in_and_that_is_told(
    closed: Path, first: int, bytes_wrong: int, lost: set[int], caplog: pytest.LogCaptureFixture
) -> None:
    raw = bytearray(closed.read_bytes())
    at = first * SIZE + 4
    raw[at : at + bytes_wrong] = bytes(len(raw[at : at + bytes_wrong]))
    closed.write_bytes(raw)

    async def work() -> None:
        spool, kafka = Spool(closed.parent), Kafka()
        await spool.drain(kafka)
        assert keys(kafka.taken) == [f"douyin:{n}" for n in range(10) if n not in lost]
        assert (spool.records, spool.empty, spool.damaged) == (0, True, 1)
        await spool.close()
        # Told again by whoever comes next: the file is there.
        later = Spool(closed.parent)
        assert later.damaged == 1
        await later.close()

    in_loop(work)
    (kept,) = closed.parent.glob("*.damaged")
    assert kept.read_bytes() == raw
    assert f"{kept} is damaged: {len(lost)} of 10 records can't be read" in caplog.text


def test_a_segment_of_nothing_but_damage_does_not_stay_unseen(closed: Path) -> None:
    closed.write_bytes(bytes(500))
    assert asyncio.run(drained(closed.parent)) == []
    assert not list(closed.parent.glob("*.spool"))
    assert len(list(closed.parent.glob("*.cut"))) + len(list(closed.parent.glob("*.damaged"))) == 1


def test_records_that_are_missing_at_a_boundary_are_noticed_by_their_number(
    closed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    raw = closed.read_bytes()
    closed.write_bytes(raw[: 2 * SIZE] + raw[3 * SIZE :])
    assert len(asyncio.run(drained(closed.parent))) == 9
    assert "1 of 10 records can't be read" in caplog.text


def test_a_record_within_a_record_is_none(tmp_path: Path) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        forged = Outgoing("channel.notices", "douyin:1", framed(record(666)) * 3)
        for each in (record(0), forged, record(2)):
            await spool.put([each])
        await spool.close()
        (segment,) = tmp_path.glob("*.spool")
        raw = bytearray(segment.read_bytes())
        raw[len(framed(record(0))) + 9] ^= 1
        segment.write_bytes(raw)
        assert keys(await drained(tmp_path)) == ["douyin:0", "douyin:2"]

    in_loop(work)


def test_what_an_older_release_has_written_is_read(tmp_path: Path) -> None:
    raw = b"".join(framed(record(n)) for n in range(5))
    (tmp_path / "00000007.spool").write_bytes(raw)
    size = len(framed(record(0)))
    (tmp_path / "00000008.spool").write_bytes(raw[: 2 * size] + bytes(size) + raw[3 * size :])

    async def work() -> None:
        spool, kafka = Spool(tmp_path), Kafka()
        await spool.put([record(9)])
        assert spool.records == 10
        await spool.drain(kafka)
        assert keys(kafka.taken) == [f"douyin:{n}" for n in (0, 1, 2, 3, 4, 0, 1, 3, 4, 9)]
        assert [path.stem for path in tmp_path.glob("*.damaged")] == ["00000008"]
        await spool.close()

    in_loop(work)


def test_a_segment_that_is_gone_or_unreadable_keeps_no_other_from_kafka(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        for n in range(3):
            spool = Spool(tmp_path)
            await spool.put([record(n)])
            await spool.close()
        first, second, _ = sorted(tmp_path.glob("*.spool"))
        spool, kafka = Spool(tmp_path), Kafka()
        first.unlink()
        second.rename(tmp_path / "away")
        second.mkdir()
        with pytest.raises(IsADirectoryError):
            await spool.drain(kafka)
        assert keys(kafka.taken) == ["douyin:2"] and not spool.empty
        second.rmdir()
        (tmp_path / "away").rename(second)
        await spool.drain(kafka)
        assert keys(kafka.taken) == ["douyin:2", "douyin:1"] and spool.empty
        await spool.close()

    in_loop(work)
    assert "is gone: somebody has taken it away" in caplog.text


def test_a_folder_that_is_none_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(SpoolUnusable, match=r"spool: .*make it a folder that this user may read and write"):
        Spool(tmp_path / "spool")


def test_what_was_not_delivered_stays(tmp_path: Path) -> None:
    async def work() -> None:
        spool, kafka = Spool(tmp_path), Kafka(away_after=1)
        await spool.put([record(n) for n in range(700)])
        with pytest.raises(Undelivered):
            await spool.drain(kafka)
        assert len(kafka.taken) == 500
        assert spool.records == 700
        await spool.put([record(999)])
        kafka.left = None
        await spool.drain(kafka)
        # The segment that failed is delivered whole, and what came meanwhile after it.
        assert keys(kafka.taken[500:]) == [*(f"douyin:{n}" for n in range(700)), "douyin:999"]
        assert spool.records == 0
        await spool.close()

    in_loop(work)


@contextmanager
def full_disk(bytes_left: int) -> Iterator[None]:
    """No file of this process may become longer."""
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)


def test_a_full_disk_accepts_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        await spool.put([record(1)])
        with full_disk(2_000):
            # Half of it would fit.
            with pytest.raises(SpoolFailed):
                await spool.put([record(2, 4_000)])
            await spool.put([record(3)])
        assert spool.records == 2
        spool.abandon()
        assert keys(await drained(tmp_path)) == ["douyin:1", "douyin:3"]

    in_loop(work)


def test_a_segment_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.channels.spool.SEGMENT_BYTES", 1_000)

    async def work() -> None:
        spool = Spool(tmp_path)
        for n in range(20):
            await spool.put([record(n, 300)])
        assert len(list(tmp_path.glob("*.spool"))) > 3
        assert spool.records == 20
        await spool.close()
        assert keys(await drained(tmp_path)) == [f"douyin:{n}" for n in range(20)]

    in_loop(work)


def test_two_processes_do_not_share_a_folder(tmp_path: Path) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        with pytest.raises(SpoolUnusable, match="PENSTOCK_DATA"):
            Spool(tmp_path)
        await spool.close()
        await Spool(tmp_path).close()

    in_loop(work)
