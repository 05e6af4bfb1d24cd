"""A hub of which the console shows rule documents: a real broker, warehouses with stock, and orders that some shops may see."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from confluent_kafka.cimpl import NewTopic

from connectors.console.permissions import Grant, Kind
from schemas.codec import CODEC
from streams.domain.intake.reading import read_event
from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.ops.cluster import Cluster
from streams.settings import Settings
from streams.topology import group_id
from tests.connectors.console.conftest import Browser, Console
from tests.domain.make import level, stock, warehouse
from tests.integration.conftest import TAOBAO_EVENTS, envelope, trade

PLANNER, ADMIN = Grant("planner", Kind.ALL, ""), Grant("admin", Kind.ALL, "")
SHOP = "tea"


def settings_on(kafka: str, folder: Path) -> Settings:
    """Of a hub of its own on a shared broker: its tables, and the name of the document that its workers follow."""
    name = f"rules-{uuid4().hex[:8]}"
    return Settings.from_env(
        {"PENSTOCK_DATA": str(folder), "PENSTOCK_APP_ID": name, "PENSTOCK_RULES": name}, brokers=kafka
    )


class RuleHub:
    """``near`` and ``far``: two warehouses, one in Zhejiang and one in Sichuan, that have five mugs each."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings, self.console = settings, console
        self.cluster = Cluster(settings)
        self.name, self.document = settings.rules, f"rules/{settings.rules}"
        self.near, self.far = f"N-{self.name}", f"F-{self.name}"
        self.sku = f"MUG-{self.name}"
        self.cluster.create_topics()
        self._write("config.warehouses", self.near, "Warehouse", warehouse(self.near))
        self._write("config.warehouses", self.far, "Warehouse", warehouse(self.far, "四川"))
        changelogs = [self._changelog(table) for table in ("stock", "order_state")]
        Admin(settings.brokers, Options.quiet(settings.kafka)).create_all(
            [NewTopic(topic, settings.partitions, 1) for topic in changelogs]
        )
        shelves = stock(level(self.near, 5), level(self.far, 5), sku=self.sku)
        self._write(self._changelog("stock"), self.sku, "Stock", shelves)

    def text(self, *codes: str, name: str = "", note: str = "", more: str = "") -> str:
        """A document that asks warehouses in this order, the near one first where none is named."""
        rank = f"{{ mode = 'lexicographic', criteria = [{{ by = 'sequence', warehouses = {list(codes or (self.near,))} }}] }}"
        head = f"kind = 'rules'\nversion = 1\nname = '{name or self.name}'\ndescription = '{note}'\n"
        return f"{head}[default]\nrank = {rank}\n{more}"

    def order(self, number: str, quantity: int = 2) -> str:
        """Puts an order into Kafka as intake makes it, and into the tables; returns its id."""
        order_id = f"taobao:{number}"
        source: Any = {"topic": TAOBAO_EVENTS, "partition": 0, "offset": 0}
        event = envelope(number, trade(number, self.sku, quantity))
        made = read_event(event, order_id, source, frozenset({self.sku})).order
        self._write("orders", order_id, "Order", made)
        asyncio.run(_row(self.console.database, order_id))
        return order_id

    def planner(self, *grants: Grant) -> Browser:
        return self.console.signed_in(*(grants or (PLANNER,)))

    def shown(self, browser: Browser) -> dict[str, Any]:
        """The hub's own document as listed; empty: there is none."""
        listed = browser.get("/api/rules").body["documents"]
        return next((each for each in listed if each["name"] == self.name), {})

    def publish(self, browser: Browser, text: str, newest: int = 0, because: str = "spring") -> Any:
        return browser.ask("POST", "/api/rules/publish", {"text": text, "newest": newest, "because": because})

    def release(self, browser: Browser, version: int, to: str, last: int, basis_points: int = 0) -> Any:
        body = {"version": version, "to": to, "basis_points": basis_points, "last": last, "because": "it is tried"}
        return browser.ask("POST", f"/api/rules/documents/{self.name}/release", body)

    def audit(self) -> list[dict[str, Any]]:
        """Entries about the document."""
        messages = self.cluster.read("audit", key=f"config:{self.document}")
        return [CODEC.decode(message.value() or b"")[1] for message in messages]

    def _changelog(self, table: str) -> str:
        return f"{group_id(self.settings.app_id, 'decisions')}-{table}-changelog"

    def _write(self, topic: str, key: str, name: str, record: Any) -> None:
        self.cluster.publish([(topic, key, name, record)])


async def _row(url: str, order_id: str) -> None:
    """As another order's that is there, but for its id and shop."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum"
    )
    columns = ", ".join(name for (name,) in names)
    values = columns.replace("order_id", "$1", 1).replace(" shop,", " $2,", 1)
    await connection.execute(f"INSERT INTO orders ({columns}) SELECT {values} FROM orders LIMIT 1", order_id, SHOP)
    await connection.close()
