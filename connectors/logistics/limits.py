"""How hard platforms and logistics providers are called: the packaged figures (``limits.toml``), and a file that overrides them."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from connectors.driver.dispatch.limits import LimitsBook
from connectors.shops import PROVIDERS
from schemas.topics import CHANNELS


def limits_book(path: Path | None = None) -> LimitsBook:
    """By channel or provider, and shop. Raises InvalidSetting."""
    packaged = resources.files(__package__).joinpath("limits.toml").read_text("utf-8")
    return LimitsBook(packaged, (*CHANNELS, *PROVIDERS), "shop", path)
