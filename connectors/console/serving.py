"""Runs the server: on a socket that is bound beforehand, until it is told to stop; who is being answered is answered first."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

#: What is open longer (a live stream) is cut.
_LEAVING_S = 5
#: Each may wait for the database.
_AT_A_TIME = 1_000


async def serve(app: FastAPI, listening: socket.socket, stop: asyncio.Event, *, proxies: str) -> None:
    """Returns when ``stop`` was set and all is answered. ``proxies``: addresses and networks whose word for a client's counts."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=proxies,
        limit_concurrency=_AT_A_TIME,
        timeout_graceful_shutdown=_LEAVING_S,
        h11_max_incomplete_event_size=16_384,
    )
    # Its lines would have what somebody looked for, which stands behind the question mark.
    logging.getLogger("uvicorn.access").disabled = True
    server = _Server(config)
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await running


class _Server(uvicorn.Server):
    """Signals are the caller's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
