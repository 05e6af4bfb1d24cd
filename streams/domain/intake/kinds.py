"""What a channel event shows, and under which key dedup remembers it."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """`aftersale`: of an after-sale, not of an order; `fetched`: the hub asked for it, the platform did not push it."""

    aftersale: bool
    fetched: bool


KINDS: dict[str, Kind] = {
    "order": Kind(False, False),
    "order.fetched": Kind(False, True),
    "aftersale": Kind(True, False),
    "aftersale.fetched": Kind(True, True),
}
_NAMES = {kind: name for name, kind in KINDS.items()}


def kind_of(*, aftersale: bool, fetched: bool) -> str:
    """The name of `ChannelEvent.kind`."""
    return _NAMES[Kind(aftersale, fetched)]


def subject(order_id: str, aftersale_id: str | None) -> str:
    """What a snapshot is of: the order's id, or its after-sale's under it. `aftersale_id` None: it is the order."""
    return order_id if aftersale_id is None else f"{order_id}/aftersale/{aftersale_id}"
