"""How Penstock is set up: environment variables, each with a default that fits the local stack.

PENSTOCK_BROKERS          host:port,host:port of an existing Kafka; the local stack's address otherwise
PENSTOCK_DATA             folder for local state, one subfolder a worker      (~/.local/state/penstock or XDG_STATE_HOME)
PENSTOCK_APP_ID           consumer group, prefix of changelogs and transactional ids          (penstock)
PENSTOCK_PARTITIONS       partitions of a new hub's topics, and so the most workers that it can have      (2)
PENSTOCK_REPLICATION      their replication factor                                            (1)
PENSTOCK_PERSONAL_DAYS    how long new topics keep records that tell of a person; 0: as the cluster keeps any      (90)
PENSTOCK_TABLE_DAYS       how long the database's tables keep what tells of a person after its end, in days by kind; 0: for ever
                          (receivers=180,reasons=180,traces=90,reviews=180,refused=180); kinds: streams/domain/retention.py
PENSTOCK_BATCH            records of one transaction at the most                              (2000)
PENSTOCK_GROUP_PROTOCOL   classic, or consumer (KIP-848; a broker of 4.1 may keep dead members)  (classic)
PENSTOCK_METRICS_PORT     a process serves /metrics, /live and /ready here; 0: nowhere        (0)
PENSTOCK_METRICS_HOST     the address it listens at for them: 0.0.0.0 where Prometheus is elsewhere      (127.0.0.1)
PENSTOCK_TRUSTED_PROXIES  addresses and networks of proxies, separated by commas, that connect to the gateway for many clients:
                          no limit of connections per address holds for them                (127.0.0.0/8,::1)
PENSTOCK_TZ               the time zone in which people are shown times, such as Asia/Shanghai; machines are told UTC     (the system's)
PENSTOCK_LANG             the language in which people are told things: en or zh; machines and logs are told English      (the locale's)
PENSTOCK_LOG_FORMAT       json, or text                                       (text on a terminal, json elsewhere)
PENSTOCK_RESERVATION_HOURS  how long a reservation waits for its shipment before its order is planned anew; 0: for ever (0)
PENSTOCK_CLOCK_SKEW_MAX_S  a worker whose host's clock is farther from the broker's says so, and proposes nothing by time (60)
PENSTOCK_DATABASE_URL     postgresql://user:password@host/name of an existing Postgres; the local stack's otherwise. Of another machine it
                          says with sslmode whether it is encrypted: ...?sslmode=verify-full (require, verify-ca, disable)
PENSTOCK_CONSOLE_HOST     the address that penstock console listens at                   (127.0.0.1)
PENSTOCK_CONSOLE_PORT     its port                                                       (9460)
PENSTOCK_SHOPS            TOML file of shops and logistics accounts; connectors/shops.py has its form
PENSTOCK_COD_GATEWAYS     ways to pay that mean cash on delivery, a part of their names each, separated by commas
                          (cash on delivery,cod,货到付款)
PENSTOCK_OWN_SERVICES     fulfilment services and platforms' depots, as the platforms name them, that are warehouses of one's own (manual)
PENSTOCK_PICKUP_METHODS   ways to send that no carrier does, by their whole names (pickup,pick up,local pickup,...,自提)
PENSTOCK_PRESALE_PLANS    plans to sell by that are presales, a part of their names each      (pre order,preorder,预售)
PENSTOCK_PRESALE_LEAD_HOURS  how long before a presale's last day it is sent at the earliest, where no first day is named (48)
PENSTOCK_OWN_SUPPLIERS    suppliers named on lines whose goods are sent from warehouses of one's own; *: all of them (none)
PENSTOCK_SUPPLIERS        suppliers named on lines that send their goods themselves; a line of any other is held (none)
PENSTOCK_RULES            name of the rule document that workers follow once a version of it is released    (default)
PENSTOCK_FLOW             name of the flow document that orders follow once a version of it is released      (default)
PENSTOCK_MERGE_SECRET     what receivers are hashed with to find orders that go together, the same for all workers (the app id)
PENSTOCK_ROLES            who may approve what flows ask of a role, accounts as the audit names them: lead=li,wang service=zhao    (nobody)
PENSTOCK_CARRIERS         folder of the carrier dictionary's newer versions                   (carriers in PENSTOCK_DATA)
PENSTOCK_WRITEBACK_RETRY  attempts in all, and seconds between them, by what a platform answered     (RETRYABLE=3:300; all others =1)
                          such as RETRYABLE=5:600,ORDER_FORBIDS=2:3600; outcomes: streams/domain/writeback/policy.py
PENSTOCK_WRITEBACK_NEAR_MINUTES  a parcel not written back so long before its deadline is warned of   (120)
PENSTOCK_WRITEBACK_HELD_MINUTES  a parcel whose order its platform holds is tried again after so long  (30)
PENSTOCK_DELIVERY_RETRY   attempts in all, and seconds between them, at a warehouse's system that failed  (3:300)
PENSTOCK_INTERFACES       TOML file of interfaces whose health is checked; streams/monitor/interfaces.py has its form
PENSTOCK_REGISTRY         URL of a schema registry: Confluent's wire format instead of Avro single-object encoding
PENSTOCK_BACKUP           folder that penstock backup keeps backups in: on another disk, better in another place
PENSTOCK_BACKUP_KEY       the key they are sealed with: env:NAME or file:PATH of 64 hexadecimal digits (openssl rand -hex 32)
PENSTOCK_PRINCIPALS       as whom each process logs in at a Kafka that asks for rights, for penstock kafka acls and penstock doctor; one
                          process otherwise than the rest: User:hub-{process};gateway=User:edge      (User:penstock-{process})
PENSTOCK_AS_ROOT          1: penstock up and penstock demo run as root too, as with --as-root
PENSTOCK_KAFKA__X_Y       librdkafka property x.y for every client: PENSTOCK_KAFKA__SECURITY_PROTOCOL=SASL_SSL
PENSTOCK_FETCH__X_Y       librdkafka property fetch.x.y of what workers read: FETCH__WAIT_MAX_MS=100 asks less often while little comes
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.domain.channels.settings import DEFAULT, ChannelSettings
from streams.domain.flow.roles import accounts_by_role
from streams.domain.retention import kept_days
from streams.domain.warehouse.policy import rules as delivery_rules
from streams.domain.writeback.policy import policies

_KAFKA, _FETCH = "PENSTOCK_KAFKA__", "PENSTOCK_FETCH__"
#: Names that a field of ``ChannelSettings`` has.
_CHANNEL_NAMES = {
    "cod_gateways": "PENSTOCK_COD_GATEWAYS",
    "own_services": "PENSTOCK_OWN_SERVICES",
    "pickup_methods": "PENSTOCK_PICKUP_METHODS",
    "presale_plans": "PENSTOCK_PRESALE_PLANS",
    "own_suppliers": "PENSTOCK_OWN_SUPPLIERS",
    "suppliers": "PENSTOCK_SUPPLIERS",
}
#: Postgres' words that leave nothing to the server: with ``allow`` and ``prefer`` one that refuses TLS is given the password in clear.
_DECIDED = ("verify-full", "verify-ca", "require", "disable")
_PRESALE_LEAD = "PENSTOCK_PRESALE_LEAD_HOURS"


#: Read elsewhere: by the local stack (``deploy/local``), for Alertmanager's mails (``deploy/alertmanager``), between processes, by tests.
_ELSEWHERE = {
    f"PENSTOCK_{name}"
    for name in (
        *("CACHE", "CHROMIUM", "MAVEN", "LEASH_FD", "MAIL_FROM", "MAIL_ONCALL", "MAIL_DAYTIME"),
        *("SMTP", "SMTP_TLS", "SMTP_USER", "SMTP_PASSWORD_FILE"),
    )
}


class InvalidSetting(ValueError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """See the module's text; ``from_env`` reads it."""

    brokers: str
    data: Path
    app_id: str = "penstock"
    partitions: int = 2
    replication: int = 1
    personal_days: int = 90
    #: Overrides, as they were written.
    table_days: str = ""
    batch: int = 2_000
    group_protocol: str = "classic"
    metrics_port: int = 0
    metrics_host: str = "127.0.0.1"
    #: Addresses and networks, as they were written.
    trusted_proxies: str = "127.0.0.0/8,::1"
    reservation_ttl_ms: int | None = None
    clock_skew_max_s: int = 60
    #: Holds a password: never shown.
    database_url: str = field(default="", repr=False)
    interfaces: Path | None = None
    shops: Path | None = None
    #: Name of a rule document.
    rules: str = "default"
    #: Name of a flow document.
    flow: str = "default"
    #: Merge groups are hashed with it: never shown. Empty: with the app id.
    merge_secret: str = field(default="", repr=False)
    #: Role -> accounts that have it, as it was written.
    roles: str = ""
    #: None: ``carriers_folder`` is in ``data``.
    carriers: Path | None = None
    channels: ChannelSettings = DEFAULT
    writeback_retry: str = ""
    writeback_near_ms: int = 7_200_000
    writeback_held_ms: int = 1_800_000
    delivery_retry: str = ""
    #: Process -> its user at Kafka, as it was written; ``ops/rights.py`` reads it.
    principals: str = ""
    #: None: the command is told.
    backup: Path | None = None
    #: Where the key is had from; it is no key itself.
    backup_key: str = field(default="", repr=False)
    #: May hold a password: never shown.
    kafka: Mapping[str, str] = field(default_factory=dict, repr=False)
    fetch: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, brokers: str = "") -> Settings:
        """Raises InvalidSetting, naming the variable, its value and what it should be."""
        env = os.environ if env is None else env
        protocol = env.get("PENSTOCK_GROUP_PROTOCOL", "classic")
        if protocol not in ("classic", "consumer"):
            raise InvalidSetting(f"PENSTOCK_GROUP_PROTOCOL is {protocol!r}: set it to classic or consumer")
        zone(env)
        return cls(
            brokers=brokers or env.get("PENSTOCK_BROKERS", ""),
            data=Path(env.get("PENSTOCK_DATA") or _state_home(env) / "penstock"),
            app_id=env.get("PENSTOCK_APP_ID", "penstock"),
            partitions=_number(env, "PENSTOCK_PARTITIONS", 2, least=1),
            replication=_number(env, "PENSTOCK_REPLICATION", 1, least=1),
            personal_days=_number(env, "PENSTOCK_PERSONAL_DAYS", 90, least=0),
            table_days=_checked(env, "PENSTOCK_TABLE_DAYS", kept_days),
            batch=_number(env, "PENSTOCK_BATCH", 2_000, least=1),
            group_protocol=protocol,
            metrics_port=_number(env, "PENSTOCK_METRICS_PORT", 0, least=0),
            metrics_host=env.get("PENSTOCK_METRICS_HOST") or "127.0.0.1",
            trusted_proxies=_networks(env),
            database_url=database_address("PENSTOCK_DATABASE_URL", env.get("PENSTOCK_DATABASE_URL", "")),
            interfaces=Path(env["PENSTOCK_INTERFACES"]) if env.get("PENSTOCK_INTERFACES") else None,
            shops=Path(env["PENSTOCK_SHOPS"]) if env.get("PENSTOCK_SHOPS") else None,
            rules=env.get("PENSTOCK_RULES", "").strip() or "default",
            flow=env.get("PENSTOCK_FLOW", "").strip() or "default",
            merge_secret=env.get("PENSTOCK_MERGE_SECRET", ""),
            roles=_checked(env, "PENSTOCK_ROLES", accounts_by_role),
            carriers=Path(env["PENSTOCK_CARRIERS"]) if env.get("PENSTOCK_CARRIERS") else None,
            backup=Path(env["PENSTOCK_BACKUP"]) if env.get("PENSTOCK_BACKUP") else None,
            backup_key=env.get("PENSTOCK_BACKUP_KEY", ""),
            principals=env.get("PENSTOCK_PRINCIPALS", ""),
            channels=_channels(env),
            writeback_retry=_checked(env, "PENSTOCK_WRITEBACK_RETRY", policies),
            writeback_near_ms=_number(env, "PENSTOCK_WRITEBACK_NEAR_MINUTES", 120, least=0) * 60_000,
            writeback_held_ms=_number(env, "PENSTOCK_WRITEBACK_HELD_MINUTES", 30, least=1) * 60_000,
            delivery_retry=_checked(env, "PENSTOCK_DELIVERY_RETRY", delivery_rules),
            clock_skew_max_s=_number(env, "PENSTOCK_CLOCK_SKEW_MAX_S", 60, least=1),
            reservation_ttl_ms=_number(env, "PENSTOCK_RESERVATION_HOURS", 0, least=0) * 3_600_000 or None,
            kafka=_properties(env, _KAFKA),
            fetch=_properties(env, _FETCH),
        )

    def in_clear(self) -> list[str]:
        """What is spoken to unencrypted on another machine: a line each, for who can put it right."""
        said = []
        off = [
            at
            for at in self.brokers.split(",")
            if at.strip() and not is_loopback(at.strip().rpartition(":")[0].strip("[]"))
        ]
        if off and self.kafka.get("security.protocol", "plaintext").lower() not in ("ssl", "sasl_ssl"):
            said.append(
                f"Kafka at {off[0].strip()} is spoken to in clear: what buyers are called and where they live can be read on the way; "
                "set PENSTOCK_KAFKA__SECURITY_PROTOCOL to SSL or SASL_SSL"
            )
        hosts, mode = _database_hosts(self.database_url)
        if mode == "disable" and (far := [host for host in hosts if not _is_here(host)]):
            said.append(
                f"the database at {far[0]} is spoken to in clear: what buyers are called and where they live can be read on the way; "
                "write sslmode=verify-full in PENSTOCK_DATABASE_URL"
            )
        return said

    @property
    def merge_key(self) -> bytes:
        """What merge groups are hashed with, at most the 64 bytes that the hash takes."""
        return (self.merge_secret or self.app_id).encode()[:64]

    @property
    def carriers_folder(self) -> Path:
        """Where newer versions of the carrier dictionary are kept."""
        return self.carriers or self.data / "carriers"

    def to_env(self) -> dict[str, str]:
        """The variables that ``from_env`` reads these settings from: for a worker's process."""
        return {
            "PENSTOCK_BROKERS": self.brokers,
            "PENSTOCK_DATA": str(self.data),
            "PENSTOCK_APP_ID": self.app_id,
            "PENSTOCK_PARTITIONS": str(self.partitions),
            "PENSTOCK_REPLICATION": str(self.replication),
            "PENSTOCK_PERSONAL_DAYS": str(self.personal_days),
            "PENSTOCK_TABLE_DAYS": self.table_days,
            "PENSTOCK_BATCH": str(self.batch),
            "PENSTOCK_GROUP_PROTOCOL": self.group_protocol,
            "PENSTOCK_METRICS_PORT": str(self.metrics_port),
            "PENSTOCK_METRICS_HOST": self.metrics_host,
            "PENSTOCK_TRUSTED_PROXIES": self.trusted_proxies,
            "PENSTOCK_RESERVATION_HOURS": str((self.reservation_ttl_ms or 0) // 3_600_000),
            "PENSTOCK_CLOCK_SKEW_MAX_S": str(self.clock_skew_max_s),
            "PENSTOCK_DATABASE_URL": self.database_url,
            "PENSTOCK_INTERFACES": str(self.interfaces or ""),
            "PENSTOCK_SHOPS": str(self.shops or ""),
            "PENSTOCK_RULES": self.rules,
            "PENSTOCK_FLOW": self.flow,
            "PENSTOCK_MERGE_SECRET": self.merge_secret,
            "PENSTOCK_ROLES": self.roles,
            "PENSTOCK_CARRIERS": str(self.carriers or ""),
            "PENSTOCK_BACKUP": str(self.backup or ""),
            "PENSTOCK_BACKUP_KEY": self.backup_key,
            "PENSTOCK_PRINCIPALS": self.principals,
            **{name: ",".join(getattr(self.channels, field)) or "," for field, name in _CHANNEL_NAMES.items()},
            _PRESALE_LEAD: str(self.channels.presale_lead_ms // 3_600_000),
            "PENSTOCK_WRITEBACK_RETRY": self.writeback_retry,
            "PENSTOCK_WRITEBACK_NEAR_MINUTES": str(self.writeback_near_ms // 60_000),
            "PENSTOCK_WRITEBACK_HELD_MINUTES": str(self.writeback_held_ms // 60_000),
            "PENSTOCK_DELIVERY_RETRY": self.delivery_retry,
            **_variables(_KAFKA, self.kafka),
            **_variables(_FETCH, self.fetch),
        }


def _properties(env: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        name[len(prefix) :].lower().replace("_", "."): value for name, value in env.items() if name.startswith(prefix)
    }


def _variables(prefix: str, properties: Mapping[str, str]) -> dict[str, str]:
    return {prefix + name.upper().replace(".", "_"): str(value) for name, value in properties.items()}


def database_address(name: str, url: str) -> str:
    """The URL as it is. Raises InvalidSetting when its server is elsewhere and is to decide itself whether it is spoken to in clear."""
    hosts, mode = _database_hosts(url)
    if mode not in _DECIDED and (far := [host for host in hosts if not _is_here(host)]):
        raise InvalidSetting(
            f"{name} names a database on another machine, {far[0]}, {f'with sslmode={mode}' if mode else 'without sslmode'}: one "
            "that refuses TLS would be given the password in clear; add ?sslmode=verify-full (require: no certificate is "
            "checked; disable: in clear)"
        )
    return url


def _database_hosts(url: str) -> tuple[list[str], str]:
    """Hosts and sslmode of a database's URL; what is no URL is its reader's to say."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return [], ""
    asked = parse_qs(parts.query)
    places = parts.netloc.rpartition("@")[2].split(",") + asked.get("host", [""])[-1].split(",")
    hosts = [
        place.partition("]")[0].lstrip("[") if place.startswith("[") else place.partition(":")[0] for place in places
    ]
    return [host for host in hosts if host], asked.get("sslmode", [""])[-1]


def _is_here(host: str) -> bool:
    # A folder: the socket in it.
    return host.startswith(("/", "%2F", "%2f")) or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether it is this machine, by its name or address alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _state_home(env: Mapping[str, str]) -> Path:
    return Path(env.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _checked(env: Mapping[str, str], name: str, read: Callable[[str], object]) -> str:
    """The text, which ``read`` takes."""
    text = env.get(name, "")
    try:
        read(text)
    except ValueError as exc:
        raise InvalidSetting(f"{name} has {exc}") from None
    return text


def _networks(env: Mapping[str, str]) -> str:
    text = env.get("PENSTOCK_TRUSTED_PROXIES") or Settings.trusted_proxies
    try:
        networks(text)
    except ValueError as exc:
        raise InvalidSetting(
            f"PENSTOCK_TRUSTED_PROXIES is {text!r}: set it to addresses and networks, such as 127.0.0.1,10.0.0.0/8 ({exc})"
        ) from None
    return text


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks between commas. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def _channels(env: Mapping[str, str]) -> ChannelSettings:
    names = {field: _names(env, name, getattr(DEFAULT, field)) for field, name in _CHANNEL_NAMES.items()}
    lead_h = _number(env, _PRESALE_LEAD, DEFAULT.presale_lead_ms // 3_600_000, least=0)
    return ChannelSettings(**names, presale_lead_ms=lead_h * 3_600_000)


def _names(env: Mapping[str, str], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    """Names between commas; a comma alone says that there are none."""
    text = env.get(name, "")
    return tuple(part.strip() for part in text.split(",") if part.strip()) if text else default


def _number(env: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        value = least - 1
    if value < least:
        raise InvalidSetting(f"{name} is {text!r}: set it to a whole number of at least {least}")
    return value


def zone(env: Mapping[str, str] | None = None) -> tzinfo | None:
    """The time zone that people are shown times in, of ``PENSTOCK_TZ``; None: the system's. Raises InvalidSetting."""
    name = (os.environ if env is None else env).get("PENSTOCK_TZ", "")
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidSetting(
            f"PENSTOCK_TZ is {name!r}: set it to a zone such as Asia/Shanghai or UTC (a system that has none lacks its package tzdata)"
        ) from None


def unknown(env: Mapping[str, str] | None = None) -> list[str]:
    """Variables that begin as settings do and are none, a line each: nobody reads them, and a default holds in their place."""
    env = os.environ if env is None else env
    known = set(re.findall(r"PENSTOCK_[A-Z_]*[A-Z]\b", __doc__ or "")) | _ELSEWHERE
    said = []
    for name in sorted(env):
        if name.startswith("PENSTOCK_") and name not in known and not name.startswith((_KAFKA, _FETCH)):
            near = get_close_matches(name, known, 1, 0.8)
            said.append(f"{name} is no setting{f': do you mean {near[0]}?' if near else ''}; it has no effect")
    return said
