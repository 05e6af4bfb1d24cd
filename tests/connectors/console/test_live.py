"""The live panel: one loop whoever watches, each watcher's own shops, and an end when it is to end."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.console import lagging, live
from connectors.console.api import live as api
from connectors.console.lagging import Lagging, Reader
from connectors.console.live import Pulse, Standing, Waiting, figures
from connectors.console.permissions import Grant, Kind, Shops
from streams.ops.cluster import ClusterError
from tests.connectors.console.conftest import OURS, THEIRS, Console, copy_of, serving
from tests.connectors.postgres.conftest import run

NOW = datetime(2026, 12, 1, tzinfo=UTC)
EVERYBODY = Shops(True, frozenset())
WATCHER = Grant("viewer", Kind.SHOP, OURS)


def _ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


PULSE = Pulse(
    1,
    NOW,
    NOW,
    [
        {"shop": "tea", "channel": "taobao", "seconds_10": 2, "minute": 5},
        {"shop": "cups", "channel": "taobao", "seconds_10": 1, "minute": 1},
        {"shop": "cups", "channel": "jd", "seconds_10": 0, "minute": 4},
    ],
    Standing(
        reviews=[
            {"shop": shop, "code": code, "items": n}
            for shop, code, n in (("tea", "a", 1), ("cups", "a", 2), ("tea", "b", 3))
        ],
        backlog=[
            {"shop": "tea", "items": 4, "oldest": _ago(5)},
            {"shop": "cups", "items": 2, "oldest": _ago(9)},
            # What nobody knows the shop of.
            {"shop": None, "items": 1, "oldest": _ago(99)},
        ],
        waiting=[
            {"shop": "tea", "phase": "HELD", "orders": 3, "oldest": _ago(7)},
            {"shop": "cups", "phase": "HELD", "orders": 1, "oldest": _ago(8)},
        ],
        decided=[
            {"shop": "tea", "decided": 3, "allocated": 2, "seconds": 30.0},
            {"shop": "cups", "decided": 1, "allocated": 1, "seconds": 50.0},
        ],
    ),
    None,
)


def test_everybodys_figures_are_the_sums() -> None:
    it = figures(PULSE, EVERYBODY)
    assert it.channels == [("jd", 0, 4), ("taobao", 3, 6)]
    assert it.reasons == [("a", 3), ("b", 3)]
    assert (it.review_open, it.review_oldest) == (7, _ago(99))
    assert it.waiting == [Waiting("HELD", 4, _ago(8))]
    assert (it.decided, it.allocated, it.mean_s) == (4, 3, 20.0)


def test_a_shops_figures_are_its_own() -> None:
    it = figures(PULSE, Shops(False, frozenset({"tea"})))
    assert it.channels == [("taobao", 2, 5)] and it.reasons == [("b", 3), ("a", 1)]
    assert (it.review_open, it.review_oldest, it.decided, it.mean_s) == (4, _ago(5), 3, 10.0)
    none = figures(PULSE, Shops(False, frozenset({"pots"})))
    assert none == live.Figures([], [], 0, None, [], 0, 0, None)


def _seconds(console: Console, grant: Grant, count: int) -> list[dict[str, Any]]:
    found = []
    with console.signed_in(grant).stream("/api/live") as (answer, events):
        assert answer is None
        for name, data in events:
            assert name == "second"
            found.append(json.loads(data))
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


def test_all_watch_the_same_second_and_it_is_asked_for_once(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    pulse = live.Live._pulse

    async def counted(self: live.Live, *values: Any) -> Pulse:
        asked.append(time.monotonic())
        return await pulse(self, *values)

    monkeypatch.setattr(live.Live, "_pulse", counted)
    with ThreadPoolExecutor(6) as pool:
        grants = [WATCHER, Grant("viewer", Kind.SHOP, THEIRS), Grant("viewer", Kind.ALL, "")] * 2
        begun = time.monotonic()
        watched = list(pool.map(lambda grant: _seconds(console, grant, 3), grants))
        took_s = time.monotonic() - begun
    # Six watchers, and no more pulses than seconds.
    assert 3 <= len(asked) <= took_s / live.EVERY_S + 2
    marks = [json.dumps(seconds) for seconds in watched[:3]]
    assert [OURS in mark for mark in marks] == [True, False, True]
    assert [THEIRS in mark for mark in marks] == [False, True, True]
    (last, _, whole) = (seconds[-1] for seconds in watched[:3])
    assert last["review_open"] == 1 and whole["review_open"] == 2 and last["waiting"][0]["orders"] == 1
    # Nobody watches any more: nothing is asked.
    time.sleep(2 * live.EVERY_S)
    count = len(asked)
    time.sleep(2 * live.EVERY_S)
    assert len(asked) == count


def test_what_came_in_lately_shows_by_channel(fresh: Console) -> None:
    # The first stays the newest, however long it takes until it is asked for.
    for seconds, number in ((-600, 1), (12, 2), (90, 3)):
        fresh.sql(
            "INSERT INTO order_events (logged_at, log_topic, log_partition, log_offset, order_id, channel, shop, kind, at) "
            f"VALUES (now() - interval '{seconds} seconds', 'orders', 0, {number}, 'jd:1', 'jd', '{OURS}', 'Order', now())"
        )
    (second,) = _seconds(fresh, WATCHER, 1)
    assert second["channels"] == [{"channel": "jd", "last_10_s": 1, "last_minute": 2}]


def test_the_stream_ends_with_the_right_and_with_the_session(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_HOLDS_EVERY", 1)
    for table in ("console_grants", "console_sessions"):
        browser = console.signed_in(WATCHER)
        name = browser.get("/api/session").body["name"]
        with browser.stream("/api/live") as (_, events):
            assert next(events)[0] == "second"
            console.sql(f"DELETE FROM {table} WHERE name = '{name}'")
            assert [kind for kind, _ in events][-1] == "end"


def test_a_database_that_is_away_is_said_and_found_again(postgres: str, with_roles: str) -> None:
    with copy_of(postgres, with_roles) as url, serving(url) as it:
        with it.signed_in(WATCHER).stream("/api/live") as (_, events):
            assert next(events)[0] == "second"
            name = url.rpartition("/")[2]
            asyncio.run(run(postgres, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"))
            asyncio.run(
                run(postgres, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            )
            said = [next(events) for _ in range(3)]
            assert ("problem", "database_away") in [(kind, json.loads(data).get("code")) for kind, data in said]
            asyncio.run(run(postgres, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"))
            assert "second" in [next(events)[0] for _ in range(4)]


def test_a_server_that_stops_lets_its_watchers_go(postgres: str, with_roles: str) -> None:
    with copy_of(postgres, with_roles) as url:
        it = serving(url)
        console = it.__enter__()
        with console.signed_in(WATCHER).stream("/api/live") as (_, events):
            assert next(events)[0] == "second"
            begun = time.monotonic()
            it.__exit__()
            assert time.monotonic() - begun < 20


def test_lag_is_asked_for_when_wanted_and_forgotten_when_old(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[Sequence[Reader] | Exception] = [
        [Reader("postgres", True, 5, 2.5), Reader("intake", False, 1, 9.0)],
        ClusterError("away"),
        [Reader("files", True, 1, 1.0)],
    ]
    asked = 0

    def measure() -> Sequence[Reader]:
        nonlocal asked
        asked += 1
        answer = answers[asked - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def look() -> None:
        it = Lagging(measure)
        # Who looks first waits for the first; it is not measured again so soon.
        assert (await it.tables_behind_s(), await it.tables_behind_s(), asked) == (2.5, 2.5, 1)
        monkeypatch.setattr(lagging, "_AGAIN_S", 0.0)
        it.latest()
        await asyncio.sleep(0.2)
        assert it.latest() is None and asked == 2
        await asyncio.sleep(0.2)
        # There is a sink, but not the one of these tables.
        assert await it.tables_behind_s() is None

    asyncio.run(look())


def test_nobody_waits_for_a_kafka_that_is_slow_or_did_not_answer_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lagging, "_AGAIN_S", 0.0)
    monkeypatch.setattr(lagging, "_PATIENCE_S", 0.2)
    slow, answered = threading.Event(), True

    def measure() -> Sequence[Reader]:
        slow.wait(10)
        if not answered:
            raise ClusterError("away")
        return [Reader("postgres", True, 5, 2.5)]

    async def took_s(it: Lagging) -> float:
        begun = time.monotonic()
        assert await it.tables_behind_s() is None
        return time.monotonic() - begun

    async def look() -> None:
        nonlocal answered
        it = Lagging(measure)
        assert 0.15 < await took_s(it) < 5
        answered = False
        slow.set()
        await asyncio.sleep(0.2)
        slow.clear()
        # It did not answer: the next is not waited for, as long as it does not.
        monkeypatch.setattr(lagging, "_PATIENCE_S", 60.0)
        assert await took_s(it) < 5
        slow.set()

    asyncio.run(look())
