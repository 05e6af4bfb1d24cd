"""One payload through intake's reading and the saga's first decision: what became of it, and what is wrong about that."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

from schemas.codec import CODEC
from schemas.records import ChannelEvent, Source, StockLevel
from streams.domain import aftersales
from streams.domain.allocation import decide as allocation
from streams.domain.allocation.step import View
from streams.domain.channels import MAPPERS
from streams.domain.channels.payload import read_object
from streams.domain.channels.settings import DEFAULT
from streams.domain.intake.kinds import kind_of
from streams.domain.intake.reading import read_event
from tests.fuzz.corpus import channel_of
from tests.fuzz.oracle import about_aftersale, about_order

_AT_MS = 1_767_232_800_000
_SOURCE: Source = {"topic": "channel.events", "partition": 0, "offset": 0}


class Checked(NamedTuple):
    """``wrong``: nothing, or what may never be."""

    outcome: str
    wrong: Sequence[str]


class _Everything:
    """Any SKU is known: more orders are accepted, and their quantities looked at."""

    def __contains__(self, sku: object) -> bool:
        return True


def check(target: str, payload: bytes) -> Checked:
    """Reads, decides and compares; never raises. ``target``: one of ``corpus.TARGETS``."""
    try:
        return _check(*channel_of(target), payload)
    except Exception as exc:
        where = traceback.extract_tb(exc.__traceback__)[-1]
        return Checked("raised", [f"{exc!r} at {where.filename.rpartition('/')[2]}:{where.lineno}"])


def _check(channel: str, aftersale: bool, payload: bytes) -> Checked:
    doc = read_object(payload, [])
    if doc is None:
        return Checked("no JSON", ())
    seen: Any = aftersales.MAPPERS[channel](doc, []) if aftersale else MAPPERS[channel](doc, [], DEFAULT)
    event: ChannelEvent = {
        "channel": channel,
        "shop": "shop-1",
        "order_no": seen.order_no,
        "kind": kind_of(aftersale=aftersale, fetched=True),
        "event_id": "1",
        "occurred_at_ms": _AT_MS,
        # Whatever it is dated, it is not from the future.
        "received_at_ms": max(_AT_MS, seen.version),
        "content_type": "application/json",
        "payload": payload,
    }
    found = read_event(CODEC.encode("ChannelEvent", event), f"{channel}:{seen.order_no}", _SOURCE, _Everything())
    accepted: Any = found.aftersale if aftersale else found.order
    if accepted is None:
        CODEC.encode("Review", cast(Mapping[str, Any], found.review))
        return Checked("review", ())
    name = "AfterSale" if aftersale else "Order"
    record: Any = CODEC.decode(CODEC.encode(name, accepted))[1]
    decided = allocation.decide(None, name, record, View(_plenty, (), {}), _AT_MS)
    if decided.state is not None:
        CODEC.encode_state("OrderState", decided.state)
    if aftersale:
        return Checked(record["state"], tuple(about_aftersale(payload, record)))
    return Checked(record["status"], tuple(about_order(payload, record)))


def _plenty(sku: str) -> Sequence[StockLevel]:
    return [{"warehouse": "HZ1", "on_hand": 10**9, "reserved": 0, "safety_stock": 0, "open": True}]
