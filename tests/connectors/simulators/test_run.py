"""All simulators at once: the shops file that the hub reads, and the command that ends cleanly."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from connectors import shops
from connectors.generator import warehouses
from connectors.generator.draw import CHANNELS
from connectors.simulators import registry
from connectors.simulators.run import WRITTEN_HERE, Simulators
from connectors.simulators.simulator import Options
from tests.integration.conftest import penstock
from tests.patience import PATIENCE_S


def test_the_shops_file_points_at_what_runs(tmp_path: Path) -> None:
    path = tmp_path / "shops.toml"

    async def run() -> dict[str, str]:
        async with Simulators(Options(seed=3, gateway="http://127.0.0.1:1")) as simulators:
            path.write_text(simulators.shops_toml, "utf-8")
            return simulators.urls

    urls = asyncio.run(run())
    assert list(urls) == registry.names()
    read = shops.load(path)
    expected = {(channel, shop) for channel, (_, names) in CHANNELS.items() for shop in names if channel in urls}
    assert {(it.channel, it.shop) for it in read.shops} == expected
    assert all(it.url.startswith(urls[it.channel]) for it in read.shops)
    assert {it.provider for it in read.logistics} == set(urls) & set(shops.PROVIDERS)
    assert set(read.senders) == {it["warehouse"] for it in warehouses()}


def test_a_port_that_is_taken_is_an_error() -> None:
    async def run() -> None:
        async with Simulators(Options(), only=["jd"]) as first:
            port = int(first.urls["jd"].rpartition(":")[2])
            with pytest.raises(OSError, match="address already in use"):
                async with registry.simulator("taobao", Options(port=port)):
                    raise AssertionError("it listens where another one does")

    asyncio.run(run())


def test_the_command_runs_until_it_is_told_to_end(tmp_path: Path) -> None:
    command = (sys.executable, "-m", "streams.cli", "simulate", "--only", "taobao", "--only", "jd", "--seed", "9")
    options = ("--faults", "throttle=0.5,latency_ms=1", "--shops-file", str(tmp_path / "some" / "shops.toml"))
    environment = {**os.environ, "PENSTOCK_DATA": str(tmp_path)}
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "shops.toml").write_text(f"{WRITTEN_HERE}\n# of an earlier start\n")
    process = subprocess.Popen(
        (*command, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        path = tmp_path / "some" / "shops.toml"
        until = time.monotonic() + PATIENCE_S
        while "[[shop]]" not in path.read_text() and process.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
        assert path.stat().st_mode & 0o077 == 0
        url = shops.load(path).shops[0].url.removesuffix("/router/rest")
        with urllib.request.urlopen(f"{url}/_sim/counts", timeout=60) as answer:
            assert json.load(answer)["changes"] == 0
        process.send_signal(signal.SIGTERM)
        said, errors = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, errors) == (0, "")
    assert url in said and said.endswith("stopped\n")


def test_the_keys_of_real_shops_are_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "shops.toml"
    for real in ('[[shop]]\nchannel = "jd"\n', f"# Mine\n{WRITTEN_HERE}\n", ""):
        path.write_text(real)
        done = penstock("simulate", "--shops-file", str(path))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"error: --shops-file is {path}, which penstock simulate has not written")
        assert path.read_text() == real
