"""When a parcel leaves, against a walk over the calendar minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from schemas.documents.calendars.document import Document
from streams.domain.routing.tables import calendars
from streams.domain.routing.tables.clock import minute_in, minute_of, moment_ms

from .written import calendar, document

EPOCH = datetime(1970, 1, 1)
HOLIDAYS = [{"year": 2026, "off": ["2026-10-01", "2026-10-02"], "worked": ["2026-10-10"]}]


class Walk:
    """The document itself, asked about each minute anew; moments and times are compared as text."""

    def __init__(self, row: dict[str, Any], holidays: list[dict[str, Any]], carrier: str) -> None:
        self.row, self.carrier = row, carrier
        self.off = {day for each in holidays for day in each["off"]} if row.get("holidays") else set()
        self.worked = {day for each in holidays for day in each.get("worked", [])} if row.get("holidays") else set()

    def hours(self, day: str, weekday: int) -> list[tuple[str, str]]:
        extra = [each for each in self.row.get("extra", []) if each["day"] == day]
        if extra:
            return [(each["opens"], each["closes"]) for each in extra]
        if day in self.row.get("closed", []) or (day in self.off and day not in self.worked):
            return []
        weekday = 1 if day in self.worked else weekday
        return [(each["opens"], each["closes"]) for each in self.row["weekly"] if weekday in each["days"]]

    def out(self, moment: datetime) -> bool:
        text = moment.strftime("%Y-%m-%dT%H:%M")
        return any(each["from"] <= text < each["until"] for each in self.row.get("outages", []))

    def works(self, moment: datetime) -> bool:
        time = moment.strftime("%H:%M")
        hours = self.hours(moment.strftime("%Y-%m-%d"), moment.isoweekday())
        return any(opens <= time < closes for opens, closes in hours) and not self.out(moment)

    def works_that_day(self, moment: datetime) -> bool:
        midnight = moment.replace(hour=0, minute=0)
        return any(self.works(midnight + timedelta(minutes=minute)) for minute in range(1_440))

    def leaves_at(self, moment: datetime) -> bool:
        """Whether a cut-off is then; 24:00 is the day's before."""
        own = [each for each in self.row.get("cut_offs", []) if each.get("carrier") == self.carrier]
        others = [each for each in self.row.get("cut_offs", []) if "carrier" not in each]
        at = [(moment, moment.strftime("%H:%M"))]
        if (moment.hour, moment.minute) == (0, 0):
            at.append((moment - timedelta(days=1), "24:00"))
        times = [
            day
            for day, time in at
            for each in own or others
            if each["at"] == time and day.isoweekday() in each.get("days", range(1, 8))
        ]
        return not self.out(moment) and any(self.works_that_day(day) for day in times)

    def leaving(self, now: datetime, days: int) -> tuple[datetime, datetime] | None:
        left, ready = self.row["handling_minutes"], None
        end = now + timedelta(days=days)
        while now < end:
            if ready is None and left == 0 and (self.works(now) or self.row["handling_minutes"]):
                ready = now
            if ready is not None and (self.leaves_at(now) or not self.has_cut_offs()):
                return ready, now
            if ready is None and self.works(now):
                left -= 1
            now += timedelta(minutes=1)
        return None

    def has_cut_offs(self) -> bool:
        return any(each.get("carrier", self.carrier) == self.carrier for each in self.row.get("cut_offs", []))


