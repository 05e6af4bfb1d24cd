"""What the controls under ``/_sim`` take and how they answer; what they are is told in the package's text."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from connectors.simulators.orders import Doc


class Gateway(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``PUT /_sim/gateway``."""

    url: str


class Placed(msgspec.Struct, forbid_unknown_fields=True):
    """One order of ``POST /_sim/orders``, one after-sale of ``POST /_sim/aftersales``."""

    shop: str
    payload: Doc


class PlacedOrders(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sim/orders``."""

    orders: list[Placed]


class AskedAfterSales(msgspec.Struct, forbid_unknown_fields=True):
    """Body of ``POST /_sim/aftersales``: of each its shop, and the platform's detail of it."""

    aftersales: list[Placed]


def json_answer(doc: Any, status: int = 200) -> web.Response:
    """A JSON answer; numbers keep every digit."""
    return web.Response(body=msgspec.json.encode(doc), status=status, content_type="application/json", charset="utf-8")


def refused(why: str) -> web.Response:
    """The controls' answer to what makes no sense."""
    return json_answer({"error": why}, 400)


async def body_of(request: web.Request, type_: Any) -> Any:
    """A control's body as this type.

    Raises:
        HTTPBadRequest: it is of another form; the answer says how.
    """
    try:
        return msgspec.json.decode(await request.read(), type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise web.HTTPBadRequest(text=f"{exc}") from exc
