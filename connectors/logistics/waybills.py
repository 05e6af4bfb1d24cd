"""E-waybills for parcels that left without a tracking number: who gives one, and the number.

Asking is idempotent by the parcel's object id, made of order, shipment and carrier: a lost answer, or a process killed between obtaining a
number and telling it, is followed by the same question. Cainiao answers it with the same number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from connectors.driver.dispatch.endpoint import Endpoint
from connectors.endings import Unsure
from connectors.logistics.carriers import Carrier, Carriers
from connectors.logistics.providers.cainiao import Cainiao
from connectors.logistics.providers.printed import unreadable
from connectors.logistics.providers.waybill import Given, Wanted, WaybillClient
from connectors.platforms.base import Refused
from connectors.shops import LogisticsAccount, Sender, Shops
from schemas.records import Receiver, WritebackRequest

#: A question without an answer is asked again, so many times in all.
_TRIES_MAX = 3


class Source(NamedTuple):
    """An account, its client, and the way to it."""

    account: LogisticsAccount
    client: WaybillClient
    endpoint: Endpoint


class WaybillOffice:
    """Obtains e-waybills from the first account that gives those of the carrier. ``carriers`` tells the present dictionary."""

    def __init__(self, sources: Sequence[Source], shops: Shops, carriers: Callable[[], Carriers]) -> None:
        self._sources = sources
        self._shops = shops
        self._carriers = carriers

    def provider(self, request: WritebackRequest, carrier: Carrier) -> str:
        """Whom it asks; empty: nobody gives e-waybills of this carrier."""
        source = self._source(request, carrier)
        return source.client.name if source is not None else ""

    async def obtain(self, request: WritebackRequest, carrier: Carrier) -> tuple[Carrier, str]:
        """The carrier whose number it is, and the number. Raises CallError; Refused for what a person must put right."""
        source = self._source(request, carrier)
        if source is None:
            raise Refused("NUMBER_WRONG", f"nobody gives e-waybills of {carrier.code}")
        object_id = _object_id(request, carrier)
        receiver, sender = self._receiver(request), self._sender(request)
        wanted = Wanted(request, receiver, sender, carrier, object_id, self._seller(request), _collected(request))
        for _ in range(_TRIES_MAX - 1):
            try:
                given = await self._asked(source, wanted)
            except Unsure:
                continue
            break
        else:
            given = await self._asked(source, wanted)
        return self._really(given.cp_code, carrier), given.number

    async def _asked(self, source: Source, wanted: Wanted) -> Given:
        return await source.endpoint.patiently(lambda: source.client.waybill(wanted))

    def _really(self, cp_code: str, asked: Carrier) -> Carrier:
        """Who carries it: behind a virtual carrier stands another, under whose name it is written back."""
        if cp_code in ("", asked.of("taobao")):
            return asked
        carrier = self._carriers().called("taobao", cp_code)
        if carrier is None:
            fix = "add the carrier with this taobao code: penstock carriers update; then redrive"
            raise Refused("CARRIER_WRONG", f"the e-waybill is one of {cp_code!r}, which is not known: {fix}")
        return carrier

    def _source(self, request: WritebackRequest, carrier: Carrier) -> Source | None:
        receiver = request["receiver"]
        # A receiver that only the platform can decrypt: Cainiao prints it, others can't.
        encrypted = receiver is not None and bool(receiver["oaid"])
        giving = [s for s in self._sources if _gives(s, carrier)]
        return next((s for s in giving if isinstance(s.client, Cainiao) or not encrypted), None)

    def _receiver(self, request: WritebackRequest) -> Receiver:
        receiver = request["receiver"]
        if receiver is None:
            raise Refused("REQUEST_WRONG", "receiver is missing: an e-waybill needs one; redrive with a number")
        # By name alone: what stands there is personal.
        for name, value in (("name", receiver["name"]), ("phone", receiver["phone"]), ("address", receiver["address"])):
            if not value and not receiver["oaid"]:
                raise Refused(
                    "REQUEST_WRONG", f"receiver.{name} is empty: an e-waybill needs it; redrive with a number"
                )
        if field := unreadable(receiver):
            form = {"cipher": "ciphertext"}.get(receiver["forms"][field], receiver["forms"][field])
            fix = "obtain the e-waybill where the platform prints it, and redrive with its number"
            raise Refused("REQUEST_WRONG", f"receiver.{field} is {form}, which no courier can read: {fix}")
        return receiver

    def _sender(self, request: WritebackRequest) -> Sender:
        sender = self._shops.senders.get(request["warehouse"])
        if sender is None:
            fix = f"add a [[sender]] for warehouse {request['warehouse']!r} to the file PENSTOCK_SHOPS names"
            raise Refused("REQUEST_WRONG", f"an e-waybill needs a sender: {fix}")
        return sender

    def _seller(self, request: WritebackRequest) -> str:
        shop = self._shops.of(request["channel"], request["shop"])
        return shop.seller if shop is not None else ""


def _gives(source: Source, carrier: Carrier) -> bool:
    named = not source.account.carriers or carrier.code in source.account.carriers
    return named and source.client.gives(carrier)


def _collected(request: WritebackRequest) -> str:
    """What the courier collects with this parcel, in yuan; empty: nothing. Raises Refused where that is not known."""
    whole, minor, currency = request["collect_minor"], request["parcel_collect_minor"], request["currency"]
    if whole is None:
        return ""
    fix = "make the waybill by hand, and redrive with its number"
    if minor is None:
        # Of an allocation that did not share it: a parcel that is the whole order collects the whole.
        if not request["whole_order"]:
            raise Refused(
                "REQUEST_WRONG", f"how much of the order's {whole} {currency} it collects is not known: {fix}"
            )
        minor = whole
    if currency != "CNY" or minor < 0:
        raise Refused("REQUEST_WRONG", f"parcel_collect_minor is {minor} {currency}: e-waybills collect yuan; {fix}")
    return f"{minor // 100}.{minor % 100:02d}" if minor else ""


def _object_id(request: WritebackRequest, carrier: Carrier) -> str:
    parcel = "\n".join((request["order_id"], request["shipment_id"], carrier.code))
    return hashlib.sha256(parcel.encode()).hexdigest()[:24]
