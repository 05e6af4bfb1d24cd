"""Settings from the environment: defaults that fit the local stack, and a clear word about what cannot be used."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

import schemas.codec
import schemas.texts
import streams.cli.common
import streams.cli.console
import streams.ops.logs
import streams.settings
from streams.domain.channels.settings import ChannelSettings
from streams.ops.moments import local, local_day, utc
from streams.replay.when import moment_ms
from streams.settings import InvalidSetting, Settings, unknown

HOUR_MS = 3_600_000


@pytest.mark.parametrize(
    "field", ["partitions", "replication", "personal_days", "batch", "group_protocol", "app_id", "kafka"]
)
def test_the_defaults_are_the_same_from_an_empty_environment(field: str) -> None:
    assert getattr(Settings.from_env({}), field) == getattr(Settings(brokers="", data=Path()), field)


def test_an_empty_environment() -> None:
    settings = Settings.from_env({})
    assert (settings.brokers, settings.metrics_port) == ("", 0)
    assert settings.reservation_ttl_ms is None
    assert settings.data == Path.home() / ".local" / "state" / "penstock"


@pytest.mark.parametrize(
    ("env", "field", "value"),
    [
        ({"PENSTOCK_BROKERS": "a:1,b:2"}, "brokers", "a:1,b:2"),
        ({"PENSTOCK_DATA": "/srv/penstock"}, "data", Path("/srv/penstock")),
        ({"PENSTOCK_DATA": "", "XDG_STATE_HOME": "/state"}, "data", Path("/state/penstock")),
        ({"PENSTOCK_DATA": "/srv", "XDG_STATE_HOME": "/state"}, "data", Path("/srv")),
        ({"PENSTOCK_APP_ID": "shop-2"}, "app_id", "shop-2"),
        ({"PENSTOCK_PARTITIONS": "12"}, "partitions", 12),
        ({"PENSTOCK_PARTITIONS": ""}, "partitions", 2),
        ({"PENSTOCK_REPLICATION": "3"}, "replication", 3),
        ({"PENSTOCK_PERSONAL_DAYS": "30"}, "personal_days", 30),
        ({"PENSTOCK_TABLE_DAYS": "receivers=30,traces=0"}, "table_days", "receivers=30,traces=0"),
        ({"PENSTOCK_BATCH": "1"}, "batch", 1),
        ({"PENSTOCK_GROUP_PROTOCOL": "consumer"}, "group_protocol", "consumer"),
        ({"PENSTOCK_METRICS_PORT": "9100"}, "metrics_port", 9100),
        ({"PENSTOCK_METRICS_HOST": "0.0.0.0"}, "metrics_host", "0.0.0.0"),
        ({"PENSTOCK_TRUSTED_PROXIES": "10.0.0.0/8"}, "trusted_proxies", "10.0.0.0/8"),
        ({"PENSTOCK_RESERVATION_HOURS": "48"}, "reservation_ttl_ms", 48 * HOUR_MS),
        ({"PENSTOCK_RESERVATION_HOURS": "0"}, "reservation_ttl_ms", None),
        ({"PENSTOCK_SHOPS": "/etc/shops.toml"}, "shops", Path("/etc/shops.toml")),
        ({"PENSTOCK_WRITEBACK_RETRY": "RETRYABLE=2:60"}, "writeback_retry", "RETRYABLE=2:60"),
        ({"PENSTOCK_WRITEBACK_NEAR_MINUTES": "30"}, "writeback_near_ms", HOUR_MS // 2),
        ({"PENSTOCK_COD_GATEWAYS": "cod, 到付"}, "channels", ChannelSettings(cod_gateways=("cod", "到付"))),
        ({"PENSTOCK_OWN_SERVICES": "manual,DEPOT-1"}, "channels", ChannelSettings(own_services=("manual", "DEPOT-1"))),
        ({"PENSTOCK_PICKUP_METHODS": "Shop 1"}, "channels", ChannelSettings(pickup_methods=("Shop 1",))),
        ({"PENSTOCK_PRESALE_PLANS": "presale"}, "channels", ChannelSettings(presale_plans=("presale",))),
        ({"PENSTOCK_PRESALE_LEAD_HOURS": "72"}, "channels", ChannelSettings(presale_lead_ms=72 * HOUR_MS)),
        ({"PENSTOCK_OWN_SUPPLIERS": "*"}, "channels", ChannelSettings(own_suppliers=("*",))),
        ({"PENSTOCK_SUPPLIERS": "S-1, S-2"}, "channels", ChannelSettings(suppliers=("S-1", "S-2"))),
        ({"PENSTOCK_OWN_SERVICES": ","}, "channels", ChannelSettings(own_services=())),
        ({"PENSTOCK_OWN_SERVICES": ""}, "channels", ChannelSettings()),
        ({"PENSTOCK_WRITEBACK_HELD_MINUTES": "60"}, "writeback_held_ms", HOUR_MS),
        ({"PENSTOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL"}, "kafka", {"security.protocol": "SASL_SSL"}),
        ({"PENSTOCK_KAFKA__SASL_PASSWORD": "A_b"}, "kafka", {"sasl.password": "A_b"}),
        ({"PENSTOCK_KAFKA": "x", "KAFKA__Y": "z"}, "kafka", {}),
        ({"PENSTOCK_FETCH__WAIT_MAX_MS": "100"}, "fetch", {"wait.max.ms": "100"}),
    ],
)
def test_a_variable_sets_its_field(env: dict[str, str], field: str, value: object) -> None:
    assert getattr(Settings.from_env(env), field) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PENSTOCK_PARTITIONS", "zero"),
        ("PENSTOCK_PARTITIONS", "0"),
        ("PENSTOCK_PARTITIONS", "-4"),
        ("PENSTOCK_PARTITIONS", "4.5"),
        ("PENSTOCK_REPLICATION", "0"),
        ("PENSTOCK_PERSONAL_DAYS", "-1"),
        ("PENSTOCK_BATCH", "0"),
        ("PENSTOCK_BATCH", "all"),
        ("PENSTOCK_METRICS_PORT", "-1"),
        ("PENSTOCK_RESERVATION_HOURS", "-1"),
        ("PENSTOCK_RESERVATION_HOURS", "two days"),
        ("PENSTOCK_WRITEBACK_NEAR_MINUTES", "-5"),
        ("PENSTOCK_WRITEBACK_HELD_MINUTES", "0"),
        ("PENSTOCK_GROUP_PROTOCOL", "modern"),
        ("PENSTOCK_TRUSTED_PROXIES", "proxy.example"),
        ("PENSTOCK_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("PENSTOCK_GROUP_PROTOCOL", "Classic"),
        ("PENSTOCK_TZ", "China/Hangzhou"),
        ("PENSTOCK_TZ", "/etc"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_value(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        Settings.from_env({name: value})
    message = str(raised.value)
    assert message.startswith(f"{name} is {value!r}: set it to ")
    assert "\n" not in message


def test_a_retry_that_means_nothing_is_named_with_its_entry() -> None:
    with pytest.raises(InvalidSetting, match=r"^PENSTOCK_WRITEBACK_RETRY has 'BUSY=3': write OUTCOME=ATTEMPTS:SECONDS"):
        Settings.from_env({"PENSTOCK_WRITEBACK_RETRY": "RETRYABLE=3:300,BUSY=3"})


def test_days_of_a_table_that_there_is_not_are_named() -> None:
    with pytest.raises(InvalidSetting, match=r"^PENSTOCK_TABLE_DAYS has 'people=3': write KIND=DAYS"):
        Settings.from_env({"PENSTOCK_TABLE_DAYS": "receivers=30,people=3"})


def test_given_brokers_go_before_the_environment() -> None:
    assert Settings.from_env({"PENSTOCK_BROKERS": "a:1"}, brokers="b:2").brokers == "b:2"


def test_settings_survive_the_way_to_a_worker_process() -> None:
    env = {
        "PENSTOCK_BROKERS": "a:1,b:2",
        "PENSTOCK_DATA": "/data",
        "PENSTOCK_APP_ID": "other",
        "PENSTOCK_PARTITIONS": "12",
        "PENSTOCK_REPLICATION": "3",
        "PENSTOCK_PERSONAL_DAYS": "30",
        "PENSTOCK_BATCH": "500",
        "PENSTOCK_GROUP_PROTOCOL": "consumer",
        "PENSTOCK_METRICS_PORT": "9100",
        "PENSTOCK_METRICS_HOST": "0.0.0.0",
        "PENSTOCK_TRUSTED_PROXIES": "10.1.2.3,fd00::/8",
        "PENSTOCK_CLOCK_SKEW_MAX_S": "30",
        "PENSTOCK_RESERVATION_HOURS": "48",
        "PENSTOCK_DATABASE_URL": "postgresql://penstock:secret@db/hub?sslmode=require",
        "PENSTOCK_INTERFACES": "/etc/penstock/interfaces.toml",
        "PENSTOCK_SHOPS": "/etc/penstock/shops.toml",
        "PENSTOCK_BACKUP": "/mnt/elsewhere",
        "PENSTOCK_BACKUP_KEY": "file:/run/secrets/backup",
        "PENSTOCK_PRINCIPALS": "User:hub-{process}",
        "PENSTOCK_COD_GATEWAYS": "cod,到付",
        "PENSTOCK_OWN_SERVICES": ",",
        "PENSTOCK_PICKUP_METHODS": "shop 1",
        "PENSTOCK_PRESALE_PLANS": "presale",
        "PENSTOCK_PRESALE_LEAD_HOURS": "72",
        "PENSTOCK_OWN_SUPPLIERS": ",",
        "PENSTOCK_SUPPLIERS": "S-1,S-2",
        "PENSTOCK_TABLE_DAYS": "receivers=30",
        "PENSTOCK_WRITEBACK_RETRY": "RETRYABLE=2:60",
        "PENSTOCK_WRITEBACK_NEAR_MINUTES": "30",
        "PENSTOCK_WRITEBACK_HELD_MINUTES": "45",
        "PENSTOCK_DELIVERY_RETRY": "5:60",
        "PENSTOCK_RULES": "spring",
        "PENSTOCK_FLOW": "large",
        "PENSTOCK_ROLES": "lead=li,wang service=zhao",
        "PENSTOCK_MERGE_SECRET": "as long as you like",
        "PENSTOCK_CARRIERS": "/etc/penstock/carriers",
        "PENSTOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "PENSTOCK_FETCH__WAIT_MAX_MS": "100",
    }
    assert Settings.from_env(env).to_env() == env


def test_a_variable_that_is_no_setting_is_named_with_the_one_that_is_meant() -> None:
    described = dict.fromkeys(re.findall(r"PENSTOCK_\w*[A-Z]", streams.settings.__doc__ or ""), "1")
    properties = {"PENSTOCK_KAFKA__LINGER_MS": "5", "PENSTOCK_FETCH__MIN_BYTES": "1"}
    assert unknown({**described, **properties, "PATH": "/bin", "PENSTOCK_SMTP": "mail:25"}) == []
    assert unknown({"PENSTOCK_PARTITION": "8", "PENSTOCK_ZZ_GREMLINS": "1", "PENSTOCK_BATCH": "5"}) == [
        "PENSTOCK_PARTITION is no setting: do you mean PENSTOCK_PARTITIONS?; it has no effect",
        "PENSTOCK_ZZ_GREMLINS is no setting; it has no effect",
    ]


def test_times_are_shown_in_the_readers_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    singles_day_ms = 1_794_326_405_000
    monkeypatch.setenv("PENSTOCK_TZ", "Asia/Shanghai")
    assert local(singles_day_ms) == "2026-11-11T00:00:05+08:00"
    assert local_day(singles_day_ms) == "2026-11-11"
    assert utc(singles_day_ms, "milliseconds") == "2026-11-10T16:00:05.000+00:00"
    assert moment_ms(local(singles_day_ms), 0, "--since") == singles_day_ms, "what is shown can be typed"
    monkeypatch.setenv("PENSTOCK_TZ", "")
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert local(singles_day_ms) == "2026-11-10T11:00:05-05:00", "the system's"
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_the_process_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PENSTOCK_APP_ID", "from-the-environment")
    assert Settings.from_env().app_id == "from-the-environment"


def test_every_variable_read_is_described_and_every_one_described_is_read() -> None:
    text = streams.settings.__doc__ or ""
    described = set(re.findall(r"^(PENSTOCK_[A-Z]+(?:_[A-Z]+)*) ", text, re.MULTILINE))
    own = _variables(Path(streams.settings.__file__), text)
    # The codec is made when it is imported, before there are settings.
    codec = _variables(Path(schemas.codec.__file__), schemas.codec.__doc__ or "")
    # Logs are set up before there are settings, so that a wrong one can be told.
    logs = _variables(Path(streams.ops.logs.__file__), streams.ops.logs.__doc__ or "")
    # Typer reads these: they are options too.
    asked = _variables(Path(streams.cli.common.__file__), "") | _variables(Path(streams.cli.console.__file__), "")
    # What is wrong with a setting is told in this language.
    texts = _variables(Path(schemas.texts.__file__), schemas.texts.__doc__ or "")
    assert own | codec | logs | asked | texts == described
    assert len(own) >= 9


def _variables(source: Path, doc: str) -> set[str]:
    return set(re.findall(r'"(PENSTOCK_[A-Z]+(?:_[A-Z]+)*)"', source.read_text(encoding="utf-8").replace(doc, "")))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cret@db.example/hub",
        "postgresql://u:s3cret@db.example:5432/hub?sslmode=prefer",
        "postgresql://u:s3cret@db.example/hub?sslmode=requir",
        "postgresql://u:s3cret@127.0.0.1,db.example/hub",
        "postgresql://u:s3cret@[2001:db8::1]:5432/hub",
        "postgresql://u:s3cret@/hub?host=db.example",
        "postgresql://u:s3cret@localhost.example/hub?sslmode=allow",
    ],
)
def test_a_database_elsewhere_says_whether_it_is_encrypted(url: str) -> None:
    with pytest.raises(
        InvalidSetting, match=r"PENSTOCK_DATABASE_URL names .* another machine, .*sslmode=verify-full"
    ) as wrong:
        Settings.from_env({"PENSTOCK_DATABASE_URL": url})
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql://u:p@localhost/hub",
        "postgresql://u:p@127.0.0.1:5432/hub",
        "postgresql://u:p@[::1]:5432/hub",
        "postgresql://u:p@/hub?host=/run/pg",
        "postgresql://u:p@%2Frun%2Fpg/hub",
        "postgresql://u:p@db.example/hub?sslmode=verify-full",
    ],
)
def test_one_here_and_one_encrypted_are_taken_as_they_are(url: str) -> None:
    settings = Settings.from_env({"PENSTOCK_DATABASE_URL": url})
    assert (settings.database_url, settings.in_clear()) == (url, [])


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"PENSTOCK_BROKERS": "127.0.0.1:9092,localhost:9092,[::1]:9092"}, []),
        ({"PENSTOCK_BROKERS": "localhost:9092,kafka-1:9092"}, ["Kafka at kafka-1:9092 "]),
        (
            {"PENSTOCK_BROKERS": "kafka-1:9092", "PENSTOCK_KAFKA__SECURITY_PROTOCOL": "sasl_plaintext"},
            ["Kafka at kafka-1:9092 "],
        ),
        ({"PENSTOCK_BROKERS": "kafka-1:9092", "PENSTOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL"}, []),
        ({"PENSTOCK_DATABASE_URL": "postgresql://u:p@db/hub?sslmode=disable"}, ["the database at db "]),
    ],
)
def test_what_is_in_clear_on_the_way_is_said(env: dict[str, str], says: list[str]) -> None:
    said = Settings.from_env(env).in_clear()
    assert [line[: len(start)] for line, start in zip(said, says, strict=True)] == says
    assert all("in clear" in line for line in said)
