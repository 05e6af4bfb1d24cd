"""Five platforms' raw shapes: channel -> module with `order_no`, `snapshot` and `returned`."""

from __future__ import annotations

from types import ModuleType

from . import douyin, jd, pdd, shopify, taobao

SHAPES: dict[str, ModuleType] = {"taobao": taobao, "jd": jd, "pdd": pdd, "douyin": douyin, "shopify": shopify}
