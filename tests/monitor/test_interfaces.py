"""The file of interfaces: what it may say, and a clear word about what it may not, without its secrets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streams.monitor.interfaces import Interface, interfaces
from streams.settings import InvalidSetting, Settings

SETTINGS = Settings(brokers="kafka:9092", data=Path())


def read(tmp_path: Path, text: str, settings: Settings = SETTINGS) -> dict[str, Interface]:
    path = tmp_path / "interfaces.toml"
    path.write_text(text, "utf-8")
    return {it.name: it for it in interfaces(replace(settings, interfaces=path)).all}


def test_the_broker_and_the_database_are_always_there() -> None:
    assert [(it.name, it.kind, it.target) for it in interfaces(SETTINGS).all] == [("kafka", "kafka", "kafka:9092")]
    both = interfaces(replace(SETTINGS, database_url="postgresql://hub:pw@db/hub?sslmode=require"))
    assert both.interval_s == 180
    assert [(it.name, it.kind, it.timeout_s) for it in both.all] == [
        ("kafka", "kafka", 10),
        ("postgres", "postgres", 10),
    ]
    assert "pw" not in repr(both)


def test_the_platforms_of_the_shops_are_asked_without_an_entry_and_without_their_keys(tmp_path: Path) -> None:
    shops = """
        [[shop]]
        channel = "pdd"
        shop = "pdd-home"
        url = "https://pdd.example/api/router"
        messages_url = "ws://[::1]:8080/message"
        secret = "env:NOT_SET_HERE"
        [[shop]]
        channel = "jd"
        shop = "jd-pop"
        url = "https://jd.example:99999/api"
        [[shop]]
        channel = "taobao"
        shop = "home"
        url = "http://127.0.0.1/rest"
    """
    (tmp_path / "shops.toml").write_text(shops)
    of_shops = interfaces(replace(SETTINGS, shops=tmp_path / "shops.toml")).all
    assert [(it.name, it.kind, it.target) for it in of_shops[1:]] == [
        ("channel.pdd.pdd-home", "tcp", "pdd.example:443"),
        ("channel.pdd.pdd-home.messages", "tcp", "[::1]:8080"),
        ("channel.taobao.home", "tcp", "127.0.0.1:80"),
    ]
    assert len(interfaces(replace(SETTINGS, shops=tmp_path / "none.toml")).all) == 1


def test_a_file_adds_to_them_and_may_replace_them(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        timeout_s = 4
        [[interface]]
        name = "channel.taobao"
        kind = "http"
        url = "https://gw.example/health?token=t0ps3cret"
        timeout_s = 20.5
        [[interface]]
        name = "logistics.sf"
        kind = "tcp"
        address = "[::1]:443"
        [[interface]]
        name = "kafka"
        kind = "kafka"
        address = "a:9092,b:9092"
        [[interface]]
        name = "reports"
        kind = "postgres"
        url = "postgresql://u:p@/reports?host=/run/pg"
        """,
    )
    assert {name: (it.kind, it.timeout_s) for name, it in found.items()} == {
        "kafka": ("kafka", 4),
        "channel.taobao": ("http", 20.5),
        "logistics.sf": ("tcp", 4),
        "reports": ("postgres", 4),
    }
    assert found["kafka"].target == "a:9092,b:9092"
    assert "t0ps3cret" not in repr(found)


ENTRY = '[[interface]]\nname = "x"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("interval_s = 0", "interval_s is 0: set it to seconds, 0.1 to 86400"),
        ("timeout_s = true", "timeout_s is True"),
        ("pause_s = 1", "unknown field 'pause_s'; there are interface, interval_s, timeout_s"),
        ("interval_s = ", "is no TOML file"),
        ("interface = 3", "begin each entry with [[interface]]"),
        ('[[interface]]\nkind = "tcp"', "interface number 1: name is None"),
        ('[[interface]]\nname = "x y"\nkind = "tcp"', "name is 'x y'"),
        (ENTRY, "interface 'x': kind is None: set it to kafka, postgres, http, tcp"),
        (ENTRY + 'kind = "ftp"', "kind is 'ftp'"),
        (ENTRY + 'kind = "tcp"', "interface 'x': address is not there: set it to host:port"),
        (ENTRY + 'kind = "tcp"\naddress = "host"', "address is not of the form it needs: set it to host:port"),
        (ENTRY + 'kind = "tcp"\naddress = "host:99999"', "set it to host:port"),
        (ENTRY + 'kind = "http"\naddress = "host:1"', "interface 'x': unknown field 'address'"),
        (ENTRY + 'kind = "http"\nurl = "ftp://u:s3cret@host/"', "url is not of the form it needs"),
        (ENTRY + 'kind = "http"\nurl = "http://u:s3cret@host:port/"', "set it to http://host/path"),
        (ENTRY + 'kind = "postgres"\nurl = "mysql://u:s3cret@host/"', "set it to postgresql://user:password@host/name"),
        (
            ENTRY + 'kind = "postgres"\nurl = "postgresql://u:s3cret@db.example/x"',
            "interface 'x': url names a database on another",
        ),
        (ENTRY + 'kind = "http"\nurl = "http://h/"\ntimeout_s = "1"', "interface 'x': timeout_s is '1'"),
        (2 * (ENTRY + 'kind = "tcp"\naddress = "h:1"\n'), "interface 'x' is there twice"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InvalidSetting) as wrong:
        read(tmp_path, text)
    said = str(wrong.value)
    assert says in said
    assert str(tmp_path / "interfaces.toml") in said
    assert "s3cret" not in said
    assert "\n" not in said


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"PENSTOCK_INTERFACES is '.*nowhere': No such file"):
        interfaces(replace(SETTINGS, interfaces=tmp_path / "nowhere"))
