"""What a warehouse's system tells, judged by what the hub had told it. What contradicts that is set aside with its reason.

    LEFT         each parcel becomes a Shipped, once by its number; that too few left is taken, and said
                 set aside: a delivery order nobody sent, taken back, or of another warehouse; goods it has not, or not so many
    RETURNED     becomes one ReturnReceived; set aside: of an order that nothing was sent of, or goods that it had not
    STOCK,       become an Adjust for each SKU of what may be sold, a stocktake's when all its pages have come
     STOCKTAKE
    PROGRESS     how far the delivery order is; that the system gave it up wants a person

A merged parcel (合单) is told of by the code of each order's own delivery order, or once by the parcel's: then the owner of its first order
passes it on, and all that each had in it left with its number.

The same report told again under its id does nothing; another one under the same id is set aside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from schemas.records import Delivery, ParcelLine, ReportedUnits, ReturnReceived, WarehouseReport
from streams.domain.merging.naming import code_of

from .state import REPORTS_MAX, as_lines, asked, remaining
from .step import Step

#: What may be sold.
_GOOD = frozenset(("", "ZP"))
#: By these words the system says that it will not send it, without having been asked to take it back.
_GIVEN_UP = frozenset(("REJECT", "CLOSED", "CANCELED", "EXCEPTION"))
#: Movements that the hub counts already when their parcel, or their return, is told: here they would be counted twice.
_TOLD_OTHERWISE = frozenset(("JYCK", "HHCK", "BFCK", "THRK", "HHRK", "XTRK"))

Units = Counter[tuple[str, str]]


class Contradicts(Exception):
    """It can't be so, as far as is known: a code, and words with what to do."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


def on_report(step: Step, report: WarehouseReport) -> None:
    """See the table above."""
    name = f"{report['system']}/{report['kind']}/{report['report_id']}"
    known = step.state["reports"].get(name)
    if known == report["digest"]:
        return
    try:
        if known is not None:
            raise Contradicts(
                "contradicts_itself", f"{report['report_id']} has been told with other contents: ask {report['system']}"
            )
        _HANDLERS[report["kind"]](step, report)
        _pass_on(step, report)
    except Contradicts as exc:
        step.set_aside(report, exc.code, str(exc))
    if known is None:
        newest = list(step.state["reports"].items())[-(REPORTS_MAX - 1) :]
        step.update(reports={**dict(newest), name: report["digest"]})


def _pass_on(step: Step, report: WarehouseReport) -> None:
    """What is told of a merged parcel once is for each of its orders: the owner of the first knows which."""
    order_id = step.state["order_id"]
    if report["delivery_id"] != code_of(order_id):
        return
    merged = _delivery(step, report)["merged"]
    for other in merged["orders"] if merged is not None else ():
        if other != order_id:
            step.passed_on.append({**report, "order_id": other})


def _left(step: Step, report: WarehouseReport) -> None:
    it = _delivery(step, report)
    by_the_parcel = report["delivery_id"] != it["delivery_id"]
    if by_the_parcel and (report["units"] or len(report["parcels"]) != 1 or report["parcels"][0]["lines"]):
        raise Contradicts(
            "content_unknown",
            f"which order's goods are in which parcel of {report['delivery_id']} is not told: tell each delivery order by its own code",
        )
    if it["phase"] == "CANCELLED":
        raise Contradicts(
            "cancelled",
            f"{it['delivery_id']} was taken back before: if it has left, call it back, or tell it by penstock order ship",
        )
    if report["status"] in _GIVEN_UP:
        _given_up(step, it, report["status"])
        return
    parcels = _contents(it, report)
    total: Units = Counter()
    for _, units in parcels:
        total += units
    left, wanted = remaining(it), asked(it)
    for (line_no, sku), count in total.items():
        if (line_no, sku) not in wanted:
            raise Contradicts("no_such_goods", f"{it['delivery_id']} has no {sku}: ask {report['system']} what left")
        if count > left[line_no, sku]:
            raise Contradicts(
                "too_many",
                f"{count} of {sku} are told, and {it['delivery_id']} has {left[line_no, sku]} left: ask {report['system']}",
            )
    for number, units in parcels:
        parcel = report["parcels"][number]
        told = it["parcels"] + number + 1
        step.shipped.append(
            {
                # By its place among them: a number may come twice, of another part of the goods.
                "shipment_id": f"{it['delivery_id']}:{told}",
                "order_id": step.state["order_id"],
                "warehouse": it["warehouse"],
                "carrier": parcel["carrier"],
                "tracking_no": parcel["tracking_no"],
                "shipped_at_ms": report["happened_at_ms"],
                "lines": as_lines(units),
            }
        )
    all_left, count = [*it["left"], *as_lines(total)], it["parcels"] + len(parcels)
    it = step.change(it, left=all_left, parcels=count, progress=report["status"] or it["progress"])
    short = remaining(it)
    if not short or report["final"]:
        said = "; ".join(f"{count} of {sku} did not leave" for (_, sku), count in short.items())
        step.change(it, phase="SHIPPED", reason=said, next_at_ms=None)
        if said:
            raise Contradicts("too_few", f"{said}: taken as told; what is to become of the rest is yours to decide")


def _contents(delivery: Delivery, report: WarehouseReport) -> list[tuple[int, Units]]:
    """What is in each parcel, by its number: as told, else all that left where there is one parcel alone. Raises Contradicts."""
    told = report["parcels"]
    if not told:
        raise Contradicts("content_unknown", "no parcel is told: the number is missing, tell it by penstock order ship")
    left = remaining(delivery)
    if len(told) == 1 and not told[0]["lines"]:
        whole = [unit for unit in report["units"] if unit["quantity"]]
        return [(0, _placed(whole, _room(delivery, left)) if whole else left)]
    found, room = [], _room(delivery, left)
    for number, parcel in enumerate(told):
        if not parcel["lines"]:
            raise Contradicts("content_unknown", f"what is in {parcel['tracking_no']} is not told, and it is not alone")
        units = _placed(parcel["lines"], room)
        room.subtract(units)
        found.append((number, units))
    return found


