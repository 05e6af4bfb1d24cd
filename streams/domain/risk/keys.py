"""A person's data as a key that tells nobody who it is: a hash with the hub's secret, made of the data's class too.

A masked phone and a plain one never have one key: they are not known to be of one person. A number that forwards has none, since it is lent
to another buyer next month.
"""

from __future__ import annotations

from hashlib import blake2b

from .classes import Class

_BYTES = 16


def key_of(of: str, kind: Class, text: str, secret: bytes) -> str | None:
    """A key of 32 hexadecimal characters; None: there is nothing to make one of.

    :param of: buyer, phone or address.
    :param kind: the text's class. Of ciphertext give the part that is equal for equal data, its index or the platform's address id.
    :param secret: the hub's own, up to 64 bytes; without it nobody can try phones one after another.
    """
    folded = "".join([char for char in text.casefold() if char.isalnum()])
    if not folded or kind in ("absent", "privacy"):
        return None
    if of == "phone" and kind == "plain":
        # With its country before it or without.
        folded = folded[-11:]
    return blake2b(f"{of}|{kind}|{folded}".encode(), digest_size=_BYTES, key=secret).hexdigest()
