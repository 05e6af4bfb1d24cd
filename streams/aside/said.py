"""What is to be told of orders, as scripts and warehouses write it: JSON, one object a line.

{"do": "hold", "order_id": "taobao:1", "because": "..."}                  or "release", "cancel"
{"do": "ship", "order_id": "taobao:1", "warehouse": "HZ1", "carrier": "SF", "tracking_no": "SF1", "lines": {"TS-RED": 1}}
{"do": "address", "order_id": "taobao:1", "because": "...", "receiver": {"street": "..."}}    null: as its platform
{"do": "return", "order_id": "taobao:1", "warehouse": "HZ1", "lines": {"TS-RED": 1}, "grade": "DEFECTIVE"}

Each may have "id", of the script's own, and "shop". A key of lines is a line's number or a SKU; a parcel without lines carries all that its
warehouse has of the order. What contradicts the hub, and was so all the same, has "anyway": true.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from schemas.records import OrderState
from streams.aside import orders
from streams.aside.telling import Telling
from streams.ops.actor import Actor

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Own = Annotated[str, Meta(max_length=200)]
Units = Annotated[int, Meta(ge=1, le=1_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]


class NotSaid(ValueError):
    """The line says nothing that can be told; the message names the field and the fix."""


class NotJson(NotSaid):
    """Nor is it JSON."""


class Decided(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An operator's decision."""

    do: Literal["hold", "release", "cancel"]
    order_id: Text
    because: Text
    id: Own = ""
    shop: str = ""


class Corrected(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """To whom an order goes, by the parts that are others; None: to whom its platform shows."""

    do: Literal["address"]
    order_id: Text
    because: Text
    receiver: Annotated[Mapping[Text, Own], Meta(min_length=1)] | None
    id: Own = ""
    shop: str = ""
    anyway: bool = False


class Parcel(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A parcel that left. Without a carrier: by whom the rules chose for the warehouse."""

    do: Literal["ship"]
    order_id: Text
    warehouse: Text
    carrier: Own = ""
    tracking_no: Own = ""
    lines: Mapping[Text, Units] = {}
    shipped_at: Moment | None = None
    because: str = ""
    id: Own = ""
    shop: str = ""
    anyway: bool = False


class Receipt(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Goods that came back."""

    do: Literal["return"]
    order_id: Text
    warehouse: Text
    lines: Annotated[Mapping[Text, Units], Meta(min_length=1)]
    grade: Literal["SELLABLE", "DEFECTIVE"] = "SELLABLE"
    shipment_id: Own = ""
    received_at: Moment | None = None
    because: str = ""
    id: Own = ""
    shop: str = ""
    anyway: bool = False


#: What makes a record by itself.
Plain = Decided | Parcel | Receipt
Said = Plain | Corrected
_KINDS: Mapping[str, type[Said]] = {
    "hold": Decided,
    "release": Decided,
    "cancel": Decided,
    "address": Corrected,
    "ship": Parcel,
    "return": Receipt,
}


class _Verb(msgspec.Struct):
    do: str


def parse(line: str | bytes, verbs: Collection[str] = _KINDS.keys()) -> Said:
    """What a line says, of what may be said here. Raises NotSaid, of which NotJson is one."""
    try:
        verb = msgspec.json.decode(line, type=_Verb).do
        if verb not in verbs:
            raise NotSaid(f"do is {verb!r}: write {'one of ' if len(verbs) > 1 else ''}{', '.join(verbs)}")
        return msgspec.json.decode(line, type=_KINDS[verb])
    except msgspec.ValidationError as exc:
        raise NotSaid(_in_words(str(exc), line)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise NotJson(f"no JSON object: {exc}") from None


def _in_words(error: str, line: str | bytes) -> str:
    """msgspec's, with the field first and the value that stands there."""
    if lacks := re.fullmatch(r"Object missing required field `(\w+)`", error):
        return f"{lacks[1]} is missing: write it"
    if strange := re.fullmatch(r"Object contains unknown field `(.*)`", error, re.DOTALL):
        return f"{strange[1][:40]!r} is no field of it: leave it out"
    wanted, _, where = error.partition(" - at ")
    field = re.search(r"`\$\.(\w+)", where)
    if field is None:
        return f"no JSON object of this form: {error}"
    return f"{field[1]}{_shown(line, field[1])}: {wanted[0].lower()}{wanted[1:]}"


def _shown(line: str | bytes, field: str) -> str:
    if field == "receiver":
        # A person's.
        return ""
    try:
        return f" is {msgspec.json.encode(msgspec.json.decode(line)[field]).decode()[:100]}"
    except (msgspec.MsgspecError, KeyError):
        # A number that no number is.
        return ""


def telling(said: Plain, state: OrderState, *, by: Actor) -> Telling:
    """The record for the hub, with its audit entry. ``by``: who acts."""
    match said:
        case Decided():
            return orders.decision(said.order_id, said.do, by=by, because=said.because, decision_id=said.id)
        case Parcel():
            return orders.parcel(
                said.order_id,
                by=by,
                warehouse=said.warehouse,
                carrier=said.carrier,
                tracking_no=said.tracking_no,
                lines=orders.units_of(state, said.lines.items()),
                because=said.because,
                shipment_id=said.id,
                shipped_at_ms=_ms(said.shipped_at),
            )
        case Receipt():
            return orders.receipt(
                said.order_id,
                by=by,
                warehouse=said.warehouse,
                lines=[{**line, "grade": said.grade} for line in orders.units_of(state, said.lines.items())],
                because=said.because,
                return_id=said.id,
                shipment_id=said.shipment_id,
                received_at_ms=_ms(said.received_at),
            )


def _ms(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)
