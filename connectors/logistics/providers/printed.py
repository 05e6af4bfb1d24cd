"""What an e-waybill says of the receiver, from the order's fields: each thing once, and nothing that a courier can't use. Pure."""

from __future__ import annotations

from schemas.records import Receiver
from streams.domain.reference import without_region
from streams.domain.reference.names import stem


def phone(receiver: Receiver) -> str:
    """The number with its extension (13800000000-1234), as privacy numbers are written: without it no call is put through."""
    number, extension = receiver["phone"], receiver["phone_extension"]
    return f"{number}-{extension}" if number and extension and not number.endswith(f"-{extension}") else number


def street(receiver: Receiver) -> str:
    """The address below the district: without the region and the town, which a waybill has fields of their own for."""
    province, city, district, town = (receiver[name] for name in ("province", "city", "district", "town"))
    rest = without_region(receiver["address"], province, city, district)
    return rest.removeprefix(town).lstrip() or rest if town else rest


def detail(receiver: Receiver) -> str:
    """The same with the company, for a waybill that has no field for one."""
    return _joined(street(receiver), receiver["company"])


def whole(receiver: Receiver) -> str:
    """Region, town and street in one line. A city that is its own province (上海市) stands there once."""
    return one_line(*(receiver[name] for name in ("province", "city", "district", "town")), street(receiver))


def one_line(*parts: str) -> str:
    """Parts of an address from the province on, one that says the same as the one before it left out."""
    kept: list[str] = []
    for part in parts:
        if part and not (kept and stem(kept[-1]) == stem(part)):
            kept.append(part)
    return _joined(*kept)


def unreadable(receiver: Receiver) -> str:
    """The first field that no courier can read: ciphertext, or masked without the token by which the platform prints it; empty: none."""
    if receiver["oaid"]:
        return ""
    forms = receiver["forms"]
    return next((field for field in ("name", "phone", "address") if forms.get(field) in ("cipher", "masked")), "")


def _joined(*parts: str) -> str:
    text = ""
    for part in filter(None, parts):
        # Chinese is written without blanks.
        blank = " " if text and (text[-1].isascii() or part[0].isascii()) else ""
        text = f"{text}{blank}{part}"
    return text
