"""XML as Qimen has it, read and written: elements with texts, no attributes that matter, no mixtures.

Read by expat with everything refused that a bomb or a stolen file needs: a document type (and with it every entity beyond the five of XML
itself), more levels or elements than any report has, another encoding than UTF-8. It is refused where it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

_DEPTH_MAX, _ELEMENTS_MAX = 16, 50_000
#: What XML 1.0 can't hold, escaped or not.
_NO_CHARACTERS = dict.fromkeys(
    code for code in (*range(32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF) if code not in (9, 10, 13)
)


class NotXml(ValueError):
    """It can't be read; the message quotes nothing of it."""


@dataclass
class Element:
    """One, with its text and what stands in it."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def find(self, *path: str) -> Element | None:
        """The first one down there."""
        found: Element | None = self
        for name in path:
            found = next((each for each in found.children if each.name == name), None) if found else None
        return found

    def all(self, *path: str) -> list[Element]:
        """All of the last name in the first of those before."""
        parent = self.find(*path[:-1])
        return [each for each in parent.children if each.name == path[-1]] if parent else []

    def text_of(self, *path: str) -> str:
        """The text down there; empty where there is none."""
        found = self.find(*path)
        return found.text.strip() if found else ""


def read(body: bytes) -> Element:
    """The root. Raises NotXml."""
    root = Element("")
    stack, count = [root], 0

    def begin(name: str, _: Mapping[str, str]) -> None:
        nonlocal count
        count += 1
        if len(stack) > _DEPTH_MAX or count > _ELEMENTS_MAX:
            raise NotXml(f"more than {_DEPTH_MAX} levels, or {_ELEMENTS_MAX} elements")
        element = Element(name)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text += data

    def forbidden(*_: Any) -> Any:
        raise NotXml("a document type or an entity of its own is not taken: send the elements alone")

    try:
        # A byte order mark would talk expat into another encoding, whatever it is told.
        body.decode()
    except UnicodeDecodeError:
        raise NotXml("another encoding than UTF-8") from None
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = forbidden
    parser.ExternalEntityRefHandler = parser.UnparsedEntityDeclHandler = forbidden
    try:
        parser.Parse(body, True)
    except expat.ExpatError as exc:
        raise NotXml(f"no XML: {expat.ErrorString(exc.code)}, line {exc.lineno}") from None
    return root.children[0]


def write(name: str, content: Mapping[str, Any]) -> str:
    """The document: mappings are elements in elements, a list is its name so many times; what is None or empty is left out."""
    return f'<?xml version="1.0" encoding="utf-8"?>{_element(name, content)}'


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"<{name}>{''.join(_elements(value.items()))}</{name}>"
    return f"<{name}>{escape(str(value).translate(_NO_CHARACTERS))}</{name}>"


def _elements(items: Iterable[tuple[str, Any]]) -> Iterable[str]:
    for name, value in items:
        if isinstance(value, list):
            yield from (_element(name, each) for each in value)
        elif value is not None and value != "":
            yield _element(name, value)
