"""A carrier dictionary's TOML -> ``Carriers``, or every fault in it with its line, its field and the fix.

version = "2026.11"            # any text, another one for every change
date = 2026-11-25

[numbers]
refuse = ["empty", "characters", "length"]     # which faults of a number are refused before sending; also "pattern"
length = [6, 32]                               # of carriers that say none
prefixes = ["运单号"]                           # labels before a number

[[carrier]]
code = "SF"                                    # Penstock's own: upper case
name = "顺丰速运"
aliases = ["顺丰"]
taobao = "SF"                                  # and jd, pdd_id, pdd_code, douyin, shopify, shopify_url, kuaidi100, qimen;
                                               # left out where not known
patterns = ['[A-Z0-9-]{4,35}']                 # a number matches one of them as a whole
length = [4, 35]
dashes = true
refuse = ["empty"]                             # instead of the one above

[[own]]                                        # a carrier that the merchant registered at a platform for one shop
channel = "jd"
shop = "jd-home"
carrier = "JT"
code = "900001"
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import re2

from schemas.topics import CHANNELS

from .model import CODE_FIELDS, FAULTS, Carrier, Carriers, Pattern

_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,19}", re.ASCII)
#: RE2 would write to standard error what is said below.
_QUIET = re2.Options()
_QUIET.log_errors = False
_TEXTS = ("code", "name", *CODE_FIELDS, "shopify_url")
_CARRIER = (*_TEXTS, "aliases", "patterns", "length", "dashes", "refuse")
_NUMBERS = ("refuse", "length", "prefixes")
_OWN = ("channel", "shop", "carrier", "code")
_LENGTH_MAX = 64


class Problem(NamedTuple):
    """One thing that is wrong; ``line`` counts from 1, 0: of the whole file."""

    line: int
    said: str


class InvalidCarriers(Exception):
    """The dictionary can't be used; ``problems`` are all that was found."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.problems = problems
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        where = f"{name}, line {first.line}" if first.line else name
        super().__init__(f"{where}: {first.said}{more}")


def parse(text: str, name: str) -> Carriers:
    """``name`` is what errors call it. Raises InvalidCarriers."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        line = re.search(r"line (\d+)", str(exc))
        raise InvalidCarriers(name, [Problem(int(line[1]) if line else 0, f"no TOML: {exc}")]) from exc
    reading = _Reading(document, _Lines(text))
    found = reading.read()
    if reading.problems:
        raise InvalidCarriers(name, sorted(reading.problems))
    return found


class _Lines:
    """Where each table and field stands."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, int, str], int] = {}
        table, counts = ("", 0), dict[str, int]()
        for number, line in enumerate(text.splitlines(), start=1):
            if header := re.match(r"\s*\[+\s*(\w+)\s*\]+", line):
                kind = header[1]
                table = kind, counts.get(kind, 0)
                counts[kind] = counts.get(kind, 0) + 1
                self._lines[*table, ""] = number
            elif key := re.match(r"\s*(\w+)\s*=", line):
                self._lines.setdefault((*table, key[1]), number)

    def of(self, kind: str, index: int, key: str) -> int:
        """The field's line, or its table's where the field is missing."""
        return self._lines.get((kind, index, key)) or self._lines.get((kind, index, ""), 0)


