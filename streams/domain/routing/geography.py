"""Where a province is, and how far a warehouse is from it.

One point per province-level division of China, in degrees, near the middle of where its parcels go (most often between
the geographic centre and the capital). Good to some tens of kilometres, which ranks warehouses; it is not a route.
"""

from __future__ import annotations

from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0

# Chinese name without its suffix, latitude, longitude, other spellings.
_PROVINCES: tuple[tuple[str, float, float, tuple[str, ...]], ...] = (
    ("北京", 39.90, 116.41, ("Beijing", "Peking")),
    ("天津", 39.13, 117.20, ("Tianjin", "Tientsin")),
    ("上海", 31.23, 121.47, ("Shanghai",)),
    ("重庆", 29.56, 106.55, ("Chongqing", "Chungking")),
    ("河北", 38.40, 115.20, ("Hebei",)),
    ("山西", 37.60, 112.30, ("Shanxi",)),
    ("辽宁", 41.40, 122.90, ("Liaoning",)),
    ("吉林", 43.70, 126.20, ("Jilin",)),
    ("黑龙江", 46.80, 127.80, ("Heilongjiang",)),
    ("江苏", 32.40, 119.60, ("Jiangsu",)),
    ("浙江", 29.60, 120.40, ("Zhejiang",)),
    ("安徽", 31.90, 117.20, ("Anhui",)),
    ("福建", 25.70, 118.60, ("Fujian",)),
    ("江西", 27.90, 115.70, ("Jiangxi",)),
    ("山东", 36.30, 118.20, ("Shandong",)),
    ("河南", 34.10, 113.60, ("Henan",)),
    ("湖北", 30.80, 112.90, ("Hubei",)),
    ("湖南", 27.70, 111.90, ("Hunan",)),
    ("广东", 23.10, 113.40, ("Guangdong", "Canton")),
    ("海南", 19.60, 110.00, ("Hainan",)),
    ("四川", 30.60, 103.70, ("Sichuan", "Szechuan")),
    ("贵州", 26.80, 106.80, ("Guizhou",)),
    ("云南", 24.90, 101.90, ("Yunnan",)),
    ("陕西", 34.60, 108.80, ("Shaanxi",)),
    ("甘肃", 35.90, 103.80, ("Gansu",)),
    ("青海", 36.40, 100.80, ("Qinghai",)),
    ("台湾", 24.20, 120.90, ("Taiwan", "臺灣", "台灣")),
    ("内蒙古", 41.30, 111.90, ("Inner Mongolia", "Nei Mongol", "Neimenggu", "Nei Menggu")),
    ("广西", 23.30, 108.60, ("Guangxi", "Guangxi Zhuang")),
    ("西藏", 30.00, 90.80, ("Tibet", "Xizang")),
    ("宁夏", 37.80, 106.20, ("Ningxia", "Ningxia Hui")),
    ("新疆", 43.60, 86.40, ("Xinjiang", "Xinjiang Uyghur", "Xinjiang Uygur")),
    ("香港", 22.35, 114.15, ("Hong Kong", "Hongkong", "Xianggang")),
    ("澳门", 22.17, 113.55, ("Macau", "Macao", "Aomen", "澳門")),
)

# Longest first: 壮族自治区 before 自治区.
_SUFFIXES = (
    "维吾尔自治区",
    "特别行政区",
    "回族自治区",
    "壮族自治区",
    "自治区",
    "省",
    "市",
    "autonomousregion",
    "municipality",
    "province",
    "city",
    "sheng",
    "shi",
    "sar",
)


def _plain(name: str) -> str:
    """A name in lower case, without blanks, hyphens and apostrophes."""
    return "".join(name.split()).replace("-", "").replace("'", "").casefold()


_CENTRES: dict[str, tuple[float, float]] = {
    _plain(spelling): (latitude, longitude)
    for name, latitude, longitude, others in _PROVINCES
    for spelling in (name, *others)
}


@lru_cache(maxsize=1024)
def centre_of(province: str) -> tuple[float, float] | None:
    """Latitude, longitude in degrees of a province by its usual names (浙江, 浙江省, Zhejiang); None: unknown."""
    plain = _plain(province)
    found = _CENTRES.get(plain)
    if found is not None:
        return found
    for suffix in _SUFFIXES:
        if plain.endswith(suffix):
            return _CENTRES.get(plain.removesuffix(suffix))
    return None


# A merchant has tens of warehouses and there are 34 provinces: every pair stays.
@lru_cache(maxsize=8192)
def distance_km(province: str, latitude: float, longitude: float) -> float | None:
    """Great-circle distance (haversine) from a province's middle to a point, to 0.1 km; None: province unknown."""
    centre = centre_of(province)
    if centre is None:
        return None
    here, there = radians(centre[0]), radians(latitude)
    half_north = sin((there - here) / 2)
    half_east = sin(radians(longitude - centre[1]) / 2)
    chord = half_north * half_north + cos(here) * cos(there) * half_east * half_east
    return round(2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord))), 1)
