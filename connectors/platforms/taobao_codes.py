"""What Taobao's codes mean: TOP's own (``code``), and those of the logistics calls (the tail of ``sub_code``).

TOP wraps a business error into code 15 or 50: the sub-code says what it is. ``isp.*`` is the platform's side, ``isv.*`` the caller's.
"""

from __future__ import annotations

import re

from .rules import Rule, table

#: TOP's own codes. The account's (key, session, permission, signature) are no order's fault.
MAIN = table(
    Rule(("7",), "THROTTLED", "reference"),
    Rule(("10",), "UNAVAILABLE", "reference"),
    Rule(("11", "12", "25", "26", "27", "29", "31"), "UNAVAILABLE", "reference"),
    Rule(("21", "22", "40", "41"), "REQUEST_WRONG", "reference"),
)

#: The tail of a logistics sub-code, after the colon.
TAILS = table(
    # "Status wrong" is said of shipped and of closed orders alike; HD06: confirmed before.
    Rule(("B04", "HD06"), "RETRYABLE", "clients", reread=True),
    Rule(("B02", "B55"), "ORDER_FORBIDS", "clients", reread=True),
    Rule(("B150", "S01", "R98", "CD28"), "RETRYABLE", "clients"),
    # "Number used before" may mean: by this very parcel, when its first answer was lost.
    Rule(("B60", "P10", "F04", "F05"), "NUMBER_WRONG", "clients", reread=True),
    Rule(("B59", "F", "F01", "F02", "F03", "F06", "CD18"), "NUMBER_WRONG", "clients"),
    Rule(("B52", "B56", "B57", "B58", "B79", "B86", "B105", "P03"), "CARRIER_WRONG", "clients"),
    Rule(("P01", "P17", "P22", "B101"), "REQUEST_WRONG", "clients"),
    Rule(
        (
            *("CD22", "CD23", "CD24", "CD25", "CD26", "CD27", "CD29", "CD30", "CD31"),
            *("B06", "P25", "P38"),
        ),
        "REQUEST_WRONG",
        "clients",
    ),
    # Said of a trade that is not there, and of one that is held.
    Rule(("B27",), "REQUEST_WRONG", "clients", reread=True),
    Rule(("B01", "B05", "B98", "P02"), "REQUEST_WRONG", "clients"),
)

#: The platform's side. A time-out behind the gateway: the call may have been carried out there.
ISP = Rule(("isp.*",), "UNAVAILABLE", "reference")
ISP_TIMEOUT = Rule(("isp.*timeout*",), "UNSURE", "caution")
#: The caller's side, and none of the above.
ISV = Rule(("isv.*",), "REQUEST_WRONG", "reference")
LIMITED = Rule(("accesscontrol.limited-*",), "THROTTLED", "clients")
#: A failure behind the gateway without a sub-code that says whose.
UNKNOWN = Rule(("15", "50"), "UNSURE", "caution")
#: Anything else that TOP says no to.
OTHER = Rule(("*",), "REQUEST_WRONG", "caution")

_BAN = re.compile(r"last for (\d+) more second")


def rule(code: str, sub_code: str) -> Rule:
    """The rule of an error_response."""
    if sub_code.startswith("accesscontrol.limited-"):
        return LIMITED
    if code in MAIN:
        return MAIN[code]
    if sub_code.startswith("isp."):
        return ISP_TIMEOUT if "timeout" in sub_code else ISP
    tail = sub_code.rpartition(":")[2]
    if tail in TAILS:
        return TAILS[tail]
    if sub_code.startswith("isv."):
        return ISV
    return UNKNOWN if code in UNKNOWN.codes else OTHER


def wait_s(sub_msg: str) -> float | None:
    """How long a ban lasts, from "This ban will last for N more seconds"; None where it doesn't say."""
    found = _BAN.search(sub_msg)
    return float(found[1]) if found else None
