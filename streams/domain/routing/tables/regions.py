"""Regions as tables have them: a key for each place, and for an order all keys that it may be found under, the narrowest first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, TypeVar

from streams.domain.reference import Place, country_of, place_by_code, place_of

T = TypeVar("T")

#: All of China.
EVERYWHERE = "*"
#: Cities that have towns and no counties: 东莞, 中山, 儋州, 嘉峪关.
_WITHOUT_COUNTIES = ("4419", "4420", "4604", "6202")
#: Countries whose places are known by name, with their codes where they are a province's place.
_IN_CHINA = {"": "", "CN": "", "HK": "81", "MO": "82", "TW": "71"}


class Region(NamedTuple):
    """Where an order goes. ``keys``: town, county, city, province, all of China; abroad the country's code alone."""

    keys: tuple[str, ...]


@lru_cache(maxsize=8192)
def region_of(country: str, province: str, city: str, district: str, town: str) -> Region:
    """An order's region by its receiver's names, as ``OrderFacts`` has them.

    :param country: ISO 3166-1 alpha-2; empty: China.
    """
    if country not in _IN_CHINA:
        return Region((country,))
    place = place_of(province, city, district) or place_by_code(_IN_CHINA[country])
    if place is None:
        return Region((EVERYWHERE,))
    code = place.code
    keys = [code[:size] for size in (6, 4, 2) if size <= len(code)]
    named = town or (district if code in _WITHOUT_COUNTIES else "")
    if named and _has_towns(code):
        keys.insert(0, f"{code}/{named.strip()}")
    return Region((*keys, EVERYWHERE))


def key_of(text: str) -> str | None:
    """The key of a region as a document names it; None: no such place is known.

    It is names from the largest down, parted by strokes and the larger left out where the rest is clear (浙江/杭州/西湖区/北山街道, 义乌),
    a code of the Ministry of Civil Affairs' (330100), a country's code (US), or ``*``.
    """
    if text == EVERYWHERE:
        return text
    if text.isdecimal():
        place = place_by_code(text)
        return place.code if place else None
    if len(text) == 2 and text.isascii() and text.isupper():
        return _country(text)
    names = [name.strip() for name in text.split("/")]
    if not all(names) or len(names) > 4:
        return None
    found: Place | None = None
    above: list[str] = []
    for at, name in enumerate(names):
        below = _below(above, name)
        if below is None:
            return None
        if found is None or len(below.code) > len(found.code):
            found = below
            above = [*found.path]
        # What is not known there is the place above itself.
        elif not found.code.startswith(below.code):
            return None
        # 北京/北京市: a municipality is its own city.
        elif place_of(name) is not found:
            return f"{found.code}/{name}" if at == len(names) - 1 and _has_towns(found.code) else None
    return found.code if found else None


def longest(table: Mapping[str, T], region: Region) -> T | None:
    """What a table has for the narrowest of a region's places."""
    for key in region.keys:
        found = table.get(key)
        if found is not None:
            return found
    return None


def _below(above: list[str], name: str) -> Place | None:
    """The place of that name within others; what is not known there is the place above itself."""
    if not above:
        return place_of(name)
    if len(above) == 1:
        return place_of(above[0], name)
    return place_of(above[0], above[1], name)


def _has_towns(code: str) -> bool:
    return len(code) == 6 or code in _WITHOUT_COUNTIES


def _country(code: str) -> str | None:
    if code == "CN":
        return EVERYWHERE
    return _IN_CHINA[code] if code in _IN_CHINA else code if country_of(code) == code else None
