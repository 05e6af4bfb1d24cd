"""Whose orders may leave as one parcel, as a key that tells nobody who it is; and what such a parcel is called."""

from __future__ import annotations

from hashlib import blake2b

from schemas.records import Order
from streams.domain.receiver import FORGOTTEN
from streams.domain.releases.sharing import merge_key

_BYTES = 16
#: Of these forms a receiver's part is the same for the same person alone.
_TELLING = ("plain", "cipher")
#: What a merged parcel's code ends with: no attempt's number, so it is never a delivery order's.
_MERGED = "M"


def group_of(order: Order, mark: str, secret: bytes) -> str:
    """A keyed hash of shop and receiver, 32 hexadecimal characters; empty where it is not known for sure who that is.

    Known for sure: the platform's own handle of the receiver (oaid), or name, phone and address, none of them masked, lent or withheld.
    Two ciphertexts of one person may differ: then the orders do not meet.

    :param mark: the receiver's, which says whether the person is forgotten.
    :param secret: the hub's own, up to 64 bytes: without it nobody can try addresses one after another.
    """
    receiver = order["receiver"]
    if mark == FORGOTTEN:
        return ""
    if receiver["oaid"]:
        buyer = f"oaid|{receiver['oaid']}"
        place = ""
    else:
        forms = receiver["forms"]
        parts = ("name", "phone", "address")
        if any(not receiver[part] or forms.get(part, "plain") not in _TELLING for part in parts):  # type: ignore[literal-required]
            return ""
        buyer = f"{receiver['name']}|{receiver['phone']}-{receiver['phone_extension']}"
        regions = ("country", "province", "city", "district", "town", "address", "company")
        place = "|".join([receiver[part] for part in regions])  # type: ignore[literal-required]
    key = merge_key(f"{order['channel']}|{order['shop']}", buyer, place)
    return blake2b(key, digest_size=_BYTES, key=secret).hexdigest()


def code_of(order_id: str) -> str:
    """What the parcel is called of which this order is the first, in the letters of delivery orders' codes."""
    channel, _, order_no = order_id.partition(":")
    return f"{channel}.{order_no}.{_MERGED}"
