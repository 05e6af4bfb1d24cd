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
from connectors.channels.spool import Spool, SpoolFailed, SpoolTaken


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
def test_a_record_cut_off_by_a_crash_hides_none_before_it(tmp_path: Path, cut: int) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        for n in range(3):
            await spool.put([record(n)])
        await spool.close()
        (segment,) = tmp_path.glob("*.spool")
        raw = segment.read_bytes()
        segment.write_bytes(raw[:-cut])
        assert keys(await drained(tmp_path)) == ["douyin:0", "douyin:1"]
        assert not list(tmp_path.glob("*.damaged"))

    in_loop(work)


def test_a_damaged_segment_is_kept_and_what_can_be_read_is_delivered(tmp_path: Path) -> None:
    async def work() -> None:
        spool = Spool(tmp_path)
        for n in range(3):
            await spool.put([record(n, 1000)])
        await spool.close()
        (segment,) = tmp_path.glob("*.spool")
        raw = bytearray(segment.read_bytes())
        raw[1500] ^= 1
        segment.write_bytes(raw)
        assert keys(await drained(tmp_path)) == ["douyin:0"]
        (kept,) = tmp_path.glob("*.damaged")
        assert kept.read_bytes() == raw

    in_loop(work)


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
        with pytest.raises(SpoolTaken, match="PENSTOCK_DATA"):
            Spool(tmp_path)
        await spool.close()
        await Spool(tmp_path).close()

    in_loop(work)
