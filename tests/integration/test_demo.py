"""The demo, small, as a person starts it: what it shows of the five platforms is what happened there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.codec import CODEC
from schemas.topics import CHANNELS
from streams.cli.run import kafka
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.integration.conftest import penstock_alone
from tests.people import told_of

ORDERS, AT_PLATFORMS = 1_000, 100


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_demo_takes_orders_of_five_platforms_there_and_back(tmp_path: Path) -> None:
    args = ("--count", str(ORDERS), "--round-trip", str(AT_PLATFORMS), "--no-database", "--as-root")
    surroundings = {"TMPDIR": str(tmp_path), "COLUMNS": "160", "NO_COLOR": "1"}
    done = penstock_alone("demo", *args, within_s=840, folder=tmp_path, **surroundings)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    rows: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        name, *figures = line.split() or [""]
        if name in CHANNELS:
            # The table of the main flow, which begins in the same way, comes later.
            rows.setdefault(name, figures)
    assert list(rows) == list(CHANNELS)
    for channel, (orders, changes, pushed, accepted, p99_s, _, parcels, written, *_) in rows.items():
        assert accepted == orders and int(changes) >= int(orders) > 0, channel
        assert pushed == "polled" if channel == "jd" else int(pushed) > 0, channel
        assert float(p99_s) > 0, channel
        assert int(written) <= int(parcels), channel
    assert sum(int(orders) for orders, *_ in rows.values()) == AT_PLATFORMS
    told = re.search(r"at the platforms: (\d+) parcels stand at their orders, (\d+) were told by the hub", done.stdout)
    assert told is not None and told[1] == told[2]
    assert int(told[1]) >= AT_PLATFORMS // 2
    # Persons were asked by two shops' ways through the flow, and nobody is still waited for.
    after = done.stdout.partition("What the flow asked of persons")[2].splitlines()
    columns, _, *by_shop = [line for line in after if line.strip()][:4]
    assert {"tasks", "approved", "released"} <= {*columns.split()} and "open" not in columns
    assert [line.split()[:2] for line in by_shop] == [["douyin-live", "hold"], ["tmall-flagship", "approve"]]
    # A sale ahead of its goods was sold out at its cap; more than that was asked for.
    sold = re.search(r"^ +winter +(\d+) +(\d+) +(\d+) +(\d+) ", done.stdout, re.MULTILINE)
    assert sold is not None and sold.groups() == ("60", "60", "0", "90")
    # Of two versions that were tried one went live, and the other's guardrail has ended it.
    assert "version 2 is live: " in done.stdout
    ended = re.search(r"took the share of version 3 back: backordered: ([\d,]+) of 10,000 more", done.stdout)
    assert ended is not None and int(ended[1].replace(",", "")) > 300
    # A run leaves nothing behind where it was started.
    assert not (tmp_path / ".penstock").exists()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_a_run_tells_of_no_person_but_where_it_keeps_them(tmp_path: Path) -> None:
    """Kafka, Postgres, the platforms, the gateway, workers and the sink: what they print, log, and leave for others to read."""
    data = tmp_path / "data"
    args = ("--count", str(ORDERS), "--round-trip", str(AT_PLATFORMS), "--keep", "--as-root")
    done = penstock_alone("demo", *args, within_s=840, folder=tmp_path, PENSTOCK_DATA=str(data))
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    with kafka(Settings(brokers="", data=data)) as (settings, _):
        orders = [CODEC.decode(m.value() or b"")[1] for m in Cluster(settings).read("orders")]
    people = told_of(orders)
    assert len(people) > ORDERS
    logs = {path for path in data.rglob("*.log") if not _KEPT.fullmatch(path.name)}
    assert {"gateway.log", "sink-postgres.log", "worker-0.log"} <= {path.name for path in logs}
    said = {str(path): path.read_text("utf-8", "replace") for path in logs | set(_open_to_others(data))}
    said |= {"what it printed": done.stdout + done.stderr}
    assert {(where, person) for where, text in said.items() for person in people if person in text} == set()


#: A segment of Kafka's.
_KEPT = re.compile(r"\d{20}\.log")


def _open_to_others(top: Path) -> Iterator[Path]:
    """Files that another user of the machine can read."""
    for folder, folders, files in os.walk(top):
        if not os.stat(folder).st_mode & 0o055:
            folders.clear()
            continue
        yield from (path for name in files if (path := Path(folder, name)).is_file() and path.stat().st_mode & 0o044)
