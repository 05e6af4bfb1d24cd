"""How much of what a hub of so many orders needs: measured figures, and a formula for each answer.

The figures are of two-core machines (`tests/README.md`, Proof: peers) and of `make demo`'s 20,593 orders, whose trade they have the shape
of: what is sold, split and returned otherwise costs otherwise. They are carried on in proportion; no cluster was measured.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple


class Measured(NamedTuple):
    """A figure, and where it is from."""

    value: float
    unit: str
    source: str


#: What an order costs; CPU in microseconds of one core.
WORKER_CPU = Measured(
    672,
    "us",
    "whole path, interpreted, by the demo's rule document and seven tables (python -m tests.bench --only rules_path)",
)
WRITEBACK_CPU = Measured(150, "us", "an estimate: a parcel is read, kept and sent as often as a fifth of a decision")
SINK_CPU = Measured(267, "us", "39 s per million records (--only sink), 6.84 records an order")
BROKER_CPU = Measured(910, "us", "0.7 s per 1,000 events at 1,000 a second (--only edge), 1.3 events an order")
TOPIC_BYTES = Measured(
    3_180, "bytes", "65 MB of topics after make demo, changelogs among them, as they lie compressed on disk"
)
STATE_BYTES = Measured(1_400, "bytes", "28 MB of local state after make demo")
TABLE_BYTES = Measured(6_750, "bytes", "139 MB of tables and indexes after make demo, every trace among them")
WORKER_MIB = Measured(371, "MiB", "whole path, 60,000 orders (make bench)")
SINK_MIB = Measured(250, "MiB", "an estimate: a flush of 5,000 records, its rows and the interpreter")

#: A core that is busier than this at the peak has no room for a neighbour that fails, or a restore.
BUSY_MOST = 0.6
#: Partitions that a topic is made with: more of them move nothing, fewer can't be shared by more workers later.
_PARTITIONS = (2, 4, 6, 12, 24, 48, 96, 192)
#: A peak second is so many mean ones: 11.11's first hour over a usual day.
PEAK_FACTOR = 10.0
_SECONDS = 86_400
_GIB = 1 << 30


class Asked(NamedTuple):
    """What is planned for. ``per_second``: orders at the peak."""

    per_second: float
    peak_factor: float = PEAK_FACTOR
    #: Days that topics are kept, that open and finished orders' state is kept, and that tables are.
    topic_days: int = 7
    state_days: int = 90
    table_days: int = 365
    replication: int = 3


class Answer(NamedTuple):
    """So much of something, and how that was come to."""

    name: str
    amount: float
    unit: str
    formula: str


def plan(asked: Asked) -> list[Answer]:
    """What it takes. Raises ValueError: more than a hub's partitions can be shared by."""
    workers = _processes(asked.per_second, WORKER_CPU)
    partitions = next((each for each in _PARTITIONS if each >= 2 * workers), None)
    if partitions is None:
        raise ValueError(
            f"{asked.per_second:,.0f} orders a second ask for {workers:,} workers: a hub is planned up to {_PARTITIONS[-1] // 2}"
        )
    daily = asked.per_second / asked.peak_factor * _SECONDS
    sinks, writeback = _processes(asked.per_second, SINK_CPU), _processes(asked.per_second, WRITEBACK_CPU)
    copies = asked.replication
    cores = asked.per_second * BROKER_CPU.value / 1e6 / BUSY_MOST
    return [
        Answer(
            "orders a day", daily, "", f"{asked.per_second:,.0f}/s at the peak / {asked.peak_factor:,.0f} x 86,400 s"
        ),
        Answer("workers", workers, "of a core each", _by_cpu(asked, WORKER_CPU)),
        Answer("writeback workers", writeback, "of a core each", _by_cpu(asked, WRITEBACK_CPU)),
        Answer("sinks", sinks, "of a core each", _by_cpu(asked, SINK_CPU)),
        Answer(
            "partitions",
            partitions,
            "",
            f"the next of {', '.join(map(str, _PARTITIONS))} from 2 x {workers} workers on: room to double",
        ),
        Answer(
            "brokers",
            max(1, asked.replication),
            f"with {ceil(cores)} cores each",
            f"{_by_cpu(asked, BROKER_CPU)}: each writes what all are sent",
        ),
        Answer(
            "disk of a broker",
            _gib(daily * asked.topic_days * TOPIC_BYTES.value),
            "GiB",
            _kept(daily, asked.topic_days, TOPIC_BYTES) + f": with {copies} copies on {copies} brokers each has all",
        ),
        Answer(
            "disk of a worker",
            _gib(daily * asked.state_days * STATE_BYTES.value / workers),
            "GiB",
            f"{_kept(daily, asked.state_days, STATE_BYTES)} / {workers} workers",
        ),
        Answer(
            "disk of the database",
            _gib(daily * asked.table_days * TABLE_BYTES.value),
            "GiB",
            _kept(daily, asked.table_days, TABLE_BYTES),
        ),
        Answer(
            "memory of workers and sinks",
            (workers + writeback) * WORKER_MIB.value + sinks * SINK_MIB.value,
            "MiB",
            f"{workers + writeback} x {WORKER_MIB.value:,.0f} + {sinks} x {SINK_MIB.value:,.0f} MiB",
        ),
    ]


def measured() -> list[tuple[str, Measured]]:
    """Every figure that an answer stands on, by its name here."""
    return [(name, value) for name, value in globals().items() if isinstance(value, Measured)]


def _processes(per_second: float, cost: Measured) -> int:
    return max(1, ceil(per_second * cost.value / 1e6 / BUSY_MOST))


def _by_cpu(asked: Asked, cost: Measured) -> str:
    return f"{asked.per_second:,.0f}/s x {cost.value:,.0f} us / {BUSY_MOST:.0%} of a core"


def _kept(daily: float, days: int, size: Measured) -> str:
    return f"{daily:,.0f} orders a day x {days} days x {size.value:,.0f} bytes"


def _gib(amount: float) -> float:
    return amount / _GIB
