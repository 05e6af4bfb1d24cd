"""The hub's processes: what each is started with and given, and where it says how it is. Manifests are made from this, or held to it."""

from __future__ import annotations

from typing import NamedTuple

#: Where every process of a container serves /metrics, /live and /ready; the console its pages.
METRICS_PORT, CONSOLE_PORT = 9_400, 9_460


class Process(NamedTuple):
    """One that runs until SIGTERM.

    ``slot``: its command ends with the number of its folder of state, and several are told apart by it.
    """

    name: str
    command: tuple[str, ...]
    port: int = METRICS_PORT
    #: How many; one that is ``alone`` must not have a second beside it, not even while it is replaced.
    replicas: int = 1
    alone: bool = False
    slot: bool = False
    #: Keeps files of its own from start to start.
    stateful: bool = False
    database: bool = False
    shops: bool = False
    #: Requests: thousandths of a core, MiB; limits: twice the memory.
    millicores: int = 250
    mebibytes: int = 512


_PORT = str(METRICS_PORT)
PROCESSES = (
    Process("worker", ("worker", "--slot"), replicas=2, slot=True, stateful=True, millicores=1_000, mebibytes=1_024),
    Process("writeback-worker", ("worker", "--group", "writeback", "--slot"), slot=True, stateful=True),
    Process("warehouse-worker", ("worker", "--group", "warehouse", "--slot"), slot=True, stateful=True),
    Process("listing-worker", ("worker", "--group", "listing", "--slot"), slot=True, stateful=True),
    # What a platform may not send again is kept on disk while Kafka is away.
    Process("gateway", ("gateway", "--host", "0.0.0.0", "--port", _PORT), stateful=True, shops=True),
    Process("dispatcher", ("writeback", "run", "--port", _PORT), replicas=2, shops=True),
    Process("deliveries", ("delivery", "run", "--port", _PORT), replicas=2, shops=True),
    Process("listings", ("listing", "run", "--port", _PORT), replicas=2, shops=True),
    Process("reconcile", ("reconcile", "--port", _PORT), alone=True, stateful=True, shops=True),
    Process("sink", ("sink", "postgres", "--metrics-port", _PORT), replicas=2, database=True, millicores=500),
    Process("monitor", ("monitor", "--port", _PORT), alone=True, database=True, shops=True),
    Process(
        "console",
        ("console", "--host", "0.0.0.0", "--port", str(CONSOLE_PORT)),
        port=CONSOLE_PORT,
        replicas=2,
        database=True,
    ),
)
