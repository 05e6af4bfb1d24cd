"""The merchant's shops and logistics accounts: where each is reached, and with which keys. A TOML file (``PENSTOCK_SHOPS``).

    [[shop]]
    channel = "taobao"                         # taobao, jd, pdd, douyin or shopify
    shop = "taobao-home"                       # its name in every order, metric and table
    url = "https://gw.example/router/rest"     # the platform's API
    app_key = "10000000"                       # Shopify needs none
    secret = "env:TAOBAO_SECRET"               # env:NAME, file:PATH, or the secret itself (for tests alone)
    token = "file:/run/secrets/taobao-token"   # the session or access token
    seller = "100000001"                       # how the platform calls this shop in its pushes: Taobao's user_id, PDD's mallID,
                                               # Douyin's shop_id, Shopify's domain
    messages_url = "wss://messages.example"    # PDD's message socket
    business_unit = "100001"                   # JD: the buId that its service orders are asked for with; empty: `seller`
    operator = "home-ops"                      # JD: the account that asks for them (operatePin, operateNick); empty: `shop`
    stock_model = ""                           # JD: updateModel of a number of stock, whose values JD does not publish; empty: left out

JD's reference demands business_unit and operator, and
says of buId that it is the venderId; no account of ours has shown it, nor which account may ask.
Where JD refuses to tell service orders, put here what its console shows.

    [[logistics]]
    provider = "kuaidi100"                     # kuaidi100 or cainiao
    url = "https://poll.example"
    key = "env:K100_KEY"                       # Cainiao: the app key
    secret = "env:K100_SECRET"
    customer = "C1"                            # Kuaidi100's customer number; Cainiao: the session
    salt = "env:K100_SALT"                     # with which Kuaidi100 signs its pushes
    callback = "https://hub.example/push/kuaidi100"
    template = "https://templates.example/1"   # Cainiao: which form its e-waybills are printed on
    carriers = ["SF", "YTO"]                   # whose e-waybills it gives; empty: all

    [[sender]]                                 # who sends, on a waybill: one a warehouse
    warehouse = "HZ1"
    name = "..."
    phone = "..."
    province = "浙江省"
    city = "杭州市"
    district = "余杭区"
    address = "..."

    [[warehouse_system]]                       # that tells of parcels at POST /in/<shop>/shipments
    name = "hz-wms"                            # as it names itself, and in the audit
    secret = "env:HZ_WMS_SECRET"               # with which it signs
    shops = ["flagship"]                       # whose orders it may tell of; empty: all
    warehouses = ["HZ1"]                       # which it may tell for; empty: all

    [[wms]]                                    # that is told delivery orders, and reports: connectors/warehouse/README.md
    name = "hz-wms"                            # in the address of its reports, in the audit and in metrics
    kind = "qimen"                             # qimen (奇门) or webhook (JSON, for a system of one's own)
    url = "https://qimen.example/router/qimen/service"
    app_key = "10000000"                       # Qimen alone, as the next two
    customer = "env:HZ_WMS_CUSTOMER"           # customerId
    owner = "OWNER-1"                          # ownerCode (货主)
    secret = "env:HZ_WMS_SECRET"               # with which both sides sign
    warehouses = ["HZ1=WH-HZ"]                 # which it has; as it calls them, where that is not as the hub does
    since = "2026-12-01T00:00:00+08:00"        # what was allocated before is not told; empty: all of it
    ciphertext = ""                            # "pass": receivers that are ciphertext are told as they are, for it can read them
    sign = ""                                  # "tail": Qimen signs with the secret at the end alone, as one client does

Secrets are read once, at the start, and never shown. The file, and those that secrets come from, may be written by their owner alone;
addresses are https, but for this machine's (``connectors.caution``).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from connectors import caution
from schemas.topics import CHANNELS
from streams.settings import InvalidSetting

PROVIDERS = ("kuaidi100", "cainiao")
WMS_KINDS = ("qimen", "webhook")


@dataclass(frozen=True)
class Shop:
    """One shop of one channel."""

    channel: str
    shop: str
    url: str
    app_key: str = ""
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    seller: str = ""
    messages_url: str = ""
    business_unit: str = ""
    operator: str = ""
    stock_model: str = ""


@dataclass(frozen=True)
class LogisticsAccount:
    """One account at a logistics provider."""

    provider: str
    url: str
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    customer: str = field(default="", repr=False)
    salt: str = field(default="", repr=False)
    callback: str = ""
    template: str = ""
    carriers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sender:
    """Who sends from a warehouse."""

    warehouse: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    province: str
    city: str
    district: str
    address: str = field(repr=False)


@dataclass(frozen=True)
class WarehouseSystem:
    """A system that tells of parcels by HTTP."""

    name: str
    secret: str = field(repr=False)
    shops: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wms:
    """A system that is told delivery orders, and reports what became of them."""

    name: str
    kind: str
    url: str
    secret: str = field(repr=False)
    app_key: str = ""
    customer: str = field(default="", repr=False)
    owner: str = ""
    warehouses: tuple[str, ...] = ()
    since: str = ""
    sign: str = ""
    ciphertext: str = ""

    @cached_property
    def ours(self) -> tuple[str, ...]:
        """Its warehouses, as the hub calls them."""
        return tuple(each.partition("=")[0] for each in self.warehouses)

    def theirs(self, warehouse: str) -> str:
        """As it calls one of ours."""
        return next((each.partition("=")[2] for each in self.warehouses if each.startswith(f"{warehouse}=")), warehouse)

    def our(self, code: str) -> str:
        """The other way round; empty: it has none of that name."""
        return next((ours for ours in self.ours if self.theirs(ours) == code), "")

    @cached_property
    def since_ms(self) -> int:
        """ms since the epoch; 0: from the beginning."""
        return int(datetime.fromisoformat(self.since).timestamp() * 1000) if self.since else 0


@dataclass(frozen=True)
class Shops:
    """What the file says."""

    shops: tuple[Shop, ...] = ()
    logistics: tuple[LogisticsAccount, ...] = ()
    senders: Mapping[str, Sender] = field(default_factory=dict)
    warehouse_systems: tuple[WarehouseSystem, ...] = ()
    wms: tuple[Wms, ...] = ()

    def of(self, channel: str, shop: str) -> Shop | None:
        """One shop by its names."""
        return next((s for s in self.shops if (s.channel, s.shop) == (channel, shop)), None)


_NAME = re.compile(r"[A-Za-z0-9-]{1,40}")
_LISTS = frozenset(("carriers", "shops", "warehouses"))
_SECRETS = frozenset(("secret", "token", "key", "customer", "salt"))
#: What is called, or is to call us. A template's is a name that nobody opens.
_ADDRESSES = frozenset(("url", "messages_url", "callback"))


def load(path: Path, env: Mapping[str, str] | None = None) -> Shops:
    """Raises InvalidSetting, naming the file, the entry, the field and the fix; never the value of a secret."""
    env = os.environ if env is None else env
    caution.only_ours(path, "PENSTOCK_SHOPS")
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as exc:
        raise InvalidSetting(f"PENSTOCK_SHOPS is {str(path)!r}: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise InvalidSetting(f"{path} is not TOML: {exc}") from exc
    strange = sorted(document.keys() - {"shop", "logistics", "sender", "warehouse_system", "wms"})
    if strange:
        known = "[[shop]], [[logistics]], [[sender]], [[warehouse_system]] and [[wms]]"
        raise InvalidSetting(f"{path}: {strange[0]!r} is not known: {known} are")
    shops = tuple(_entry(path, "shop", n, e, Shop, env) for n, e in _entries(path, document, "shop"))
    accounts = tuple(
        _entry(path, "logistics", n, e, LogisticsAccount, env) for n, e in _entries(path, document, "logistics")
    )
    senders = tuple(_entry(path, "sender", n, e, Sender, env) for n, e in _entries(path, document, "sender"))
    systems = tuple(
        _entry(path, "warehouse_system", n, e, WarehouseSystem, env)
        for n, e in _entries(path, document, "warehouse_system")
    )
    wms = tuple(_entry(path, "wms", n, e, Wms, env) for n, e in _entries(path, document, "wms"))
    _check_wms(path, wms)
    _known(path, "channel", [s.channel for s in shops], CHANNELS)
    _known(path, "provider", [a.provider for a in accounts], PROVIDERS)
    names = [(s.channel, s.shop) for s in shops]
    for name in names:
        if names.count(name) > 1:
            raise InvalidSetting(f"{path}: shop {name[1]!r} of {name[0]} stands twice: give each its own name")
    called = [s.name for s in systems]
    for it in called:
        if called.count(it) > 1:
            raise InvalidSetting(f"{path}: warehouse_system {it!r} stands twice: give each its own name")
    return Shops(shops, accounts, {s.warehouse: s for s in senders}, systems, wms)


def _check_wms(path: Path, systems: tuple[Wms, ...]) -> None:
    """Raises InvalidSetting."""
    _known(path, "kind", [it.kind for it in systems], WMS_KINDS)
    _known(path, "sign", [it.sign for it in systems if it.sign], ("tail",))
    _known(path, "ciphertext", [it.ciphertext for it in systems if it.ciphertext], ("pass",))
    names = [it.name for it in systems]
    told = [warehouse for it in systems for warehouse in it.ours]
    for it in systems:
        where = f"{path}: [[wms]] {it.name!r}"
        if not _NAME.fullmatch(it.name) or names.count(it.name) > 1:
            raise InvalidSetting(f"{where}: name: letters, digits and -, and each once")
        if not it.warehouses:
            raise InvalidSetting(f'{where}: warehouses is missing: write ["HZ1"], or ["HZ1=WH-HZ"]')
        for warehouse in it.ours:
            if told.count(warehouse) > 1:
                raise InvalidSetting(f"{where}: warehouses has {warehouse!r} twice: one system is told of each")
        for name in ("app_key", "customer", "owner") if it.kind == "qimen" else ():
            if not getattr(it, name):
                raise InvalidSetting(f"{where}: {name} is missing")
        try:
            aware = not it.since or datetime.fromisoformat(it.since).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            raise InvalidSetting(f"{where}: since is {it.since!r}: write such as 2026-12-01T00:00:00+08:00")


def _entries(path: Path, document: Mapping[str, Any], kind: str) -> list[tuple[int, dict[str, Any]]]:
    entries = document.get(kind, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InvalidSetting(f"{path}: {kind} is no list of tables: write [[{kind}]]")
    return list(enumerate(entries, start=1))


def without_secrets(path: Path, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The file, for keeping: where a secret is had from stays, a secret itself does not. Raises as ``load`` does."""
    load(path, env)
    document = tomllib.loads(path.read_text("utf-8"))
    for entries in document.values():
        for entry in entries:
            for name in entry.keys() & _SECRETS:
                if not str(entry[name]).startswith(("env:", "file:")):
                    entry[name] = ""
    return document


