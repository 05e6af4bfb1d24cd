"""The Penstock workload: raw orders of five channels through intake, allocation and inventory; part of what is allocated is shipped.

``plenty``: stock everywhere, far more than anyone asks for. No decision depends on when the availability view arrives, so every
decision must be that of an undisturbed run. ``scarce``: stock as in trade, with rejections, new rounds and backorders, and sales before
goods are there; who gets the last piece depends on timing, so the verifier, the conservation of stock and the intake's outcomes judge.

In ``plenty`` only orders with a single version are shipped while the input flows: an update that meets a shipped order is no update
any more, so whether it came before or after the parcel would show.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from connectors.generator import RawEvent
from connectors.generator.stock import StockCommand
from schemas.codec import CODEC
from schemas.documents.pools.document import Chain, Pool, Quota
from schemas.topics import CHANNELS, channel_topic
from streams.demo.source import Source, from_file, generated
from streams.domain.inventory import pool_documents
from streams.ops.cluster import Cluster, ClusterError
from streams.settings import Settings
from streams.topology import stages
from tests.chaos.checks.finding import Violation
from tests.chaos.checks.penstock import Calm, judge
from tests.chaos.feed import Sent
from tests.chaos.shipper import Shipper
from tests.chaos.topics import changelog, create

_START_MS = 1_767_232_800_000
_PLENTY = 10_000_000
#: No run lasts so long: what expires has expired before its time.
_TTL_MS = 24 * 3_600_000

#: Of so many orders a sale has one piece, and at the least so many: with fewer than are asked for of what is popular.
_ORDERS_A_PIECE, _FEWEST_PIECES = 1_000, 4

#: Shares of the events.
_AGAIN, _REORDERED, _POISONED = 0.05, 0.05, 0.002


class Shop:
    """See the module's text. The same arguments give the same input, byte for byte."""

    app = "penstock"
    app_id = "penstock"
    inputs = sum(len(stage.reads) for stage in stages("decisions"))
    tables = tuple(table for stage in stages("decisions") for table in stage.tables)

    def __init__(
        self,
        orders: int,
        seed: int,
        plenty: bool,
        partitions: int = 4,
        kinds: Iterable[str] = ("duplicates", "reorder", "poison"),
        sample: Path | None = None,
    ):
        self.name = f"{'plenty' if plenty else 'scarce'}-{seed}"
        self.plenty, self.partitions = plenty, partitions
        source = generated(orders, seed, _START_MS)
        if sample is not None:
            source = _joined(source, from_file(sample, seed))
        self._source = source if not plenty else source._replace(stock=_plenty(source))
        self.orders = len({event.key for event in source.events})
        versions = Counter(event.key for event in source.events if event.note != "duplicate")
        self._shippable = {key for key, count in versions.items() if count == 1} if plenty else None
        self.records = _records(source.events, seed, set(kinds))
        self._shipper: Shipper | None = None

    @property
    def changelogs(self) -> dict[str, str]:
        return {table: changelog(self.app_id, table) for table in self.tables}

    def _settings(self, brokers: str, data: Path = Path()) -> Settings:
        return Settings(
            brokers=brokers,
            data=data,
            app_id=self.app_id,
            partitions=self.partitions,
            batch=500,
            reservation_ttl_ms=_TTL_MS,
        )

    def env(self, brokers: str, data: Path) -> dict[str, str]:
        return self._settings(brokers, data).to_env()

    def prepare(self, brokers: str) -> None:
        cluster = Cluster(self._settings(brokers))
        cluster.create_topics()
        create(brokers, self.changelogs.values(), self.partitions, compacted=True)
        cluster.publish(self._source.world())
        if not self.plenty:
            cluster.publish(_sales(self._source, max(_FEWEST_PIECES, self.orders // _ORDERS_A_PIECE)))

    def start_helpers(self, brokers: str) -> None:
        self._shipper = Shipper(brokers, self.partitions, self._shippable)

    def stop_helpers(self) -> None:
        if self._shipper is not None:
            self._shipper.stop()

    def ready(self, brokers: str) -> bool:
        """Every SKU's balance is published: from here on nobody takes a SKU for unknown."""
        return self._rests(brokers)

    def at_rest(self, brokers: str) -> bool:
        shipper = self._shipper
        return (
            self._rests(brokers)
            and shipper is not None
            and shipper.has_read_all(brokers)
            # What it has shipped since is decided too.
            and self._rests(brokers)
            and shipper.has_read_all(brokers)
        )

    def _rests(self, brokers: str) -> bool:
        try:
            return Cluster(self._settings(brokers)).at_rest()
        except ClusterError:
            return False

    def judge(self, brokers: str, folders: Iterable[Path], calm: Calm | None = None) -> list[Violation]:
        return judge(brokers, folders, self.app_id, self.partitions, self.changelogs, calm, self.plenty)


def _joined(generated: Source, real: Source) -> Source:
    """Real orders among the generated ones, evenly."""
    events: list[RawEvent] = []
    step = max(1, len(generated.events) // max(1, len(real.events)))
    rest = iter(real.events)
    for number, event in enumerate(generated.events):
        events.append(event)
        if number % step == 0 and (more := next(rest, None)) is not None:
            events.append(more)
    events += rest
    return generated._replace(events=events, stock=[*generated.stock, *real.stock])


def _sales(source: Source, cap: int) -> list[tuple[str, str, str, dict[str, object]]]:
    """Of a third of the SKUs some pieces are sold before they are there, on every channel: fewer than are asked for."""
    skus = sorted({each.record["sku"] for each in source.stock})[::3]
    row = Pool(
        sku="",
        cap=cap,
        from_="2025-01-01 00:00",
        until="2027-01-01 00:00",
        deposit_hours=1,
        quotas=(Quota("taobao", 2_500), Quota("shared", 7_500)),
        chains=tuple(Chain(each, ("taobao", "shared") if each == "taobao" else ("shared",)) for each in CHANNELS),
    )
    record = pool_documents.record("pools/chaos", "chaos", row)
    return [
        (
            *("inventory.commands", sku, "SetPool"),
            {
                "command_id": f"pools/chaos/1/{sku}",
                "sku": sku,
                "warehouse": "",
                "pool": record,
                "requested_at_ms": _START_MS,
            },
        )
        for sku in skus
    ]


def _plenty(source: Source) -> list[StockCommand]:
    return [
        StockCommand(
            "Receive",
            {
                "command_id": f"plenty/{sku}/{warehouse['warehouse']}",
                "sku": sku,
                "warehouse": warehouse["warehouse"],
                "quantity": _PLENTY,
                "requested_at_ms": _START_MS,
            },
        )
        for sku in source.skus
        for warehouse in source.warehouses
    ]


def _records(events: Sequence[RawEvent], seed: int, inputs: set[str]) -> list[Sent]:
    """What is published, with the faults of the input in it."""
    chance = random.Random(f"shop/{seed}")
    records = [
        Sent(channel_topic(e.event["channel"]), e.key.encode(), CODEC.encode("ChannelEvent", e.event)) for e in events
    ]
    count = len(records)
    if "reorder" in inputs:
        for _ in range(int(count * _REORDERED)):
            i = chance.randrange(count)
            j = min(count - 1, i + chance.randrange(1, 300))
            records[i], records[j] = records[j], records[i]
    # Places in the input, to be inserted from its end, so that none moves another.
    more: list[tuple[int, Sent]] = []
    if "duplicates" in inputs:
        for _ in range(int(count * _AGAIN)):
            i = chance.randrange(count)
            more.append((min(count, i + chance.randrange(1, 2_000)), records[i]))
    if "poison" in inputs:
        more += [(chance.randrange(count), _poison(chance, i)) for i in range(max(5, int(count * _POISONED)))]
    for place, record in sorted(more, key=lambda item: item[0], reverse=True):
        records.insert(place, record)
    return records


def _poison(chance: random.Random, number: int) -> Sent:
    """A record that cannot be digested where it stands."""
    key = b"poison:%d" % number
    channel = channel_topic(chance.choice(("taobao", "jd", "pdd", "douyin", "shopify")))
    garbage = chance.randbytes(chance.randrange(1, 400))
    foreign = CODEC.encode("SetSafetyStock", _foreign(number))
    return chance.choice(
        (
            Sent(channel, key, garbage),
            Sent(channel, key, None),
            Sent(channel, None, garbage),
            Sent(channel, key, foreign),
            Sent("inventory.commands", key, garbage),
            Sent("shipments", key, foreign),
            Sent("orders.decisions", key, garbage),
            # A sound command under another SKU's key: decided there, it would make a second balance.
            Sent("inventory.commands", key, foreign),
        )
    )


def _foreign(number: int) -> dict[str, object]:
    return {
        "command_id": f"foreign/{number}",
        "sku": "TS-FOREIGN",
        "warehouse": "hz1",
        "quantity": 3,
        "requested_at_ms": _START_MS,
    }
