"""Countries (ISO 3166-1) by what people and platforms call them. Hong Kong, Macao and Taiwan have codes of their own. Pure."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from .data import table
from .names import plain


class Country(NamedTuple):
    """``point``: latitude and longitude in degrees of its most populous place; None where nobody lives."""

    alpha2: str
    point: tuple[float, float] | None


@lru_cache(maxsize=1024)
def country_of(text: str) -> str | None:
    """ISO 3166-1 alpha-2 of a code (CA, CAN) or a Chinese or English name (加拿大, Canada); None: not known, 海外 among it."""
    key = plain(text)
    country = _countries().get(key) or _countries().get(key.removeprefix("the"))
    return country.alpha2 if country else None


def point_of(alpha2: str) -> tuple[float, float] | None:
    """Where a country's people are, by its code; None: not known."""
    country = _countries().get(alpha2.lower())
    return country.point if country else None


@cache
def _countries() -> dict[str, Country]:
    known: dict[str, Country] = {}
    for alpha2, alpha3, latitude, longitude, names in table("countries"):
        country = Country(alpha2, (float(latitude), float(longitude)) if latitude else None)
        for name in (alpha2, alpha3, *names.split("|")):
            known[plain(name)] = country
    return known
