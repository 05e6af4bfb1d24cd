"""China's provinces, cities and counties, Hong Kong, Macao and Taiwan among them, by any of their names. Pure.

A name may be long or short (浙江省, 浙江), traditional (內蒙古自治區) or English (Zhejiang, Hangzhou City).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from .data import table
from .names import plain, simplified, stem, stems


class Place(NamedTuple):
    """A place, and the names of what it lies in."""

    #: The Ministry of Civil Affairs' where it has one; begins with the code of the place it lies in.
    code: str
    #: From the province down to its own, as their governments write them, in simplified characters.
    path: tuple[str, ...]
    #: Latitude and longitude in degrees; its city's or province's where it has none of its own.
    point: tuple[float, float]


@lru_cache(maxsize=1024)
def province_of(text: str) -> str | None:
    """A province-level division's full name, whatever form it comes in; None: not known."""
    place = _known().provinces.find(text)
    return place.path[0] if place else None


@lru_cache(maxsize=8192)
def place_of(province: str, city: str = "", district: str = "") -> Place | None:
    """The smallest place that these name, each in the one before; what is not known there is passed over. None: nothing is known.

    Platforms leave provinces and cities out, or write a city where a province belongs: then its own name must tell which it is (not 朝阳区,
    of which there are several).
    """
    known = _known()
    place: Place | None = None
    for name in (province, city, district):
        if place is None:
            place = known.provinces.find(name) or known.anywhere.find(name)
        elif place.code in known.within:
            place = known.within[place.code].find(name) or place
    return place


def place_by_code(code: str) -> Place | None:
    """A place by its code of 2, 4 or 6 digits, zeros at the end left out or not (33, 330000); None: not known."""
    known = _known().by_code
    return known.get(code) or known.get(code.removesuffix("00").removesuffix("00"))


class _Names:
    """Places by their names."""

    def __init__(self) -> None:
        self._full: dict[str, list[Place]] = {}
        self._short: dict[str, list[Place]] = {}

    def add(self, place: Place, full: str, shorts: Iterable[str]) -> None:
        self._full.setdefault(full, []).append(place)
        for short in shorts:
            self._short.setdefault(short, []).append(place)

    def find(self, text: str) -> Place | None:
        """The only place of that name, of the larger ones."""
        key = plain(text)
        # The full name before a short one: 承德市 and 承德县 are both 承德.
        found = self._full.get(key) or next(filter(None, map(self._short.get, stems(key))), None)
        if not found:
            return None
        size = min(len(place.code) for place in found)
        largest = [place for place in found if len(place.code) == size]
        return largest[0] if len(largest) == 1 else None


class _Known(NamedTuple):
    provinces: _Names
    #: What lies in a place, at any depth, by the place's code.
    within: dict[str, _Names]
    #: Everything but provinces.
    anywhere: _Names
    by_code: dict[str, Place]


@cache
def _known() -> _Known:
    places: dict[str, Place] = {}
    known = _Known(_Names(), {}, _Names(), places)
    for code, name, english, latitude, longitude in table("places"):
        parents = [places[up] for up in (code[:2], code[:4]) if up in places]
        path = (*parents[-1].path, name) if parents else (name,)
        point = (float(latitude), float(longitude)) if latitude else parents[-1].point
        place = places[code] = Place(code, path, point)
        shorts = dict.fromkeys((simplified(stem(name)), *map(plain, english.split("/"))))
        for names in (known.anywhere if parents else known.provinces, *(known.within[up.code] for up in parents)):
            names.add(place, simplified(name), shorts)
        if len(code) < 6:
            known.within[code] = _Names()
    return known
