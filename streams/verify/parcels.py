"""Parcels and what platforms were told of them, as the verifier keeps them. Slots: there may be millions."""

from __future__ import annotations

from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings

SHIPMENTS, REQUESTS, ANSWERS, STATUS = "shipments", "writeback.requests", "writeback.results", "writeback.status"
#: Read together, in any order; of what is written last, first.
TOPICS = (STATUS, REQUESTS, ANSWERS, SHIPMENTS)

_NOWHERE = -1


class _Parcel:
    __slots__ = ("has_left", "requests", "taken_by", "told", "written")

    def __init__(self) -> None:
        self.has_left = False
        #: Number of its newest request.
        self.requests = 0
        #: The request that the platform took, empty: none yet.
        self.taken_by = ""
        #: Where its first request stands, and where it was first said to be written back.
        self.told = self.written = _NOWHERE


class Parcels:
    """Feed it with ``TOPICS``, then finish it, once."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._cuts = findings.cuts
        self._parcels: dict[tuple[str, str], _Parcel] = {}

    def on_shipped(self, entry: Entry) -> None:
        """It left."""
        self._of(entry).has_left = True

    def on_request(self, entry: Entry) -> None:
        """It is to be told: each request once, numbered without a gap."""
        parcel = self._of(entry)
        if parcel.told == _NOWHERE:
            parcel.told = pack(entry.partition, entry.offset)
        wanted = f"{entry.record['shipment_id']}#{parcel.requests + 1}"
        if not parcel.requests and self._cuts.is_cut(REQUESTS, entry.partition):
            # The first that is left need not be the first.
            number = str(entry.record["request_id"]).rpartition("#")[2]
            parcel.requests = int(number) if number.isdigit() else 1
            return
        if entry.record["request_id"] != wanted:
            self._add("requested_wrongly", entry, f"request {entry.record['request_id']} stands where {wanted} is next")
        parcel.requests += 1

    def on_answer(self, entry: Entry) -> None:
        """The platform answered; that it took a number may be said again, but of no other request."""
        if entry.record["outcome"] != "SHIPPED":
            return
        parcel, request_id = self._of(entry), entry.record["request_id"]
        if parcel.taken_by not in ("", request_id):
            self._add("written_twice", entry, f"the platform took {request_id}, and {parcel.taken_by} before")
        parcel.taken_by = request_id

    def on_changed(self, entry: Entry) -> None:
        """Where it stands: once written back, for good."""
        parcel, phase = self._of(entry), entry.record["phase"]
        if phase == "WRITTEN":
            if parcel.written == _NOWHERE:
                parcel.written = pack(entry.partition, entry.offset)
        elif parcel.written != _NOWHERE:
            self._add(
                "writeback_undone", entry, f"shipment {entry.record['shipment_id']} was written back, now: {phase}"
            )

    def finish(self) -> None:
        """Whatever was told had left: a number that nobody shipped is never told."""
        for (order_id, shipment_id), parcel in self._parcels.items():
            if parcel.has_left:
                continue
            for topic, place in ((REQUESTS, parcel.told), (STATUS, parcel.written)):
                if place == _NOWHERE:
                    continue
                if self._cuts.is_cut(SHIPMENTS, unpack(place)[0]):
                    self._findings.leave("written_unshipped")
                else:
                    text = f"shipment {shipment_id} is told, and no warehouse shipped it"
                    self._findings.add("written_unshipped", topic, *unpack(place), order_id, text)

    def _of(self, entry: Entry) -> _Parcel:
        key = entry.record["order_id"], entry.record["shipment_id"]
        parcel = self._parcels.get(key)
        if parcel is None:
            parcel = self._parcels[key] = _Parcel()
        return parcel

    def _add(self, kind: str, entry: Entry, text: str) -> None:
        self._findings.add(kind, entry.topic, entry.partition, entry.offset, entry.key, text)
