"""A plain kind, for a WMS of one's own: JSON both ways, signed with HMAC-SHA256 (``signing.warehouse_system``: time, path, body).

Towards the warehouse, each a POST with ``X-Penstock-System``, ``X-Penstock-Timestamp`` and ``X-Penstock-Signature``:

    URL/create    the DeliveryRequest as JSON      -> 200 {"wms_id": "..."}
    URL/cancel    {"delivery_id", "warehouse"}     -> 200 {}, or 409: it has been packed
    URL/standing  the same                         -> 200 {"known": true, "status", "wms_id", "cancelled", "left"}

422 with ``{"code", "message"}`` is a no for a person; 429 and 5xx as everywhere.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from connectors.endings import Refused, Unavailable, Unsure
from connectors.platforms.rules import words
from connectors.platforms.signing import warehouse_system
from connectors.platforms.times import now_ms
from connectors.shops import Wms
from connectors.warehouse.base import Standing, TooLate
from connectors.warehouse.calling import posted
from schemas.json_text import compact
from schemas.records import DeliveryRequest


class _Created(msgspec.Struct):
    wms_id: str = ""


class _Stands(msgspec.Struct):
    known: bool
    status: str = ""
    wms_id: str = ""
    cancelled: bool = False
    left: bool = False


class _No(msgspec.Struct):
    code: str = ""
    message: str = ""


class PlainWebhook:
    """See ``base.Wms``."""

    def __init__(self, account: Wms, http: aiohttp.ClientSession) -> None:
        self._account, self._http = account, http

    async def create(self, request: DeliveryRequest) -> str:
        """See base."""
        if request["receiver"] is None:
            raise Refused("receiver is not kept any more: send it by hand, and abandon it here")
        body = {**request, "warehouse": self._account.theirs(request["warehouse"])}
        created: _Created = await self._call("create", body, _Created, effect=True)
        return created.wms_id

    async def standing(self, request: DeliveryRequest) -> Standing:
        """See base."""
        it = await self._call("standing", self._about(request), _Stands, effect=False)
        return Standing(it.known, it.status, it.wms_id, it.cancelled, it.left)

    async def cancel(self, request: DeliveryRequest) -> None:
        """See base."""
        await self._call("cancel", self._about(request), _Created, effect=True)

    def _about(self, request: DeliveryRequest) -> dict[str, str]:
        return {"delivery_id": request["delivery_id"], "warehouse": self._account.theirs(request["warehouse"])}

    async def _call(self, what: str, content: Any, type_: Any, *, effect: bool) -> Any:
        url = f"{self._account.url.rstrip('/')}/{what}"
        body, at_s = compact(content), str(now_ms() // 1000)
        headers = {
            "Content-Type": "application/json",
            "X-Penstock-System": self._account.name,
            "X-Penstock-Timestamp": at_s,
            "X-Penstock-Signature": warehouse_system(self._account.secret, at_s, urlsplit(url).path, body),
        }
        status, raw = await posted(self._http, what, url, body, headers, effect=effect)
        lost = Unsure if effect else Unavailable
        try:
            if status == 200:
                return msgspec.json.decode(raw, type=type_)
            no = msgspec.json.decode(raw, type=_No)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise lost(f"{what} gave no answer that can be read: HTTP {status}, {len(raw)} bytes") from exc
        said = words((no.message,), (self._account.secret,))
        if status == 409 and what == "cancel":
            raise TooLate("the warehouse can't take it back any more", no.code[:100], said)
        raise Refused(
            f"{what} was refused with HTTP {status} {no.code[:50]}: correct it, then redrive it", no.code[:100], said
        )
