"""How long a platform that throttles is left alone."""

from __future__ import annotations

from pytest import approx

from connectors.driver.dispatch.quiet import Quiet
from connectors.endings import Throttled

SOON = Throttled("too often", None)


class Clock:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


def test_a_wait_that_the_platform_names_is_kept_and_a_shorter_one_does_not_end_it() -> None:
    clock = Clock()
    quiet = Quiet(now=clock)
    quiet.throttled(Throttled("banned", 3.0), clock.s)
    quiet.throttled(Throttled("banned", 1.0), clock.s)
    assert quiet.left_s == approx(3.0)


def test_a_guess_begins_short_and_doubles_up_to_a_second_with_each_throttled_call_after_a_pause() -> None:
    clock = Clock()
    quiet = Quiet(now=clock)
    pauses = []
    for _ in range(7):
        called_at = clock.s
        clock.s += 0.01
        quiet.throttled(SOON, called_at)
        pauses.append(round(quiet.left_s, 3))
        clock.s += quiet.left_s
    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0]


def test_calls_that_were_under_way_together_meet_one_limit() -> None:
    clock = Clock()
    quiet = Quiet(now=clock)
    called_at = clock.s
    clock.s += 0.01
    for _ in range(16):
        quiet.throttled(SOON, called_at)
    assert quiet.left_s == approx(0.05)


def test_an_answer_after_the_pause_ends_the_row_and_one_from_before_does_not() -> None:
    for called_in, then in ((0.06, 0.05), (-0.005, 0.1)):
        clock = Clock()
        quiet = Quiet(now=clock)
        quiet.throttled(SOON, clock.s)
        paused_at = clock.s
        clock.s += 0.07
        quiet.answered(paused_at + called_in)
        quiet.throttled(SOON, clock.s)
        assert quiet.left_s == approx(then)
