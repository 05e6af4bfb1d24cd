"""The rulebook: what of the released documents decides, what can't be used and what takes its place, and how that is told."""

from __future__ import annotations

import logging
import math
from hashlib import sha256
from typing import Any

import pytest

from schemas.records import ConfigDocument
from streams.agents.rulebook import Rulebook
from streams.domain.releases.sharing import Release, Share
from streams.domain.routing.book import Book
from tests.domain.released import RULES, by_sequence, release, rulebook, version

GOOD = {number: version(number, by_sequence(f"W{number}")) for number in (1, 2, 3)}
CARRIERS = "carriers/default"


def unusable(number: int, how: str) -> list[ConfigDocument]:
    record: Any = version(number, by_sequence("X"))
    match how:
        case "not there":
            return []
        case "damaged":
            return [{**record, "text": record["text"].replace("X", "Y")}]
        case "another's":
            return [{**record, "version": number + 7}]
        case "of a newer Penstock":
            text = record["text"].replace('"version":1', '"version":99')
            assert text != record["text"]
            return [resealed(record, text)]
        case "with a fault":
            return [resealed(record, record["text"].replace("sequence", "moonlight"))]
        case "asking what is not counted":
            full = {"filter": "daily_capacity", "at_least": 1}
            return [version(number, by_sequence("X", filters=[full]))]
    raise AssertionError(how)


def resealed(record: ConfigDocument, text: str) -> ConfigDocument:
    return {**record, "text": text, "digest": sha256(text.encode()).hexdigest()}


HOWS = {
    "not there": "there is no such version",
    "damaged": "its text has the digest",
    "another's": "its record says that it is",
    "of a newer Penstock": "this Penstock does not read it",
    "with a fault": "this Penstock does not read it",
    "asking what is not counted": "it filters by daily_capacity",
}


def book(of: Rulebook) -> Book:
    found = of.book
    assert found is not None
    return found


def test_what_is_released_is_what_the_topics_say() -> None:
    rules = rulebook(list(GOOD.values()), release(live=1, share=(2, 500), previous=3, withdrawn=(3,)))
    assert book(rules).release == Release(1, None, Share(2, 500, f"{RULES}@2"), None, (3,))
    found = book(rules).compiled(1, ())
    assert found is not None and found.tables is None and found.rules.digest == GOOD[1]["digest"]
    assert book(rules).compiled(9, ()) is None


@pytest.mark.parametrize("how", HOWS)
def test_in_place_of_what_cannot_be_used_decides_what_was_live_before(how: str) -> None:
    documents = [GOOD[1], *unusable(2, how)]
    assert book(rulebook(documents, release(live=2, previous=1))).release.live == 1
    assert book(rulebook(documents, release(live=1, share=(2, 500)))).release == Release(live=1)
    none = book(rulebook(documents, release(live=2)))
    assert none.release == Release() and none.compiled(2, ()) is None


@pytest.mark.parametrize("how", HOWS)
def test_it_is_said_once_and_counted_as_long_as_it_stays(how: str, caplog: pytest.LogCaptureFixture) -> None:
    counted: list[int] = []
    documents = {each["document"]: each for each in [GOOD[1], *unusable(2, how)]}
    rules = Rulebook(RULES, documents, {RULES: release(live=2, previous=1)}, lambda: counted.append(1))
    with caplog.at_level(logging.ERROR):
        for at_ms in (1_000, 5_900, 6_000, 16_000, 26_000):
            rules.tell(at_ms)
    (said,) = [each.getMessage() for each in caplog.records]
    assert said.startswith(f"{RULES}@2: {HOWS[how]}") and said.endswith("else the built-in rule")
    assert len(counted) == 3

    documents[f"{RULES}@2"] = GOOD[2]
    rules.changed("", None, None)
    assert book(rules).release.live == 2
    rules.tell(36_000)
    assert len(counted) == 3


def test_of_a_version_that_an_order_is_pinned_to_it_is_told_too() -> None:
    counted: list[int] = []
    documents = {each["document"]: each for each in (GOOD[1], *unusable(2, "damaged"))}
    rules = Rulebook(RULES, documents, {RULES: release(live=1)}, lambda: counted.append(1))
    assert book(rules).compiled(2, ()) is None
    rules.tell(1_000)
    rules.tell(11_000)
    assert counted == [1]


