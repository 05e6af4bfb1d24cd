"""Texts of one language: English templates with numbered fields, and each in that language.

A sentence is read back: the template is found that it was made of, and what stands in its fields goes over into the other language's.
That needs nothing but the sentence, so whoever makes one (a pure decision, an error far below) knows nothing of languages. A test holds
that each is found by its own template.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

#: ``{2}``, the second value of the English text; ``{2!}``: a word that is turned itself, such as a phase, or several with commas between.
FIELD = re.compile(r"\{(\d+)(!?)\}")
#: Where a text is put together of several that are turned one by one, and how the other language separates them.
_BETWEEN = {"; ": "；", ": ": "：", ", ": "，"}
_CUT = re.compile(f"({'|'.join(_BETWEEN)})")
_WORD = re.compile(r"[a-z]+")
#: So many, and what is between them, are looked at together.
_PARTS_MAX = 15


class _Template(NamedTuple):
    english: str
    #: What stands around its fields, without blanks at the ends.
    pieces: tuple[str, ...]
    pattern: str
    #: Numbers of its fields, as the groups of the pattern have them.
    fields: tuple[int, ...]
    turned: str


class Catalogue:
    """``texts``: English template -> the other language's."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        whole = [english for english in self.texts if FIELD.search(english)]
        # Of two that fit, the one that says more is meant.
        whole.sort(key=lambda english: -len(FIELD.sub("", english)))
        templates = {english: _template(english, self.texts[english]) for english in whole}
        self._templates = [it for english, it in templates.items() if not _is_vague(english)]
        self._vague = [it for english, it in templates.items() if _is_vague(english)]
        self._turned = lru_cache(4096)(self._sentence)

    @staticmethod
    def read(language: str) -> Catalogue:
        """The one that is kept beside this file. Raises ValueError: a text is in it twice."""
        text = (files(__package__) / f"{language}.toml").read_text("utf-8")
        found: dict[str, str] = {}
        for part, texts in tomllib.loads(text).items():
            for english, turned in texts.items():
                if english in found:
                    raise ValueError(f"{language}.toml: {english!r} of {part} is there already")
                found[english] = turned
        return Catalogue(found)

    def said(self, text: str) -> str:
        """In the other language; line by line, and what is not in the catalogue as it is."""
        return self._turned(text)

    def template(self, text: str) -> str | None:
        """The English template that a text was made of, its fields numbered; None: it is not one of the hub's own sentences."""
        if text in self.texts:
            return text
        return next((it.english for it in self._templates if _fields_of(it, text) is not None), None)

    def word(self, text: str) -> str:
        """Of a word: itself where the catalogue has none."""
        return self.texts.get(text, text)

    def _sentence(self, text: str) -> str:
        edges = re.fullmatch(r"(\s*)(.*?)(\s*)", text, re.DOTALL)
        assert edges is not None
        before, middle, after = edges.groups()
        turned = self._whole(middle) or self._in_parts(middle) or self._made_of(self._vague, middle) or middle
        return f"{before}{turned}{after}"

    def _whole(self, text: str) -> str | None:
        return self.texts.get(text) or self._made_of(self._templates, text)

    def _made_of(self, templates: Iterable[_Template], text: str) -> str | None:
        for template in templates:
            if (values := _fields_of(template, text)) is not None:
                return FIELD.sub(lambda field: self._value(values[int(field[1])], field[2] == "!"), template.turned)
        return None

    def _value(self, text: str, is_word: bool) -> str:
        if is_word and all(each in self.texts for each in text.split(",")):
            return "、".join(map(self.word, text.split(",")))
        # Of one word nobody knows whether it is the hub's own.
        return self._turned(text) if " " in text else text

    def _in_parts(self, text: str) -> str | None:
        """Of what is put together: the longest runs of parts that are sentences, each turned."""
        parts = _CUT.split(text)
        turned: list[str] = []
        at, found = 0, False
        while at < len(parts):
            for end in range(min(len(parts), at + _PARTS_MAX), at, -2):
                run = "".join(parts[at:end])
                if " " in run and (sentence := self._whole(run)) is not None:
                    break
            else:
                end, sentence = at + 1, None
            found |= sentence is not None
            turned += [parts[at] if sentence is None else sentence, *(_BETWEEN[cut] for cut in parts[end : end + 1])]
            at = end + 1
        return "".join(turned) if found else None


def _template(english: str, turned: str) -> _Template:
    # The expression has two groups, which a split hands out too.
    literals = FIELD.split(english)[::3]
    pattern = "(.*?)".join(map(re.escape, literals))
    return _Template(
        english, tuple(piece for each in literals if (piece := each.strip())), pattern, numbers(english), turned
    )


def _is_vague(english: str) -> bool:
    """Whether it would take what is put together of others: `{1}: {2} is {3}`."""
    return (
        english.startswith("{") and _CUT.search(english) is not None and len(_WORD.findall(FIELD.sub("", english))) < 2
    )


def _fields_of(template: _Template, text: str) -> dict[int, str] | None:
    """Number -> what stands in the field; None: the text is not made of this."""
    # Most are told apart by this, in a hundredth of the time.
    if not all(piece in text for piece in template.pieces):
        return None
    found = _expression(template.pattern).fullmatch(text)
    return dict(zip(template.fields, found.groups(), strict=True)) if found else None


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    # Few are ever needed in one process.
    return re.compile(pattern, re.DOTALL)


def numbers(text: str) -> tuple[int, ...]:
    """Of its fields, in their order."""
    return tuple(int(number) for number, _ in FIELD.findall(text))
