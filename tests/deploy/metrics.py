"""The metrics of all processes, from the code that registers them."""

from __future__ import annotations

from connectors.channels.metrics import GatewayMetrics
from connectors.channels.stock.metrics import ListingMetrics
from connectors.driver.sinks.metrics import SinkMetrics
from connectors.logistics.metrics import DispatchMetrics
from connectors.warehouse.metrics import WarehouseMetrics
from streams.agents.metrics import RulesMetrics
from streams.engine.metrics import Metrics as EngineMetrics
from streams.monitor.metrics import HubMetrics
from tests.deploy.promql import Metrics, Registry


def all_known() -> Metrics:
    registry = Registry()
    EngineMetrics(registry)
    RulesMetrics(registry)
    SinkMetrics("any", registry)
    HubMetrics(registry)
    GatewayMetrics(registry)
    DispatchMetrics(registry, ())
    WarehouseMetrics(registry, ())
    ListingMetrics(registry, ())
    return registry.known()
