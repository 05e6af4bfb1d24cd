"""Whether an order's receiver is another one by now: a mark over what platforms show in many forms."""

from __future__ import annotations

from zlib import crc32

from schemas.records import Receiver

#: The mark of an order whose person is forgotten: nothing is compared with it any more, and nothing put in its place.
FORGOTTEN = "forgotten"
# Rotates by itself (a privacy number is lent for a while), so that another one says nothing.
_NOT_COMPARED = "privacy"
# Checksums of a mark whose receiver is plain.
_PLAIN = 2


def mark_of(receiver: Receiver) -> str:
    """The region's checksum, and that of the rest; where it is not all plain, of address, phone and name each its own.

    These have the initial of their form before them, and are `-` where the platform withholds them.
    """
    forms, address, phone, name = receiver["forms"], receiver["address"], receiver["phone"], receiver["name"]
    region = f"{receiver['country']}|{receiver['province']}|{receiver['city']}|{receiver['district']}"
    place = f"{receiver['town']}|{address}|{receiver['company']}"
    number = f"{phone}-{receiver['phone_extension']}"
    if not forms and address and phone and name:
        return f"{crc32(region.encode()):08x} {crc32(f'{place}|{number}|{name}'.encode()):08x}"
    marks = (
        f"{crc32(region.encode()):08x}",
        _mark(forms.get("address", "plain"), address and place),
        _mark(forms.get("phone", "plain"), phone and number),
        _mark(forms.get("name", "plain"), name),
    )
    return " ".join(marks)


def _mark(form: str, text: str) -> str:
    return f"{form[:1]}{crc32(text.encode()):08x}" if text and form != _NOT_COMPARED else "-"


def has_moved(known: str, now: str) -> bool:
    """Whether two marks are of different receivers. What is withheld in one of them, or shown in another form, says nothing."""
    if known == now or not known:
        return False
    before, after = known.split(" "), now.split(" ")
    if before[0] != after[0]:
        return True
    if len(before) != len(after):
        return False
    return (
        any(
            one != other and "-" not in (one, other) and one[0] == other[0]
            for one, other in zip(before[1:], after[1:], strict=True)
        )
        if len(before) > _PLAIN
        else before != after
    )


def merged(known: str, now: str) -> str:
    """The newer mark, with what it withholds from the older one."""
    if known == now or not known or "-" not in now:
        return now
    before, after = known.split(" "), now.split(" ")
    if len(before) != len(after):
        return now if len(before) > _PLAIN else known
    return " ".join(one if other == "-" else other for one, other in zip(before, after, strict=True))
