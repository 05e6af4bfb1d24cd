"""Drives a sink: fetches from Kafka, hands over, waits while the store is away, and sets aside what it refuses."""

from connectors.driver.driver import Driver, Options
from connectors.driver.fetcher import FetchFailed
from connectors.driver.metrics import SinkMetrics

__all__ = ["Driver", "FetchFailed", "Options", "SinkMetrics"]
