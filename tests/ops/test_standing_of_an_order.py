"""Where an order stands, by its history."""

from __future__ import annotations

from streams.ops.history import Happening, Standing, standing


def told(*statuses: tuple[int, str, str]) -> list[Happening]:
    return [
        Happening(
            at_ms, "order.status", 0, n, "OrderStatusChanged", {"at_ms": at_ms, "status": phase, "reason": reason}
        )
        for n, (at_ms, phase, reason) in enumerate(statuses)
    ]


def test_it_stands_since_it_entered_its_phase_for_the_reason_told_last() -> None:
    found = told((1, "HELD", "a"), (2, "ALLOCATED", ""), (3, "HELD", "b"), (4, "HELD", "b,c"))
    assert standing(found) == Standing("HELD", 3, "b,c")


def test_what_was_refused_says_nothing_of_where_it_stands() -> None:
    found = told((1, "HELD", "a"), (2, "HELD", "wang holds it already"))
    found[1].record["refused"] = True
    assert standing(found) == Standing("HELD", 1, "a")


def test_one_without_a_status_stands_nowhere() -> None:
    assert standing([]) is None
