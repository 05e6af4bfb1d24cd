"""Which client speaks to a shop's platform. A further platform is one module and one line here."""

from __future__ import annotations

from typing import Any

from connectors.shops import Shop

from .calling import HttpPlatform
from .douyin import Douyin
from .jd import Jd
from .pdd import Pdd
from .shopify import Shopify
from .taobao import Taobao

CLIENTS: dict[str, type[HttpPlatform]] = {
    "taobao": Taobao,
    "jd": Jd,
    "pdd": Pdd,
    "douyin": Douyin,
    "shopify": Shopify,
}


def client(shop: Shop, **settings: Any) -> HttpPlatform:
    """A shop's client, not yet connected: use it in ``async with``. ``settings`` are those of ``HttpPlatform``: time-outs, connections."""
    return CLIENTS[shop.channel](shop, **settings)
