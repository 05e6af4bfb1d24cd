"""How Penstock is set up: environment variables, each with a default that fits the local stack.

PENSTOCK_BROKERS          host:port,host:port of an existing Kafka; the local stack's address otherwise
PENSTOCK_DATA             folder for local state, one subfolder a worker      (~/.local/state/penstock or XDG_STATE_HOME)
PENSTOCK_APP_ID           consumer group, prefix of changelogs and transactional ids          (penstock)
PENSTOCK_PARTITIONS       partitions of the topics that Penstock creates                      (4)
PENSTOCK_REPLICATION      their replication factor                                            (1)
PENSTOCK_BATCH            records of one transaction at the most                              (2000)
PENSTOCK_GROUP_PROTOCOL   classic, or consumer (KIP-848)                                      (classic)
PENSTOCK_METRICS_PORT     a process serves /metrics, /live and /ready here; 0: nowhere        (0)
PENSTOCK_LOG_FORMAT       json, or text                                       (text on a terminal, json elsewhere)
PENSTOCK_RESERVATION_HOURS  how long a reservation waits for its shipment before its order is planned anew; 0: for ever (0)
PENSTOCK_CLOCK_SKEW_MAX_S  a worker whose host's clock is farther from the broker's says so, and proposes nothing by time (60)
PENSTOCK_DATABASE_URL     postgresql://user:password@host/name of an existing Postgres; the local stack's otherwise
PENSTOCK_SHOPS            TOML file of shops and logistics accounts; connectors/shops.py has its form
PENSTOCK_CARRIERS         folder of the carrier dictionary's newer versions                   (carriers in PENSTOCK_DATA)
PENSTOCK_WRITEBACK_RETRY  attempts in all, and seconds between them, by what a platform answered     (RETRYABLE=3:300; all others =1)
                          such as RETRYABLE=5:600,ORDER_FORBIDS=2:3600; outcomes: streams/domain/writeback/policy.py
PENSTOCK_WRITEBACK_NEAR_MINUTES  a parcel not written back so long before its deadline is warned of   (120)
PENSTOCK_INTERFACES       TOML file of interfaces whose health is checked; streams/monitor/interfaces.py has its form
PENSTOCK_REGISTRY         URL of a schema registry: Confluent's wire format instead of Avro single-object encoding
PENSTOCK_KAFKA__X_Y       librdkafka property x.y for every client: PENSTOCK_KAFKA__SECURITY_PROTOCOL=SASL_SSL
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streams.domain.writeback.policy import policies

_KAFKA = "PENSTOCK_KAFKA__"


class InvalidSetting(ValueError):
    """An environment variable has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """See the module's text; ``from_env`` reads it."""

    brokers: str
    data: Path
    app_id: str = "penstock"
    partitions: int = 4
    replication: int = 1
    batch: int = 2_000
    group_protocol: str = "classic"
    metrics_port: int = 0
    reservation_ttl_ms: int | None = None
    clock_skew_max_s: int = 60
    #: Holds a password: never shown.
    database_url: str = field(default="", repr=False)
    interfaces: Path | None = None
    shops: Path | None = None
    #: None: ``carriers_folder`` is in ``data``.
    carriers: Path | None = None
    writeback_retry: str = ""
    writeback_near_ms: int = 7_200_000
    kafka: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, *, brokers: str = "") -> Settings:
        """Raises InvalidSetting, naming the variable, its value and what it should be."""
        env = os.environ if env is None else env
        protocol = env.get("PENSTOCK_GROUP_PROTOCOL", "classic")
        if protocol not in ("classic", "consumer"):
            raise InvalidSetting(f"PENSTOCK_GROUP_PROTOCOL is {protocol!r}: set it to classic or consumer")
        return cls(
            brokers=brokers or env.get("PENSTOCK_BROKERS", ""),
            data=Path(env.get("PENSTOCK_DATA") or _state_home(env) / "penstock"),
            app_id=env.get("PENSTOCK_APP_ID", "penstock"),
            partitions=_number(env, "PENSTOCK_PARTITIONS", 4, least=1),
            replication=_number(env, "PENSTOCK_REPLICATION", 1, least=1),
            batch=_number(env, "PENSTOCK_BATCH", 2_000, least=1),
            group_protocol=protocol,
            metrics_port=_number(env, "PENSTOCK_METRICS_PORT", 0, least=0),
            database_url=env.get("PENSTOCK_DATABASE_URL", ""),
            interfaces=Path(env["PENSTOCK_INTERFACES"]) if env.get("PENSTOCK_INTERFACES") else None,
            shops=Path(env["PENSTOCK_SHOPS"]) if env.get("PENSTOCK_SHOPS") else None,
            carriers=Path(env["PENSTOCK_CARRIERS"]) if env.get("PENSTOCK_CARRIERS") else None,
            writeback_retry=_retry(env),
            writeback_near_ms=_number(env, "PENSTOCK_WRITEBACK_NEAR_MINUTES", 120, least=0) * 60_000,
            clock_skew_max_s=_number(env, "PENSTOCK_CLOCK_SKEW_MAX_S", 60, least=1),
            reservation_ttl_ms=_number(env, "PENSTOCK_RESERVATION_HOURS", 0, least=0) * 3_600_000 or None,
            kafka={
                name[len(_KAFKA) :].lower().replace("_", "."): value
                for name, value in env.items()
                if name.startswith(_KAFKA)
            },
        )

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
            "PENSTOCK_BATCH": str(self.batch),
            "PENSTOCK_GROUP_PROTOCOL": self.group_protocol,
            "PENSTOCK_METRICS_PORT": str(self.metrics_port),
            "PENSTOCK_RESERVATION_HOURS": str((self.reservation_ttl_ms or 0) // 3_600_000),
            "PENSTOCK_CLOCK_SKEW_MAX_S": str(self.clock_skew_max_s),
            "PENSTOCK_DATABASE_URL": self.database_url,
            "PENSTOCK_INTERFACES": str(self.interfaces or ""),
            "PENSTOCK_SHOPS": str(self.shops or ""),
            "PENSTOCK_CARRIERS": str(self.carriers or ""),
            "PENSTOCK_WRITEBACK_RETRY": self.writeback_retry,
            "PENSTOCK_WRITEBACK_NEAR_MINUTES": str(self.writeback_near_ms // 60_000),
            **{_KAFKA + name.upper().replace(".", "_"): str(value) for name, value in self.kafka.items()},
        }


def _state_home(env: Mapping[str, str]) -> Path:
    return Path(env.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _retry(env: Mapping[str, str]) -> str:
    text = env.get("PENSTOCK_WRITEBACK_RETRY", "")
    try:
        policies(text)
    except ValueError as exc:
        raise InvalidSetting(f"PENSTOCK_WRITEBACK_RETRY has {exc}") from None
    return text


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
