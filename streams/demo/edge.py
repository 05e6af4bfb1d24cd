"""The edge as processes of this machine: simulated platforms, the gateway, the writeback's worker, the dispatcher.

Each is the command an operator would run. Started in the order they need each other; the shops file that the simulators write tells
the others where everything is.
"""

from __future__ import annotations

import os
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from connectors.shops import Shops, load
from deploy.local.process import free_ports
from streams.ops.cluster import ClusterError
from streams.ops.processes import HubProcess
from streams.ops.supervisor import Supervised
from streams.ops.workers import Workers
from streams.settings import Settings

_START_S = 240.0


class Edge:
    """``settings`` of the hub; ``retry`` as in PENSTOCK_WRITEBACK_RETRY. After ``start`` ``settings.shops`` names the file."""

    def __init__(self, settings: Settings, retry: str = "", simulators: Mapping[str, str] | None = None) -> None:
        folder = settings.data / "simulators"
        self._shops_file = folder / "shops.simulated.toml"
        self._gateway_port, self._dispatch_port = free_ports(2)
        self.settings = replace(settings, shops=self._shops_file, writeback_retry=retry or settings.writeback_retry)
        simulate = ["simulate", "--data", str(folder)]
        simulate += ["--gateway", f"http://127.0.0.1:{self._gateway_port}"]
        for option, value in (simulators or {}).items():
            simulate += [option, value]
        self.simulators = HubProcess(self.settings, "simulate", simulate)
        self.gateway = HubProcess(
            self.settings, "gateway", ("gateway", "--port", str(self._gateway_port)), self._gateway_port
        )
        self.dispatcher = HubProcess(
            replace(self.settings, metrics_port=self._dispatch_port),
            "writeback run",
            ("writeback", "run"),
            self._dispatch_port,
        )
        self.writeback = Workers(self.settings, 1, "writeback")
        self.shops = Shops()

    def start(self) -> None:
        """Returns when the gateway takes pushes. Raises ClusterError with the log's end when one does not come up."""
        self.writeback.start()
        self.start_platforms()

    def start_platforms(self) -> None:
        """The simulators, and who speaks to them: their keys and addresses are others at each start. As ``start``."""
        for process in (self.gateway, self.dispatcher):
            process.stop()
        self._shops_file.unlink(missing_ok=True)
        self.simulators.start()
        self._wait(self._has_shops, "the simulators", self.simulators.log)
        self.shops = load(self._shops_file)
        self.gateway.start()
        self.dispatcher.start()
        self._wait(self._gateway_is_ready, "the gateway", self.gateway.log)
        self._wait(lambda: _answers(self._dispatch_port, "/ready"), "the dispatcher", self.dispatcher.log)

    def check(self) -> list[str]:
        """Brings back what has died; returns a line for each."""
        lines = [line for process in (self.gateway, self.dispatcher) for line in process.check()]
        return lines + self.writeback.check()

    @property
    def processes(self) -> list[HubProcess]:
        """In the order of their start."""
        return [*self.writeback.processes, self.simulators, self.gateway, self.dispatcher]

    def supervised(self, on_back: Callable[[], None]) -> list[Supervised]:
        """For who brings back what dies; ``on_back`` is called when the simulators are elsewhere than before."""
        return [*self.writeback.processes, _Platforms(self, on_back), self.gateway, self.dispatcher]

    def stop(self) -> list[int]:
        """SIGTERM, in order; the exit codes."""
        codes = [self.gateway.stop(), self.dispatcher.stop(), *self.writeback.stop()]
        return [*codes, self.simulators.stop()]

    def logs(self) -> list[Path]:
        """What they print."""
        return [self.simulators.log, self.gateway.log, self.dispatcher.log, self.writeback.log(0)]

    def _has_shops(self) -> bool:
        return self._shops_file.exists() and bool(self._shops_file.read_text("utf-8").strip())

    def _gateway_is_ready(self) -> bool:
        return _answers(self._gateway_port, "/ready")

    def _wait(self, done: object, what: str, log: Path) -> None:
        assert callable(done)
        deadline = time.monotonic() + _START_S
        while not done():
            if time.monotonic() > deadline:
                tail = log.read_text(errors="replace")[-2000:] if log.exists() else "(it wrote no log)"
                raise ClusterError(f"{what} did not come up within {_START_S:.0f} s; the log {log} ends:\n{tail}")
            time.sleep(0.1)


class _Platforms:
    """The simulators to a supervisor: with them those come back that know them."""

    def __init__(self, edge: Edge, on_back: Callable[[], None]) -> None:
        self._edge, self._on_back = edge, on_back
        self.name, self.log = edge.simulators.name, edge.simulators.log

    def exit_code(self) -> int | None:
        return self._edge.simulators.exit_code()

    def revive(self) -> None:
        self._edge.start_platforms()
        self._on_back()


def _answers(port: int, path: str) -> bool:
    with suppress(OSError):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return bool(answer.status == 200)
    return False


def environment(settings: Settings) -> dict[str, str]:
    """For a command that is run to its end."""
    return {**os.environ, **settings.to_env()}
