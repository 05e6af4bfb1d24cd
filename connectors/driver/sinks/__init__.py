"""Drives a sink: fetches from Kafka, hands over, waits while the store is away, and sets aside what it refuses."""

from connectors.driver.sinks.driver import Driver, Options
from connectors.driver.sinks.metrics import SinkMetrics

__all__ = ["Driver", "Options", "SinkMetrics"]