def minutes(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(minutes=1)


def time(random: Random, low: int, high: int) -> str:
    minute = random.randrange(low // 30, high // 30) * 30
    return f"{minute // 60:02}:{minute % 60:02}"


def a_calendar(random: Random) -> dict[str, Any]:
    weekly = []
    for _ in range(random.randint(1, 3)):
        opens, closes = time(random, 0, 1000), time(random, 1000, 1470)
        weekly.append({"days": random.sample(range(1, 8), random.randint(2, 6)), "opens": opens, "closes": closes})
    row = calendar(
        weekly=weekly, handling_minutes=random.choice((0, 0, 30, 90, 600, 1_500)), holidays=random.random() < 0.5
    )
    days = [f"2026-{month}" for month in ("09-29", "09-30", "10-01", "10-02", "10-03", "10-09", "10-10", "10-11")]
    row["closed"] = random.sample(days, random.randint(0, 2))
    own = random.sample(days, random.randint(0, 2))
    row["extra"] = [{"day": day, "opens": time(random, 0, 700), "closes": time(random, 700, 1470)} for day in own]
    row["cut_offs"] = []
    for _ in range(random.randint(0, 3)):
        cut_off: dict[str, Any] = {"at": time(random, 0, 1470)}
        if random.random() < 0.5:
            cut_off["carrier"] = random.choice(("sf", "zto"))
        if random.random() < 0.3:
            cut_off["days"] = random.sample(range(1, 8), 3)
        row["cut_offs"].append(cut_off)
    row["outages"] = []
    for _ in range(random.choice((0, 0, 1, 2))):
        at, hours = datetime(2026, 9, 29) + timedelta(minutes=30 * random.randint(0, 300)), random.randint(1, 60)
        until = at + timedelta(hours=hours)
        row["outages"].append({"from": f"{at:%Y-%m-%dT%H:%M}", "until": f"{until:%Y-%m-%dT%H:%M}"})
    return row


def leaving(row: dict[str, Any], now: datetime, carrier: str = "zto") -> tuple[datetime, datetime] | None:
    made = calendars.compiled([document(Document, calendars=[row], holidays=HOLIDAYS)])["HZ1"]
    found = calendars.leaving(made, carrier, minutes(now))
    return None if found is None else (EPOCH + timedelta(minutes=found.ready), EPOCH + timedelta(minutes=found.leaves))


def test_a_parcel_leaves_when_a_walk_minute_by_minute_says() -> None:
    """A walk ends after 20 days; what is found later than that was not there for it."""
    waited, held = 0, 0
    for seed in range(75):
        random = Random(seed)
        row = a_calendar(random)
        now = datetime(2026, 9, 29) + timedelta(minutes=random.randint(0, 6 * 1_440))
        walk = Walk(row, HOLIDAYS, "zto")
        found, expected = leaving(row, now), walk.leaving(now, 20)
        if found is not None and found[1] >= now + timedelta(days=20):
            found = None
        assert found == expected, f"Random({seed})"
        opens = calendars.opening(
            calendars.compiled([document(Document, calendars=[row], holidays=HOLIDAYS)])["HZ1"], minutes(now)
        )
        at = now
        while opens is not None and not walk.works(at):
            at += timedelta(minutes=1)
        assert opens == minutes(at), f"Random({seed})"
        waited += found is not None and found[0] > now + timedelta(minutes=row["handling_minutes"])
        held += found is not None and found[1] > found[0]
    assert waited > 20 and held > 20


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


FRIDAY, MONDAY = "2026-11-27", "2026-11-30"


@pytest.mark.parametrize(
    ("now", "fields", "ready", "leaves"),
    [
        # Open Mondays to Fridays from 08:00 to 18:00, an hour to handle; no cut-off: it leaves at once.
        (f"{FRIDAY}T10:00", {}, f"{FRIDAY}T11:00", f"{FRIDAY}T11:00"),
        (f"{FRIDAY}T17:00", {}, f"{FRIDAY}T18:00", f"{FRIDAY}T18:00"),
        # Half of it on Friday, the rest on Monday.
        (f"{FRIDAY}T17:30", {}, f"{MONDAY}T08:30", f"{MONDAY}T08:30"),
        (f"{FRIDAY}T20:00", {"handling_minutes": 0}, f"{MONDAY}T08:00", f"{MONDAY}T08:00"),
        # Ready at the very cut-off goes along; a minute later waits for the next.
        (f"{FRIDAY}T15:00", {"cut_offs": [{"at": "16:00"}]}, f"{FRIDAY}T16:00", f"{FRIDAY}T16:00"),
        (f"{FRIDAY}T15:01", {"cut_offs": [{"at": "16:00"}]}, f"{FRIDAY}T16:01", f"{MONDAY}T16:00"),
        (f"{FRIDAY}T15:01", {"cut_offs": [{"at": "16:00"}, {"at": "19:30"}]}, f"{FRIDAY}T16:01", f"{FRIDAY}T19:30"),
        # A carrier's own cut-offs stand for it in place of those for all.
        (f"{FRIDAY}T10:00", {"cut_offs": [{"at": "16:00"}, {"at": "20:00", "carrier": "zto"}]}, f"{FRIDAY}T11:00", f"{FRIDAY}T20:00"),
        (f"{FRIDAY}T10:00", {"cut_offs": [{"at": "16:00"}, {"at": "12:00", "carrier": "sf"}]}, f"{FRIDAY}T11:00", f"{FRIDAY}T16:00"),
        # Another's alone: it leaves at once.
        (f"{FRIDAY}T10:00", {"cut_offs": [{"at": "12:00", "carrier": "sf"}]}, f"{FRIDAY}T11:00", f"{FRIDAY}T11:00"),
        # An outage ends, and what is left of the hour is worked after it.
        (f"{FRIDAY}T10:00", {"outages": [{"from": f"{FRIDAY}T10:30", "until": f"{FRIDAY}T12:00"}]}, f"{FRIDAY}T12:30", f"{FRIDAY}T12:30"),
        # Nothing leaves while it is out.
        (
            f"{FRIDAY}T10:00",
            {"cut_offs": [{"at": "16:00"}], "outages": [{"from": f"{FRIDAY}T15:00", "until": f"{FRIDAY}T17:00"}]},
            f"{FRIDAY}T11:00",
            f"{MONDAY}T16:00",
        ),
        # It ends at the very cut-off.
        (
            f"{FRIDAY}T10:00",
            {"cut_offs": [{"at": "16:00"}], "outages": [{"from": f"{FRIDAY}T15:00", "until": f"{FRIDAY}T16:00"}]},
            f"{FRIDAY}T11:00",
            f"{FRIDAY}T16:00",
        ),
        # Ready when the day ends, it leaves when the day ends, and not a day later.
        (
            f"{FRIDAY}T23:00",
            {"weekly": [{"days": [5], "opens": "08:00", "closes": "24:00"}], "cut_offs": [{"at": "24:00"}]},
            "2026-11-28T00:00",
            "2026-11-28T00:00",
        ),
        # Days that are closed, and a Saturday that is not.
        (f"{FRIDAY}T10:00", {"closed": [FRIDAY]}, f"{MONDAY}T09:00", f"{MONDAY}T09:00"),
        (
            f"{FRIDAY}T20:00",
            {"extra": [{"day": "2026-11-28", "opens": "09:00", "closes": "12:00"}]},
            "2026-11-28T10:00",
            "2026-11-28T10:00",
        ),
        # The National Day of the list, and the Saturday that is worked for it: 30 September is a Wednesday.
        ("2026-09-30T17:30", {"holidays": True, "closed": ["2026-10-05"]}, "2026-10-06T08:30", "2026-10-06T08:30"),
        ("2026-09-30T17:30", {}, "2026-10-01T08:30", "2026-10-01T08:30"),
        ("2026-10-09T17:30", {"holidays": True}, "2026-10-10T08:30", "2026-10-10T08:30"),
    ],
)  # fmt: skip
def test_when_it_leaves_reckoned_by_hand(now: str, fields: dict[str, Any], ready: str, leaves: str) -> None:
    assert leaving(calendar(**fields), at(now)) == (at(ready), at(leaves))


def test_at_closing_time_it_works_no_more() -> None:
    made = calendars.compiled([document(Document, calendars=[calendar()])])["HZ1"]
    for now, opens in ((f"{FRIDAY}T17:59", f"{FRIDAY}T17:59"), (f"{FRIDAY}T18:00", f"{MONDAY}T08:00")):
        assert calendars.opening(made, minutes(at(now))) == minutes(at(opens))


def test_a_warehouse_that_never_works_lets_nothing_leave() -> None:
    out = [{"from": "2026-01-01T00:00", "until": "2027-12-31T00:00"}]
    made = calendars.compiled([document(Document, calendars=[calendar(outages=out)])])["HZ1"]
    now = minutes(at(f"{FRIDAY}T10:00"))
    assert calendars.leaving(made, "zto", now) is None and calendars.opening(made, now) is None


@pytest.mark.parametrize(
    ("now", "unsure"),
    [
        *(("2026-12-30T10:00", False), ("2026-12-31T17:30", True), ("2027-03-01T10:00", True)),
        *(("2025-12-31T17:30", True), ("2026-01-01T10:00", False)),
    ],
)
def test_a_year_whose_holidays_are_not_known_is_decided_by_plain_days_and_marked(now: str, unsure: bool) -> None:
    for keeps in (True, False):
        made = calendars.compiled([document(Document, calendars=[calendar(holidays=keeps)], holidays=HOLIDAYS)])["HZ1"]
        found = calendars.leaving(made, "zto", minutes(at(now)))
        assert found is not None and found.unsure is (unsure and keeps)


def keeping(*years: int, keeps: bool = True) -> Document:
    holidays = [{"year": year, "off": [f"{year}-01-01"]} for year in years]
    return document(Document, calendars=[calendar(holidays=keeps)], holidays=holidays)


@pytest.mark.parametrize(
    ("documents", "until"),
    [
        ([keeping(2026)], "2027-01-01"),
        ([keeping(2026, 2027)], "2028-01-01"),
        # A gap is an unknown year as well; and one document does not know what another knows.
        ([keeping(2028, 2026)], "2027-01-01"),
        ([keeping(2026, 2027), keeping(2026)], "2027-01-01"),
        ([keeping(2026), keeping(2020, keeps=False)], "2027-01-01"),
        ([keeping(2026, keeps=False)], None),
        ([], None),
    ],
)
def test_how_far_holidays_are_known_is_told(documents: list[Document], until: str | None) -> None:
    found = calendars.holidays_known_until(documents)
    assert found == (None if until is None else minutes(at(f"{until}T00:00")))


def test_the_clock_is_chinas() -> None:
    assert moment_ms(minute_of(1_764_500_030_000)) == 1_764_500_000_000 - 1_764_500_000_000 % 60_000
    assert minute_of(0) == 480 and minute_in("1970-01-01T08:00") == 480
    for text in (
        "2026-02-29T10:00",
        "2026-01-01",
        "2026-01-01T24:01",
        "2026-01-01T9:00",
        "",
        "2026-01-01T10:00:00",
        "2026-01-01X10:00",
    ):
        assert minute_in(text) is None, text