def _room(delivery: Delivery, left: Units) -> Units:
    """What is left, by all lines that it has: also of those that have left already."""
    return Counter({key: left[key] for key in asked(delivery)})


def _placed(lines: Iterable[ParcelLine | ReportedUnits], left: Units) -> Units:
    """Units by line and SKU: those told by their SKU alone fill the lines that have it, in their order."""
    found: Units = Counter()
    room = Counter(left)
    for line in lines:
        sku, count = line["sku"], line["quantity"]
        own = (line["line_no"], sku)
        lines_of = [own] if own in room else [key for key in room if key[1] == sku]
        for key in lines_of:
            taken = min(count, max(0, room[key]))
            found[key] += taken
            room[key] -= taken
            count -= taken
        if count:
            # More than there is, or none of it: judged above.
            found[lines_of[-1] if lines_of else own] += count
    return +found


def _returned(step: Step, report: WarehouseReport) -> None:
    sent: Counter[str] = Counter()
    for each in step.state["deliveries"]:
        for line in each["left"]:
            sent[line["sku"]] += line["quantity"]
    if not sent:
        raise Contradicts(
            "unknown_order", "nothing was sent of it: tell it by penstock return receive, or ask what it is"
        )
    for unit in report["units"]:
        if unit["sku"] not in sent:
            raise Contradicts("no_such_goods", f"{unit['sku']} was not sent with it: ask {report['system']}")
        if unit["quantity"] > sent[unit["sku"]]:
            raise Contradicts(
                "too_many", f"{unit['quantity']} of {unit['sku']} came back, {sent[unit['sku']]} were sent"
            )
    lines: ReturnReceived = {
        "return_id": f"{report['system']}/{report['report_id']}",
        "order_id": step.state["order_id"],
        "shipment_id": "",
        "warehouse": report["warehouse"],
        "lines": [
            {
                "line_no": unit["line_no"],
                "sku": unit["sku"],
                "quantity": unit["quantity"],
                "grade": "SELLABLE" if unit["condition"] in _GOOD else "DEFECTIVE",
            }
            for unit in report["units"]
            if unit["quantity"] > 0
        ],
        "received_at_ms": report["happened_at_ms"],
    }
    if lines["lines"]:
        step.returned.append(lines)


def _stock(step: Step, report: WarehouseReport) -> None:
    _adjust(
        step, report, [(unit["sku"], unit["quantity"], unit["condition"], unit["cause"]) for unit in report["units"]]
    )


def _stocktake(step: Step, report: WarehouseReport) -> None:
    pages = [page for page in step.state["pages"] if page["page"] != report["page"]]
    counted = [
        {"sku": unit["sku"], "quantity": unit["quantity"], "condition": unit["condition"]} for unit in report["units"]
    ]
    pages = [*pages, {"page": report["page"], "report_id": report["report_id"], "units": counted}]  # type: ignore[typeddict-item]
    if len(pages) < report["pages"]:
        step.update(pages=pages)
        return
    step.update(pages=[])
    _adjust(step, report, [(u["sku"], u["quantity"], u["condition"], "") for page in pages for u in page["units"]])


def _adjust(step: Step, report: WarehouseReport, changes: Iterable[tuple[str, int, str, str]]) -> None:
    total: Counter[str] = Counter()
    for sku, quantity, condition, cause in changes:
        if condition in _GOOD and cause.partition("/")[0] not in _TOLD_OTHERWISE:
            total[sku] += quantity
    for sku, delta in sorted(total.items()):
        if delta:
            step.adjusted.append(
                {
                    "command_id": f"{report['system']}/{report['kind']}/{report['report_id']}/{sku}",
                    "order_id": "",
                    "sku": sku,
                    "warehouse": report["warehouse"],
                    "delta": delta,
                    "reason": f"{report['system']} reports {report['kind'].lower()} {report['order_id']}",
                    "requested_at_ms": step.at_ms,
                }
            )


def _progress(step: Step, report: WarehouseReport) -> None:
    it = step.change(_delivery(step, report), progress=report["status"])
    if report["status"] in _GIVEN_UP:
        _given_up(step, it, report["status"])


def _given_up(step: Step, delivery: Delivery, status: str) -> None:
    if delivery["cancel"] and status in ("CANCELED", "CLOSED", "REJECT"):
        step.change(delivery, phase="CANCELLED", progress=status, next_at_ms=None)
    elif delivery["phase"] not in ("SHIPPED", "CANCELLED", "ABANDONED"):
        why = f"the warehouse says {status}: ask there, then redrive or abandon it"
        step.die(step.change(delivery, progress=status), "REFUSED", status, why)


def _delivery(step: Step, report: WarehouseReport) -> Delivery:
    it = step.find(report["delivery_id"]) or step.find_merged(report["delivery_id"])
    if it is None or not it["sent"]:
        raise Contradicts("unknown_delivery", f"{report['delivery_id'][:80]!r} was never sent: ask {report['system']}")
    if it["warehouse"] != report["warehouse"]:
        raise Contradicts(
            "other_warehouse", f"{it['delivery_id']} was sent to {it['warehouse']}, not to {report['warehouse']}"
        )
    return it


_HANDLERS = {"LEFT": _left, "RETURNED": _returned, "STOCK": _stock, "STOCKTAKE": _stocktake, "PROGRESS": _progress}
