"""The demo, small, as a person starts it: what it shows of the five platforms is what happened there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from schemas.topics import CHANNELS
from tests.integration.conftest import penstock_alone

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
    # A run leaves nothing behind where it was started.
    assert not (tmp_path / ".penstock").exists()
