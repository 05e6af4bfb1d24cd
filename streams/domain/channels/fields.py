"""Reading a platform's JSON: one problem never hides the next.

A mapper reads fields through `Fields`. What is missing, of the wrong kind or out of range becomes a Reason (code,
where, what stood there, what to do) and reading goes on with a neutral value, so that a review shows everything that
is wrong with an order at once. Ids are above 2**53 on three platforms: int or text, never a float.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.records import Reason

from .payload import Decimals, shown
from .values import MAX_MINOR, BadValue, is_whole, to_minor, to_ms

# Carts end well below 200 lines on every platform: more is a broken export. It also bounds the work per record.
MAX_LINES = 500
# Per line. The largest real line that is publicly known has 80,995 pieces; a million is a typing error.
MAX_QUANTITY = 100_000
MAX_ID_CHARS = 64

_TRUE = frozenset({"1", "true", "TRUE", "True"})
_SWITCH: dict[str, bool | None] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(("0", "false", "FALSE", "False"), False),
    "": None,
}


class Fields:
    """One JSON object being read, its place in the payload, and the reasons found so far in the whole payload."""

    __slots__ = ("doc", "path", "reasons")

    def __init__(self, doc: Mapping[str, Any], path: str, reasons: list[Reason]) -> None:
        self.doc = doc
        self.path = path
        self.reasons = reasons

    # what went wrong

    def wrong(self, code: str, name: str, value: object, fix: str) -> None:
        self.reasons.append({"code": code, "field": f"{self.path}{name}", "value": shown(value), "fix": fix})

    def missing(self, *names: str, fix: str = "") -> None:
        self.wrong(
            "missing_field",
            " or ".join(names),
            "",
            fix or f"the platform always sends {names[0]}: fetch the order again",
        )

    # text

    def text(self, name: str, *others: str) -> str:
        """The first of these fields that has something in it, without blanks around it; "" when none has."""
        value: Any = self.doc.get(name)
        if value.__class__ is str:
            found: str = value.strip()
            if found:
                return found
        elif value is not None:
            if value.__class__ is int or value.__class__ is Decimals:
                return str(value)
            self.wrong("wrong_type", name, value, "expected text")
        return self.text(*others) if others else ""

    def need(self, name: str, *others: str) -> str:
        """Like `text`, and it must be there."""
        found = self.text(name, *others)
        if not found:
            self.missing(name, *others)
        return found

    def sku(self, name: str, *others: str, needed: bool = True) -> str:
        """The seller's own code of the goods, from the first of these fields that has it.

        :param needed: this merchant still has to send it; what others send, or what has left, may lack one.
        """
        found = self.text(name, *others)
        if not found:
            if not needed:
                return ""
            self.missing(
                name, *others, fix="give the listing its seller SKU on the platform, then fetch the order again"
            )
        elif len(found) > MAX_ID_CHARS:
            self.wrong("out_of_range", name, found, f"a SKU has at most {MAX_ID_CHARS} characters")
        return found

    def ident(self, name: str) -> str:
        """An order or line number: a positive int of any size or a text, exactly as the platform writes it."""
        value: Any = self.doc.get(name)
        if value.__class__ is int and value > 0:
            found = str(value)
        elif value.__class__ is str and value:
            found = value.strip()
        elif value is None or value == "":
            self.missing(name)
            return ""
        else:
            self.wrong("wrong_type", name, value, "expected an id: digits or text, no fraction, not a float")
            return ""
        if not 0 < len(found) <= MAX_ID_CHARS or not found.isprintable():
            self.wrong("out_of_range", name, found, f"an id has 1 to {MAX_ID_CHARS} printable characters")
        return found

    def choice(self, name: str, table: Mapping[Any, Any]) -> Any:
        """What the table has for the value (digits as int); a value it does not have is a reason. None then."""
        value: Any = self.doc.get(name)
        if value.__class__ is str and value.isascii() and value.isdigit() and len(value) < 9:
            value = int(value)
        if value is None:
            self.missing(name)
        elif value.__class__ is not str and value.__class__ is not int:
            self.wrong("wrong_type", name, value, "expected a status")
        elif value in table:
            return table[value]
        else:
            self.wrong(
                "unknown_status",
                name,
                value,
                "a status this mapper does not know: extend its table, then replay the event",
            )
        return None

    def flag(self, name: str) -> bool:
        """Is it set: true, 1, "1", "true"; anything else is not."""
        value: Any = self.doc.get(name)
        return value is True or (value.__class__ is int and value == 1) or (value.__class__ is str and value in _TRUE)

    def switch(self, name: str) -> bool | None:
        """What decides something: set, not set, or None where the platform says nothing. Anything else is a reason."""
        value: Any = self.doc.get(name)
        if value is None or value is True or value is False:
            return value
        if value.__class__ is str and value in _SWITCH:
            return _SWITCH[value]
        if value.__class__ is int and value in (0, 1):
            return value == 1
        self.wrong("wrong_type", name, value, "expected true or false")
        return None

    # numbers

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number, as number or digits; without a default it must be there."""
        value: Any = self.doc.get(name)
        if value.__class__ is str and is_whole(value):
            value = int(value)
        if value.__class__ is int:
            if low <= value <= high:
                return value
            self.wrong("out_of_range", name, value, f"expected {low} to {high}")
        elif value is None or value == "":
            if default is not None:
                return default
            self.missing(name)
        else:
            self.wrong("wrong_type", name, value, "expected a whole number")
        return low

    def quantity(self, name: str) -> int:
        """Pieces of a line: 1 to 100,000."""
        value: Any = self.doc.get(name)
        if value.__class__ is int and 0 < value <= MAX_QUANTITY:
            return value
        if value.__class__ is str and is_whole(value):
            value = int(value)
        if value.__class__ is int and value <= 0:
            self.wrong(
                "quantity_not_positive", name, value, "a line needs at least one piece; returns come as refund marks"
            )
            return 1
        return self.integer(name, 1, MAX_QUANTITY)

    def money(self, name: str, digits: int = 2, default: int | None = None) -> int:
        """An amount in main units (yuan "99.00", 99.5, 99) as minor units; `digits` of the currency after the point."""
        value: Any = self.doc.get(name)
        if value.__class__ is str and digits == 2:
            # Nearly every amount: digits, a point, two digits.
            head, point, tail = value[:-3], value[-3:-2], value[-2:]
            if point == "." and value.isascii() and head.isdigit() and tail.isdigit() and len(head) < 14:
                return int(head + tail)
        if value is None or value == "":
            if default is None:
                self.missing(name)
            return default or 0
        try:
            return to_minor(value, digits)
        except BadValue as problem:
            self.wrong(problem.code, name, value, problem.fix)
            return 0

    def minor(self, name: str, default: int | None = None) -> int:
        """An amount that the platform already states in minor units (fen)."""
        value: Any = self.doc.get(name)
        if value.__class__ is str and value and not is_whole(value):
            self.wrong("invalid_money", name, value, "expected a whole number of minor units")
            return 0
        return self.integer(name, 0, MAX_MINOR, default)

    # times

    def time(self, name: str) -> int:
        """A time that must be there, in ms since epoch."""
        before = len(self.reasons)
        found = self.maybe_time(name)
        if found is None:
            if len(self.reasons) == before:
                self.missing(name)
            return 0
        return found

    def maybe_time(self, name: str) -> int | None:
        """A time in ms since epoch, None when there is none."""
        try:
            return to_ms(self.doc.get(name))
        except BadValue as problem:
            self.wrong(problem.code, name, self.doc.get(name), problem.fix)
            return None

    # objects and lists

    def child(self, name: str) -> Fields:
        """The object in this field; an empty one when there is none."""
        value: Any = self.doc.get(name)
        if value.__class__ is not dict:
            if value is not None and value != []:  # PHP-made platforms write an empty object as []
                self.wrong("wrong_type", name, value, "expected an object")
            value = {}
        return Fields(value, f"{self.path}{name}.", self.reasons)

    def children(self, name: str, item: str = "") -> Iterator[Fields]:
        """The objects of the list in this field; with `item`, of a list wrapped once more (Taobao: orders.order)."""
        value: Any = self.doc.get(name)
        if item and value.__class__ is dict:
            name, value = f"{name}.{item}", value.get(item)
        if value is None:
            return
        if value.__class__ is not list:
            self.wrong("wrong_type", name, value, "expected a list")
            return
        if len(value) > MAX_LINES:
            self.wrong("too_many_lines", name, value, f"at most {MAX_LINES}: split the order or correct the export")
            return
        for index, one in enumerate(value):
            if one.__class__ is dict:
                yield Fields(one, f"{self.path}{name}[{index}].", self.reasons)
            else:
                self.wrong("wrong_type", f"{name}[{index}]", one, "expected an object")
