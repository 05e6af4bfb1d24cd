"""What the routes work with, made once by whoever puts the console together."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from connectors.console.passwords import Passwords
from connectors.console.store import Store
from streams.ops.actor import Actor


class Services(NamedTuple):
    """``reads``: puts on record that a subject's personal data is about to be shown (``streams.ops.audit.read``); blocks, and raises
    ClusterError where it can't. ``hub``: whose positions the tables have.
    """

    store: Store
    passwords: Passwords
    reads: Callable[[str, Actor], None]
    hub: str
