"""All simulators at once, and the shops file that points the hub at them.

async with Simulators(Options(seed=7, gateway="http://127.0.0.1:8700")) as simulators:
    path.write_text(simulators.shops_toml)      # PENSTOCK_SHOPS
    simulators.urls["taobao"]                   # the controls are under /_sim there
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, replace
from typing import Any

import tomli_w

from connectors.generator import warehouses
from connectors.simulators import registry
from connectors.simulators.simulator import Options, Simulator

#: The first line of a shops file that may be overwritten: it names no real shop.
WRITTEN_HERE = "# Of penstock simulate, which writes it anew at each start."


class Simulators:
    """Runs them in this event loop, each on a free port. ``only``: some of ``registry.names()``; empty: all."""

    def __init__(self, options: Options, only: Sequence[str] = ()) -> None:
        self._options = replace(options, port=0)
        self._names = list(only) or registry.names()
        self._stack = AsyncExitStack()
        self._running: dict[str, Simulator] = {}

    async def __aenter__(self) -> Simulators:
        try:
            for name in self._names:
                simulator = registry.simulator(name, self._options)
                self._running[name] = await self._stack.enter_async_context(simulator)
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def urls(self) -> dict[str, str]:
        """Name -> base URL."""
        return {name: simulator.url for name, simulator in self._running.items()}

    def running(self, name: str) -> Simulator:
        """One of them."""
        return self._running[name]

    def push_to(self, gateway: str) -> None:
        """Where pushes go from now on, without a path; empty: nowhere."""
        for simulator in self._running.values():
            simulator.gateway = gateway.rstrip("/")

    @property
    def shops_toml(self) -> str:
        """Shops, logistics accounts, systems, a sender for each of the generator's warehouses; the form: ``connectors/shops.py``."""
        shops = [asdict(shop) for simulator in self._running.values() for shop in simulator.shop_entries()]
        providers = [asdict(it) for simulator in self._running.values() for it in simulator.logistics_entries()]
        systems = [asdict(it) for simulator in self._running.values() for it in simulator.wms_entries()]
        document: dict[str, Any] = {"shop": shops, "logistics": providers, "sender": _senders(), "wms": systems}
        text = tomli_w.dumps({kind: [_without_empty(entry) for entry in entries] for kind, entries in document.items()})
        return f"{WRITTEN_HERE}\n\n{text}"


def _without_empty(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in entry.items() if value}


def _senders() -> list[dict[str, str]]:
    """Invented, each in its warehouse's province."""
    return [
        {
            "warehouse": it["warehouse"],
            "name": f"{it['name']}发货组",
            "phone": f"1380000{number:04d}",
            "province": it["province"],
            "city": f"{it['province']}仓储区",
            "district": "物流园区",
            "address": f"仓储路 {number} 号",
        }
        for number, it in enumerate(warehouses(), start=1)
    ]
