"""What is compared with decisions belongs to them: once an attempt, and by the version that it says had the effect."""

from __future__ import annotations

from schemas.topics import COMPARED
from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings
from streams.verify.orders import ALLOCATED, BACKORDERED, Order, Orders

__all__ = ["COMPARED", "Comparisons"]


class Comparisons:
    """Fed with ``decisions.compared`` in the order of its log; judged at the end, by each order's last decision."""

    def __init__(self, findings: Findings, orders: Orders) -> None:
        self._findings = findings
        self._orders = orders
        self._seen: set[int] = set()
        #: Order -> attempt, the version that had the effect, and where it says so: of its last attempt.
        self._effects: dict[str, tuple[int, int | None, int]] = {}

    def on_compared(self, entry: Entry) -> None:
        """The next one."""
        record = entry.record
        order_id, attempt = record["order_id"], record["attempt"]
        its = hash((order_id, attempt, record["role"]))
        if its in self._seen:
            text = f"attempt {attempt} is compared again ({record['role']})"
            self._findings.add("compared_wrongly", entry.topic, entry.partition, entry.offset, entry.key, text)
        self._seen.add(its)
        if record["effect"] != "NEITHER" and attempt >= self._effects.get(order_id, (0, None, 0))[0]:
            side = record["tried"] if record["effect"] == "TRIED" else record["stands"]
            self._effects[order_id] = attempt, side["version"], pack(entry.partition, entry.offset)

    def finish(self) -> None:
        """Judges what was fed."""
        for order_id, (attempt, version, place) in self._effects.items():
            order = self._orders.by_id.get(order_id)
            if order is None or not _is_of(order, attempt) or order.decided_by == version:
                continue
            by = "the built-in rule" if order.decided_by is None else f"version {order.decided_by}"
            said = "the built-in rule" if version is None else f"version {version}"
            text = f"attempt {attempt} was decided by {by}, and its comparison says by {said}"
            self._findings.add("compared_wrongly", COMPARED, *unpack(place), order_id, text)


def _is_of(order: Order, attempt: int) -> bool:
    """Whether its last decision is this attempt's."""
    return order.attempt == attempt and order.decision in (ALLOCATED, BACKORDERED)
