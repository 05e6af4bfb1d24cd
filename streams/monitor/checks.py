"""Asks one interface whether it answers. Errors are one short line without the address, which may hold a secret."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import asyncpg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from schemas.records import HealthCheck
from streams.engine.options import Options
from streams.monitor.interfaces import Interface

#: A status of 400 and above is a refusal or a failure.
_HTTP_FAILS_FROM = 400


class _Unwell(Exception):
    """It answered, but not as it should; the message is shown."""


async def check(interface: Interface, kafka: Mapping[str, str], was_healthy: bool | None = None) -> HealthCheck:
    """One look, within the interface's time-out; never raises but for a cancellation.

    Args:
        kafka: librdkafka properties for brokers.
        was_healthy: at the look before; None: this is the first.
    """
    at_ms, started = time.time_ns() // 1_000_000, time.monotonic()
    error = ""
    try:
        async with asyncio.timeout(interface.timeout_s):
            match interface.kind:
                case "kafka":
                    await _kafka(interface, kafka)
                case "postgres":
                    await _postgres(interface)
                case "http":
                    await _http(interface)
                case "tcp":
                    await _tcp(interface)
    except TimeoutError:
        error = f"no answer within {interface.timeout_s:g} s"
    except Exception as exc:
        error = _reason(exc)
    healthy = not error
    return {
        "interface": interface.name,
        "kind": interface.kind,
        "checked_at_ms": at_ms,
        "healthy": healthy,
        "changed": healthy is not was_healthy,
        "took_ms": round((time.monotonic() - started) * 1000),
        "error": error,
    }


async def _kafka(interface: Interface, properties: Mapping[str, str]) -> None:
    """The cluster tells its brokers and topics, and has a controller."""

    def ask() -> Any:
        own = {"log_level": 0, "socket.timeout.ms": 10_000, **properties}
        return AdminClient(Options(kafka=own).client(interface.target)).list_topics(timeout=interface.timeout_s)

    found = await asyncio.to_thread(ask)
    if found.controller_id < 0:
        raise _Unwell("the cluster has no controller")


async def _postgres(interface: Interface) -> None:
    connection = await asyncpg.connect(interface.target, timeout=interface.timeout_s)
    try:
        await connection.fetchval("SELECT 1")
    finally:
        # One that can't be closed in good time is dropped.
        with suppress(Exception):
            await connection.close(timeout=1)


async def _http(interface: Interface) -> None:
    async with aiohttp.ClientSession() as session, session.get(interface.target) as answer:
        if answer.status >= _HTTP_FAILS_FROM:
            raise _Unwell(f"answers with status {answer.status}")


async def _tcp(interface: Interface) -> None:
    host, _, port = interface.target.rpartition(":")
    _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _reason(exc: Exception) -> str:
    """In words of ours: a library's message may quote the address, its password, or what the other side sent."""
    match exc:
        case _Unwell():
            return str(exc)
        case KafkaException():
            return f"no broker answers: {exc.args[0].name()}"
        case aiohttp.ClientConnectorDNSError():
            return "its host's name is not known"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "its certificate is not to be trusted"
        case aiohttp.ClientConnectorError():
            return _os_error(exc.os_error)
        case aiohttp.ClientError():
            return f"its answer is no HTTP: {type(exc).__name__}"
        case asyncpg.PostgresError():
            return f"the database refuses: {type(exc).__name__} ({exc.sqlstate})"
        case OSError():
            return _os_error(exc)
        case _:
            return type(exc).__name__


def _os_error(exc: OSError) -> str:
    if isinstance(exc, socket.gaierror):
        return "its host's name is not known"
    # Several addresses were tried: one error for all, whose text has them.
    return os.strerror(exc.errno) if exc.errno is not None and exc.errno in errno.errorcode else "cannot connect"
