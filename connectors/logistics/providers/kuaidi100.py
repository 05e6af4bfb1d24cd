"""Kuaidi100 (快递100): e-waybills (``printtask.do``, method eOrder) and the subscription to a parcel's traces. Source: its reference.

The provider names its order by ``orderId``: the same one is asked for again after a lost answer. Whether the real provider then gives the
same number is not documented; if it does not, the lost number is paid for and unused, never told to two platforms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

from connectors.endings import Unavailable, Unsure
from connectors.logistics.carriers import Carrier
from connectors.logistics.providers import printed
from connectors.logistics.providers.calling import posted
from connectors.logistics.providers.waybill import Given, Wanted
from connectors.platforms import signing
from connectors.platforms.base import Refused
from connectors.platforms.rules import words
from connectors.platforms.times import now_ms
from connectors.shops import LogisticsAccount
from schemas.json_text import compact
from schemas.records import WritebackOutcome

_CARGO_MAX = 200
LABEL = "/printapi/printtask.do"
SUBSCRIBE = "/poll"
#: It is followed already: what was wanted.
_DUPLICATE = "501"
#: Of a subscription: trying again does not help.
_REFUSED = {"600", "601", "700", "701", "702"}


class Kuaidi100:
    """One account."""

    name = "kuaidi100"

    def __init__(self, account: LogisticsAccount, http: aiohttp.ClientSession) -> None:
        self._account = account
        self._http = http

    @property
    def callback(self) -> str:
        """Where pushes go, without order and shipment; empty: nothing can be subscribed to."""
        return self._account.callback

    def gives(self, carrier: Carrier) -> bool:
        return bool(carrier.of("kuaidi100"))

    async def waybill(self, wanted: Wanted) -> Given:
        """Raises CallError."""
        receiver, sender = wanted.receiver, wanted.sender
        sender_address = printed.one_line(sender.province, sender.city, sender.district, sender.address)
        recipient = _person(receiver["name"], printed.phone(receiver), printed.whole(receiver))
        param = compact(
            {
                "partnerId": self._account.customer,
                "kuaidicom": wanted.carrier.of("kuaidi100"),
                "orderId": wanted.object_id,
                "recMan": {**recipient, **({"company": receiver["company"]} if receiver["company"] else {})},
                "sendMan": _person(sender.name, sender.phone, sender_address),
                "cargo": ", ".join(line["sku"] for line in wanted.request["lines"])[:_CARGO_MAX],
                "count": 1,
                # A number of yuan; fen are exact in it.
                **({"collection": float(wanted.collect)} if wanted.collect else {}),
            }
        ).decode()
        account, t = self._account, str(now_ms())
        form = {"method": "eOrder", "key": account.key, "t": t, "param": param}
        form["sign"] = signing.kuaidi100_label(param, t, account.key, account.secret)
        answer = await posted(self._http, "kuaidi100 eOrder", f"{account.url.rstrip('/')}{LABEL}", form)
        _succeeded(answer, "eOrder", self._account)
        data: Any = answer.get("data")
        first = data[0] if isinstance(data, list) and data else data
        number = str(first.get("kuaidinum") or "") if isinstance(first, dict) else ""
        if not number:
            raise Unavailable("kuaidi100 answered eOrder without a number")
        return Given(number)

    async def subscribe(self, order_id: str, shipment_id: str, com: str, number: str, phone: str) -> None:
        """Has the parcel's traces pushed to the gateway. Raises CallError; Refused: trying again does not help."""
        account = self._account
        path = "/".join(quote(part, safe=":") for part in (order_id, shipment_id))
        parameters = {"callbackurl": f"{account.callback.rstrip('/')}/{path}", "resultv2": "4"}
        if account.salt:
            parameters["salt"] = signing.parcel_salt(account.salt, order_id, shipment_id)
        # SF shows its traces to who knows the last digits alone.
        parameters |= {"phone": phone} if phone else {}
        param = compact({"company": com, "number": number, "key": account.key, "parameters": parameters}).decode()
        url = f"{account.url.rstrip('/')}{SUBSCRIBE}"
        answer = await posted(self._http, "kuaidi100 subscribe", url, {"schema": "json", "param": param})
        if str(answer.get("returnCode")) != _DUPLICATE:
            _succeeded(answer, "subscribe", account)


def _person(name: str, phone: str, address: str) -> dict[str, str]:
    return {"name": name, "mobile": phone, "printAddr": address}


def _succeeded(answer: Mapping[str, Any], call: str, account: LogisticsAccount) -> None:
    """Raises what its no means."""
    code = str(answer.get("returnCode") or answer.get("status") or "")
    if answer.get("result") is True and code in ("", "200"):
        return
    secrets = (account.secret, account.key, account.salt)
    reason, said = f"kuaidi100 answered {call} with {words((code,))}", words((answer.get("message", ""),), secrets)
    if code in _REFUSED:
        outcome: WritebackOutcome = "CARRIER_WRONG" if code in ("701", "702") else "REQUEST_WRONG"
        raise Refused(outcome, reason, code, said)
    if code == "500" or "result" not in answer:
        raise Unsure(reason, code, said)
    raise Refused("REQUEST_WRONG", reason, code, said)
