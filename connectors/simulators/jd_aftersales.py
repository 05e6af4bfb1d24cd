"""JD's refund applications (before or while goods are sent) and service orders (after receipt): what each list shows.

Neither stands in an order. An application has no time of change: it is listed by when it was asked for or checked, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.simulators.clock import from_local, local
from connectors.simulators.jos import Answer, JosError
from connectors.simulators.orders import Doc, Order

Params = Mapping[str, Any]
PAGE_MAX, PAGES_MAX = 50, 100


def id_of(doc: Doc) -> str:
    """Its id, with its kind: the two are counted apart. Raises KeyError."""
    return f"service/{doc['serviceId']}" if "serviceId" in doc else f"refundapply/{doc['id']}"


def date(doc: Doc, at_ms: int) -> None:
    """A service order's time of change; an application's, where it has been checked and that is not dated yet."""
    if "serviceId" in doc:
        doc["updateTime"] = local(at_ms)
    elif "applyTime" not in doc:
        doc["applyTime"] = local(at_ms)
    elif doc.get("status") not in (0, 11) and not doc.get("checkTime"):
        doc["checkTime"] = local(at_ms)


def applications(sales: Iterable[Order], params: Params) -> Answer:
    """``pop.afs.soa.refundapply.queryPageList``."""
    found = [sale.doc for sale in sales if "serviceId" not in sale.doc]
    for field in ("applyTime", "checkTime"):
        found = _between(found, params, field, f"{field}Start", f"{field}End")
    found = [doc for doc in found if _is(doc, params, "status") and _is(doc, params, "orderId")]
    found.sort(key=lambda doc: str(doc.get("applyTime")), reverse=True)
    rows = _page(found, params, "pageIndex")
    return Answer({"queryResult": {"success": True, "totalCount": len(found), "result": rows}})


def services(sales: Iterable[Order], params: Params) -> Answer:
    """``asc.sync.list``."""
    found = [sale.doc for sale in sales if "serviceId" in sale.doc]
    found = _between(found, params, "updateTime", "updateTimeBegin", "updateTimeEnd")
    found = [doc for doc in found if _is(doc, params, "orderId")]
    found.sort(key=lambda doc: str(doc.get("updateTime")))
    rows = _page(found, params, "pageNumber")
    return Answer({"pageResult": {"success": True, "totalCount": len(found), "data": rows}})


def _between(docs: list[Doc], params: Params, field: str, start: str, end: str) -> list[Doc]:
    if params.get(start) is None and params.get(end) is None:
        return docs
    start_ms, end_ms = from_local(str(params.get(start))), from_local(str(params.get(end)))
    if start_ms is None or end_ms is None:
        raise JosError("41", "时间格式错误", f"Invalid arguments: {start}, {end}")
    in_it: Callable[[int | None], bool] = lambda at_ms: at_ms is not None and start_ms <= at_ms <= end_ms  # noqa: E731
    return [doc for doc in docs if in_it(from_local(str(doc.get(field))))]


def _is(doc: Doc, params: Params, field: str) -> bool:
    return params.get(field) is None or str(doc.get(field)) == str(params[field])


def _page(docs: list[Doc], params: Params, name: str) -> list[Doc]:
    page, size = str(params[name]), str(params["pageSize"])
    if not (page.isdecimal() and size.isdecimal()) or not 1 <= int(size) <= PAGE_MAX or int(page) < 1:
        raise JosError("41", f"pageSize 不能超过 {PAGE_MAX}", f"Invalid arguments: {name}, pageSize")
    return docs[(int(page) - 1) * int(size) : int(page) * int(size)] if int(page) <= PAGES_MAX else []
