"""Sales drawn from the calibrated distributions."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from . import calibration
from .catalogue import Item
from .places import buyer
from .sale import Sale, SaleLine

# Channel -> share of the orders, shops.
CHANNELS: dict[str, tuple[float, tuple[str, ...]]] = {
    "taobao": (0.35, ("taobao-home", "tmall-flagship")),
    "jd": (0.15, ("jd-pop",)),
    "pdd": (0.22, ("pdd-home", "pdd-outlet")),
    "douyin": (0.20, ("douyin-live",)),
    "shopify": (0.08, ("shopify-cn",)),
}
_NOTES = ("", "", "", "", "", "请尽快发货", "送货前电话联系", "放快递柜", "不要拆箱")


class Draw:
    """Draws sales from the calibrated distributions."""

    def __init__(self, rng: Random, items: Sequence[Item]) -> None:
        self.rng = rng
        self.items = items
        self.popular = calibration.cumulated([item.share for item in items])
        self.counts = calibration.lines_per_order()
        self.pieces = list(calibration.PIECES)
        self.piece_weights = calibration.cumulated([float(lines) for lines in calibration.PIECES.values()])
        self.channels = list(CHANNELS)
        self.channel_shares = calibration.cumulated([share for share, _ in CHANNELS.values()])

    def sale(self, serial: int, slot_ms: int) -> Sale:
        rng = self.rng
        channel = rng.choices(self.channels, cum_weights=self.channel_shares)[0]
        shops = CHANNELS[channel][1]
        placed = (slot_ms - 600_000 - int(rng.random() * 600_000)) // 1000 * 1000
        lines = self._lines(channel)
        goods = sum(line.fen * line.quantity for line in lines)
        return Sale(
            channel=channel,
            shop=shops[int(rng.random() * len(shops))],
            serial=serial,
            buyer=buyer(rng),
            lines=lines,
            placed_at_ms=placed,
            paid_at_ms=placed + 45_000,
            postage_fen=0 if goods >= 3900 else 600,
            discount_fen=goods // 10 // 100 * 100 if rng.random() < 0.3 else 0,
            buyer_note=_NOTES[int(rng.random() * len(_NOTES))],
        )

    def _lines(self, channel: str) -> tuple[SaleLine, ...]:
        rng = self.rng
        draw = rng.random()
        count = 1
        if channel != "pdd":
            for count, share in enumerate(self.counts, start=1):  # noqa: B007
                draw -= share
                if draw < 0:
                    break
        chosen: dict[str, SaleLine] = {}
        while len(chosen) < min(count, len(self.items)):
            item = rng.choices(self.items, cum_weights=self.popular)[0]
            pieces = rng.choices(self.pieces, cum_weights=self.piece_weights)[0]
            chosen.setdefault(
                item.sku, SaleLine(item.number, item.sku, item.title, item.variant, pieces, item.price_minor)
            )
        if channel in ("pdd", "douyin") and rng.random() < 0.04:
            gift = self.items[int(rng.random() * min(20, len(self.items)))]
            chosen.setdefault(gift.sku, SaleLine(gift.number, gift.sku, gift.title, gift.variant, 1, 0, gift=True))
        return tuple(chosen.values())
