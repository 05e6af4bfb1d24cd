"""What a file of a backup says of itself: any byte that is changed, any that is missing, another's frames, another key."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.backup.errors import BackupRefused, Damaged
from streams.backup.vault import File, Key, Writer, frames

KEYS = {"plain": None, "sealed": Key("00" * 32)}
KEY = pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)


def written(folder: Path, clear: list[bytes], key: Key | None, name: str = "segments/it") -> File:
    with Writer(folder, name, key) as writer:
        for each in clear:
            writer.frame(each)
    return writer.written()


@KEY
@settings(max_examples=30)
@given(clear=st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, key: Key | None, clear: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("vault")
    file = written(folder, clear, key)
    assert list(frames(folder, file.name, key, file)) == clear
    assert os.stat(folder / file.name).st_mode & 0o077 == 0


@KEY
@settings(max_examples=30)
@given(data=st.data())
def test_a_byte_that_is_another_is_damage(
    tmp_path_factory: pytest.TempPathFactory, key: Key | None, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("vault")
    file = written(folder, [b"orders" * 20, b"more"], key)
    raw = bytearray((folder / file.name).read_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    (folder / file.name).write_bytes(raw)
    # Of the header's: the form, or which key.
    with pytest.raises((Damaged, BackupRefused)) as found:
        list(frames(folder, file.name, key, file))
    assert file.name in str(found.value)


@KEY
@settings(max_examples=30)
@given(data=st.data())
def test_a_file_that_ends_early_is_damage(
    tmp_path_factory: pytest.TempPathFactory, key: Key | None, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("vault")
    file = written(folder, [b"orders" * 20, b"more"], key)
    raw = (folder / file.name).read_bytes()
    (folder / file.name).write_bytes(raw[: data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises(Damaged):
        list(frames(folder, file.name, key, file))


def test_what_is_not_there_is_damage(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="segments/it: it is not there"):
        list(frames(tmp_path, "segments/it", None))


def test_a_sealed_file_says_nothing_and_stands_in_no_other_place(tmp_path: Path) -> None:
    key = KEYS["sealed"]
    one = written(tmp_path, [b"Zhang San" * 50], key)
    assert b"Zhang" not in (tmp_path / one.name).read_bytes()
    (tmp_path / "segments/other").write_bytes((tmp_path / one.name).read_bytes())
    with pytest.raises(Damaged, match="segments/other: frame 0: it was changed after it was sealed"):
        list(frames(tmp_path, "segments/other", key))


@pytest.mark.parametrize(("key", "says"), [(None, "none is set"), (Key("11" * 32), "is that with the mark")])
def test_without_its_key_it_is_refused(tmp_path: Path, key: Key | None, says: str) -> None:
    written(tmp_path, [b"x"], KEYS["sealed"])
    with pytest.raises(BackupRefused, match=says):
        list(frames(tmp_path, "segments/it", key))


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BackupRefused, match="must be 64 hexadecimal digits") as found:
        Key(text)
    assert not text or text not in str(found.value)


def test_a_file_that_was_not_finished_is_none(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Writer(tmp_path, "tables/orders", None) as writer:
        writer.frame(b"half")
        raise ZeroDivisionError
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
