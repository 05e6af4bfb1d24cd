"""What the routes work with, made once by whoever puts the console together."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from connectors.console.deeds import Deeds
from connectors.console.lagging import Lagging
from connectors.console.live import Live
from connectors.console.noting import Noting
from connectors.console.passwords import Passwords
from connectors.console.store import Store

#: At a time.
_REPORTS = 2


class Services(NamedTuple):
    """``hub``: whose positions the tables have."""

    store: Store
    passwords: Passwords
    deeds: Deeds
    lagging: Lagging
    live: Live
    noting: Noting
    #: Reports being made: each asks a lot of the database.
    reports: asyncio.Semaphore
    hub: str


def services(url: str, deeds: Deeds, hub: str) -> Services:
    """All that is made of a database's URL (empty: there is none) and what is done elsewhere."""
    store, lagging = Store(url), Lagging(deeds.lags)
    return Services(
        store,
        Passwords(),
        deeds,
        lagging,
        Live(store, lagging, hub),
        Noting(deeds.note),
        asyncio.Semaphore(_REPORTS),
        hub,
    )
