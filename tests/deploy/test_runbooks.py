"""Every command of the runbooks is run, in the situation they are written for, on a real stack."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer

from connectors.generator import warehouses
from deploy.local import LocalKafka
from streams.aside import quarantine, review
from streams.cli.main import app
from streams.cluster import Cluster
from streams.settings import Settings
from streams.verify import verify
from streams.workers import Workers
from tests.aside.conftest import GARBAGE, yesterday
from tests.deploy.runbook import FOLDER, ROOT, Shell, blocks, commands, mentioned, until_it_says
from tests.integration.conftest import Shop, receipt, until

RUNBOOKS = {"sink-down", "replay", "rebalance-storm", "full-disk", "rebuild", "poison-order"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A cluster with stock; workers are each test's own."""
    data = tmp_path_factory.mktemp("runbooks")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data, partitions=2)
        it = Shop(settings, Cluster(settings), Workers(settings, 1), "")
        it.cluster.create_topics()
        it.cluster.publish(
            [
                *(("config.warehouses", w["warehouse"], "Warehouse", w) for w in warehouses()),
                ("inventory.commands", "GOOD", "Receive", receipt("GOOD", 1_000, "first/GOOD")),
            ]
        )
        # Before any worker has run: what a release with a bug leaves behind.
        yesterday(it)
        yield it


@contextmanager
def pasted(shop: Shop, folder: Path, name: str, **world: Any) -> Iterator[Shell]:
    """Runs all commands of a runbook; what stays is ended after the test has looked."""
    shell = Shell(folder, {k: v for k, v in shop.settings.to_env().items() if v}, **world)
    try:
        for command in commands((FOLDER / f"{name}.md").read_text()):
            shell.run(command)
        yield shell
    finally:
        shell.close()


@pytest.fixture
def worker(shop: Shop) -> Iterator[Workers]:
    """Worker 0 runs."""
    workers = Workers(shop.settings, 1)
    workers.start()
    try:
        decides(shop)
        yield workers
    finally:
        assert workers.stop() == [0], workers.log(0).read_text()[-3000:]


def decides(shop: Shop) -> str:
    """An order is placed and decided: somebody works; returns its id."""
    order_id = shop.place(shop.order_no(), "GOOD", quantity=1)
    until(lambda: shop.statuses(order_id), lambda found: found[-1:] == ["ALLOCATED"], f"{order_id} is allocated", 150)
    return order_id


def test_poison_order(shop: Shop, worker: Workers, tmp_path: Path) -> None:
    wrong = shop.place(shop.order_no(), "GOOD", receiver_mobile="")
    unknown = shop.place(shop.order_no(), "TS-RED")
    noise = shop.place(shop.order_no(), "GOOD", payment="?")
    until(
        lambda: {i.key for i in review.items(shop.cluster)}, lambda keys: keys >= {wrong, unknown, noise}, "in review"
    )

    def in_review(order_id: str) -> str:
        return next(str(i.place) for i in review.items(shop.cluster) if i.key == order_id)

    def in_quarantine(key: str) -> str:
        return next(str(i.place) for i in quarantine.items(shop.cluster) if i.key == key.encode())

    def correct() -> None:
        document = json.loads((tmp_path / "order.json").read_text())
        (tmp_path / "order.json").write_text(json.dumps({**document, "receiver_mobile": "13800000000"}))

    for garbage in list(GARBAGE)[1:]:
        done = shop.penstock("quarantine", "discard", in_quarantine(garbage), "--because", "one is enough", "--yes")
        assert done.returncode == 0, done
    values = {
        "ITEM": in_review(wrong),
        "MESSAGE": in_quarantine(next(iter(GARBAGE))),
        "SKU": "TS-RED",
        "WAREHOUSE": "hz1",
        "NOISE": in_review(noise),
        "ERROR": "ZeroDivisionError",
        "ORDER": wrong,
    }
    after = {
        "penstock stock receive": lambda: shop.settled(90),
        "penstock review fix $ITEM --to": correct,
        "ORDER=": lambda: shop.settled(90),
    }
    with pasted(shop, tmp_path, "poison-order", values=values, after=after) as shell:
        assert "OrderAllocated" in shell.said("penstock order show")
        assert "0 violations" in shell.said("penstock verify")
        for order_id in (wrong, unknown):
            assert [name for name, _ in shop.records("allocations", order_id)] == ["OrderAllocated"]
        assert [i for i in review.items(shop.cluster) if i.state == "open"] == []
        assert [i for i in quarantine.items(shop.cluster) if i.state == "open"] == []


def test_each_runbook_is_there_and_has_its_sections() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == RUNBOOKS
    for path in FOLDER.glob("*.md"):
        text = path.read_text()
        assert {language for language, _ in blocks(text)} == {"console"}, path
        assert all(line.startswith("$ ") for _, body in blocks(text) for line in body.split("\n") if line), path
        for section in ("## Check", "## Act", "## Prove"):
            assert section in text, (path, section)


def test_each_runbook_has_a_test_that_pastes_it() -> None:
    """Whoever adds a runbook adds its situation: every command of it is run there."""
    here = Path(__file__).read_text()
    for name in RUNBOOKS:
        assert f'pasted(shop, tmp_path, "{name}"' in here, name


def test_commands_named_in_the_text_exist() -> None:
    command: Any = typer.main.get_command(app)
    for path in FOLDER.glob("*.md"):
        for text in mentioned(path.read_text()):
            found = command
            for word in text.split()[1:]:
                if not hasattr(found, "commands"):
                    break
                assert word in found.commands, f"{path.name}: {text}"
                found = found.commands[word]


def test_alerts_point_at_runbooks_that_exist() -> None:
    rules = ROOT / "deploy" / "prometheus" / "rules"
    named = [
        line.split()[-1].strip("\"'")
        for path in rules.glob("*.yml")
        for line in path.read_text().splitlines()
        if line.strip().startswith("runbook")
    ]
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
