"""What Douyin's codes mean: the numeric tail of ``sub_code`` first (it repeats under several prefixes), then the prefix, then ``code``."""

from __future__ import annotations

from .rules import Rule, table

#: The tail of a sub-code, after the colon.
TAILS = table(
    # "Already shipped", "no order that can be shipped", "finished".
    Rule(("60110", "70023", "60113"), "RETRYABLE", "reference", reread=True),
    Rule(
        (
            *("10005", "10009", "10018", "20003", "8888", "60051", "60106", "60114", "60118", "60121", "60124"),
            *("60125", "60132", "70002", "70009", "70011", "70014", "80007", "99997", "120018", "120032"),
        ),
        "RETRYABLE",
        "reference",
    ),
    # Under risk review, for an hour or two; an after-sale is open.
    Rule(("60109", "60040", "60120"), "HELD", "reference"),
    Rule(("60021", "60068", "60137", "70005", "10032"), "ORDER_FORBIDS", "reference"),
    Rule(("60017", "60127", "70018", "70019", "70020", "70022"), "NUMBER_WRONG", "reference"),
    Rule(
        ("60011", "60083", "60018", "60026", "60126", "60128", "60138", "700005", "700042"),
        "CARRIER_WRONG",
        "reference",
    ),
    Rule(
        (
            *("50001", "50029", "50049", "50050", "60016", "60036", "60046", "60056", "60062", "60079", "60080"),
            *("60102", "60104", "60105", "60027", "60028", "60070", "60071", "60072", "60134", "700029", "70016"),
            "99998",
        ),
        "REQUEST_WRONG",
        "reference",
    ),
    # Not ours, or not to be shipped by this call.
    Rule(
        (
            *("60033", "60101", "60022", "60024", "60057", "60107", "60108", "60111", "60116", "60122", "60123"),
            *("60131", "60069"),
        ),
        "REQUEST_WRONG",
        "reference",
    ),
    # Of a pull: to be tried again.
    Rule(("20004", "20005"), "UNAVAILABLE", "reference"),
)

#: ``code``; the account's (permission, address, signature, token) are no order's fault.
MAIN = table(
    Rule(("20000",), "UNAVAILABLE", "reference"),
    Rule(("30001", "30002", "40001", "40003"), "UNAVAILABLE", "reference"),
    Rule(("40002", "40004", "50002"), "REQUEST_WRONG", "reference"),
    Rule(("10001",), "UNSURE", "caution"),
)
ISP = Rule(("isp.*",), "UNAVAILABLE", "reference")
RETRY = Rule(("dop.service-error*",), "RETRYABLE", "reference")
TIMEOUT = Rule(("*timeout*",), "UNSURE", "caution")
#: The code of a limit isn't published.
LIMITED = Rule(("*limit*",), "THROTTLED", "caution")
SHIPPED = Rule(("已发货",), "RETRYABLE", "clients", reread=True)
OTHER = Rule(("*",), "REQUEST_WRONG", "caution")


def rule(code: str, sub_code: str, text: str) -> Rule:
    """The rule of an answer whose code isn't 10000."""
    tail = sub_code.rpartition(":")[2]
    if tail in TAILS:
        return TAILS[tail]
    if "limit" in sub_code or "限流" in text or "频繁" in text:
        return LIMITED
    if sub_code.startswith("isp."):
        return TIMEOUT if "timeout" in sub_code else ISP
    if sub_code.startswith("dop.service-error"):
        return RETRY
    if "已发货" in text:
        return SHIPPED
    return MAIN.get(code) or TAILS.get(code) or OTHER
