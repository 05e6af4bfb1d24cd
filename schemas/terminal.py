"""Text from records, as a terminal or a log may have it: text alone, never markup, and nothing that a terminal would obey.

A shop's name may hold ``[/x]``, an escape sequence, a line's end, or a mark that turns the direction of writing. Whatever is printed goes
through here: `Terminal` in place of Rich's console, whose strings are never markup; `Text` in place of Rich's; `styled` for styles of the
hub's own around values; `plain` where neither is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from string import Formatter
from typing import Any
from unicodedata import category

import rich.text
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

__all__ = ["Terminal", "Text", "plain", "plain_lines", "styled"]


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
    for literal, field, form, _ in Formatter().parse(template):
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

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"highlight": False, **options, "markup": False, "emoji": False})

    def on_broken_pipe(self) -> None:
        # Rich's own ends the process here: what that means is for the command to say.
        raise BrokenPipeError

    def render_str(self, text: str, **options: Any) -> rich.text.Text:
        return super().render_str(plain(text), **{**options, "markup": False, "emoji": False})

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=plain_lines(segment.text))
