"""Where each warehouse's system reports: behind ``/push``, by its kind and its name."""

from __future__ import annotations

from collections.abc import Callable

from connectors.channels.qimen import QimenReports
from connectors.channels.reports import PlainReports, Reports
from connectors.shops import Shops


def doors(shops: Shops, carrier_by: Callable[[str, str], str]) -> dict[tuple[str, str], Reports]:
    """(qimen or wms, the system's name) -> its door."""
    found: dict[tuple[str, str], Reports] = {}
    for account in shops.wms:
        if account.kind == "qimen":
            found["qimen", account.name] = QimenReports(account, carrier_by)
        else:
            found["wms", account.name] = PlainReports(account, carrier_by)
    return found
