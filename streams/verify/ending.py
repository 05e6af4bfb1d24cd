"""What must be true of the stock's book when the log has ended: allocations stand on reservations, reservations on allocations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from streams.verify.balances import COMMITTED, RESERVED, Level, Reservation
from streams.verify.entry import Entry, unpack
from streams.verify.findings import Findings
from streams.verify.orders import Orders
from streams.verify.units import COMMANDS

#: Orders of a sale that keep what is frozen for them, or has come for them.
_KEEPING_THEIR_TURN = frozenset(("HELD", "BACKORDERED"))


class Ending:
    """``unsure``: partitions of commands whose balances can't be known. ``of_pools``: reservations of goods sold before they were there."""

    def __init__(
        self,
        findings: Findings,
        orders: Orders,
        reservations: Mapping[int, Reservation],
        unsure: Collection[int],
        of_pools: Collection[int] = (),
    ) -> None:
        self._findings = findings
        self._orders = orders
        self._reservations = reservations
        self._unsure = unsure
        self._of_pools = of_pools

    def check_followed(self, at_rest: bool) -> None:
        """An order is decided again without taking its allocation back only when all of that has left."""
        for entry, attempt, parts in self._orders.followed:
            known = [self._reservations.get(key) for key, _ in parts]
            states = {each.state for first in known if first is not None for each in first.chain()}
            if any(map(self._cannot_tell, known)):
                self._findings.leave("allocated_while_allocated")
            elif (None in known or states != {COMMITTED}) and (at_rest or RESERVED not in states):
                text = f"{entry.name} for attempt {entry.record['attempt']} while the allocation of attempt {attempt} stands"
                place = entry.partition, entry.offset
                self._findings.add("allocated_while_allocated", entry.topic, *place, entry.key, text)

    def check_allocations(self) -> None:
        """What standing allocations count on is reserved for them, or shipped."""
        for order in self._orders.by_id.values():
            if order.phase != "ALLOCATED" or not order.parts:
                continue
            committed = []
            for key, quantity in order.parts:
                known = self._reservations.get(key)
                if self._cannot_tell(known):
                    self._findings.leave("allocation_not_reserved")
                    break
                chain = list(known.chain()) if known is not None else []
                standing = sum(each.quantity for each in chain if each.state in (RESERVED, COMMITTED))
                if standing != quantity:
                    state = ", ".join(f"{each.state} x {each.quantity}" for each in chain) or "unknown"
                    text = f"a part of {quantity} units stands on a reservation that is {state}"
                    place = unpack(order.decided_at)
                    self._findings.add("allocation_not_reserved", "allocations", *place, order.order_id, text)
                else:
                    for each in chain:
                        each.held = True
                        committed.append(each.state == COMMITTED)
            else:
                self._orders.check_quantities(order, committed)

    def check_reservations(self) -> None:
        """What is reserved is held by an allocation that stands, or by a round under way."""
        for key, known in self._reservations.items():
            if key in self._of_pools and known.order.phase in _KEEPING_THEIR_TURN:
                continue
            if known.order.is_shown_sent:
                # The platform shows units as sent that no warehouse has told of: they are not sold again.
                continue
            if known.state == RESERVED and not known.held and known.order.phase != "RESERVING":
                if self._cannot_tell(known) or self._orders.stands_in_doubt(known.order):
                    self._findings.leave("reservation_leaked")
                    continue
                text = (
                    f"{known.quantity} units stay reserved for {known.order.order_id}, which is "
                    f"{known.order.phase or 'unknown'} and does not hold them: {known.level}"
                )
                self._findings.add("reservation_leaked", COMMANDS, *unpack(known.place), known.level.sku, text)

    def check_published(self, published: Mapping[str, Entry], levels: Iterable[Level]) -> None:
        """The last availability of each SKU is the balance the commands lead to."""
        balances: dict[str, dict[str, tuple[int, int, int]]] = {}
        for level in levels:
            numbers = level.on_hand, level.reserved, level.safety_stock
            if any(numbers):
                balances.setdefault(level.sku, {})[level.warehouse] = numbers
        for sku, entry in published.items():
            said = {each["warehouse"]: _numbers(each) for each in entry.record["levels"] if any(_numbers(each))}
            balance = balances.pop(sku, {})
            if entry.partition in self._unsure:
                # What it is can't be computed; whether it can be at all is seen.
                self._findings.leave("availability_differs")
                for warehouse, (on_hand, reserved, _) in said.items():
                    if not 0 <= reserved <= on_hand:
                        text = f"{sku} at {warehouse} is published with {reserved} of {on_hand} reserved"
                        self._findings.add("oversold", entry.topic, entry.partition, entry.offset, entry.key, text)
            elif said != balance:
                text = f"{sku} is said to have {said}, the commands lead to {balance} (on hand, reserved, safety stock)"
                place = entry.partition, entry.offset
                self._findings.add("availability_differs", entry.topic, *place, entry.key, text)
        for sku, balance in balances.items():
            if self._unsure:
                self._findings.leave("availability_differs")
                continue
            text = f"{sku} was never published, the commands lead to {balance}"
            self._findings.add("availability_differs", "inventory.availability", 0, 0, sku, text)

    def _cannot_tell(self, known: Reservation | None) -> bool:
        """Whether what became of a reservation, unknown or known, may be gone."""
        if known is None:
            return bool(self._unsure)
        return unpack(known.place)[0] in self._unsure


def _numbers(level: Mapping[str, int]) -> tuple[int, int, int]:
    return level["on_hand"], level["reserved"], level["safety_stock"]
