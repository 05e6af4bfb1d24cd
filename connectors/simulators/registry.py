"""Which simulators there are: a channel's or provider's name, and the class that plays it. One more is one line more."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from connectors.simulators.simulator import Options, Simulator

_HERE = "connectors.simulators"
#: Name -> module and class; a class takes ``Options`` alone and makes its accounts from their seed and keys.
CLASSES: dict[str, tuple[str, str]] = {
    "taobao": ("taobao", "TaobaoSimulator"),
    "jd": ("jd", "JdSimulator"),
    "pdd": ("pdd", "PddSimulator"),
    "douyin": ("douyin", "DouyinSimulator"),
    "shopify": ("shopify", "ShopifySimulator"),
    "cainiao": ("cainiao", "CainiaoSimulator"),
    "kuaidi100": ("kuaidi100", "Kuaidi100Simulator"),
}


def names() -> list[str]:
    """Those that are here."""
    return [name for name, (module, _) in CLASSES.items() if find_spec(f"{_HERE}.{module}") is not None]


def simulator(name: str, options: Options) -> Simulator:
    """A simulator by its name; not running yet."""
    module, class_ = CLASSES[name]
    made: Simulator = getattr(import_module(f"{_HERE}.{module}"), class_)(options)
    return made
