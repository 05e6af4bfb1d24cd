"""``penstock --version``: what a report of a fault begins with."""

from __future__ import annotations

import platform
from importlib.metadata import version
from importlib.util import find_spec

from schemas.texts import said

#: Those whose version changes what Penstock does.
_PARTS = ("confluent-kafka", "faust-streaming", "rocksdict", "fastavro", "asyncpg")


def lines() -> list[str]:
    """Penstock's own version, then what it runs on."""
    return [
        f"penstock {version('penstock')}, {said(form())}",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}",
        ", ".join(f"{name} {version(name)}" for name in _PARTS),
    ]


def form() -> str:
    """How the hot path runs: as mypyc compiled it for a wheel (``make wheel``), or by the interpreter."""
    spec = find_spec("schemas.avro_bodies")
    interpreted = spec is None or spec.origin is None or spec.origin.endswith(".py")
    return "hot path interpreted" if interpreted else "hot path compiled"
