"""How hard a platform is called: figures that are data (``limits.toml``), and a file that overrides them.

[default]            of all
[pdd]                of a channel, or of a logistics provider
[shop."pdd-home"]    of one shop
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from connectors.shops import PROVIDERS
from schemas.topics import CHANNELS
from streams.settings import InvalidSetting


@dataclass(frozen=True)
class Limits:
    """Of one shop; see ``limits.toml``. ``calls`` and ``platform``: (number, seconds)."""

    calls: tuple[float, float]
    platform: tuple[float, float]
    concurrent: int
    failures: int
    open_s: float
    settle_s: float
    tries: int
    again_s: float


_FIGURES = tuple(Limits.__dataclass_fields__)
_PAIRS = ("calls", "platform")


class LimitsBook:
    """What holds for whom: the packaged figures, and on top those of ``path``. Raises InvalidSetting with place, field and fix."""

    def __init__(self, path: Path | None = None) -> None:
        packaged = resources.files(__package__).joinpath("limits.toml").read_text("utf-8")
        self._layers = [_read(packaged, "limits.toml")]
        if path is not None:
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as exc:
                raise InvalidSetting(f"the limits {str(path)!r} cannot be read: {exc}") from exc
            self._layers.append(_read(text, str(path)))

    def of(self, name: str, shop: str = "") -> Limits:
        """Of a shop of a channel, or of a logistics provider."""
        figures: dict[str, Any] = {}
        for table in ("default", name):
            for layer in self._layers:
                figures |= layer.get(table, {})
        found = Limits(**figures)
        for layer in self._layers:
            found = replace(found, **layer.get("shop", {}).get(shop, {}))
        return found


def _read(text: str, source: str) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise InvalidSetting(f"{source} is not TOML: {exc}") from exc
    known = ("default", *CHANNELS, *PROVIDERS, "shop")
    for name, table in document.items():
        if name not in known or not isinstance(table, dict):
            raise InvalidSetting(f"{source}: {name!r} is not known: a table [{'], ['.join(known)}]")
        for shop, figures in table.items() if name == "shop" else ((name, table),):
            where = f"{source}: [{name}]" if name != "shop" else f'{source}: [shop."{shop}"]'
            if not isinstance(figures, dict):
                raise InvalidSetting(f"{where} is no table")
            figures |= {field: _figure(where, field, value) for field, value in figures.items()}
    return document


def _figure(where: str, field: str, value: Any) -> Any:
    if field not in _FIGURES:
        raise InvalidSetting(f"{where}: {field!r} is not known: {', '.join(_FIGURES)} are")
    if field in _PAIRS:
        match value:
            case [int() | float() as number, int() | float() as seconds] if number >= 1 and seconds > 0:
                return number, seconds
        raise InvalidSetting(f"{where}: {field} is {value!r}: [calls, seconds], at least [1, 0.1]")
    whole = field in ("concurrent", "failures", "tries")
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value < (1 if whole else 0):
        raise InvalidSetting(
            f"{where}: {field} is {value!r}: a {'whole ' if whole else ''}number, at least {int(whole)}"
        )
    return value
