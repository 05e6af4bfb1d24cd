"""A worker as released with a bug: its intake fails on every order whose number ends in 13."""

from __future__ import annotations

from typing import Any

from streams.agents import intake
from streams.cli import main
from streams.domain.intake.dedup import Reading
from streams.domain.intake.reading import read_event


def buggy(*args: Any, **more: Any) -> Reading:
    reading = read_event(*args, **more)
    if reading.order_id.endswith("13"):
        raise ZeroDivisionError("a bug of yesterday's release")
    return reading


intake.read_event = buggy

main()