def _entry(path: Path, kind: str, number: int, entry: dict[str, Any], type_: Any, env: Mapping[str, str]) -> Any:
    where = f"{path}: [[{kind}]] number {number}"
    fields = type_.__dataclass_fields__
    strange = sorted(entry.keys() - fields.keys())
    if strange:
        raise InvalidSetting(f"{where}: {strange[0]!r} is not known: {', '.join(fields)} are")
    values: dict[str, Any] = {}
    for name, known in fields.items():
        if name in _LISTS:
            texts = entry.get(name, [])
            if not isinstance(texts, list) or not all(isinstance(text, str) and text for text in texts):
                raise InvalidSetting(f'{where}: {name} is no list of texts: write ["...", "..."]')
            values[name] = tuple(texts)
            continue
        value = entry.get(name, "")
        if not isinstance(value, str):
            raise InvalidSetting(f"{where}: {name} is no text: put it in quotes")
        if not value and not isinstance(known.default, str):
            raise InvalidSetting(f"{where}: {name} is missing")
        if name in _ADDRESSES and value:
            caution.address(where, name, value)
        values[name] = secret(where, name, value, env) if name in _SECRETS else value
    return type_(**values)


def secret(where: str, name: str, value: str, env: Mapping[str, str]) -> str:
    """What ``env:NAME``, ``file:PATH`` or the value itself says. Raises InvalidSetting, never with the secret."""
    kind, _, rest = value.partition(":")
    if kind == "env":
        if not env.get(rest):
            raise InvalidSetting(f"{where}: {name} is to come from the environment variable {rest}, which is not set")
        return env[rest]
    if kind == "file":
        caution.only_ours(Path(rest), f"{where}: {name} is to come from a file:")
        try:
            found = Path(rest).read_text("utf-8").strip()
            if not found:
                raise InvalidSetting(f"{where}: {name} is to come from the file {rest}, which is empty")
            return found
        except (OSError, UnicodeDecodeError) as exc:
            raise InvalidSetting(
                f"{where}: {name} is to come from the file {rest}, which cannot be read: {exc}"
            ) from exc
    if value:
        caution.secret(where, name, value)
    return value


def _known(path: Path, name: str, values: list[str], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            raise InvalidSetting(f"{path}: {name} is {value!r}: one of {', '.join(known)}")
