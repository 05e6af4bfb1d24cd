"""Which client tells a platform its stock. A further platform is one module and one line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.shops import Shop

from .base import ChannelStock
from .douyin import DouyinStock
from .jd import JdStock
from .pdd import PddStock
from .shopify import ShopifyStock
from .taobao import TaobaoStock

CLIENTS: dict[str, Callable[..., ChannelStock]] = {
    "taobao": TaobaoStock,
    "jd": JdStock,
    "pdd": PddStock,
    "douyin": DouyinStock,
    "shopify": ShopifyStock,
}


def stock_client(shop: Shop, **settings: Any) -> ChannelStock:
    """A shop's, not yet connected: use it in ``async with``. ``settings`` are those of ``HttpPlatform``."""
    return CLIENTS[shop.channel](shop, **settings)
