"""Orders of a sale before its goods are there: a piece each, on all channels."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .catalogue import Item
from .draw import Draw
from .sale import RawEvent
from .stream import in_situation, raw_event

#: One in so many is given up after its deposit.
GIVEN_UP_EVERY = 15
NOTE = "presale"


def presales(item: Item, n_orders: int, seed: int, *, start_ms: int, first_serial: int) -> list[RawEvent]:
    """Their events, in the order they are published: of an order first its deposit, later its balance, or that it is cancelled.

    Where a platform has no deposits it is paid at once, and no order of such a one is given up.
    """
    chance = Random(f"presales/{seed}")
    draw = Draw(Random(f"presales/orders/{seed}"), [item])
    events: list[RawEvent] = []
    for number in range(n_orders):
        slot_ms = start_ms + number * 1_000
        drawn = draw.sale(first_serial + number, slot_ms)
        line = replace(drawn.lines[0], quantity=1, gift=False, fen=item.price_minor)
        sale = replace(drawn, lines=(line,), discount_fen=0)
        told = in_situation(sale, "presale", chance, slot_ms)
        if not told:
            told = [raw_event(sale, "paid", sale.placed_at_ms + 60_000, slot_ms, NOTE)]
        elif number % GIVEN_UP_EVERY == 0:
            ends_ms = sale.placed_at_ms + 300_000
            told = [told[0], raw_event(sale, "cancelled", ends_ms, told[-1].event["received_at_ms"], NOTE)]
        events += [each._replace(note=NOTE) for each in told]
    return sorted(events, key=lambda each: each.event["received_at_ms"])
