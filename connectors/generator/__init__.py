"""Orders for demos, tests and benchmarks: raw events of five platforms, seeded, with the shape of real trade."""

from __future__ import annotations

from .aftersales import aftersale_events
from .catalogue import Item, catalogue, demand
from .presales import presales
from .sale import RawEvent
from .spoil import MALFORMATIONS
from .stock import initial_stock, warehouses
from .stream import generate, return_event

__all__ = [
    "MALFORMATIONS",
    "Item",
    "RawEvent",
    "aftersale_events",
    "catalogue",
    "demand",
    "generate",
    "initial_stock",
    "presales",
    "return_event",
    "warehouses",
]
