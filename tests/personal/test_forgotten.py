"""Who is forgotten is in nothing that the hub writes: records, the files sink's lines, replayed files. Everybody else still is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.files import FilesSink
from schemas.codec import CODEC
from streams.ops.forgetting import without_person
from streams.ops.masking import forgotten, readable
from tests.personal.filled import PERSON, PERSONAL, SCHEMAS, fields, filled
from tests.personal.forgetting import naming, take, told

OTHER = b"taobao:other"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_record_without_its_person_is_whole_otherwise(name: str) -> None:
    left = CODEC.decode(without_person(CODEC.encode(name, filled(name))) or b"")[1]
    assert PERSON not in json.dumps(readable(name, left, unmask=True), ensure_ascii=False)
    mine = [f for f in fields() if f.record == name]
    assert all(left[f.name] in ("", b"", None, {}, []) for f in mine if f.personal)
    assert all(left[f.name] == filled(name)[f.name] for f in mine if not f.personal)


def test_of_what_nobody_can_read_nothing_is_left() -> None:
    assert forgotten("Elsewhere", {"note": PERSONAL}) == {}
    assert without_person(PERSONAL.encode()) == b""


@pytest.mark.parametrize("unmask", [False, True], ids=["masked", "unmasked"])
def test_the_files_sink_forgets_what_it_has_and_what_comes_later(tmp_path: Path, unmask: bool) -> None:
    records, others = told(FilesSink.topics), told(["orders"], OTHER)

    async def live() -> None:
        sink = FilesSink(tmp_path, unmask=unmask)
        await sink.setup()
        await take(sink, [*records, *others])
        assert len(telling(tmp_path)) > 5
        lines = count(tmp_path)
        await take(sink, [naming()])
        assert [line["key"] for line in telling(tmp_path)] == [OTHER.decode()]
        assert count(tmp_path) == lines + 1
        # Its own lines again, and another driver's.
        await take(sink, records)
        again = FilesSink(tmp_path, unmask=unmask)
        await again.setup()
        await take(again, records)
        assert [line["key"] for line in telling(tmp_path)] == [OTHER.decode()]

    asyncio.run(live())


def test_a_kill_while_files_are_written_anew_leaves_whole_ones_and_it_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def live() -> None:
        sink = FilesSink(tmp_path, unmask=True)
        await sink.setup()
        await take(sink, told(FilesSink.topics))
        lines = count(tmp_path)
        with monkeypatch.context() as killed:
            # After the first file is in its place, and the next one is written beside its own.
            renames = iter((True, True, False))
            rename = Path.rename
            killed.setattr(Path, "rename", lambda path, to: rename(path, to) if next(renames) else _dies())
            await sink.write([naming()])
            with pytest.raises(Killed):
                await sink.flush({})
        assert count(tmp_path) == lines
        again = FilesSink(tmp_path, unmask=True)
        await again.setup()
        assert not list(tmp_path.glob("*/*/.*"))
        await take(again, [naming()])
        assert telling(tmp_path) == []
        assert count(tmp_path) == lines + 1

    asyncio.run(live())


class Killed(BaseException):
    pass


def _dies() -> None:
    raise Killed


def telling(folder: Path) -> list[dict[str, Any]]:
    """Lines in which something of a person is, if only a first character or how long it was."""
    texts = [line for file in sorted(folder.glob("*/*/*.jsonl")) for line in file.read_text().splitlines()]
    return [json.loads(line) for line in texts if "王" in line or "bytes>" in line]


def count(folder: Path) -> int:
    return sum(len(file.read_text().splitlines()) for file in folder.glob("*/*/*.jsonl"))
