"""Tracking numbers as people and programs write them, made uniform and judged. Pure functions.

Cleaned away: byte order marks and other invisible characters, spaces, full-width forms, lower case, a label before the number
(运单号：...), the carrier's own name before a colon, and dashes where the carrier has none.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from .model import FAULTS, Carrier, Carriers, Fault

#: Full-width ASCII -> ASCII, and everything that looks like a dash -> "-".
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-")
_UNIFORM = _FULL_WIDTH | _DASHES
_COLON = re.compile(r"\A:+")
_SENDABLE = re.compile(r"[A-Z0-9-]*", re.ASCII)


class Checked(NamedTuple):
    """A number as it would be sent, and what speaks against it."""

    number: str
    #: Not to be sent, and why; empty: it may be.
    refused: str
    #: Odd, but the platform decides.
    warnings: tuple[str, ...]


def normalise(text: str, carrier: Carrier | None, carriers: Carriers) -> str:
    """The number in the form it is sent in. What is not understood stays, for ``check`` to find. Doing it again changes nothing."""
    number = "".join(c for c in text.translate(_UNIFORM) if not _invisible(c)).upper()
    if carrier is not None and not carrier.dashes:
        number = number.replace("-", "")
    return _unlabelled(number, carrier, carriers)


def check(text: str, carrier: Carrier, carriers: Carriers) -> Checked:
    """Cleans a number and judges it by what the dictionary says of the carrier."""
    number = normalise(text, carrier, carriers)
    refused, warnings = "", []
    for fault in FAULTS:
        said = _fault(fault, number, carrier)
        if said and fault in carrier.refuse:
            refused = said
            break
        if said:
            warnings.append(said)
    return Checked(number, refused, tuple(warnings))


def _invisible(character: str) -> bool:
    # Separators (Z*), controls and format characters (Cc, Cf: the byte order mark, zero-width joiners).
    return unicodedata.category(character)[0] == "Z" or unicodedata.category(character) in ("Cc", "Cf")


def _unlabelled(number: str, carrier: Carrier | None, carriers: Carriers) -> str:
    names = (carrier.code, carrier.name, *carrier.aliases) if carrier is not None else ()
    while True:
        before = number
        for label in carriers.prefixes:
            number = _COLON.sub("", number.removeprefix(label.upper()))
        for name in names:
            # A carrier's code may be the beginning of its numbers: only a colon tells that it is none.
            number = number.removeprefix(f"{name.upper()}:")
        if number == before:
            return number


def _fault(fault: Fault, number: str, carrier: Carrier) -> str:
    """What is wrong in this respect, with the fix; empty: nothing."""
    least, most = carrier.length
    match fault:
        case "empty" if not number:
            return "tracking_no is empty: give the number on the waybill"
        case "characters" if not _SENDABLE.fullmatch(number):
            odd = sorted(set(number) - set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"))
            return f"tracking_no has {''.join(odd)[:20]!r}: only letters, digits and dashes can be sent"
        case "length" if number and not least <= len(number) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            return f"tracking_no {number[:40]!r} has {len(number)} characters: those of {carrier.code} have {wanted}"
        case "pattern" if number and carrier.patterns and not any(p.fullmatch(number) for p in carrier.patterns):
            return f"tracking_no {number[:40]!r} looks like none of {carrier.code} ({carrier.name}): is it another carrier's?"
    return ""
