"""What a person reads, in their language: English as it stands in the code, or Chinese by the catalogue beside this file.

Records, logs, metrics and JSON carry English and codes, whoever reads them; a sentence is turned where it is shown, and nowhere before.
So the English text is the code of its entry, and what stands on a topic since last year is shown in Chinese too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Literal, get_args

# English needs none of it.
if TYPE_CHECKING:
    from schemas.texts.catalogue import Catalogue

__all__ = [
    "Language",
    "UnknownLanguage",
    "chosen",
    "language",
    "said",
    "said_in",
    "speaking",
    "template_of",
    "with_code",
    "word",
    "word_in",
    "words",
]

Language = Literal["en", "zh"]

#: As POSIX has it: the first that is set says it.
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")


class UnknownLanguage(ValueError):
    """``PENSTOCK_LANG`` names none that there is."""


def chosen(environment: Mapping[str, str]) -> Language:
    """The language of ``PENSTOCK_LANG``, else of the locale; English where that is another. Raises UnknownLanguage."""
    asked = environment.get("PENSTOCK_LANG", "").strip()
    for name in get_args(Language):
        if asked == name:
            return name  # type: ignore[no-any-return]
    if asked:
        raise UnknownLanguage(f"PENSTOCK_LANG is {asked!r}: set it to one of {', '.join(get_args(Language))}")
    locale = next((environment[name] for name in _LOCALES if environment.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


#: In which somebody else than this process's person is spoken to just now.
_spoken: ContextVar[Language | None] = ContextVar("spoken", default=None)


@contextmanager
def speaking(asked: Language) -> Iterator[None]:
    """Within it ``said`` and ``word`` are for somebody else: what is made for a terminal as it is can be made for a page."""
    before = _spoken.set(asked)
    try:
        yield
    finally:
        _spoken.reset(before)


def language() -> Language:
    """Of this process's person, or of who is spoken to."""
    if (spoken := _spoken.get()) is not None:
        return spoken
    try:
        return chosen(os.environ)
    except UnknownLanguage:
        return "en"


def said(text: str) -> str:
    """A text of the hub's own, or a sentence that a record carries, in the person's language; what is not in the catalogue as it is."""
    return said_in(language(), text)


def said_in(asked: Language, text: str) -> str:
    """The same in the language of somebody else than this process's person, such as who asks a server."""
    return text if asked == "en" else _catalogue().said(text)


def word(text: str) -> str:
    """The same of a word, such as a phase: only where it is the hub's own, a shop may be called so."""
    return word_in(language(), text)


def word_in(asked: Language, text: str) -> str:
    """The same in the language of somebody else, as ``said_in``."""
    return text if asked == "en" else _catalogue().word(text)


def template_of(text: str) -> str | None:
    """What a sentence of the hub's own was made of, `carrier {1} is not known`, in whatever language one reads; None: of other words."""
    return _catalogue().template(text)


def words(codes: str) -> str:
    """Of words with commas between them: of what holds an order."""
    return ", ".join(map(word, codes.split(","))) if language() != "en" and " " not in codes else said(codes)


def with_code(code: str) -> str:
    """A word that is typed as a code too, to choose by: both."""
    shown = word(code)
    return code if shown == code else f"{shown} {code}"


@cache
def _catalogue() -> Catalogue:
    from schemas.texts.catalogue import Catalogue

    return Catalogue.read("zh")
