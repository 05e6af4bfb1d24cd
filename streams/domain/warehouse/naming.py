"""What delivery orders are called, at the hub and at every warehouse's system: ``channel.order_no.attempt.warehouse``.

Letters, digits, ``.``, ``-`` and ``_`` (which characters a system takes is published nowhere: these are the safest). The order can be read
from it, so that a report finds its owner without a look-up.
"""

from __future__ import annotations

import re
from collections.abc import Container

_CODE = re.compile(r"(?P<channel>[a-z]{2,20})\.(?P<order_no>[\w-]{1,64})\.(?P<rest>[\w.-]{1,80})", re.ASCII)
_OTHER = re.compile(r"[^\w-]", re.ASCII)


def delivery_id(order_id: str, attempt: int, warehouse: str, taken: Container[str]) -> str:
    """A new delivery order's; ``taken``: those that there are."""
    channel, _, order_no = order_id.partition(":")
    whole = f"{channel}.{order_no}.{attempt}.{_OTHER.sub('_', warehouse)}"
    number, found = 1, whole
    while found in taken:
        number += 1
        found = f"{whole}.{number}"
    return found


def order_of(code: str) -> str:
    """The order id that a delivery order's code names; empty: it is none of ours."""
    found = _CODE.fullmatch(code)
    return f"{found['channel']}:{found['order_no']}" if found else ""
