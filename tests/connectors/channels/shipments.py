"""Parcels as a warehouse system tells them to a gateway."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

from connectors.platforms.signing import warehouse_system
from tests.connectors.channels.edge import GatewayProcess, until


def told(gateway: GatewayProcess, body: bytes | dict[str, Any], **how: Any) -> tuple[int, Any]:
    """As a sender does that keeps to the README: what was not taken (a busy machine takes its time) is sent again."""
    return until(lambda: tell(gateway, body, **how), "it is taken or refused", lambda answer: answer[0] != 503)


def tell(
    gateway: GatewayProcess,
    body: bytes | dict[str, Any],
    *,
    system: str = "hz-wms",
    secret: str = "hush",
    shop: str = "tea",
    at_s: str | None = None,
    signed: bytes | str | None = None,
    method: str = "POST",
    **headers: str,
) -> tuple[int, Any]:
    """(status, answer). ``signed``: another body, or another path, than is sent."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    path, at_s = f"/in/{shop}/shipments", str(int(time.time())) if at_s is None else at_s
    sign = warehouse_system(
        secret, at_s, signed if isinstance(signed, str) else path, signed if isinstance(signed, bytes) else raw
    )
    sent = {
        **{"Content-Type": "application/json", "X-Penstock-System": system, "X-Penstock-Timestamp": at_s},
        **{"X-Penstock-Signature": sign},
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    request = urllib.request.Request(gateway.url + path, raw, sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as exc:
        with exc:
            return exc.code, json.loads(exc.read())
