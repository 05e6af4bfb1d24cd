"""Who waits for whom: the owner of a group, event by event."""

from __future__ import annotations

from typing import Any

import pytest

from streams.domain.merging.decide import MEMBERS_MAX, closes_ms, decide, due_ms, wake

HALF_AN_HOUR = 1_800_000


class Group:
    """One group; its clock stands at 0 until it is told otherwise. What was told since is kept."""

    def __init__(self) -> None:
        self.state: Any = None
        self.at_ms = 0

    def hears(self, kind: str, order_id: str, window_ms: int = HALF_AN_HOUR, warehouse: str = "HZ") -> list[Any]:
        until_ms = self.at_ms + window_ms if kind == "JOIN" else 0
        about = {"warehouse": warehouse if kind == "READY" else "", "carrier": "SF" if kind == "READY" else ""}
        request: Any = {"group": "g", "order_id": order_id, "kind": kind, "until_ms": until_ms, "at_ms": self.at_ms}
        return self._keep(decide(self.state, {**request, **about}, self.at_ms))

    def later(self, ms: int) -> list[Any]:
        self.at_ms += ms
        return self._keep(wake(self.state, self.at_ms))

    def _keep(self, decision: Any) -> list[Any]:
        self.state = decision.state
        return [
            (
                each["order_id"],
                each["kind"],
                *filter(None, (each["warehouse"], each["carrier"], each["code"])),
                *each["orders"],
            )
            for each in decision.answers
            if each["kind"] != "JOINED"
        ]

    def joined(self, *orders: str) -> Group:
        for order_id in orders:
            self.hears("JOIN", order_id)
        return self


def test_all_of_a_window_go_together() -> None:
    group = Group().joined("t:1")
    group.later(60_000)
    group.joined("t:2", "t:3")
    assert due_ms(group.state) == HALF_AN_HOUR - 60_000
    assert group.later(HALF_AN_HOUR - 120_001) == []
    assert group.later(1) == [("t:1", "PLAN", "t:1", "t:2", "t:3")]
    assert group.later(1) == []
    all_of_them = ("t:1", "t:2", "t:3")
    planned = [(each, "PLAN", "HZ", "SF", *all_of_them) for each in all_of_them[1:]]
    assert group.hears("READY", "t:1") == planned
    assert group.hears("READY", "t:3") == []
    assert group.hears("READY", "t:2") == [(each, "GO", "t.1.M", *all_of_them) for each in all_of_them]
    # Of two that cross, who left with it hears of who did not, however late; then nothing is kept.
    assert group.hears("GONE", "t:1") == group.later(2 * HALF_AN_HOUR) == []
    assert group.hears("LEAVE", "t:3") == [("t:1", "LEFT", "t:3"), ("t:2", "LEFT", "t:3")]
    assert group.hears("GONE", "t:2") == []
    assert (group.state, due_ms(group.state)) == (None, None)


def test_what_is_told_again_changes_nothing() -> None:
    group = Group().joined("t:1", "t:2", "t:1")
    assert group.later(HALF_AN_HOUR - 60_000) == [("t:1", "PLAN", "t:1", "t:2")]
    group.hears("READY", "t:1")
    assert group.hears("READY", "t:1") == []
    assert len(group.hears("READY", "t:2")) == 2
    before = group.state
    assert group.hears("READY", "t:2") == []
    assert group.hears("LEAVE", "t:9") == []
    assert group.state is before


def test_who_is_alone_when_the_window_is_over_goes_alone() -> None:
    group = Group().joined("t:1", "t:2")
    group.hears("LEAVE", "t:1")
    assert group.later(HALF_AN_HOUR - 60_000) == [("t:2", "ALONE")]
    assert group.state is None


def test_all_leave_before_it_is_over() -> None:
    group = Group().joined("t:1")
    group.hears("LEAVE", "t:1")
    assert group.state is None


def test_the_next_leads_when_the_first_cannot() -> None:
    group = Group().joined("t:1", "t:2", "t:3")
    group.later(HALF_AN_HOUR - 60_000)
    assert group.hears("LEAVE", "t:1") == [("t:2", "PLAN", "t:2", "t:3")]
    assert group.hears("LEAVE", "t:2") == [("t:3", "ALONE")]
    assert group.state is None


def test_the_last_companion_leaves_the_first() -> None:
    group = Group().joined("t:1", "t:2")
    group.later(HALF_AN_HOUR - 60_000)
    assert group.hears("LEAVE", "t:2") == [("t:1", "ALONE")]
    group = Group().joined("t:1", "t:2")
    group.later(HALF_AN_HOUR - 60_000)
    group.hears("READY", "t:1")
    assert group.hears("LEAVE", "t:2") == [("t:1", "ALONE")]
    assert group.state is None


def test_who_leaves_while_others_are_planned_is_not_waited_for() -> None:
    group = Group().joined("t:1", "t:2", "t:3")
    group.later(HALF_AN_HOUR - 60_000)
    group.hears("READY", "t:1")
    group.hears("READY", "t:2")
    assert group.hears("LEAVE", "t:3") == [(each, "GO", "t.1.M", "t:1", "t:2") for each in ("t:1", "t:2")]
    group = Group().joined("t:1", "t:2", "t:3")
    group.later(HALF_AN_HOUR - 60_000)
    group.hears("READY", "t:1")
    group.hears("LEAVE", "t:1")
    group.hears("READY", "t:2")
    assert group.hears("READY", "t:3") == [(each, "GO", "t.2.M", "t:2", "t:3") for each in ("t:2", "t:3")]


def test_who_comes_while_others_are_planned_begins_a_window_of_its_own() -> None:
    group = Group().joined("t:1", "t:2")
    group.later(HALF_AN_HOUR - 60_000)
    group.joined("t:3")
    assert [[each["order_id"] for each in batch["members"]] for batch in group.state["batches"]] == [
        ["t:1", "t:2"],
        ["t:3"],
    ]
    group.hears("READY", "t:1")
    assert group.hears("READY", "t:2")[0] == ("t:1", "GO", "t.1.M", "t:1", "t:2")
    assert group.later(HALF_AN_HOUR - 60_000) == [("t:3", "ALONE")]
    group.hears("GONE", "t:1")
    group.hears("GONE", "t:2")
    assert group.state is None


def test_a_shorter_window_of_one_is_everybodys() -> None:
    group = Group().joined("t:1")
    group.hears("JOIN", "t:2", window_ms=600_000)
    assert group.later(540_000) == [("t:1", "PLAN", "t:1", "t:2")]


def test_a_parcel_has_so_many_orders() -> None:
    group = Group().joined(*(f"t:{number}" for number in range(MEMBERS_MAX + 1)))
    assert [len(batch["members"]) for batch in group.state["batches"]] == [MEMBERS_MAX, 1]


def test_nothing_is_kept_of_who_never_answers() -> None:
    group = Group().joined("t:1", "t:2")
    group.later(HALF_AN_HOUR - 60_000)
    group.later(60_000)
    assert group.state is None


@pytest.mark.parametrize(
    ("window_ms", "closes"), [(HALF_AN_HOUR, HALF_AN_HOUR - 60_000), (60_000, 30_000), (2, 1), (0, 0)]
)
def test_a_window_closes_a_while_before_its_end(window_ms: int, closes: int) -> None:
    assert closes_ms(5, 5 + window_ms) == 5 + closes
