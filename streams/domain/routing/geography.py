"""Where a receiver is, and how far a warehouse is from there.

A province of China is one point near the middle of where its parcels go, a city that stands in a province's place one of its own, another
country its most populous place. Good to some tens of kilometres in China, which ranks warehouses; it is not a route.
"""

from __future__ import annotations

from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from schemas.records import Receiver
from streams.domain.reference import place_of, point_of

EARTH_RADIUS_KM = 6371.0

# Countries whose places are known; one that is not given is China.
_WITH_PLACES = frozenset(("", "CN", "HK", "MO", "TW"))


def destination(receiver: Receiver) -> str:
    """The name that distances to a receiver are reckoned from: the province, or where that says nothing, the city or the district."""
    names = (receiver["province"], receiver["city"], receiver["district"])
    return next((name for name in names if place_of(name)), names[0])


@lru_cache(maxsize=1024)
def centre_of(name: str, country: str = "") -> tuple[float, float] | None:
    """Latitude, longitude in degrees of a province or city by its usual names (浙江, 浙江省, Zhejiang), else of its country; None: unknown.

    :param country: ISO 3166-1 alpha-2. China itself is no answer: its warehouses would be ranked by a city nobody named.
    """
    place = place_of(name) if country in _WITH_PLACES else None
    if place is not None:
        return place.point
    return None if country == "CN" else point_of(country)


# A merchant has tens of warehouses and there are 34 provinces: every pair stays.
@lru_cache(maxsize=8192)
def distance_km(name: str, latitude: float, longitude: float, country: str = "") -> float | None:
    """Great-circle distance (haversine) from a place (``centre_of``) to a point, to 0.1 km; None: place unknown."""
    centre = centre_of(name, country)
    if centre is None:
        return None
    here, there = radians(centre[0]), radians(latitude)
    half_north = sin((there - here) / 2)
    half_east = sin(radians(longitude - centre[1]) / 2)
    chord = half_north * half_north + cos(here) * cos(there) * half_east * half_east
    return round(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord))), 1)
