"""The contestants of the dedup stage: how each is started, and by what it is seen how far it has got.

Each is given its settings by the environment: BROKERS, APP_ID, DATADIR, SOURCE, SINK, PARTITIONS. What is written for it stands in
``apps/``, the Java one in ``java/dedup/``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench import java_build
from tests.bench.measure import ROOT

#: Python of the peers that need other versions of what Penstock is pinned to; made by `make bench`.
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Peer:
    """One contestant.

    Attributes:
        guarantee: what its output and state are when it is killed at any time.
        command: its command line, given its data folder.
        transactional: outputs become visible together with the committed input offsets, so these tell how far it is; else the records in
            the output topic do.
        share: the part of the input it is given, so that a slow one's round ends in about the time of a fast one's.
        needs: the Python it runs on when that is not ours.
    """

    name: str
    guarantee: str
    command: Callable[[Path], list[str]]
    transactional: bool = False
    env: Mapping[str, str] = field(default_factory=dict)
    share: float = 1.0
    needs: Path | None = None

    @property
    def is_there(self) -> bool:
        return self.needs is None or self.needs.exists()


def _python(module: str, *arguments: str, python: str = sys.executable) -> Callable[[Path], list[str]]:
    return lambda folder: [python, "-m", f"tests.bench.apps.{module}", *arguments]


def _streams(folder: Path) -> list[str]:
    return java_build.command("dedup", "Dedup")


def _bytewax(folder: Path) -> list[str]:
    # Bytewax wants its recovery folder made ready beforehand.
    script = (
        f"'{BENCH_PYTHON}' -m bytewax.recovery '{folder}' 1 && "
        f"exec '{BENCH_PYTHON}' -m bytewax.run tests.bench.apps.bytewax_flow -r '{folder}' -s 10 -b 0"
    )
    return ["sh", "-c", f"mkdir -p '{folder}' && {script}"]


FAUST_WORKER = ("worker", "--without-web", "-l")
PENSTOCK, STREAMS = "Penstock", "Kafka Streams EOSv2, 1 thread"
QUIX, FAUST, PLAIN = "Quix Streams EOS", "stock Faust", "plain loop"
_EOS = {"GUARANTEE": "exactly_once_v2"}
_ALOS = {"GUARANTEE": "at_least_once"}

PEERS = {
    peer.name: peer
    for peer in (
        # At level info it says what it restored and how long that took: one line.
        Peer(PENSTOCK, "exactly once", _python("penstock_app", *FAUST_WORKER, "info"), transactional=True),
        Peer(STREAMS, "exactly once", _streams, transactional=True, env=_EOS),
        Peer("Kafka Streams EOSv2, 2 threads", "exactly once", _streams, True, _EOS | {"THREADS": "2"}),
        Peer("Kafka Streams ALOS, 1 thread", "at least once", _streams, env=_ALOS),
        Peer("Kafka Streams ALOS, 2 threads", "at least once", _streams, env=_ALOS | {"THREADS": "2"}),
        Peer(
            QUIX,
            "exactly once",
            _python("quix_app", python=str(BENCH_PYTHON)),
            transactional=True,
            env={"GUARANTEE": "exactly-once"},
            share=0.15,
            needs=BENCH_PYTHON,
        ),
        Peer(
            "Quix Streams ALOS",
            "at least once",
            _python("quix_app", python=str(BENCH_PYTHON)),
            env={"GUARANTEE": "at-least-once"},
            share=0.15,
            needs=BENCH_PYTHON,
        ),
        Peer("Bytewax", "at least once", _bytewax, share=0.3, needs=BENCH_PYTHON),
        Peer(
            FAUST,
            "may lose",
            _python("faust_app", "--loop", "uvloop", *FAUST_WORKER, "warn", python=str(BENCH_PYTHON)),
            share=0.02,
            needs=BENCH_PYTHON,
        ),
        Peer(PLAIN, "none", _python("plain_loop")),
    )
}
