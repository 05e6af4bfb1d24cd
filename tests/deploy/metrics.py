"""The metrics of all processes, from the code that registers them."""

from __future__ import annotations

from streams.engine import metrics as engine
from tests.deploy.promql import Metrics, Registry


def all_known() -> Metrics:
    registry = Registry()
    engine.Metrics(registry)
    return registry.known()
