"""Calls to platforms and providers over HTTP: what every client's session has in common.

answers     read with a bound, which holds after decompression: a few KB can unpack to any size
redirects   never followed, by no kind of call: what is sent holds credentials, and where it goes is PENSTOCK_SHOPS' to say
cookies     none
"""

from __future__ import annotations

import aiohttp

#: The largest that is wanted is a page of a hundred orders, each of up to 100 KB.
ANSWER_MAX_BYTES = 16 * 1024 * 1024


class AnswerTooLarge(aiohttp.ClientPayloadError):
    """The answer is longer than any that is wanted."""


class Redirected(aiohttp.ClientPayloadError):
    """The platform sends us elsewhere."""


def session(timeout: aiohttp.ClientTimeout, connections: int = 100) -> aiohttp.ClientSession:
    """Connections kept open between calls."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections),
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        middlewares=(_stay,),
    )


async def whole(response: aiohttp.ClientResponse, most_bytes: int = ANSWER_MAX_BYTES) -> bytes:
    """The body. Raises AnswerTooLarge, and what aiohttp raises."""
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > most_bytes:
            response.close()
            raise AnswerTooLarge(f"more than {most_bytes} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


async def _stay(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    response = await handler(request)
    if 300 <= response.status < 400 and response.status != 304:
        response.close()
        raise Redirected(
            f"HTTP {response.status} sends the call elsewhere: set the address that is meant in PENSTOCK_SHOPS"
        )
    return response
