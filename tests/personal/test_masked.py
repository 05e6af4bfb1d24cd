"""What a schema marks personal is in nothing that shows, keeps or blames a record, until somebody asks for it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.files import FilesSink
from connectors.postgres.row import Place, Unfit
from connectors.postgres.rows import rows_of
from schemas.codec import CODEC, InvalidRecord
from schemas.topics import TOPICS
from streams.ops.masking import readable
from streams.ops.sinks import Partition, Record, Span
from tests.personal.filled import PERSON, PERSONAL, RECORDS, SCHEMAS, fields, filled

HAVE_ANY = sorted({f.record for f in fields() if f.personal})


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_record_is_shown_without_what_is_personal(name: str) -> None:
    record = filled(name)
    shown = json.dumps(readable(name, record), ensure_ascii=False)
    assert PERSON not in shown
    if name in HAVE_ANY:
        assert PERSONAL in json.dumps(readable(name, record, unmask=True), ensure_ascii=False)


def test_only_what_is_personal_is_masked() -> None:
    for name in RECORDS:
        before, after = filled(name), readable(name, filled(name))
        mine = [f for f in fields() if f.record == name]
        assert [before[f.name] == after[f.name] for f in mine if not f.personal and before[f.name] != bytes(8)].count(
            False
        ) == 0, name


def test_what_is_no_record_of_the_schemas_is_masked_whole() -> None:
    assert readable("Elsewhere", {"note": [PERSONAL]}) == {"note": ["王********"]}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_no_error_of_the_codec_quotes_a_person(name: str) -> None:
    for f in (f for f in fields() if f.record == name and f.personal):
        for wrong in ([PERSON], {PERSON: 1}, {PERSON: PERSON, "other": 1}, f"{PERSON}\ud800", 1.5):
            with pytest.raises(InvalidRecord) as refused:
                CODEC.encode(name, {**filled(name), f.name: wrong})
            assert PERSON not in str(refused.value)


def test_no_error_of_the_database_quotes_a_person() -> None:
    refused = set()
    for topic, name in ((each.name, name) for each in TOPICS.values() for name in each.records):
        try:
            rows_of(name, _with_nul(filled(name)), Place(topic, 0, 0, datetime(2026, 1, 1, tzinfo=UTC)))
        except Unfit as exc:
            assert PERSON not in str(exc)
            refused.add(name)
    assert refused >= {"Order", "AfterSale", "LogisticsTrace", "Review"}


def _with_nul(value: Any) -> Any:
    match value:
        case str():
            return value.replace(PERSON, f"{PERSON}\0")
        case dict():
            return {key: _with_nul(item) for key, item in value.items()}
        case list():
            return [_with_nul(item) for item in value]
    return value


def test_the_files_sink_writes_no_person(tmp_path: Path) -> None:
    written = [
        Record(topic.name, 0, number, 1_767_232_800_000, b"taobao:1", CODEC.encode(name, filled(name)))
        for topic in TOPICS.values()
        for number, name in enumerate(topic.records)
        # Whose person is forgotten is written without, unmasked or not.
        if name != "PersonForgotten"
    ]

    async def run(folder: Path, unmask: bool) -> str:
        sink = FilesSink(folder, unmask=unmask)
        await sink.setup()
        await sink.positions([Partition(r.topic, 0) for r in written])
        assert not sink.accept(await sink.prepare(written))
        await sink.flush({Partition(r.topic, 0): Span(0, 100) for r in written})
        return "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())

    assert PERSON not in asyncio.run(run(tmp_path / "masked", unmask=False))
    assert PERSON in asyncio.run(run(tmp_path / "whole", unmask=True))
