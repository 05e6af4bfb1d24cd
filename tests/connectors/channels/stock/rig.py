"""A hub's side of stock on the channels with everything real: Kafka, a stage's worker, `penstock listing run`, platforms that sign.

What the inventory says is written straight to its topic; `test_whole_path.py` has the whole hub.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connectors.shops import load
from tests.connectors.warehouse.rig import LIMITS, Rig, rig
from tests.domain import make

#: Channel -> the ids of a SKU's place there; `n` tells SKUs apart.
IDS: Mapping[str, Mapping[str, str]] = {
    "taobao": {"item": "6000000000{n}", "variant": "5100000000{n}"},
    "jd": {"item": "4000{n}", "variant": "5000{n}"},
    "pdd": {"item": "7000{n}", "variant": "7100{n}"},
    "douyin": {"item": "3500000000{n}", "variant": "3600000000{n}"},
    "shopify": {"item": "4300000000{n}", "location": "77"},
}


@dataclass
class Selling:
    """A hub and its shops: one a channel."""

    hub: Rig
    #: Channel -> its shop.
    shops: Mapping[str, str]
    versions: dict[str, int] = field(default_factory=dict)
    #: What the SKUs are called; SKU-0, SKU-1, ... otherwise.
    names: tuple[str, ...] = ()

    def sku(self, number: int) -> str:
        return self.names[number] if self.names else f"SKU-{number}"

    def ids(self, channel: str, number: int) -> dict[str, str]:
        """Of the SKU with this number."""
        return {name: value.format(n=100 + number) for name, value in IDS[channel].items()}

    def there_are(self, skus: int, **slot: Any) -> None:
        """Each platform has so many SKUs, none in stock."""
        for channel, shop in self.shops.items():
            shelves = [{"shop": shop, **self.ids(channel, n), **slot} for n in range(skus)]
            self.hub.control("PUT", "/_sim/stock", {"shelves": shelves}, at=channel)

    def document(self, skus: int, rule: str = "") -> Path:
        """A document in which every shop lists them."""
        lines = ['kind = "listings"', "version = 1", 'name = "shops"']
        for channel, shop in self.shops.items():
            lines += ["[[shops]]", f'channel = "{channel}"', f'shop = "{shop}"', "every = 0", rule]
            for n in range(skus):
                ids = ", ".join(f'{name} = "{value}"' for name, value in self.ids(channel, n).items())
                lines.append(f'[[shops.items]]\nsku = "{self.sku(n)}"\n' + ids.replace(", ", "\n"))
        path = self.hub.folder / "listings.toml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def start(self) -> None:
        self.hub.start("worker", "worker", "--group", "listing")
        self.start_listing("listing")

    def start_listing(self, name: str, *command: str) -> None:
        limits = self.hub.folder / "limits.toml"
        limits.write_text(LIMITS)
        run = ("listing", "run", "--limits", str(limits), "--log-level", "info")
        if command:
            self.hub.start_module(name, *command, *run)
        else:
            self.hub.start(name, *run)

    def counted(self, stock: Mapping[str, int]) -> None:
        """The inventory says what may be sold of SKUs."""
        records = []
        for sku, units in stock.items():
            self.versions[sku] = self.versions.get(sku, 0) + 1
            levels = [make.level("hz1", units)]
            record = {"sku": sku, "version": self.versions[sku], "levels": levels, "pool": None}
            records.append(("inventory.availability", sku, "Availability", record))
        self.hub.cluster.publish(records)

    def shelves(self, channel: str) -> dict[str, dict[str, Any]]:
        """SKU -> what its platform has of it."""
        found = self.hub.control("GET", "/_sim/stock", at=channel)["shelves"]
        by_ids = {(it["item"], it["variant"], it["location"]): it for it in found}
        known: dict[str, dict[str, Any]] = {}
        for n in range(len(found)):
            ids = self.ids(channel, n)
            known[self.sku(n)] = by_ids[ids["item"], ids.get("variant", ""), ids.get("location", "")]
        return known

    def shown(self, channel: str) -> dict[str, int]:
        """SKU -> what buyers may order there."""
        return {sku: it["quantity"] - it["held"] for sku, it in self.shelves(channel).items()}

    def until_shown(self, wanted: Mapping[str, int]) -> None:
        for channel in self.shops:
            self.hub.until(lambda c=channel: self.shown(c), lambda it: it == wanted, f"{channel} shows {wanted}")


@contextmanager
def selling(kafka: str, folder: Path, channels: tuple[str, ...], **settings: Any) -> Iterator[Selling]:
    """All of it, nothing of it running but the platforms."""
    with rig(kafka, folder, platforms=channels, **settings) as hub:
        assert hub.settings.shops is not None
        there = load(hub.settings.shops).shops
        yield Selling(hub, {channel: next(s.shop for s in there if s.channel == channel) for channel in channels})
