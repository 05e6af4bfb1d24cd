"""The generator's orders: sound ones are read, and every malformation is reviewed for its reason."""

from __future__ import annotations

import pytest

from connectors.generator import MALFORMATIONS, RawEvent, catalogue, generate
from connectors.generator.spoil import spoil
from schemas.codec import CODEC
from streams.domain.intake.dedup import Reading
from streams.domain.intake.reading import read_event
from tests.domain.intake.messages import CHANNELS, at, codes

GOODS = catalogue(50, 3)
KNOWN = frozenset(item.sku for item in GOODS)


def sound_events() -> dict[str, RawEvent]:
    """A plain new order of each channel."""
    events = generate(200, 3, start_ms=10**12, items=GOODS, duplicate_rate=0, malformed_rate=0)
    found: dict[str, RawEvent] = {}
    for raw in events:
        if raw.note == "new" and b"WAIT_BUYER_PAY" not in raw.event["payload"]:
            found.setdefault(raw.event["channel"], raw)
    return found


EVENTS = sound_events()


def read_raw(raw: RawEvent) -> Reading:
    return read_event(CODEC.encode("ChannelEvent", raw.event), raw.key, at(0), KNOWN)


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_generators_events_are_sound(channel: str) -> None:
    assert read_raw(EVENTS[channel]).order


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("name", MALFORMATIONS)
def test_every_malformation_is_reviewed_for_its_reason(channel: str, name: str) -> None:
    raw = spoil(name, EVENTS[channel])
    assert raw.note == f"malformed:{name}"
    assert MALFORMATIONS[name][1] in codes(read_raw(raw))


def test_there_are_ten_malformations() -> None:
    assert len(MALFORMATIONS) == 10
    assert len({code for _, code in MALFORMATIONS.values()}) >= 8
