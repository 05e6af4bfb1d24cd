"""What warehouses' systems report at the gateway's door: read here, kept, answered; judged by the warehouse stage.

A report that is signed and can be read is taken, whatever it says: whether it fits what the hub had told is for the stage, which has the
order's one owner and sets aside what does not (``warehouse.dead``). A system that is told no sends the same again for days, and a person
there can't put right what is wrong here. What is signed and can't be read is answered with the field and the fix, and set aside too.
While Kafka is away reports wait on disk (``spools``).

The plain kind: ``POST /push/wms/<system>``, JSON, signed as ``signing.warehouse_system``:

    {"kind": "LEFT", "report_id": "R-1", "delivery_id": "jd.1.1.HZ1", "warehouse": "HZ1", "status": "DELIVERED", "final": true,
     "parcels": [{"carrier": "SF", "tracking_no": "SF1", "weight_g": 500, "lines": [{"line_no": "", "sku": "TS-RED", "quantity": 1}]}],
     "units": [{"line_no": "", "sku": "TS-RED", "quantity": 1, "condition": "ZP", "cause": ""}], "happened_at": "2026-01-01T12:00:00+08:00"}

RETURNED names the order by ``delivery_id`` or ``order_id``; STOCK and STOCKTAKE name their ``document``, a stocktake its ``page`` and
``pages``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from connectors.channels.base import Answer, BadSignature, Malformed, Outgoing, Push, Stale, Webhook
from connectors.channels.payload import time_ms
from connectors.channels.shipments import WINDOW_S
from connectors.platforms.signing import same, warehouse_system
from connectors.shops import Wms
from schemas.codec import CODEC
from schemas.json_text import compact
from schemas.records import ReportedParcel, ReportedUnits, ReportKind, ReportSetAside, WarehouseReport
from streams.domain.warehouse.naming import order_of

TOPIC, ASIDE = "warehouse.reports", "warehouse.dead"
_ID_MAX = 128
#: A system's own words stand in lists and logs.
_WORD = re.compile(r"[A-Za-z_]{0,40}")


class Reports(Webhook):
    """What both kinds have in common."""

    answer_within_s = 8.0
    spools = True

    def __init__(self, account: Wms, carrier_by: Callable[[str, str], str]) -> None:
        self.account = account
        self._carrier_by = carrier_by

    def carrier(self, whose: str, code: str) -> str:
        """Ours; as it was told where nobody knows it."""
        return self._carrier_by(whose, code)

    def warehouse(self, code: str, field: str) -> str:
        """Ours. Raises Malformed."""
        if not code and len(self.account.ours) == 1:
            return self.account.ours[0]
        found = self.account.our(code)
        if not found:
            known = ", ".join(map(self.account.theirs, self.account.ours))
            raise Malformed(f"{field} is {code[:40]!r}: this system has {known}")
        return found

    def report(
        self,
        push: Push,
        kind: ReportKind,
        *,
        report_id: str,
        warehouse: str,
        delivery_id: str = "",
        order_id: str = "",
        document: str = "",
        status: str = "",
        final: bool = True,
        parcels: list[ReportedParcel] | None = None,
        units: list[ReportedUnits] | None = None,
        page: int = 1,
        pages: int = 1,
        happened_at_ms: int | None = None,
    ) -> Outgoing:
        """One report on its way to the stage; one that bears no id gets one of what it says. Raises Malformed."""
        says: dict[str, Any] = {"kind": kind, "delivery_id": delivery_id, "status": status, "final": final}
        says |= {"parcels": parcels or [], "units": units or [], "page": page, "pages": pages, "warehouse": warehouse}
        # When it is said to have happened may differ each time it is told; of progress it tells one time from another.
        at = happened_at_ms if kind == "PROGRESS" else None
        digest = hashlib.sha256(compact({**says, "at": at})).hexdigest()[:32]
        for name, value in (("report_id", report_id), ("delivery_id", delivery_id), ("document", document)):
            if len(value) > _ID_MAX:
                raise Malformed(f"{name} has {len(value)} characters: at most {_ID_MAX}")
        for what, word in (("status", status), *(("inventoryType", unit["condition"]) for unit in units or [])):
            if not _WORD.fullmatch(word):
                raise Malformed(f"{what} is {word[:40]!r}: one word of letters")
        name = f"wms:{self.account.name}/{kind}/{document or delivery_id or report_id}"
        record: WarehouseReport = {
            "order_id": order_id or order_of(delivery_id) or name,
            "system": self.account.name,
            "warehouse": warehouse,
            "kind": kind,
            "report_id": report_id or digest,
            "digest": digest,
            "delivery_id": delivery_id,
            "status": status,
            "final": final,
            "parcels": parcels or [],
            "units": units or [],
            "page": page,
            "pages": pages,
            "happened_at_ms": push.received_ms if happened_at_ms is None else happened_at_ms,
            "received_at_ms": push.received_ms,
            "body": push.body,
        }
        return Outgoing(TOPIC, record["order_id"], CODEC.encode("WarehouseReport", record))

    def kept(self, push: Push, exc: Malformed) -> Malformed:
        """The same, with what a person looks at later."""
        digest = hashlib.sha256(push.body).hexdigest()[:32]
        record: ReportSetAside = {
            "order_id": f"wms:{self.account.name}/unreadable/{digest}",
            "system": self.account.name,
            "warehouse": "",
            "kind": "PROGRESS",
            "report_id": digest,
            "delivery_id": "",
            "code": "unreadable",
            "reason": str(exc),
            "at_ms": push.received_ms,
            "body": push.body,
        }
        return Malformed(str(exc), (Outgoing(ASIDE, record["order_id"], CODEC.encode("ReportSetAside", record)),))


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int
    line_no: str = ""


class _Unit(msgspec.Struct, forbid_unknown_fields=True):
    sku: str
    quantity: int
    line_no: str = ""
    condition: str = "ZP"
    cause: str = ""


class _Parcel(msgspec.Struct, forbid_unknown_fields=True):
    carrier: str
    tracking_no: str
    weight_g: int = 0
    lines: list[_Line] = []


class _Told(msgspec.Struct, forbid_unknown_fields=True):
    kind: ReportKind
    warehouse: str = ""
    report_id: str = ""
    delivery_id: str = ""
    order_id: str = ""
    document: str = ""
    status: str = ""
    final: bool = True
    parcels: list[_Parcel] = []
    units: list[_Unit] = []
    page: int = 1
    pages: int = 1
    happened_at: str = ""


class PlainReports(Reports):
    """See the module's text."""

    def verify(self, push: Push) -> None:
        at_s = push.headers.get("X-Penstock-Timestamp", "")
        expected = warehouse_system(self.account.secret, at_s, f"/push/wms/{'/'.join(push.path)}", push.body)
        if not same(expected, push.headers.get("X-Penstock-Signature", ""), ignore_case=True):
            raise BadSignature("X-Penstock-Signature is not that of timestamp, path and body")
        whole = at_s.isascii() and at_s.isdigit() and len(at_s) < 13
        if not whole or abs(push.received_ms - int(at_s) * 1000) > WINDOW_S * 1000:
            raise Stale(f"X-Penstock-Timestamp is {at_s[:20]!r}: send unix seconds, at most {WINDOW_S} s off")

    def read(self, push: Push) -> tuple[Outgoing, ...]:
        try:
            try:
                told = msgspec.json.decode(push.body, type=_Told)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
                # msgspec names the place and the types, never the value.
                raise Malformed(str(exc)) from None
            return (self._report(push, told),)
        except Malformed as exc:
            raise self.kept(push, exc) from None

    def _report(self, push: Push, told: _Told) -> Outgoing:
        at_ms = time_ms(told.happened_at) if told.happened_at else None
        if told.happened_at and at_ms is None:
            raise Malformed("happened_at is no time: write such as 2026-01-01T12:00:00+08:00")
        if told.kind in ("LEFT", "PROGRESS") and not told.delivery_id:
            raise Malformed("delivery_id is missing: name the delivery order")
        if told.kind in ("STOCK", "STOCKTAKE") and not (told.document or told.report_id):
            raise Malformed("document is missing: name what the stock was changed by")
        for each in told.parcels:
            if not each.tracking_no or any(line.quantity < 1 for line in each.lines):
                raise Malformed("parcels: each has a tracking_no, and lines of at least one piece")
        parcels: list[ReportedParcel] = [
            {
                "carrier": each.carrier,
                "tracking_no": each.tracking_no,
                "weight_g": each.weight_g,
                "lines": [msgspec.to_builtins(line) for line in each.lines],
            }
            for each in told.parcels
        ]
        return self.report(
            push,
            told.kind,
            report_id=told.report_id,
            warehouse=self.warehouse(told.warehouse, "warehouse"),
            delivery_id=told.delivery_id,
            order_id=told.order_id,
            document=told.document,
            status=told.status,
            final=told.final,
            parcels=parcels,
            units=[msgspec.to_builtins(each) for each in told.units],
            page=told.page,
            pages=told.pages,
            happened_at_ms=at_ms,
        )

    def answer(self, status: int, reason: str) -> Answer:
        said: Mapping[str, str] = {"answer": "accepted"} if status == 200 else {"answer": "refused", "why": reason}
        return Answer(status, compact(said))
