"""What the README shows of adding a channel works as it stands there."""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

import pytest

from connectors.channels.base import BadSignature, Malformed, Push, Webhook
from connectors.channels.table import CONNECTORS
from connectors.shops import Shop, load
from schemas.codec import CODEC
from tests.handbook import section


def code(title: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", section(title), re.M | re.S)
    assert found is not None
    return found[1]


@pytest.fixture
def sixth() -> Webhook:
    names: dict[str, type[Webhook]] = {}
    exec(compile(code("Add a channel", "python"), "README.md", "exec"), names)
    return names["YouzanWebhook"](Shop("youzan", "tea", "https://x.example", secret="hush"))


def push(body: bytes, secret: str = "hush") -> Push:
    sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Push({"X-Signature": sign, "X-Message-Id": "m1"}, body, 1_767_232_800_000)


def test_the_sixth_channels_code_takes_a_push(sixth: Webhook) -> None:
    body = '{"tid":"E2026","update_time":"2026-01-01 10:00:00","note":"茶"}'.encode()
    sixth.verify(push(body))
    (record,) = sixth.read(push(body))
    assert (record.topic, record.key) == ("channel.youzan.events", "youzan:E2026")
    name, event = CODEC.decode(record.value)
    assert (name, event["payload"], event["occurred_at_ms"]) == ("ChannelEvent", body, 1_767_232_800_000)
    with pytest.raises(BadSignature):
        sixth.verify(push(body, "another"))
    with pytest.raises(Malformed):
        sixth.read(push(b'{"tid":""}'))


def test_the_shops_file_is_one(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("t")
    text = code("Connect a channel", "toml").replace("/run/secrets/shopify-token", str(token))
    path = tmp_path / "shops.toml"
    path.write_text(text)
    (shop,) = load(path, {"SHOPIFY_SECRET": "s"}).shops
    assert (shop.channel, shop.secret, shop.token) == ("shopify", "s", "t")


def test_every_channel_stands_in_the_table() -> None:
    rows = re.findall(r"^\| (\w+) \|", section("Connect a channel"), re.M)
    assert set(CONNECTORS) <= set(rows)
    for channel, connector in CONNECTORS.items():
        assert ("/push/" + channel in section("Connect a channel")) == (connector.webhook is not None)
