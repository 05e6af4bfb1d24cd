"""What can't be connected safely is said at the start, in one line, without the secrets."""

from __future__ import annotations

import pytest

from connectors.channels.gateway import pushed_traces, webhooks
from connectors.shops import LogisticsAccount, Shop, Shops
from streams.settings import InvalidSetting


def test_a_shop_that_is_pushed_to_needs_a_secret() -> None:
    with pytest.raises(InvalidSetting, match="shop 'tea' of shopify has no secret"):
        webhooks(Shops((Shop("shopify", "tea", "https://x.example", token="t"),)))


def test_one_of_shopify_needs_its_domain() -> None:
    with pytest.raises(InvalidSetting, match=r"shop 'tea' of shopify has no seller: set it to its domain"):
        webhooks(Shops((Shop("shopify", "tea", "https://x.example", secret="s"),)))


def test_one_that_is_asked_does_not() -> None:
    assert webhooks(Shops((Shop("jd", "tea", "https://x.example"),))) == {}


def test_kuaidi100_needs_a_salt_where_it_is_to_call() -> None:
    silent = LogisticsAccount("kuaidi100", "https://x.example", key="k")
    calling = LogisticsAccount("kuaidi100", "https://x.example", key="k", callback="https://hub.example/push/kuaidi100")
    assert pushed_traces(Shops((), (silent,)), str) is None
    with pytest.raises(InvalidSetting, match="no salt"):
        pushed_traces(Shops((), (calling,)), str)
