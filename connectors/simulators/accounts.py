"""The simulated merchant's shops and logistics accounts: names as the generated orders have them, numbers derived from the seed, and keys
that nobody knows beforehand: a start draws them (``Options.keys``).

Each entry has keys of its own, so that a call signed for one shop is refused by another.
"""

from __future__ import annotations

from hashlib import blake2b

from connectors.generator import warehouses
from connectors.generator.draw import CHANNELS
from connectors.shops import LogisticsAccount, Shop, Wms


def shops(channel: str, seed: int, keys: str) -> list[Shop]:
    """The channel's shops, one where the generator has none; their URLs are known once the simulator listens."""
    _, names = CHANNELS.get(channel, (0.0, (f"{channel}-home",)))
    return [_shop(channel, shop, seed, keys) for shop in names]


def logistics(provider: str, keys: str) -> LogisticsAccount:
    """The account at a provider; its URL is known once the simulator listens."""
    return LogisticsAccount(
        provider=provider,
        url="",
        key=_number(keys, provider, "key"),
        secret=_secret(keys, provider, "secret"),
        customer=_secret(keys, provider, "customer"),
        salt=_secret(keys, provider, "salt"),
        template="https://templates.example/standard" if provider == "cainiao" else "",
    )


def wms(kind: str, seed: int, keys: str) -> Wms:
    """The account at a warehouse's system, which has all of the generator's warehouses under names of its own."""
    return Wms(
        name=f"{kind}-wms",
        kind=kind,
        url="",
        secret=_secret(keys, kind, "secret"),
        app_key=_number(seed, kind, "app"),
        customer=_secret(keys, kind, "customer"),
        owner="OWNER-1",
        warehouses=tuple(f"{it['warehouse']}=WH-{it['warehouse'].upper()}" for it in warehouses()),
    )


def _shop(channel: str, shop: str, seed: int, keys: str) -> Shop:
    seller = _number(seed, channel, shop, "seller")
    return Shop(
        channel=channel,
        shop=shop,
        url="",
        app_key="" if channel == "shopify" else _number(seed, channel, shop, "app"),
        secret=_secret(keys, channel, shop, "secret"),
        token=_secret(keys, channel, shop, "token"),
        seller=f"{shop}.myshopify.example" if channel == "shopify" else seller,
    )


def _digest(of: object, *names: str) -> bytes:
    return blake2b("/".join((str(of), *names)).encode(), digest_size=16).digest()


def _number(of: object, *names: str) -> str:
    """Eight digits, the first no zero: what app keys and sellers' numbers look like."""
    return str(10_000_000 + int.from_bytes(_digest(of, *names), "big") % 90_000_000)


def _secret(keys: str, *names: str) -> str:
    return _digest(keys, *names).hex()
