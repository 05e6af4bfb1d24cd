"""What JD's codes mean. Few are published, so its Chinese words decide where there is no rule for the code."""

from __future__ import annotations

import re

from .rules import Rule, table

#: The gateway's, of an ``error_response``. The account's (time, signature, token, key, permission) are no order's fault.
GATEWAY = table(
    Rule(("2",), "THROTTLED", "clients"),
    Rule(("7", "8", "11", "12", "19", "21", "2001"), "UNAVAILABLE", "clients"),
    Rule(("4", "5", "14", "15", "40", "41", "43"), "REQUEST_WRONG", "clients"),
    # "Order state is not suitable for modifying waybill number": it is not shipped yet, or any more.
    Rule(("10400014",), "RETRYABLE", "clients", reread=True),
)
#: The order service's, of a result.
CODES = table(Rule(("999999", "99999999"), "RETRYABLE", "clients"))

#: What its words say, the first that fits.
WORDS: tuple[tuple[re.Pattern[str], Rule], ...] = (
    (re.compile("已出库|已发货|已经出库"), Rule(("shipped",), "ORDER_FORBIDS", "clients", reread=True)),
    # Cancelled and refunded for good, it is closed; while that is only asked for, the order is locked.
    (re.compile("锁定|暂停|取消|退款|售后"), Rule(("held",), "HELD", "clients", reread=True)),
    (re.compile("不能出库|京仓|云仓"), Rule(("state",), "ORDER_FORBIDS", "clients", reread=True)),
    (re.compile("频繁|限流|流控|超过.*次数"), Rule(("limited",), "THROTTLED", "caution")),
    (re.compile("运单号|单号|waybill"), Rule(("number",), "NUMBER_WRONG", "clients")),
    (re.compile("物流公司|承运商|快递公司|logistics"), Rule(("carrier",), "CARRIER_WRONG", "clients")),
    (re.compile("超时|timed? ?out", re.IGNORECASE), Rule(("timeout",), "UNSURE", "caution")),
    (re.compile("请稍后|再试|重试|系统错误|系统异常|服务异常"), Rule(("later",), "RETRYABLE", "clients")),
)
OTHER = Rule(("*",), "REQUEST_WRONG", "caution")


def rule(code: str, text: str, *, gateway: bool) -> Rule:
    """The rule of a failure: its code, and its words in Chinese and English. ``gateway``: it didn't come from the order service."""
    return (GATEWAY if gateway else CODES).get(code) or next(
        (said for pattern, said in WORDS if pattern.search(text)), OTHER
    )
