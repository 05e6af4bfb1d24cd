"""What mappers are told by the merchant, because no payload says it."""

from __future__ import annotations

from typing import NamedTuple


class ChannelSettings(NamedTuple):
    """Facts about a merchant's shops that decide how a payload is read; the defaults fit a shop that set nothing up."""

    #: Ways to pay that mean cash on delivery, where a platform has no type of order for it: words of their names, in any case.
    cod_gateways: tuple[str, ...] = ("cash on delivery", "cod", "货到付款")
    #: Fulfilment services and platforms' depots that are this merchant's own warehouses. `manual` is Shopify's name for them.
    own_services: tuple[str, ...] = ("manual",)
    #: Shopify: names of shipping methods by which the buyer fetches the goods, or somebody of the shop brings them.
    pickup_methods: tuple[str, ...] = (
        "pickup",
        "pick up",
        "local pickup",
        "store pickup",
        "in store pickup",
        "local delivery",
        "到店自提",
        "自提",
        "门店自提",
    )
    #: Shopify: selling plans that are presales, by a part of their name in any case; subscriptions are plans too.
    presale_plans: tuple[str, ...] = ("pre order", "preorder", "预售")
    #: Douyin: suppliers (`supplier_id`) whose goods this merchant sends; `*`: all of them.
    own_suppliers: tuple[str, ...] = ()
    #: Douyin: suppliers that send their goods themselves.
    suppliers: tuple[str, ...] = ()
    #: Presales of platforms that name only the last day: how long before it they may be sent at the earliest, ms.
    presale_lead_ms: int = 48 * 3_600_000


DEFAULT = ChannelSettings()


def is_cod(gateway: str, settings: ChannelSettings) -> bool:
    """Does a way to pay, as the platform calls it, mean cash on delivery."""
    return means(gateway, settings.cod_gateways)


def is_own_service(service: str, settings: ChannelSettings) -> bool:
    """Is a fulfilment service, as the platform calls it, one of this merchant's own warehouses."""
    return service.casefold() in map(str.casefold, settings.own_services)


def is_pickup(method: str, settings: ChannelSettings) -> bool:
    """Does the whole name of a way to send, in any case, say that no carrier does it."""
    return _words(method) in map(_words, settings.pickup_methods)


def is_presale(plan: str, settings: ChannelSettings) -> bool:
    """Does the name of a plan to sell by mean a presale."""
    return means(plan, settings.presale_plans)


def means(name: str, parts: tuple[str, ...]) -> bool:
    """Whether one of the parts stands in a name, in any case and with any signs between words."""
    named = f" {_words(name)} "
    # Whole words where a language has them: `Code wallet` takes no cash.
    return any((f" {part} " if part.isascii() else part) in named for part in map(_words, parts) if part)


def _words(text: str) -> str:
    return " ".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())
