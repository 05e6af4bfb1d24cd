"""A request posted to a warehouse's system, in the errors of ``connectors.endings``.

not connected                                          Unavailable
HTTP 429                                               Throttled
connected, then reset or timed out; HTTP 5xx           Unsure where it was to change something, else Unavailable
"""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from connectors import calls
from connectors.endings import Throttled, Unavailable, Unsure
from connectors.platforms.rules import words


async def posted(
    http: aiohttp.ClientSession, name: str, url: str, body: bytes, headers: Mapping[str, str], *, effect: bool
) -> tuple[int, bytes]:
    """Status and body of what is neither. ``name``: what errors call the call. Raises Unavailable, Unsure, Throttled."""
    lost = Unsure if effect else Unavailable
    try:
        async with http.post(url, data=body, headers=headers) as response:
            status, found = response.status, await calls.whole(response)
            wait = response.headers.get("Retry-After", "")
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as exc:
        # Not chained: the address holds keys.
        raise Unavailable(f"{name} was not reached: {type(exc).__name__}") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise lost(f"{name} gave no answer: {type(exc).__name__}", said=words((exc,))) from None
    if status == 429:
        raise Throttled(f"{name} answered with HTTP 429", float(wait) if wait.isdigit() else None, "429")
    if status >= 500:
        raise lost(f"{name} gave no answer that can be read: HTTP {status}")
    return status, found
