"""What the routes work with, made once by whoever puts the console together."""

from __future__ import annotations

from typing import NamedTuple

from connectors.console.deeds import Deeds
from connectors.console.passwords import Passwords
from connectors.console.store import Store


class Services(NamedTuple):
    """``hub``: whose positions the tables have."""

    store: Store
    passwords: Passwords
    deeds: Deeds
    hub: str
