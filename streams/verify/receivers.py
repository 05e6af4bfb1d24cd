"""Whom people named stays whom an order goes to, until they, or the platform with them, say otherwise; a third receiver holds it."""

from __future__ import annotations

from typing import Any
from zlib import crc32

from schemas.json_text import compact
from schemas.topics import CHANNELS, channel_topic
from streams.verify.entry import Entry
from streams.verify.findings import Findings

#: A platform may show the same person in another form.
_WHO = ("name", "phone", "province", "city", "district", "address")

Name = tuple[str, str]


class Receivers:
    """Fed with corrections and `orders`, each in the order of its log; judged at the end."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        #: (order, correction) -> whom it names.
        self._named: dict[Name, int] = {}
        self._forgotten: set[str] = set()
        #: Order -> the correction that its receiver was from last, and who that was.
        self._standing: dict[str, tuple[Name, int]] = {}
        self._used: list[tuple[Entry, Name, int]] = []
        self._dropped: list[tuple[Entry, str]] = []

    def on_correction(self, entry: Entry) -> None:
        record = entry.record
        if record["receiver"] is not None:
            self._named[record["order_id"], record["correction_id"]] = _who(record["receiver"])
        if not record["event"]:
            self._forgotten.add(record["order_id"])

    def on_order(self, entry: Entry) -> None:
        record = entry.record
        order_id, who = record["order_id"], _who(record["receiver"])
        if record["receiver_from"]:
            name = order_id, record["receiver_from"]
            self._used.append((entry._replace(record={}, value=None), name, who))
            self._standing[order_id] = name, who
            if record["platform_receiver"] is not None and record["status"] == "PAID":
                self._add(entry, "its platform shows a third receiver, and it is not held")
        elif order_id in self._standing:
            _, before = self._standing.pop(order_id)
            if not record["correction_id"] and who != before:
                self._dropped.append((entry._replace(record={}, value=None), order_id))

    def finish(self) -> None:
        """Judges what was fed."""
        for entry, name, who in self._used:
            if name not in self._named:
                if any(self._cuts.may_hold(channel_topic(channel), entry.at_ms) for channel in CHANNELS):
                    self._findings.leave("receiver_lost")
                else:
                    self._add(entry, f"its receiver is from the correction {name[1]}, which is not in the log")
            elif self._named[name] != who:
                self._add(entry, f"its receiver is not the one that the correction {name[1]} names")
        for entry, order_id in self._dropped:
            if order_id not in self._forgotten:
                self._add(entry, "the receiver that people named is gone, and nobody has taken it back")

    def _add(self, entry: Entry, text: str) -> None:
        self._findings.add("receiver_lost", entry.topic, entry.partition, entry.offset, entry.key, text)


def _who(receiver: Any) -> int:
    return crc32(compact([receiver[field] for field in _WHO]))
