"""``penstock --version``: what a report of a fault begins with."""

from __future__ import annotations

import platform
from importlib.metadata import version

#: Those whose version changes what Penstock does.
_PARTS = ("confluent-kafka", "faust-streaming", "rocksdict", "fastavro", "asyncpg")


def lines() -> list[str]:
    """Penstock's own version, then what it runs on."""
    return [
        f"penstock {version('penstock')}",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}",
        ", ".join(f"{name} {version(name)}" for name in _PARTS),
    ]
