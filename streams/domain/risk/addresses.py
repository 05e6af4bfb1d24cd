"""What is odd about a plain address: too little to find a door by, another region than its fields, or a forwarder's store."""

from __future__ import annotations

import re

from streams.domain.reference import place_of
from streams.domain.reference.addresses import without_region

#: What a street address of China has at least one of, where it has no digit (村 and 组 alone are enough in the country).
_KINDS = frozenset("路街巷弄道门学号村组社屯庄栋幢楼座室园区厦城店校院部队馆站厂场市")
_LEAST = 4
_LEAST_ABROAD = 5
_FORWARDS = ("转运", "集运", "代收货", "国际仓", "跨境仓")
#: A customer's number at a forwarder: A1库-10086, TW00000.
_CODE = re.compile(r"(?:[A-Z][A-Z0-9]{0,3}[库仓区]-?[0-9]{2,}|(?<![A-Za-z])[A-Z]{2,4}-?[0-9]{4,})", re.ASCII)
_DISTRICT = re.compile(r"[\u4e00-\u9fff]{2,4}?[区县]")


def detail_of(address: str, province: str, city: str, district: str) -> str:
    """What is left of an address without its region and without blanks."""
    rest = without_region(address, province, city, district)
    return "".join([char for char in rest if not char.isspace() and char not in ",，。.、;；-"])


def vague(detail: str, country: str, others: tuple[str, ...]) -> str:
    """Why no courier finds it: EMPTY, SHORT, NO_PLACE (no number, and no kind of place), REPEATS (a name or phone); empty: it may do.

    :param others: the receiver's name, phone and region, where these are plain.
    """
    if not any(char.isalnum() for char in detail):
        return "EMPTY"
    if detail in others:
        return "REPEATS"
    if country not in ("CN", ""):
        return "SHORT" if len(detail) < _LEAST_ABROAD else ""
    has_number = any(char.isdigit() for char in detail)
    if len(detail) < _LEAST and not (has_number and _KINDS.intersection(detail)):
        return "SHORT"
    return "" if has_number or _KINDS.intersection(detail) else "NO_PLACE"


def contradicts(detail: str, province: str, city: str, district: str) -> bool:
    """Whether an address begins with another district of its own city than its field says."""
    found = _DISTRICT.match(detail)
    if found is None or not district or found[0] == district:
        return False
    # 鼓楼区 is in many cities, and a field may have another form of one name: both are looked up where the order goes.
    named, own = place_of(province, city, found[0]), place_of(province, city, district)
    if named is None or own is None or named.code == own.code:
        return False
    return named.path[-1] == found[0] and len(named.path) == len(own.path)


def forwards(detail: str, name: str) -> str:
    """What shows a forwarder's store: WORD, CODE, NAME_CODE; empty: nothing. One is no fault, and a hint to ask about customs."""
    if any(word in detail for word in _FORWARDS):
        return "WORD"
    if _CODE.search(detail):
        return "CODE"
    return "NAME_CODE" if _CODE.search(name) else ""
