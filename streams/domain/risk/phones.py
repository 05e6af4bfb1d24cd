"""What a phone's first digits say. Tables of 2026-11 after public lists, unverified by a carrier: they age, and are data for that.

A number keeps its digits when it changes its operator, so a prefix proves no operator; and a virtual operator's customers are ordinary
people, known by name.
"""

from __future__ import annotations

import re

_MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
_FIXED = re.compile(r"0[1-9][0-9]{1,2}-?[2-9][0-9]{6,7}(-[0-9]{1,5})?", re.ASCII)
_COUNTRY = re.compile(r"(\+|00)?86[ -]?(?=1[0-9]{10}$)", re.ASCII)
_SAME = re.compile(r"([0-9])\1{7}", re.ASCII)
_VIRTUAL = ("162", "165", "167", "170", "171")
_DATA_CARDS = ("140", "1410", "1440", "1441", "146", "148")
_UNASSIGNED = ("142", "143", "154", "161", "164", "194")
_SATELLITE = ("1349", "1740", "1741", "1749")
_SERVICE = re.compile(r"(?:95[0-9]{3,6}|96[0-9]{3,6}|[48]00[0-9]{7}|10[0-9]{3,6}|1[12][0-9])", re.ASCII)
_TESTS = ("12345678901", "12345678910", "13800138000", "13800000000")


def phone_fault(text: str) -> tuple[str, str]:
    """What is odd about a plain phone of China: (fault, digits that show it), both empty where nothing is.

    SERVICE a firm's or an authority's, REPEATED one digit eight times or a well-known example, INVALID no phone, DATA_CARD takes no calls,
    UNASSIGNED in no operator's hands, SATELLITE, VIRTUAL.
    """
    digits = _COUNTRY.sub("", text.strip()).replace(" ", "")
    dashless = digits.replace("-", "")
    if _SERVICE.fullmatch(dashless):
        return "SERVICE", dashless[:3]
    if _SAME.search(dashless) or dashless in _TESTS:
        return "REPEATED", ""
    if _FIXED.fullmatch(digits):
        return "", ""
    if not _MOBILE.fullmatch(dashless):
        return "INVALID", ""
    for fault, prefixes in (
        ("SATELLITE", _SATELLITE),
        ("DATA_CARD", _DATA_CARDS),
        ("UNASSIGNED", _UNASSIGNED),
        ("VIRTUAL", _VIRTUAL),
    ):
        for prefix in prefixes:
            if dashless.startswith(prefix):
                return fault, prefix
    return "", ""


def foreign_phone_is_odd(text: str) -> bool:
    """Whether a plain phone abroad has fewer than 5 digits, or more than E.164 allows."""
    count = sum([char.isdigit() for char in text])
    return count < 5 or count > 15
