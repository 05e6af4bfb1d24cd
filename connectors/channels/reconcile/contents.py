"""What an order says, as a few bytes a field: enough to name the fields in which two snapshots differ, and not to learn what stands there.

Layout of ``digest``: 2 bytes that name the fields (another release has others: then nothing is compared); 3 bytes for each of them; 10 for
each line: 3 of its number, 1 if the merchant's table of bundles may have opened it, 3 of its quantity, 3 of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from schemas.json_text import compact
from schemas.records import OrderLine, Receiver

_SIZE = 3
_OPENED, _PLAIN = b"\x01", b"\x00"
#: Of a field that is ciphertext or masked: the same value may be written in another way the next time.
_UNTOLD = bytes(_SIZE)
#: JD's ciphertext can't be told from text, and whether the same value is written the same way twice is not known.
_CIPHERED = {"jd": ("name", "phone", "address")}
_ORDER = (
    *("status", "hold_reason", "currency", "total_minor", "collect_minor", "placed_at_ms", "paid_at_ms", "ship_by_ms"),
    *("not_before_ms", "attributes"),
)
#: Which form a field has is no content: a platform shows a person in clear, masked or as ciphertext, as it likes.
_RECEIVER = tuple(sorted(Receiver.__annotations__.keys() - {"forms"}))
_LINE = tuple(sorted(OrderLine.__annotations__.keys() - {"line_no", "quantity"}))
_FIELDS = (*_ORDER, *(f"receiver.{name}" for name in _RECEIVER))
_LAYOUT = blake2b(compact([_FIELDS, _LINE]), digest_size=2).digest()
_LINES_AT = len(_LAYOUT) + _SIZE * len(_FIELDS)
_LINE_SIZE = 3 * _SIZE + 1


class Content(NamedTuple):
    """``lines``: the platform's numbers of the lines, in the digest's order."""

    digest: bytes
    lines: tuple[str, ...] = ()


class _Line(NamedTuple):
    """Of a digest."""

    opened: bool
    quantity: bytes
    rest: bytes


def content(of: Mapping[str, Any], order_id: str) -> Content:
    """Of an Order, or of what a mapper made of a snapshot, as a mapping. The order's id salts it: the same phone is not the same twice."""
    receiver = of["receiver"]
    hidden = [name for name, form in receiver["forms"].items() if form in ("cipher", "masked")]
    untold = {f"receiver.{name}" for name in (*hidden, *_CIPHERED.get(order_id.partition(":")[0], ()))}
    # What people have said of the receiver is not the platform's, nor is a hold because of it.
    if of.get("receiver_from"):
        untold |= {f"receiver.{name}" for name in _RECEIVER}
    if of.get("platform_receiver") is not None:
        untold |= {"status", "hold_reason"}
    values = [*(of[name] for name in _ORDER), *(receiver[name] for name in _RECEIVER)]
    pieces: dict[str, list[Mapping[str, Any]]] = {}
    for line in of["lines"]:
        pieces.setdefault(line["bundle_line_no"] or line["line_no"], []).append(line)
    numbers = tuple(sorted(pieces))
    fields = b"".join(
        _UNTOLD if name in untold else _print(order_id, name, value)
        for name, value in zip(_FIELDS, values, strict=True)
    )
    return Content(_LAYOUT + fields + b"".join(_line(order_id, no, pieces[no]) for no in numbers), numbers)


def differences(hub: bytes, shown: Content) -> list[str] | None:
    """The fields in which they differ, by name alone; None: what the hub's bytes are of is not known."""
    if hub[:2] != _LAYOUT or shown.digest[:2] != _LAYOUT:
        return None
    found = [
        name
        for at, name in zip(range(len(_LAYOUT), _LINES_AT, _SIZE), _FIELDS, strict=True)
        if (one := hub[at : at + _SIZE]) != (other := shown.digest[at : at + _SIZE]) and _UNTOLD not in (one, other)
    ]
    before, now = _lines(hub), _lines(shown.digest)
    for number, (key, line) in zip(shown.lines, now.items(), strict=True):
        known = before.get(key)
        if known is None:
            found.append(f"lines[{number}]")
        elif known.opened and not line.opened:
            # Its parts are the merchant's own, by a table that no platform knows.
            continue
        elif known.quantity != line.quantity:
            found.append(f"lines[{number}].quantity")
        elif known.rest != line.rest:
            found.append(f"lines[{number}]")
    gone = len(before.keys() - now.keys())
    return [*found, *([f"{gone} lines that the channel does not show"] if gone else [])]


def _line(order_id: str, number: str, pieces: Sequence[Mapping[str, Any]]) -> bytes:
    opened = any(piece["bundle_line_no"] for piece in pieces)
    rest = sorted([piece["line_no"], *(piece[name] for name in _LINE)] for piece in pieces)
    return b"".join(
        (
            _print(order_id, "line", number),
            _OPENED if opened else _PLAIN,
            _print(order_id, "quantity", sorted([piece["line_no"], piece["quantity"]] for piece in pieces)),
            _print(order_id, "rest", rest),
        )
    )


def _lines(digest: bytes) -> dict[bytes, _Line]:
    return dict(_each_line(digest))


def _each_line(digest: bytes) -> Iterable[tuple[bytes, _Line]]:
    for at in range(_LINES_AT, len(digest), _LINE_SIZE):
        it = digest[at : at + _LINE_SIZE]
        yield it[:3], _Line(it[3:4] == _OPENED, it[4:7], it[7:])


def _print(order_id: str, name: str, value: Any) -> bytes:
    plain = sorted(value.items()) if isinstance(value, Mapping) else value
    return blake2b(compact([order_id, name, plain]), digest_size=_SIZE).digest()
