"""How each platform signs: pure functions, the same for who sends, who verifies and who simulates. Text is signed as UTF-8.

Sources: the platforms' signing references and published samples. Three come from public client code alone, not from a reference: TOP's
hmac-sha256, PDD's message path and Douyin's push. ``warehouse_system`` is the hub's own.

Compare with ``same``, never with ``==``: how long a comparison takes must not tell how much of a forged signature was right.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote

TopMethod = Literal["md5", "hmac", "hmac-sha256"]


def same(expected: str, given: str, *, ignore_case: bool = False) -> bool:
    """Whether two signatures are the same, in a time that doesn't tell where they differ. ``given`` may be any text."""
    if ignore_case:
        expected, given = expected.upper(), given.upper()
    # As bytes: compare_digest takes no text beyond ASCII, which whoever forges may send.
    return hmac.compare_digest(expected.encode("utf-8", "surrogatepass"), given.encode("utf-8", "surrogatepass"))


def top(secret: str, params: Mapping[str, str], method: TopMethod = "md5") -> str:
    """Taobao's TOP (and Cainiao, which is called through it): of all form and query parameters; ``sign`` itself is left out."""
    text = _sorted(params)
    if method == "md5":
        return _md5(secret, *text, secret)
    digest = hashlib.md5 if method == "hmac" else hashlib.sha256
    return hmac.new(secret.encode(), "".join(text).encode(), digest).hexdigest().upper()


def jd(secret: str, params: Mapping[str, str]) -> str:
    """JD: of the system parameters, ``360buy_param_json`` among them."""
    return _md5(secret, *_sorted(params), secret)


def pdd(secret: str, params: Mapping[str, str]) -> str:
    """PDD: of all parameters."""
    return _md5(secret, *_sorted(params), secret)


def pdd_messages_path(client_id: str, ms: int | str, secret: str) -> str:
    """The path of PDD's message socket; it holds the time, so each connection needs a new one."""
    digest = hashlib.md5(f"{client_id}{ms}{secret}".encode()).hexdigest()
    return f"/message/{client_id}/{ms}/{quote(b64encode(digest.encode()).decode(), safe='')}"


def douyin(secret: str, app_key: str, method: str, timestamp: int | str, param_json: str) -> str:
    """Douyin: ``method`` is the path with dots (order.logisticsAdd), ``param_json`` the sorted, compact JSON that is sent as the body."""
    text = f"app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v2"
    return hmac.new(secret.encode(), f"{secret}{text}{secret}".encode(), hashlib.sha256).hexdigest()


def douyin_push(app_key: str, secret: str, body: bytes) -> str:
    """The ``event-sign`` header of Douyin's push, over the raw bytes."""
    return hashlib.md5(app_key.encode() + body + secret.encode()).hexdigest()


def shopify_push(secret: str, body: bytes) -> str:
    """The ``X-Shopify-Hmac-Sha256`` header of a webhook, over the raw bytes."""
    return b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def kuaidi100_query(param: str, key: str, customer: str) -> str:
    """Kuaidi100's tracking query."""
    return _md5(param, key, customer)


def kuaidi100_label(param: str, t: int | str, key: str, secret: str) -> str:
    """Kuaidi100's e-waybills; ``t`` is the time in ms that is sent too."""
    return _md5(param, str(t), key, secret)


def kuaidi100_eshop(param: str, key: str, secret: str) -> str:
    """Kuaidi100's own writeback to shops."""
    return _md5(param, key, secret)


def kuaidi100_push(param: str, salt: str) -> str:
    """Kuaidi100's push of traces; its reference has the case ignored: ``same(..., ignore_case=True)``."""
    return _md5(param, salt)


def parcel_salt(salt: str, order_id: str, shipment_id: str) -> str:
    """The salt one parcel's pushes are signed with: the order they are about stands in the callback's path, which no signature covers."""
    about = f"{order_id}\n{shipment_id}".encode()
    return hmac.new(salt.encode(), about, hashlib.sha256).hexdigest()[:32]


def warehouse_system(secret: str, at_s: str, path: str, body: bytes) -> str:
    """What a warehouse system signs at the hub's own door: when, where and what, a line feed between them."""
    return hmac.new(
        secret.encode(), f"{at_s}\n{path}\n".encode("utf-8", "surrogatepass") + body, hashlib.sha256
    ).hexdigest()


def qimen(secret: str, params: Mapping[str, str], body: str) -> str:
    """Qimen (奇门): of the query's parameters and the XML body."""
    return _md5(secret, *_sorted(params), body, secret)


def _sorted(params: Mapping[str, str]) -> list[str]:
    """name + value in the order of the names' bytes; without ``sign`` and what is empty."""
    return [f"{name}{params[name]}" for name in sorted(params) if name != "sign" and params[name] != ""]


def _md5(*parts: str) -> str:
    return hashlib.md5("".join(parts).encode()).hexdigest().upper()
