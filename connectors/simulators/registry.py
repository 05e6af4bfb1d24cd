"""Which simulators there are: ``NAME.py`` beside this, with the class ``NameSimulator``, of a channel, a provider or a kind of WMS."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from connectors.shops import PROVIDERS, WMS_KINDS
from connectors.simulators.simulator import Options, Simulator
from schemas.topics import CHANNELS

_HERE = "connectors.simulators"


def names() -> list[str]:
    """Those that are here."""
    return [name for name in (*CHANNELS, *PROVIDERS, *WMS_KINDS) if find_spec(f"{_HERE}.{name}") is not None]


def simulator(name: str, options: Options) -> Simulator:
    """A simulator by its name; not running yet. The class takes ``Options`` alone and makes its accounts from their seed and keys."""
    made: Simulator = getattr(import_module(f"{_HERE}.{name}"), f"{name.capitalize()}Simulator")(options)
    return made
