"""Text from records, as a terminal or a log may have it: text alone, never markup, and nothing that a terminal would obey.

A shop's name may hold ``[/x]``, an escape sequence, a line's end, or a mark that turns the direction of writing. Whatever is printed goes
through here: `Terminal` in place of Rich's console, whose strings are never markup; `Text` in place of Rich's; `styled` for styles of the
hub's own around values; `plain` where neither is at hand.

What the hub itself says is turned into the person's language here: a string that is printed, a template of `styled`; and headings by
`schemas.table`. Values are not: a `Text` and a table's cells stand as they are given.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from string import Formatter
from typing import Any
from unicodedata import category

import rich.text
from rich import _wrap
from rich.cells import cell_len
from rich.console import Console, ConsoleDimensions, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.status import Status

from schemas.texts import said, word

__all__ = ["Terminal", "Text", "lines_without_blanks", "plain", "plain_lines", "styled"]

_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60"
#: A line ends with no opening mark, and begins with no closing one.
_OPENING, _CLOSING = "（《【“‘", "，。；：！？、）》】”’…"
#: What stays on one line: a word, or a character of a script that writes without blanks.
_UNBROKEN = re.compile(
    rf"\s*[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}{_OPENING}{_CLOSING}]+|[{_OPENING}{_CLOSING}])[{_CLOSING}]*\s*"
)


def plain(text: str) -> str:
    """The text on one line. Control and format characters (C0, C1, bidi, zero width, ends of lines) are shown as JSON escapes them.

    A line of JSON stays the same value.
    """
    # Printable are letters of every script, and of blanks the one.
    return text if text.isprintable() else "".join(map(_shown, text))


def plain_lines(text: str) -> str:
    """The text with its lines, each of them plain."""
    return "\n".join(map(plain, text.split("\n")))


def _shown(character: str) -> str:
    if character.isprintable() or category(character) == "Zs":
        return character
    return json.dumps(character)[1:-1]


class Text(rich.text.Text):
    """Rich's, of plain text alone."""

    def __init__(self, text: str = "", style: Any = "", **options: Any) -> None:
        super().__init__(plain(text), style, **options)

    def append(self, text: rich.text.Text | str, style: Any = None) -> Text:
        super().append(plain(text) if isinstance(text, str) else text, style)
        return self


def styled(template: str, *values: object) -> Text:
    """A template of the hub's own in Rich's markup, with each ``{}`` (or ``{:,}``) replaced by a value as plain text.

    The template is a literal, never a value (a test).
    """
    # The markup is read before the values are there: a NUL, which no template has, holds the place of each.
    read = ""
    formats: list[str] = []
    own = template.strip()
    for literal, field, form, _ in Formatter().parse(template.replace(own, word(own))):
        read += literal
        if field is not None:
            read += "\0"
            formats.append(form or "")
    if len(values) != len(formats):
        raise ValueError(f"{template!r} has {len(formats)} fields, and {len(values)} values are given")
    frame = rich.text.Text.from_markup(read, emoji=False)
    *before, last = frame.split("\0", allow_blank=True)
    fields = [at for at, character in enumerate(frame.plain) if character == "\0"]
    whole = Text()
    for literal_text, at, form, value in zip(before, fields, formats, values, strict=True):
        styles = " ".join(str(span.style) for span in frame.spans if span.start <= at < span.end)
        whole.append_text(literal_text).append(format(value, form), styles)
    whole.append_text(last)
    return whole


class Terminal(Console):
    """Rich's console; a string is text, and what reaches the terminal is printable but for the screen's own styles."""

    def __init__(self, *, unlimited: int = 0, **options: Any) -> None:
        """``unlimited``: the width where nobody's screen limits it (a log, a pipe), unless COLUMNS says one."""
        super().__init__(**{"highlight": False, **options, "markup": False, "emoji": False})
        self._unlimited = unlimited

    @property  # type: ignore[misc]  # nobody sets it
    def size(self) -> ConsoleDimensions:
        if not self._unlimited or self.is_terminal:
            return super().size
        columns = os.environ.get("COLUMNS", "")
        return ConsoleDimensions(int(columns) if columns.isdecimal() and int(columns) else self._unlimited, 25)

    def print(self, *objects: Any, **options: Any) -> None:
        super().print(*(said(each) if isinstance(each, str) else each for each in objects), **options)

    def status(self, status: RenderableType, **options: Any) -> Status:
        return super().status(said(status) if isinstance(status, str) else status, **options)

    def on_broken_pipe(self) -> None:
        # Rich's own ends the process here: what that means is for the command to say. What nobody has read is nobody else's.
        del self._buffer[:]
        raise BrokenPipeError

    def render_str(self, text: str, **options: Any) -> rich.text.Text:
        return super().render_str(plain(text), **{**options, "markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=plain_lines(segment.text))


@contextmanager
def lines_without_blanks() -> Iterator[None]:
    """Meanwhile Rich ends lines inside Chinese text too, which it would cut; whoever prints and not only this module.

    It has one expression for it, private to it: its version is pinned, and tests hold what it prints.
    """
    unbroken, shorten = _wrap.re_word, rich.text.Text.rstrip_end
    _wrap.re_word, rich.text.Text.rstrip_end = _UNBROKEN, _without_blanks  # type: ignore[method-assign]
    try:
        yield
    finally:
        _wrap.re_word, rich.text.Text.rstrip_end = unbroken, shorten  # type: ignore[method-assign]


def _without_blanks(self: rich.text.Text, size: int) -> None:
    """Takes off the blanks at a line's end that are beyond the size, in columns; Rich's own counts characters."""
    blanks = len(self.plain) - len(self.plain.rstrip())
    if (beyond := min(blanks, cell_len(self.plain) - size)) > 0:
        self.right_crop(beyond)
