"""The goods the generator sells: seller SKUs with titles and prices, popular ones first."""

from __future__ import annotations

from math import exp, log
from random import Random
from typing import NamedTuple

from . import calibration

_KINDS = (
    ("TS", "纯棉短袖T恤"),
    ("MG", "陶瓷马克杯"),
    ("TW", "加厚毛巾"),
    ("BX", "桌面收纳盒"),
    ("LT", "LED小夜灯"),
    ("UM", "晴雨两用伞"),
    ("BT", "便携保温杯"),
    ("NB", "手账笔记本"),
    ("SK", "中筒棉袜"),
    ("CH", "手机数据线"),
    ("PL", "抱枕套"),
    ("TY", "儿童积木"),
    ("SN", "坚果零食礼包"),
    ("TE", "茉莉花茶"),
    ("CB", "帆布单肩包"),
    ("KT", "不锈钢厨具"),
)
_VARIANTS = (
    ("RD", "红色"),
    ("BL", "蓝色"),
    ("BK", "黑色"),
    ("WH", "白色"),
    ("GR", "绿色"),
    ("L", "大号"),
    ("M", "中号"),
    ("S", "小号"),
)


class Item(NamedTuple):
    """One SKU of the seller. `number` gives the platforms' own ids of it; `share` is its part of all order lines."""

    number: int
    sku: str
    title: str
    variant: str
    price_minor: int
    share: float


def catalogue(n_skus: int, seed: int) -> list[Item]:
    """n_skus goods, the most popular first; the same seed gives the same goods."""
    rng = Random(f"catalogue/{seed}")
    items = []
    for number, share in enumerate(calibration.popularity(n_skus)):
        code, kind = _KINDS[int(rng.random() * len(_KINDS))]
        short, variant = _VARIANTS[int(rng.random() * len(_VARIANTS))]
        yuan = exp(log(calibration.PRICE_MEDIAN_MINOR / 100) + calibration.PRICE_LN_SPREAD * rng.gauss(0.0, 1.0))
        # Shop prices end in .90; nothing below 1.90, nothing above 999.90.
        price_minor = min(max(int(yuan), 1), 999) * 100 + 90
        items.append(Item(number, f"{code}{10000 + number}-{short}", kind, variant, price_minor, share))
    return items


def demand(items: list[Item], n_orders: int) -> dict[str, float]:
    """Pieces of each SKU that n_orders orders are expected to ask for."""
    pieces = n_orders * calibration.mean_lines() * calibration.MEAN_PIECES
    return {item.sku: item.share * pieces for item in items}
