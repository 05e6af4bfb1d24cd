"""A WritebackRequest turned into that: the preflight. Pure functions.

A request that can't go out as it is is ``Wrong``: an outcome, the field, its value and the fix, before the platform is asked. Whether the
order is refunding or held was looked at by the writeback stage, which knows the order, just before it made the request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

from connectors.logistics.carriers import Carrier, Carriers, check
from connectors.platforms.base import Parcel, Template
from connectors.platforms.client import CLIENTS
from schemas.records import WritebackOutcome, WritebackRequest

#: Channel -> what its client says of itself.
TEMPLATES: Mapping[str, Template] = {channel: client.template for channel, client in CLIENTS.items()}


class Wrong(NamedTuple):
    """Why it can't go out."""

    outcome: WritebackOutcome
    reason: str


class Ready(NamedTuple):
    """What goes out."""

    parcel: Parcel
    carrier: Carrier
    warnings: tuple[str, ...]


def carrier_of(request: WritebackRequest, carriers: Carriers) -> Carrier | Wrong:
    """The request's carrier, with a code for its platform."""
    template = TEMPLATES.get(request["channel"])
    if template is None:
        return Wrong("REQUEST_WRONG", f"channel is {request['channel']!r}: one of {', '.join(TEMPLATES)}")
    if not request["carrier"]:
        return Wrong("CARRIER_WRONG", "carrier is empty: penstock writeback redrive with the right one")
    carrier = carriers.find(request["carrier"])
    if carrier is None:
        fix = f"use one of penstock carriers list, or add it: penstock carriers update (version {carriers.version})"
        return Wrong("CARRIER_WRONG", f"carrier {request['carrier']!r} is not known: {fix}")
    if not carriers.code(carrier, template.carrier, request["channel"], request["shop"]):
        where = f"{request['channel']} {template.carrier_is}"
        return Wrong(
            "CARRIER_WRONG", f"carrier {carrier.code} has no {where} ({template.carrier}): penstock carriers update"
        )
    return carrier


def parcel_of(request: WritebackRequest, carriers: Carriers) -> Ready | Wrong:
    """The parcel as its platform is told it."""
    carrier = carrier_of(request, carriers)
    if isinstance(carrier, Wrong):
        return carrier
    template = TEMPLATES[request["channel"]]
    number = check(request["tracking_no"], carrier, carriers)
    if number.refused:
        return Wrong("NUMBER_WRONG", f"{number.refused}; penstock writeback redrive with the right one")
    if missing := _missing(request, template):
        return Wrong("REQUEST_WRONG", missing)
    parcel = Parcel(
        order_no=request["order_no"],
        carrier=carriers.code(carrier, template.carrier, request["channel"], request["shop"]),
        carrier_name=carrier.name,
        tracking_no=number.number,
        lines=request["lines"],
        parcel_no=request["parcel_no"],
        whole_order=request["whole_order"],
        request_id=submission_id(request, number.number),
        tracking_url=carrier.shopify_url.replace("{number}", number.number) if template.links else "",
    )
    return Ready(parcel, carrier, number.warnings)


def submission_id(request: WritebackRequest, tracking_no: str) -> str:
    """The same for every attempt to tell this parcel this number, letters and digits alone: a platform that knows it answers as before."""
    told = "\n".join((request["order_id"], request["shipment_id"], request["carrier"], tracking_no))
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _missing(request: WritebackRequest, template: Template) -> str:
    """The first field that its platform needs and the request lacks; empty: none."""
    needed = template.required if request["whole_order"] else (*template.required, *template.required_of_part)
    values: Mapping[str, object] = request
    for name in needed:
        if not values[name]:
            return f"{name} is empty: {template.call} needs it"
    for n, line in enumerate(request["lines"]):
        if line["quantity"] < 1:
            return f"lines[{n}].quantity is {line['quantity']}: a parcel has at least one unit of a line"
        if "lines" in needed and not line["line_no"]:
            return f"lines[{n}].line_no is empty: {template.call} needs it of a part of an order"
    return ""
