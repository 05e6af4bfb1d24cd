"""Log lines, as a machine and as a person reads them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from streams.ops import logs
from streams.settings import InvalidSetting

logger = logging.getLogger("streams.test")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def line(stream: io.StringIO) -> dict[str, Any]:
    (text,) = stream.getvalue().splitlines()
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_a_line_tells_where_in_the_log_and_which_order() -> None:
    out = io.StringIO()
    logs.setup("info", out)
    logger.warning("refused: %s", "数量", extra={"topic": "orders", "partition": 1, "offset": 7, "key": b"taobao:12"})
    found = line(out)
    assert datetime.fromisoformat(found.pop("time")).utcoffset() is not None
    assert found == {
        "level": "WARNING",
        "logger": "streams.test",
        "message": "refused: 数量",
        "order_id": "taobao:12",
        "topic": "orders",
        "partition": 1,
        "offset": 7,
    }


@pytest.mark.parametrize(
    ("topic", "key"),
    [
        # Not keyed by order, no topic of ours, no order id but who knows what.
        ("inventory.commands", b"taobao:12"),
        ("elsewhere", b"taobao:12"),
        ("orders", "王小明".encode()),
        ("orders", b"taobao:12 13800000000"),
        ("orders", b"\xff\xfe"),
        ("orders", None),
    ],
)
def test_a_key_that_is_no_order_id_is_not_shown(topic: str, key: bytes | None) -> None:
    out = io.StringIO()
    logs.setup("info", out)
    logger.warning("refused", extra={"topic": topic, "key": key})
    assert line(out).keys() == {"time", "level", "logger", "message", "topic"}


def test_an_exception_stays_on_its_line() -> None:
    out = io.StringIO()
    logs.setup("info", out)
    try:
        raise ValueError("no such place")
    except ValueError:
        logger.exception("failed")
    assert "ValueError: no such place" in line(out)["exc_info"]


def test_a_terminal_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PENSTOCK_LOG_FORMAT", raising=False)
    out = Terminal()
    logs.setup("info", out)
    logger.info("quiet")
    logger.debug("too quiet")
    logger.warning("refused", extra={"topic": "orders", "partition": 1, "offset": 7, "key": "taobao:12"})
    quiet, refused = out.getvalue().splitlines()
    assert quiet.endswith(" INFO    quiet")
    assert refused.endswith(" WARNING refused [order_id=taobao:12 topic=orders partition=1 offset=7]")


def test_the_format_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_LOG_FORMAT", "json")
    out = Terminal()
    logs.setup("info", out)
    logger.info("as json")
    assert line(out)["message"] == "as json"
    monkeypatch.setenv("PENSTOCK_LOG_FORMAT", "xml")
    with pytest.raises(InvalidSetting, match="PENSTOCK_LOG_FORMAT is 'xml': set it to json or text"):
        logs.setup()


def test_a_line_of_a_log_can_be_shown_to_a_person() -> None:
    out = io.StringIO()
    logs.setup("info", out)
    logger.warning("sink postgres paused: 数据库", extra={"offset": 7})
    shown = logs.as_text(out.getvalue())
    assert shown.endswith("Z WARNING sink postgres paused: 数据库")
    for other in (shown, "sink postgres reads 9 topics", "{}", "[]", "3", ""):
        assert logs.as_text(other) == other


HOSTILE = "shop\r\n2026-01-01T00:00:00.000Z INFO    all is well\x1b[2J\x9b2J\u202e\u200b[/x]"


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_value_begins_a_line_or_is_obeyed_by_a_terminal(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_LOG_FORMAT", form)
    out = io.StringIO()
    logs.setup("info", out)
    logger.warning("refused: %s", HOSTILE, extra={"topic": HOSTILE})
    assert out.getvalue().count("\n") == 1
    assert out.getvalue()[:-1].isprintable()
    if form == "json":
        assert line(out)["message"] == f"refused: {HOSTILE}"


def test_a_traceback_cannot_be_taken_for_lines_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_LOG_FORMAT", "text")
    out = io.StringIO()
    logs.setup("info", out)
    try:
        raise ValueError(HOSTILE)
    except ValueError:
        logger.exception("failed")
    first, *others = out.getvalue().splitlines()
    assert first.endswith("failed") and others
    assert all(each.startswith("  ") and each.isprintable() for each in others)
