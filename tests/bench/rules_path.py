"""Table 10, the whole path by released rules: raw channel event to allocation, with a rule document live beside the built-in rule.

One worker each, on a broker of its own, on the same events as the whole path's (``whole_path``), in interleaved rounds. The demo's document
looks at the demo's tables: freight, times, coverage, capacity; the built-in rule as a document shows what tracing costs by itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from schemas.topics import DOCUMENTS, RELEASES
from streams.demo.source import Source
from tests.bench.measure import ROOT, Bench, Spread, interleaved
from tests.bench.report import Goal, Report, spread, spread_json
from tests.bench.saga_peers import PENSTOCK
from tests.bench.whole_path import SEED, ordinary, timed
from tests.domain.released import RULES, release, version

ORDERS, ORDERS_QUICK = 40_000, 600
BUILT_IN, AS_DOCUMENT, DEMO = "the built-in rule", "the same as a document", "the demo's document and tables"
_EXAMPLES = ROOT / "deploy/examples"
Record = tuple[str, str, str, Any]


class Ruled(NamedTuple):
    """A source into whose world a rule document is released."""

    source: Source
    released: Sequence[Record]

    @property
    def events(self) -> Sequence[Any]:
        return self.source.events

    def world(self) -> list[Record]:
        return [*self.released, *self.source.world()]


def run(bench: Bench, orders: int | None = None) -> Iterable[Report]:
    orders = orders or (ORDERS_QUICK if bench.quick else ORDERS)
    source = ordinary(orders, SEED)
    worlds = {BUILT_IN: [], AS_DOCUMENT: as_document(), DEMO: demo()}
    runs: dict[str, Callable[[], Mapping[str, float]]] = {
        name: partial(timed, PENSTOCK, Ruled(source, released), orders, bench.folder)  # type: ignore[arg-type]
        for name, released in worlds.items()
    }
    yield report(orders, interleaved(runs, bench, "rules path"))


def report(orders: int, figures: Mapping[str, Mapping[str, Spread]]) -> Report:
    cpu = {name: found["cpu_s_million"].median for name, found in figures.items()}
    ratios = {name: cpu[BUILT_IN] / each for name, each in cpu.items()}
    rows = [
        (name, spread(found["orders_s"]), spread(found["cpu_s_million"]), f"{ratios[name]:.2f} x")
        for name, found in figures.items()
    ]
    goals = [
        Goal.at_least(f">= 0.9 x the built-in rule with {name}", ratio, 0.9)
        for name, ratio in ratios.items()
        if name != BUILT_IN
    ]
    data = {name: {figure: spread_json(value) for figure, value in found.items()} for name, found in figures.items()}
    notes = [
        f"{orders:,} orders, one worker. Ratio: by CPU, which is what a worker has too little of, and what others' load leaves as it is.",
        "Every decision by a document has every warehouse's reason; penstock verify found 0 violations.",
    ]
    columns = ("", "orders/s", "CPU s per million", "ratio")
    return Report("rules_path", "10. The whole path by released rules", columns, rows, data, goals, notes)


def as_document() -> list[Record]:
    text = (ROOT / "schemas/documents/rules/default.toml").read_text("utf-8")
    return _live([(RULES, tomllib.loads(text))])


def demo() -> list[Record]:
    rules = tomllib.loads((_EXAMPLES / "rules/demo.toml").read_text("utf-8"))
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted((_EXAMPLES / "config").glob("*.toml"))]
    # Of warehouses and bundles the world has its own.
    looked = [each for each in tables if each["kind"] not in ("warehouses", "bundles", "flows", "risk")]
    return _live([(RULES, rules), *((f"{each['kind']}/{each['name']}", each) for each in looked)])


def _live(documents: Sequence[tuple[str, dict[str, Any]]]) -> list[Record]:
    found: list[Record] = []
    for name, values in documents:
        record = version(1, {**values, "kind": name.partition("/")[0], "name": name.partition("/")[2]}, name)
        found.append((DOCUMENTS, record["document"], "ConfigDocument", record))
        found.append((RELEASES, name, "ConfigRelease", release(live=1, name=name)))
    return found
