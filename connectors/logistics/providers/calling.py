"""A form posted to a logistics provider, and a JSON object back; it ends in the errors of ``connectors.endings``.

not connected                                                       Unavailable
connected, then reset, timed out, or an answer nobody can read      Unsure
HTTP 429                                                            Throttled
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec

from connectors import calls
from connectors.endings import Throttled, Unavailable, Unsure
from connectors.platforms.rules import words

_object = msgspec.json.Decoder(dict[str, Any])


async def posted(session: aiohttp.ClientSession, name: str, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """``name`` is what errors call the call. Raises Unavailable, Unsure, Throttled."""
    try:
        async with session.post(url, data=form) as response:
            status, body = response.status, await calls.whole(response)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as exc:
        raise Unavailable(f"{name} was not reached: {type(exc).__name__} {exc}") from exc
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise Unsure(f"{name} gave no answer: {type(exc).__name__}", said=words((exc,))) from None
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
    return calls.session(aiohttp.ClientTimeout(total=total_s, connect=connect_s))
