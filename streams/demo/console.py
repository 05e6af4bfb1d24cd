"""The console beside the demo, with three people who may sign in: one who may do all, one of some shops, one of one shop.

Their passwords are made for this run and said once: as it begins where all of it ends with the run, else when it is kept.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import NamedTuple

from connectors.console.access import Access
from connectors.console.passwords import hashed
from connectors.console.permissions import Grant, Kind
from connectors.console.store import Store
from schemas.table import Table
from schemas.terminal import Terminal, styled
from schemas.texts import said
from streams.ops import audit
from streams.ops.cluster import Cluster
from streams.ops.processes import ConsoleProcess
from streams.settings import Settings

#: Shops of the generated orders.
_DEPARTMENT, _SHOPS = "taobao", ("taobao-home", "tmall-flagship")
_SHOP = "pdd-home"


class Account(NamedTuple):
    """``may``: in words."""

    name: str
    grant: Grant
    may: str


_ACCOUNTS = (
    Account("admin", Grant("admin", Kind.ALL, ""), "everything"),
    Account("operations", Grant("operator", Kind.DEPARTMENT, _DEPARTMENT), "operates the shops of a department"),
    Account("service", Grant("service", Kind.SHOP, _SHOP), "serves the buyers of one shop"),
)


class DemoConsole:
    """``settings`` name a broker and a migrated database."""

    def __init__(self, settings: Settings, port: int, out: Terminal) -> None:
        self._settings = settings
        self._out = out
        self._process = ConsoleProcess(settings, port)
        self._passwords = {account.name: secrets.token_urlsafe(9) for account in _ACCOUNTS}
        self._said_now = False

    def make_accounts(self, *, said_now: bool) -> None:
        """Adds them, or gives those of an earlier run these passwords. Raises Problem, ClusterError.

        Args:
            said_now: as soon as it answers; else afterwards.
        """
        cluster = Cluster(self._settings)
        cluster.create_topics()
        asyncio.run(self._make(cluster))
        self._said_now = said_now

    def start(self) -> None:
        """It answers a few seconds later."""
        self._process.start()
        self._out.print(styled("the console is at [bold]{}[/] while this runs", self._process.url), soft_wrap=True)
        if self._said_now:
            self._say_accounts()

    def stop(self) -> None:
        """Again: nothing."""
        self._process.stop()

    def say_afterwards(self, *, kept: bool) -> None:
        """How it is looked at when the run is over."""
        self._out.print()
        if kept:
            self._out.print(f"the console is at {self._process.url} as soon as penstock up runs; who may sign in:")
            self._say_accounts()
        else:
            self._out.print(
                "the console has ended with the demo; to look around in it afterwards: make demo ARGS=--keep, then .venv/bin/penstock up",
                soft_wrap=True,
            )

    def _say_accounts(self) -> None:
        table = Table("account", "password", "what they may do", box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for account in _ACCOUNTS:
            table.add_row(account.name, self._passwords[account.name], said(account.may))
        self._out.print(table)

    async def _make(self, cluster: Cluster) -> None:
        store = Store(self._settings.database_url)
        access = Access(store, lambda entry: audit.publish(cluster, [entry]), audit.operator(cluster), "demo")
        try:
            await access.set_department(_DEPARTMENT, _SHOPS)
            for account in _ACCOUNTS:
                await access.put(account.name, hashed(self._passwords[account.name]))
                await access.give(account.name, account.grant)
        finally:
            await store.close()
