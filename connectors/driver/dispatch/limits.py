"""How hard a system is called: figures that are data, packaged with a connector, and a file that overrides them.

[default]            of all
[pdd]                of a system: a channel, a logistics provider
[shop."pdd-home"]    of one account; what accounts are called is the connector's to say
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from streams.settings import InvalidSetting


@dataclass(frozen=True)
class Limits:
    """Of one account.

    Attributes:
        calls: (n, s): so many in so many seconds, of this account.
        platform: the same, of all accounts of its system together, where the quota is the app's. Each process keeps to both by itself.
        concurrent: calls under way at once.
        failures: so many calls in a row without an answer open its breaker, for ``open_s``.
        settle_s: after a lost answer the system is asked what it knows, so much later: the call may still be under way there.
        tries: calls of one attempt, when the system certainly did not carry out the ones before.
        again_s: the pause between them, which grows.
    """

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
    """What holds for whom: the packaged figures, and on top those of ``path``. Raises InvalidSetting with place, field and fix.

    Args:
        packaged: a TOML document; its ``[default]`` has all figures.
        systems: those that there are.
        account: what an account's table is called.
    """

    def __init__(self, packaged: str, systems: Sequence[str], account: str, path: Path | None = None) -> None:
        self._known = ("default", *systems, account)
        self._account = account
        self._layers = [self._read(packaged, "limits.toml")]
        if path is not None:
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as exc:
                raise InvalidSetting(f"the limits {str(path)!r} cannot be read: {exc}") from exc
            self._layers.append(self._read(text, str(path)))

    def of(self, system: str, account: str = "") -> Limits:
        """Of an account of a system; without one, of the system's only one."""
        figures: dict[str, Any] = {}
        for table in ("default", system):
            for layer in self._layers:
                figures |= layer.get(table, {})
        found = Limits(**figures)
        for layer in self._layers:
            found = replace(found, **layer.get(self._account, {}).get(account, {}))
        return found

    def _read(self, text: str, source: str) -> Mapping[str, Any]:
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as exc:
            raise InvalidSetting(f"{source} is not TOML: {exc}") from exc
        for name, table in document.items():
            if name not in self._known or not isinstance(table, dict):
                raise InvalidSetting(f"{source}: {name!r} is not known: a table [{'], ['.join(self._known)}]")
            of_accounts = name == self._account
            for account, figures in table.items() if of_accounts else ((name, table),):
                where = f'{source}: [{name}."{account}"]' if of_accounts else f"{source}: [{name}]"
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