def test_a_release_that_is_read_a_moment_before_its_document_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    documents = {f"{RULES}@1": GOOD[1]}
    rules = Rulebook(RULES, documents, {RULES: release(live=2, previous=1)})
    rules.tell(1_000)
    documents[f"{RULES}@2"] = GOOD[2]
    rules.changed("", None, None)
    rules.tell(60_000)
    assert (book(rules).release.live, caplog.records) == (2, [])


def test_nothing_is_read_again_until_a_view_changes() -> None:
    class Counted(dict[str, Any]):
        asked = 0

        def get(self, key: str, default: Any = None) -> Any:
            self.asked += 1
            return super().get(key, default)

    releases = Counted({RULES: release(live=1)})
    documents = {f"{RULES}@1": GOOD[1]}
    rules = Rulebook(RULES, documents, releases)
    first = book(rules)
    asked = releases.asked
    for _ in range(5):
        assert book(rules) is first
    assert releases.asked == asked
    one = first.compiled(1, ())
    assert one is not None and first.compiled(1, ()) is one


def carriers(number: int, carrier: str) -> ConfigDocument:
    row = {"warehouse": "HZ", "carrier": carrier, "regions": ["*"]}
    return version(number, {"kind": "carriers", "version": 1, "name": "default", "carriers": [row]}, CARRIERS)


def by(rules: Rulebook, *tables: str) -> set[str]:
    """Carriers that go from a warehouse by these tables."""
    found = book(rules).compiled(1, tables)
    assert found is not None and found.tables is not None
    return set(found.tables.carriers["HZ"])


def test_tables_that_are_live_go_with_it_and_an_order_s_own_can_still_be_had() -> None:
    rules = rulebook(
        [GOOD[1], carriers(1, "SF"), carriers(2, "ZTO")], release(live=1), release(live=2, previous=1, name=CARRIERS)
    )
    assert book(rules).tables == (f"{CARRIERS}@2",)
    assert (by(rules, f"{CARRIERS}@2"), by(rules, f"{CARRIERS}@1")) == ({"ZTO"}, {"SF"})
    assert book(rules).compiled(1, (f"{CARRIERS}@3",)) is None


def test_in_place_of_tables_that_cannot_be_used_are_those_before_and_it_is_told() -> None:
    counted: list[int] = []
    documents = {each["document"]: each for each in (GOOD[1], carriers(1, "SF"))}
    released = {RULES: release(live=1), CARRIERS: release(live=2, previous=1, name=CARRIERS)}
    rules = Rulebook(RULES, documents, released, lambda: counted.append(1))
    assert book(rules).tables == (f"{CARRIERS}@1",)
    rules.tell(1_000)
    rules.tell(11_000)
    assert counted == [1]


def calendars(number: int, *years: int) -> ConfigDocument:
    week = [{"days": [1, 2, 3, 4, 5], "opens": "08:00", "closes": "18:00"}]
    row = {"warehouse": "HZ", "handling_minutes": 60, "holidays": bool(years), "weekly": week}
    holidays = [{"year": year, "off": [f"{year}-01-01"]} for year in years]
    document = {"kind": "calendars", "version": 1, "name": "default", "calendars": [row], "holidays": holidays}
    return version(number, document, "calendars/default")


def test_it_tells_how_far_the_live_calendars_know_their_holidays() -> None:
    told: list[float] = []
    documents = {
        each["document"]: each for each in (GOOD[1], calendars(1, 2026), calendars(2, 2026, 2027), calendars(3))
    }
    releases = {RULES: release(live=1)}
    rules = Rulebook(RULES, documents, releases, on_holidays=told.append)
    for number in (None, 1, 2, 3):
        if number is not None:
            releases["calendars/default"] = release(live=number, name="calendars/default")
        rules.changed("", None, None)
        assert rules.book is not None
    # Midnight in China, in seconds since the epoch.
    assert told[1:3] == [1_798_732_800, 1_830_268_800] and [math.isnan(each) for each in told] == [
        True,
        False,
        False,
        True,
    ]
