"""What Pinduoduo's codes mean. Its reference has the gateway's; those of shipping are not published, so its words decide there."""

from __future__ import annotations

import re

from .rules import Rule, table

MAIN = table(
    Rule(("10000", "10001", "10017", "21001", "21002", "52004"), "REQUEST_WRONG", "reference"),
    # The account's: key, token, signature, address, permission.
    Rule(
        ("10016", "10019", "20004", "20005", "20031", "20032", "30000", "30001"),
        "UNAVAILABLE",
        "reference",
    ),
    # An error inside the platform: whether before or after it was carried out, it doesn't say.
    Rule(("50000", "50002", "52001", "52002"), "UNSURE", "caution"),
    Rule(("52102", "52103"), "UNAVAILABLE", "reference"),
    Rule(("52101", "70031"), "THROTTLED", "reference"),
)

#: What the words of a refused shipment say, the first that fits. Merchants' clients read them so.
WORDS: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile("已发货|已出库|没有能发货|订单已完结"), Rule(("shipped",), "ORDER_FORBIDS", "clients", reread=True)),
    # Done with, it is closed; while it is open it holds the order.
    (re.compile("退款|售后|取消|关闭"), Rule(("refund",), "HELD", "clients", reread=True)),
    (re.compile("风控|审核"), Rule(("review",), "HELD", "clients")),
    (re.compile("未成交|不能发货"), Rule(("state",), "ORDER_FORBIDS", "caution", reread=True)),
    (re.compile("运单号|快递单号|物流单号|单号规则|tracking_number"), Rule(("number",), "NUMBER_WRONG", "clients")),
    (re.compile("快递公司|物流公司|logistics_id|shipping_id"), Rule(("carrier",), "CARRIER_WRONG", "clients")),
    (re.compile("请稍后|稍后再试|再试|重试|超时"), Rule(("later",), "RETRYABLE", "clients")),
)
OTHER = Rule(("*",), "REQUEST_WRONG", "caution")


def rule(code: str, text: str) -> Rule:
    """The rule of an error_response: by its code, and where that says nothing of the order, by its words."""
    known = MAIN.get(code)
    if known is not None and known.verdict not in ("UNSURE", "REQUEST_WRONG"):
        return known
    return next((said for pattern, said in WORDS if pattern.search(text)), known or OTHER)
