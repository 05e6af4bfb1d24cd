"""Which records of a range are meant: ``--only order-id=..``, ``channel=..``, ``warehouse=..``.

| criterion | what is looked at, by record type |
| --- | --- |
| order-id  | the message's key on topics keyed by order id (nothing needs decoding); else the field ``order_id`` (stock commands) |
| channel   | the field ``channel``; where there is none, what stands before the colon of the order id (field, else key) |
| warehouse | the field ``warehouse``; ``parts[].warehouse`` (OrderAllocated); ``levels[].warehouse`` (Availability, StockArrived, |
|           | ReservationRejected). Warehouses that a decision trace merely considered do not count |

Several criteria must all hold; several values of one are alternatives. What cannot be decoded matches nothing but an order id by its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from schemas.codec import CODEC, CodecError
from schemas.topics import CHANNELS, TOPICS
from streams.replay.errors import ReplayRefused

CRITERIA = ("order-id", "channel", "warehouse")


class Keyed(Protocol):
    """As much of a message as is looked at."""

    def key(self) -> bytes | None: ...

    def value(self) -> bytes | None: ...


class Only:
    """A filter for one topic's records.

    Raises:
        ReplayRefused: no such criterion, or a channel there isn't.
    """

    def __init__(self, topic: str, criteria: Iterable[str]) -> None:
        self.texts = tuple(criteria)
        self._wanted: dict[str, set[str]] = {}
        self._key_is_order = topic in TOPICS and TOPICS[topic].key == "order_id"
        #: Records that could not be decoded and so could not be judged.
        self.undecodable = 0
        for text in self.texts:
            name, _, value = text.partition("=")
            if name not in CRITERIA or not value:
                raise ReplayRefused(f"--only is {text!r}: write one of {', '.join(f'{c}=VALUE' for c in CRITERIA)}")
            if name == "channel" and value not in CHANNELS:
                raise ReplayRefused(f"--only is {text!r}: there is no such channel; there are {', '.join(CHANNELS)}")
            self._wanted.setdefault(name, set()).add(value)

    def __call__(self, message: Keyed) -> bool:
        """Whether it is meant."""
        wanted = self._wanted
        if not wanted:
            return True
        key = (message.key() or b"").decode("utf-8", "replace")
        if self._key_is_order and "order-id" in wanted:
            if key not in wanted["order-id"]:
                return False
            if len(wanted) == 1:
                return True
        try:
            _, record = CODEC.decode(message.value() or b"")
        except CodecError:
            self.undecodable += 1
            return False
        return all(not values.isdisjoint(self._of(name, key, record)) for name, values in wanted.items())

    def _of(self, name: str, key: str, record: Mapping[str, Any]) -> set[str]:
        order_id = str(record.get("order_id") or (key if self._key_is_order else ""))
        if name == "order-id":
            return {order_id}
        if name == "channel":
            return {record.get("channel") or order_id.partition(":")[0]}
        nested = (*record.get("parts", ()), *record.get("levels", ()))
        return {str(record.get("warehouse")), *(str(part["warehouse"]) for part in nested)}