class _Reading:
    """One reading; gathers ``problems``."""

    def __init__(self, document: Mapping[str, Any], lines: _Lines) -> None:
        self._document = document
        self._lines = lines
        self.problems: list[Problem] = []

    def read(self) -> Carriers:
        version, date = self._document.get("version"), self._document.get("date")
        if not isinstance(version, str) or not re.fullmatch(r"[\w.-]{1,40}", version):
            self._say("", 0, "version", f"version is {version!r}: a text of letters, digits, dots and dashes")
            version = ""
        if not isinstance(date, dt.date) or isinstance(date, dt.datetime):
            self._say("", 0, "date", f"date is {date!r}: write YYYY-MM-DD, without quotes")
            date = dt.date.min
        self._known("", 0, self._document, ("version", "date", "numbers", "carrier", "own"))
        numbers = self._document.get("numbers", {})
        self._known("numbers", 0, numbers, _NUMBERS)
        carriers = [self._carrier(i, entry, numbers) for i, entry in self._tables("carrier")]
        if not carriers:
            self._say("", 0, "carrier", "no carrier: write [[carrier]] for each")
        self._distinct(carriers)
        own = dict(self._own(i, entry, carriers) for i, entry in self._tables("own"))
        prefixes = self._texts("numbers", 0, numbers, "prefixes")
        return Carriers(version, date, tuple(carriers), prefixes, own)

    def _carrier(self, i: int, entry: Mapping[str, Any], numbers: Mapping[str, Any]) -> Carrier:
        self._known("carrier", i, entry, _CARRIER)
        texts = {name: self._text("carrier", i, entry, name) for name in _TEXTS}
        if not _CODE.fullmatch(texts["code"]):
            self._say("carrier", i, "code", f"code is {texts['code']!r}: upper-case letters and digits, a letter first")
        if not texts["name"]:
            self._say("carrier", i, "name", "name is missing: how people call the carrier")
        if texts["shopify_url"] and not re.fullmatch(r"https://\S*\{number\}\S*", texts["shopify_url"]):
            said = f"shopify_url is {texts['shopify_url']!r}: an https address with {{number}} in it"
            self._say("carrier", i, "shopify_url", said)
        dashes = entry.get("dashes", False)
        if not isinstance(dashes, bool):
            self._say("carrier", i, "dashes", f"dashes is {dashes!r}: true or false")
        limits = ("carrier", i, entry) if "length" in entry else ("numbers", 0, numbers)
        faults = ("carrier", i, entry) if "refuse" in entry else ("numbers", 0, numbers)
        return Carrier(
            code=texts["code"],
            name=texts["name"],
            codes={whose: texts[whose] for whose in CODE_FIELDS if texts[whose]},
            shopify_url=texts["shopify_url"],
            aliases=self._texts("carrier", i, entry, "aliases"),
            patterns=tuple(self._patterns(i, entry)),
            length=self._length(*limits),
            dashes=bool(dashes),
            refuse=self._refuse(*faults),
        )

    def _patterns(self, i: int, entry: Mapping[str, Any]) -> Iterator[Pattern]:
        for pattern in self._texts("carrier", i, entry, "patterns"):
            try:
                yield re2.compile(pattern, _QUIET)
            except re2.error as exc:
                why = exc.args[0].decode() if isinstance(exc.args[0], bytes) else str(exc)
                said = f"{pattern!r} is no regular expression that ends in time (RE2): {why}"
                self._say("carrier", i, "patterns", said)

    def _length(self, kind: str, i: int, entry: Mapping[str, Any]) -> tuple[int, int]:
        match entry.get("length", [6, 32]):
            case [int(least), int(most)] if 1 <= least <= most <= _LENGTH_MAX:
                return least, most
            case other:
                said = f"length is {other!r}: the shortest and the longest number, [6, 32], at most {_LENGTH_MAX}"
                self._say(kind, i, "length", said)
                return 1, _LENGTH_MAX

    def _refuse(self, kind: str, i: int, entry: Mapping[str, Any]) -> frozenset[Any]:
        faults = entry.get("refuse", list(FAULTS[:3]))
        if not isinstance(faults, list) or any(fault not in FAULTS for fault in faults):
            self._say(kind, i, "refuse", f"refuse is {faults!r}: a list of {', '.join(FAULTS)}")
            return frozenset()
        return frozenset(faults)

    def _own(self, i: int, entry: Mapping[str, Any], carriers: list[Carrier]) -> tuple[tuple[str, str, str], str]:
        self._known("own", i, entry, _OWN)
        values = {name: self._text("own", i, entry, name) for name in _OWN}
        for name in _OWN:
            if not values[name]:
                self._say("own", i, name, f"{name} is missing")
        if values["channel"] and values["channel"] not in CHANNELS:
            self._say("own", i, "channel", f"channel is {values['channel']!r}: one of {', '.join(CHANNELS)}")
        if values["carrier"] and values["carrier"] not in {c.code for c in carriers}:
            self._say("own", i, "carrier", f"carrier is {values['carrier']!r}: the code of one in this file")
        return (values["channel"], values["shop"], values["carrier"]), values["code"]

    def _distinct(self, carriers: list[Carrier]) -> None:
        """Two carriers may share what they are called nowhere: a parcel would go out under the wrong one."""
        names: Callable[[Carrier], set[str]] = lambda c: {n.casefold() for n in (c.code, c.name, *c.aliases) if n}  # noqa: E731
        for field, of in (("code", names), *((f, lambda c, f=f: {c.of(f)} - {""}) for f in CODE_FIELDS)):
            seen: dict[str, str] = {}
            for i, carrier in enumerate(carriers):
                for name in of(carrier):
                    other = seen.setdefault(name, carrier.code)
                    if other != carrier.code or (
                        field == "code" and carriers[i].code in [c.code for c in carriers[:i]]
                    ):
                        said = f"{field} {name!r} is {other}'s too: each needs its own"
                        self._say("carrier", i, field, said)

    def _tables(self, kind: str) -> list[tuple[int, Mapping[str, Any]]]:
        entries = self._document.get(kind, [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            self._say(kind, 0, "", f"{kind} is no list of tables: write [[{kind}]]")
            return []
        return list(enumerate(entries))

    def _known(self, kind: str, i: int, entry: Any, known: tuple[str, ...]) -> None:
        for name in sorted(set(entry) - set(known)):
            self._say(kind, i, name, f"{name!r} is not known: {', '.join(known)} are")

    def _text(self, kind: str, i: int, entry: Mapping[str, Any], name: str) -> str:
        value = entry.get(name, "")
        if not isinstance(value, str) or value != value.strip():
            self._say(kind, i, name, f"{name} is {value!r}: a text in quotes, without spaces around it")
            return ""
        return value

    def _texts(self, kind: str, i: int, entry: Mapping[str, Any], name: str) -> tuple[str, ...]:
        values = entry.get(name, [])
        if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
            self._say(kind, i, name, f"{name} is {values!r}: a list of texts")
            return ()
        return tuple(values)

    def _say(self, kind: str, i: int, name: str, said: str) -> None:
        self.problems.append(Problem(self._lines.of(kind, i, name), said))
