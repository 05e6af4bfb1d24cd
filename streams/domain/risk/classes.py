"""Whose data a receiver's field is, before anything is checked in it: a masked phone is no wrong one.

The mappers say what they know of a field (``Receiver.forms``); what they took for plain is looked at once more, since a platform's new
ciphertext is plain to who does not know it.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from schemas.records import Receiver
from streams.domain.channels.contacts import form_of, phone_of

#: cipher: only its platform reads it. masked: a person reads a part. privacy: a number that forwards for some weeks, nobody's for long.
#: absent: nothing is there. plain: all checks may look at it.
Class = Literal["plain", "masked", "privacy", "cipher", "absent"]

#: Letters and digits as no name, phone or street of China has them: base64, hexadecimal, ``##...``.
_BLOB = re.compile(r"(?:##)?[A-Za-z0-9+/=_~$#-]{16,}", re.ASCII)


class Classes(NamedTuple):
    """The class of each field."""

    name: Class
    phone: Class
    address: Class


def classes_of(receiver: Receiver) -> Classes:
    """Each field of an order's receiver."""
    forms = receiver["forms"]
    phone = receiver["phone"]
    number = f"{phone}-{receiver['phone_extension']}" if receiver["phone_extension"] else phone
    return Classes(
        _said(forms.get("name", "")) or class_of(receiver["name"]),
        _said(forms.get("phone", "")) or phone_class(number),
        _said(forms.get("address", "")) or class_of(receiver["address"]),
    )


def class_of(text: str) -> Class:
    """A name or an address."""
    if not text.strip():
        return "absent"
    form = form_of(text)
    if form == "cipher" or _is_blob(text):
        return "cipher"
    return "masked" if form else "plain"


def phone_class(text: str) -> Class:
    """A phone, its extension with it."""
    if not text.strip():
        return "absent"
    form = phone_of(text).form
    return _said(form) or ("cipher" if _is_blob(text) else "plain")


def _is_blob(text: str) -> bool:
    # A long number alone is somebody's mistake, and is to be seen as one.
    return _BLOB.fullmatch(text) is not None and any(char.isalpha() for char in text)


def _said(form: str) -> Class | None:
    if form == "cipher":
        return "cipher"
    if form == "masked":
        return "masked"
    return "privacy" if form == "privacy" else None
