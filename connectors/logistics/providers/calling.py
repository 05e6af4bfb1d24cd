"""A form posted to a logistics provider, and a JSON object back; it ends in the errors of ``connectors.platforms.base``.

not connected                                                       Unavailable
connected, then reset, timed out, or an answer nobody can read      Unsure
HTTP 429                                                            Throttled
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from connectors.platforms.base import Throttled, Unavailable, Unsure

_object = msgspec.json.Decoder(dict[str, Any])


async def posted(session: aiohttp.ClientSession, name: str, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """``name`` is what errors call the call. Raises Unavailable, Unsure, Throttled."""
    try:
        async with session.post(url, data=form, allow_redirects=False) as response:
            status, body = response.status, await response.read()
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as exc:
        raise Unavailable(f"{name} was not reached: {_why(exc)}") from exc
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise Unsure(f"{name} gave no answer: {_why(exc)}") from exc
    if status == 429:
        raise Throttled(f"{name} answered with HTTP 429", None, "429")
    try:
        found = _object.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise Unsure(f"{name} gave no answer that can be read: HTTP {status}, {len(body)} bytes") from exc
    if status != 200:
        raise Unsure(f"{name} gave no answer that can be read: HTTP {status}")
    return found


def session(connect_s: float = 10.0, total_s: float = 30.0) -> aiohttp.ClientSession:
    """Connections to a provider, kept open between calls."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=total_s, connect=connect_s), cookie_jar=aiohttp.DummyCookieJar()
    )


def _why(exc: BaseException) -> str:
    return f"{type(exc).__name__} {exc}".strip()
