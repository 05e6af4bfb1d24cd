"""The short form of ``make fuzz-pushes``."""

from __future__ import annotations

from tests.connectors.channels.__main__ import attack
from tests.connectors.channels.edge import Edge


def test_bad_pushes_are_refused_and_none_reaches_a_topic(edge: Edge) -> None:
    wrong = attack(edge, 1_000, seed=3)
    assert not wrong, "\n".join(wrong[:20])
