"""``penstock reconcile`` as a process: it pulls over and over, says how it is doing, ends in order; wrong settings are one clear line."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import aiohttp

from deploy.local.process import free_ports
from tests.conftest import Unique
from tests.connectors.reconcile.conftest import Hub, Market, market, named, shops_toml
from tests.integration.conftest import penstock_alone
from tests.patience import PATIENCE_S


async def started(hub: Hub, it: Market, *args: str) -> asyncio.subprocess.Process:
    path = hub.settings.data / "shops.toml"
    path.write_text(shops_toml(it))
    env = {**os.environ, **hub.settings.to_env(), "PENSTOCK_SHOPS": str(path)}
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "streams.cli", "reconcile", *args)
    return await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)


async def becomes(url: str, wanted: str) -> str:
    """Waits until the answer holds this."""
    deadline, text = time.monotonic() + PATIENCE_S, ""
    async with aiohttp.ClientSession() as session:
        while wanted not in text:
            assert time.monotonic() < deadline, f"{url} never had {wanted!r}: {text[-1500:]}"
            try:
                async with session.get(url) as answer:
                    text = f"{answer.status} {await answer.text()}"
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
    return text


def test_it_pulls_over_and_over_serves_its_metrics_and_ends_on_sigterm(hub: Hub, unique: Unique) -> None:
    async def scenario() -> None:
        async with market("taobao", named(unique("process"))) as it:
            (port,) = free_ports(1)
            always = ("--interval", "1", "--settle", "0", "--lookback", "1", "--calls", "100", "--confirm-after", "0")
            process = await started(hub, it, *always, "--port", str(port))
            await becomes(f"http://127.0.0.1:{port}/ready", "200")
            # Lost while it runs: the next pull finds it.
            first = int(time.time()) % 100_000 * 100 + 90
            it.shows(first, "paid")
            await becomes(f"http://127.0.0.1:{port}/metrics", 'reconcile_found_total{channel="taobao"} 1.0')
            hub.judge()
            # Accepted: its payment is asked back.
            agreed = 'reconcile_checks_total{about="PAYMENT",channel="taobao",outcome="agrees"} 1.0'
            await becomes(f"http://127.0.0.1:{port}/metrics", agreed)
            process.terminate()
            out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
            assert process.returncode == 0, err.decode()
            # It says what it found, and names no person: the shop's order is told by its number alone.
            assert "1 changes that no push had told were sent in" in err.decode()
            assert b"1 shops are pulled every 1 s" in out

    asyncio.run(scenario())


def test_once_says_what_it_found_for_machines_and_fails_when_a_shop_was_not_pulled(hub: Hub, unique: Unique) -> None:
    async def scenario() -> None:
        async with market("jd", named(unique("once"))) as it:
            it.shows(int(time.time()) % 100_000 * 100 + 91, "paid")
            process = await started(hub, it, "--once", "--json", "--settle", "0", "--lookback", "1", "--calls", "100")
            out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
            assert process.returncode == 0, err.decode()
            (shop,) = json.loads(out)["shops"]
            assert (shop["channel"], shop["found"], shop["error"]) == ("jd", 1, "")
            unreachable = replace(it, shop=replace(it.shop, url="http://127.0.0.1:9"))
            process = await started(hub, unreachable, "--once", "--json", "--lookback", "0.001", "--settle", "0")
            out, err = await asyncio.wait_for(process.communicate(), PATIENCE_S)
            assert process.returncode == 1
            assert json.loads(out)["shops"][0]["error"]

    asyncio.run(scenario())


def test_without_shops_it_says_what_to_set(brokers: str, tmp_path: Path) -> None:
    done = penstock_alone("reconcile", "--once", PENSTOCK_BROKERS=brokers, PENSTOCK_DATA=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.startswith("error: no shops: set PENSTOCK_SHOPS")
    assert done.stderr.count("\n") == 1
