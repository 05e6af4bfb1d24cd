"""What a running hub says to who reads Chinese."""

from __future__ import annotations

from tests.chinese import english
from tests.integration.conftest import Shop, penstock
from tests.integration.test_heard_enough import settings


def test_the_verdict_on_it(shop: Shop) -> None:
    done = penstock("verify", PENSTOCK_LANG="zh", **settings(shop))
    assert done.returncode == 0, done
    assert "每个渠道事件只有一个结果" in done.stdout and "核对：0 处违反，读取" in done.stdout
    assert english(done.stdout + done.stderr) == []


def test_its_stages(shop: Shop) -> None:
    said = penstock("topology", PENSTOCK_LANG="zh", **settings(shop)).stdout
    assert "一份库存归一个分区" in said
    assert english(said) == []
