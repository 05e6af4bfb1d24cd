"""Orders that leave as one parcel: each told of the same one, once, from one warehouse, and nobody named who is not in it; and who waits
for companions waits no longer than it said.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.topics import MERGE_ANSWERS, MERGE_REQUESTS
from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings

__all__ = ["MERGE_ANSWERS", "MERGE_REQUESTS", "Merges"]

#: Why an order is held that waits for others.
_WAITS = "waits_for_companions"
#: Its own time is looked for by ticks, and its end is decided when their proposal is read: a log at rest is well beyond.
_LATE_MS = 10 * 60_000


class _Merged(NamedTuple):
    orders: tuple[str, ...]
    warehouses: frozenset[str]
    place: int


class Merges:
    """Fed with requests, answers, allocations and statuses, each in the order of its log; judged at the end."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        #: Until when an order waits, and where it said so: of those that ever did.
        self._joined: dict[str, tuple[int, int]] = {}
        self._waiting: set[str] = set()
        #: Code -> order -> what its allocation says.
        self._parcels: dict[str, dict[str, _Merged]] = {}
        self._merged: set[str] = set()
        #: Orders that were told of, to another one of the parcel, as having left it.
        self._left: set[tuple[str, str]] = set()
        self._newest_ms = 0

    def on_request(self, entry: Entry) -> None:
        """An order joins, is ready, or leaves."""
        request, order_id = entry.record, entry.record["order_id"]
        self._newest_ms = max(self._newest_ms, entry.at_ms)
        if request["kind"] != "JOIN":
            return
        if order_id in self._joined:
            self._add(entry, f"{order_id} waits for companions a second time")
        self._joined[order_id] = request["until_ms"], pack(entry.partition, entry.offset)

    def on_answer(self, entry: Entry) -> None:
        """What an order is told."""
        if entry.record["kind"] == "LEFT":
            self._left.update((entry.record["order_id"], each) for each in entry.record["orders"])

    def on_allocated(self, entry: Entry) -> None:
        """The next decision of an order."""
        record, merged = entry.record, entry.record["merged"]
        if merged is None:
            return
        order_id = record["order_id"]
        warehouses = frozenset(part["warehouse"] for part in record["parts"])
        if order_id in self._merged:
            self._add(entry, f"{order_id} leaves with others a second time, as {merged['code']}")
        elif order_id not in merged["orders"] or len(merged["orders"]) < 2 or len(warehouses) != 1:
            self._add(entry, f"{order_id} is to leave from {sorted(warehouses)} as one parcel with {merged['orders']}")
        self._merged.add(order_id)
        its = _Merged(tuple(merged["orders"]), warehouses, pack(entry.partition, entry.offset))
        self._parcels.setdefault(merged["code"], {})[order_id] = its

    def on_status(self, entry: Entry) -> None:
        """The next status of an order."""
        record = entry.record
        self._newest_ms = max(self._newest_ms, entry.at_ms)
        if record["status"] == "HELD" and record["reason"] == _WAITS:
            self._waiting.add(record["order_id"])
        else:
            self._waiting.discard(record["order_id"])

    def finish(self, at_rest: bool) -> None:
        """Judges what was fed. ``at_rest``: nothing is under way any more."""
        for code, members in self._parcels.items():
            self._judge(code, members, at_rest)
        for order_id in self._waiting if at_rest else ():
            until_ms, place = self._joined.get(order_id, (None, 0))
            if until_ms is not None and until_ms + _LATE_MS < self._newest_ms:
                late_s = (self._newest_ms - until_ms) // 1000
                text = f"{order_id} still waits for companions, {late_s} s after its window was over"
                self._findings.add("waits_too_long", MERGE_REQUESTS, *unpack(place), order_id, text)

    def _judge(self, code: str, members: dict[str, _Merged], at_rest: bool) -> None:
        places = {each.warehouses for each in members.values()}
        for order_id, its in members.items():
            why = ""
            if len(places) > 1:
                why = f"{code} leaves from {' and '.join(sorted(name for place in places for name in place))}"
            elif not at_rest or self._findings.cuts.is_cut("allocations"):
                continue
            else:
                missing = [o for o in its.orders if o not in members and (order_id, o) not in self._left]
                if missing:
                    why = f"{order_id} is to leave with {', '.join(missing)} as {code}, which never did"
            if why:
                self._findings.add("merged_wrongly", "allocations", *unpack(its.place), order_id, why)

    def _add(self, entry: Entry, text: str) -> None:
        self._findings.add("merged_wrongly", entry.topic, entry.partition, entry.offset, entry.key, text)
