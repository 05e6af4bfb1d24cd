"""A sink's process on this machine."""

from __future__ import annotations

from collections.abc import Sequence

from streams.ops.processes import HubProcess
from streams.settings import Settings


class SinkProcess(HubProcess):
    """``penstock sink NAME`` with ``settings``; its log is under ``settings.data``."""

    def __init__(self, settings: Settings, name: str, metrics_port: int = 0, options: Sequence[str] = ()) -> None:
        command = ("sink", name, "--metrics-port", str(metrics_port), *options)
        super().__init__(settings, f"sink {name}", command, metrics_port)
