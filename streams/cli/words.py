"""What the command line's own library prints, in the person's language: help, usage, complaints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from schemas.terminal import lines_without_blanks
from schemas.texts import language, said, word

#: Names of Typer's own texts.
_TITLES = re.compile(r"[A-Z_]+_(STRING|TITLE|TEXT)|RICH_HELP")
#: A usage line's own words, among the names of commands and arguments.
_USAGE = re.compile(r"(Usage: |\[OPTIONS\]|COMMAND \[ARGS\]\.\.\.)")


@contextmanager
def libraries_in_words() -> Iterator[None]:
    """Meanwhile Typer's texts go through the catalogue, as it has no translations of its own, and lines end inside Chinese text.

    Typer has a place for each kind of text, private to it: its version is pinned, and tests hold what it prints.
    """
    if language() == "en":
        yield
        return
    from typer import rich_utils

    theirs = vars(rich_utils)
    turned: dict[str, Any] = {name: word(text) for name, text in theirs.items() if _TITLES.fullmatch(name)}
    turned["_make_rich_text"] = _reading(rich_utils._make_rich_text)
    turned["highlighter"] = _highlighting(rich_utils.highlighter)
    before = {name: theirs[name] for name in turned}
    theirs.update(turned)
    try:
        with lines_without_blanks():
            yield
    finally:
        theirs.update(before)


def _reading(make: Callable[..., Any]) -> Callable[..., Any]:
    """Of help texts, which may have several paragraphs."""

    def made(*, text: str, **options: Any) -> Any:
        paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
        return make(text="\n\n".join(map(said, paragraphs)), **options)

    return made


def _highlighting(highlighter: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Of usage lines, and of what was wrong with a line that was typed."""

    def highlighted(text: Any) -> Any:
        if isinstance(text, str):
            text = "".join(map(word, _USAGE.split(text))) if text.startswith("Usage: ") else said(text)
        return highlighter(text)

    return highlighted
