"""Signed calls of TOP and JD, as a client that knows the platform's reference would make them."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from connectors.platforms import signing
from connectors.shops import Shop
from connectors.simulators.clock import local


def now_text(offset_s: int = 0) -> str:
    return local(int(time.time() + offset_s) * 1000)


def top_params(shop: Shop, method: str | None, **params: Any) -> dict[str, str]:
    """All parameters of a TOP call; None leaves one out that would be there."""
    wanted = {
        "method": method,
        "app_key": shop.app_key,
        "session": shop.token,
        "timestamp": now_text(),
        "v": "2.0",
        "sign_method": "hmac",
        **params,
    }
    sent = {name: str(value) for name, value in wanted.items() if value is not None}
    sent.setdefault("sign", signing.top(shop.secret, sent, "md5" if sent.get("sign_method") == "md5" else "hmac"))
    return sent


def jd_params(shop: Shop, method: str | None, business: Mapping[str, Any], **params: Any) -> dict[str, str]:
    """All parameters of a JD call."""
    wanted = {
        "method": method,
        "app_key": shop.app_key,
        "access_token": shop.token,
        "timestamp": now_text(),
        "v": "2.0",
        "360buy_param_json": json.dumps(business, sort_keys=True, separators=(",", ":")),
        **params,
    }
    sent = {name: str(value) for name, value in wanted.items() if value is not None}
    sent.setdefault("sign", signing.jd(shop.secret, sent))
    return sent


class Client:
    """A session to one simulator: the platform's calls, and the controls."""

    def __init__(self, url: str, path: str) -> None:
        self.url = url
        self._path = path

    async def __aenter__(self) -> Client:
        self._session = aiohttp.ClientSession(self.url)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def call(self, params: Mapping[str, str]) -> Any:
        """The answer's JSON; TOP and JD answer errors with 200 too."""
        async with self._session.post(self._path, data=params) as answer:
            assert answer.status == 200
            return await answer.json()

    async def top(self, shop: Shop, method: str, **params: Any) -> Any:
        """What stands under the response's name, or the error_response."""
        (answer,) = (await self.call(top_params(shop, method, **params))).values()
        return answer

    async def jd(self, shop: Shop, method: str, **business: Any) -> Any:
        """The whole answer."""
        return await self.call(jd_params(shop, method, business))

    async def place(self, shop: Shop, *docs: Mapping[str, Any]) -> list[Any]:
        """Orders appear at the platform, or change."""
        body = {"orders": [{"shop": shop.shop, "payload": doc} for doc in docs]}
        async with self._session.post("/_sim/orders", json=body) as answer:
            assert answer.status == 200, await answer.text()
            placed: list[Any] = (await answer.json())["orders"]
            return placed

    async def order(self, order_no: str) -> Any:
        """As the controls show it."""
        return await self.control("GET", f"/_sim/orders/{order_no}")

    async def counts(self) -> Any:
        return await self.control("GET", "/_sim/counts")

    async def control(self, verb: str, path: str, body: Any = None) -> Any:
        async with self._session.request(verb, path, json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()
