"""What has to answer: the broker, the database, and the interfaces of a TOML file (``PENSTOCK_INTERFACES``).

    interval_s = 180                    # how often each is asked
    timeout_s = 10                      # what takes longer has failed

    [[interface]]
    name = "channel.taobao"             # its name in metrics, alerts and the history
    kind = "http"                       # answers with a status below 400
    url = "https://gw.example/health?token=..."
    timeout_s = 20                      # its own

    [[interface]]
    name = "logistics.sf"
    kind = "tcp"                        # takes a connection
    address = "sf.example:443"

    [[interface]]
    name = "kafka.reporting"
    kind = "kafka"                      # tells its topics; with the librdkafka properties of PENSTOCK_KAFKA__
    address = "kafka-1.example:9092,kafka-2.example:9092"

    [[interface]]
    name = "postgres.reporting"
    kind = "postgres"                   # answers a SELECT
    url = "postgresql://monitor:...@db.example/reports?sslmode=verify-full"

``kafka`` (PENSTOCK_BROKERS), where there is one ``postgres`` (PENSTOCK_DATABASE_URL), and the platforms of PENSTOCK_SHOPS, as
``channel.CHANNEL.SHOP``, and warehouses' systems, as ``wms.NAME``, need no entry; one of that name replaces them.
A URL may hold a secret: it is never shown.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from streams.ops.shops import addresses, systems
from streams.settings import InvalidSetting, Settings, database_address

Kind = Literal["kafka", "postgres", "http", "tcp"]

INTERVAL_S = 180.0
TIMEOUT_S = 10.0

#: Where each kind is found: the field that says it, and its form.
_TARGETS: dict[Kind, tuple[str, str]] = {
    "kafka": ("address", "host:port,host:port"),
    "postgres": ("url", "postgresql://user:password@host/name"),
    "http": ("url", "http://host/path or https://host/path"),
    "tcp": ("address", "host:port"),
}
_NAME = re.compile(r"[a-zA-Z][\w.-]{0,63}", re.ASCII)
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^\s:/,]+):\d{1,5}")


@dataclass(frozen=True)
class Interface:
    """One that has to answer."""

    name: str
    kind: Kind
    #: May hold a password or a token: never shown.
    target: str = field(repr=False)
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Interfaces:
    """All of them, and how often they are asked."""

    interval_s: float
    all: tuple[Interface, ...]


def interfaces(settings: Settings) -> Interfaces:
    """Those of the settings and of their file.

    Raises:
        InvalidSetting: naming file, entry, field, value and fix; values that may hold a secret are not quoted.
    """
    path = settings.interfaces
    told = _read(path) if path is not None else {}
    try:
        timeout_s = _seconds(told, "timeout_s", TIMEOUT_S)
        interval_s = _seconds(told, "interval_s", INTERVAL_S)
        _only(told, {"interval_s", "timeout_s", "interface"})
        found = {"kafka": Interface("kafka", "kafka", settings.brokers, timeout_s)}
        if settings.database_url:
            found["postgres"] = Interface("postgres", "postgres", settings.database_url, timeout_s)
        for name, address in {**addresses(settings.shops), **systems(settings.shops)}.items():
            found[name] = Interface(name, "tcp", address, timeout_s)
        entries = told.get("interface", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise _Wrong("interface is no list of tables: begin each entry with [[interface]]")
        names: set[str] = set()
        for number, entry in enumerate(entries, 1):
            it = _interface(entry, number, timeout_s)
            if it.name in names:
                raise _Wrong(f"interface {it.name!r} is there twice: names tell them apart")
            names.add(it.name)
            found[it.name] = it
    except _Wrong as exc:
        raise InvalidSetting(f"{path}: {exc}") from None
    return Interfaces(interval_s, tuple(found.values()))


class _Wrong(ValueError):
    """What is wrong in the file."""


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        raise InvalidSetting(f"PENSTOCK_INTERFACES is {str(path)!r}: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InvalidSetting(f"{path} is no TOML file: {exc}") from exc


def _interface(entry: Mapping[str, Any], number: int, timeout_s: float) -> Interface:
    name = entry.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Wrong(f"interface number {number}: name is {name!r}: set it to a word such as channel.taobao")
    where = f"interface {name!r}"
    kind = entry.get("kind")
    if kind not in get_args(Kind):
        raise _Wrong(f"{where}: kind is {kind!r}: set it to {', '.join(get_args(Kind))}")
    kind = cast(Kind, kind)
    key, form = _TARGETS[kind]
    try:
        _only(entry, {"name", "kind", key, "timeout_s"})
        own_timeout_s = _seconds(entry, "timeout_s", timeout_s)
    except _Wrong as exc:
        raise _Wrong(f"{where}: {exc}") from None
    target = entry.get(key)
    if not isinstance(target, str) or not _fits(kind, target):
        raise _Wrong(
            f"{where}: {key} is {'not there' if target is None else 'not of the form it needs'}: set it to {form}"
        )
    if kind == "postgres":
        try:
            database_address(f"{where}: {key}", target)
        except InvalidSetting as exc:
            raise _Wrong(str(exc)) from None
    return Interface(name, kind, target, own_timeout_s)


def _fits(kind: Kind, target: str) -> bool:
    if kind in ("kafka", "tcp"):
        parts = target.split(",") if kind == "kafka" else [target]
        return all(_ADDRESS.fullmatch(part) and int(part.rpartition(":")[2]) < 65_536 for part in parts)
    schemes = ("http", "https") if kind == "http" else ("postgresql", "postgres")
    try:
        url = urlsplit(target)
        _ = url.port  # raises when it is no number
    except ValueError:
        return False
    # A database may be on this machine's socket: then there is no host.
    return url.scheme in schemes and (kind == "postgres" or bool(url.hostname))


def _seconds(table: Mapping[str, Any], name: str, default: float) -> float:
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.1 <= value <= 86_400:
        raise _Wrong(f"{name} is {value!r}: set it to seconds, 0.1 to 86400")
    return float(value)


def _only(table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise _Wrong(f"unknown field {unknown[0]!r}; there are {', '.join(sorted(known))}")
