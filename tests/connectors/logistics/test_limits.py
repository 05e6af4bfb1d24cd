"""How hard platforms are called: what is packaged, and a file on top."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.logistics.limits import limits_book
from streams.settings import InvalidSetting


def test_limits_are_layered(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[default]\nsettle_s = 7\n[pdd]\nconcurrent = 3\n[shop."pdd-home"]\ncalls = [2, 1]\n')
    book = limits_book(path)
    assert (book.of("pdd", "pdd-home").calls, book.of("pdd", "pdd-other").calls) == ((2, 1), (100, 1))
    assert (book.of("pdd", "pdd-home").concurrent, book.of("jd", "jd-pop").concurrent) == (3, 8)
    assert {book.of(name).settle_s for name in ("pdd", "jd", "cainiao")} == {7}
    assert limits_book().of("pdd").platform == (5000, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[default", "is not TOML"),
        ("[ebay]\n", "'ebay' is not known"),
        ("[pdd]\nspeed = 1\n", "[pdd]: 'speed' is not known"),
        ("[pdd]\ncalls = 5\n", "[pdd]: calls is 5: [calls, seconds]"),
        ("[pdd]\ncalls = [0, 1]\n", "calls is [0, 1]"),
        ("[pdd]\nconcurrent = 0\n", "concurrent is 0: a whole number, at least 1"),
        ("[pdd]\nfailures = 1.5\n", "failures is 1.5"),
        ('[shop."x"]\nopen_s = -1\n', '[shop."x"]: open_s is -1: a number, at least 0'),
    ],
)
def test_wrong_limits_are_told_with_their_place(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InvalidSetting) as told:
        limits_book(path)
    assert says in str(told.value)
