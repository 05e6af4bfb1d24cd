"""What the hub knows of each order, followed from its topics into one SQLite file.

A file rather than memory, and positions in the same transaction as what was read: a restart goes on where it stopped instead of reading the
topics from their beginning, and it remembers orders that the topics' retention has let go of. About 250 bytes an order on disk; in memory
SQLite's page cache alone. Without the file (lost, or of another cluster) the topics are read again from where they begin.

It also keeps what is still to be confirmed at the channels, and which snapshots were sent in lately.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from connectors.channels.reconcile.compare import Known
from schemas.private import private, private_folder
from schemas.records import CheckedEvent

_CACHE_KIB = 16_384
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS positions (topic TEXT, partition INT, position INT, PRIMARY KEY (topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (order_id TEXT PRIMARY KEY, version INT NOT NULL, status TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS phases (order_id TEXT PRIMARY KEY, phase TEXT NOT NULL, at_ms INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reviews (order_id TEXT PRIMARY KEY, version INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS repeats (order_id TEXT PRIMARY KEY, version INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sent (order_id TEXT PRIMARY KEY, version INT NOT NULL, at_ms INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contents (order_id TEXT PRIMARY KEY, content BLOB NOT NULL, version INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS compared (order_id TEXT PRIMARY KEY, version INT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
    order_id TEXT, about TEXT, tracking_no TEXT, shop TEXT NOT NULL, due_ms INT NOT NULL, tries INT NOT NULL,
    PRIMARY KEY (order_id, about, tracking_no)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS pending_due ON pending (due_ms);
"""


#: Tables of which a row is as old as its version.
_OF_ORDERS = ("orders", "reviews", "repeats", "sent", "contents", "compared")

_KNOWN = """
SELECT max(coalesce(o.version, 0), coalesce(d.version, 0)), coalesce(o.status, ''), coalesce(p.phase, ''), coalesce(r.version, 0),
    coalesce(c.content, x'')
FROM (SELECT ? AS id)
LEFT JOIN orders o ON o.order_id = id
LEFT JOIN phases p ON p.order_id = id
LEFT JOIN reviews r ON r.order_id = id
LEFT JOIN contents c ON c.order_id = id
LEFT JOIN repeats d ON d.order_id = id AND o.order_id IS NOT NULL
"""


class InUse(Exception):
    """Another process has the file open; the message says what to do."""


class Pending(NamedTuple):
    """A key event to be confirmed at its channel; ``tracking_no`` of a shipment."""

    order_id: str
    about: CheckedEvent
    tracking_no: str
    shop: str
    due_ms: int
    tries: int


class Learnt(NamedTuple):
    """What a batch of records taught."""

    orders: Sequence[tuple[str, int, str]] = ()
    phases: Sequence[tuple[str, str, int]] = ()
    reviews: Sequence[tuple[str, int]] = ()
    #: Known content under another version: the platform dated the order anew, and nothing that matters had changed.
    repeats: Sequence[tuple[str, int]] = ()
    pending: Sequence[Pending] = ()
    positions: Sequence[tuple[str, int, int]] = ()
    #: (order id, what its newest version says, that version).
    contents: Sequence[tuple[str, bytes, int]] = ()


class KnownOrders:
    """The file at ``path``; safe for several threads.

    Raises:
        InUse: another process has it.
    """

    def __init__(self, path: Path) -> None:
        private_folder(path.parent)
        # SQLite's other files get the mode of this one.
        os.close(private(str(path), os.O_RDWR | os.O_CREAT))
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=1)
        try:
            # The lock is the operating system's: a killed process leaves none.
            self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._db.executescript(_TABLES)
        except sqlite3.OperationalError as exc:
            self._db.close()
            if "locked" not in str(exc):
                raise
            raise InUse(
                f"{path} is in use: another penstock reconcile runs on this data folder; stop it first"
            ) from exc

    def close(self) -> None:
        with self._lock, suppress(sqlite3.Error):
            self._db.close()

    def belongs_to(self, cluster: str) -> None:
        """Forgets everything when it was learnt from another cluster."""
        with self._lock, self._db:
            row = self._db.execute("SELECT value FROM meta WHERE name = 'cluster'").fetchone()
            if row is not None and row[0] != cluster:
                for table in (*_OF_ORDERS, "positions", "phases", "pending"):
                    self._db.execute(f"DELETE FROM {table}")
            self._db.execute("INSERT OR REPLACE INTO meta VALUES ('cluster', ?)", (cluster,))

    def positions(self) -> dict[tuple[str, int], int]:
        """The next offset of each partition read so far."""
        return {(topic, p): position for topic, p, position in self._all("SELECT * FROM positions")}

    def statuses(self, order_ids: Iterable[str]) -> dict[str, str]:
        """The last accepted status of those that are known."""
        found = {}
        with self._lock:
            for order_id in order_ids:
                row = self._db.execute("SELECT status FROM orders WHERE order_id = ?", (order_id,)).fetchone()
                if row is not None:
                    found[order_id] = row[0]
        return found

    def learn(self, it: Learnt) -> None:
        """All of it, or none."""
        with self._lock:
            self._db.execute("BEGIN")
            # Of one order the last record counts: intake accepts no older version after a newer one.
            self._db.executemany("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", it.orders)
            self._db.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", it.contents)
            self._db.executemany("INSERT OR REPLACE INTO phases VALUES (?, ?, ?)", it.phases)
            self._db.executemany("INSERT OR REPLACE INTO reviews VALUES (?, ?)", it.reviews)
            self._db.executemany(
                "INSERT INTO repeats VALUES (?, ?) ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
                it.repeats,
            )
            self._db.executemany("INSERT OR IGNORE INTO pending VALUES (?, ?, ?, ?, ?, ?)", it.pending)
            self._db.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)", it.positions)
            self._db.execute("COMMIT")

    def get(self, order_id: str) -> Known | None:
        """None: neither accepted nor in review."""
        with self._lock:
            row = self._db.execute(_KNOWN, (order_id,)).fetchone()
        known = Known(*row)
        return known if known.status or known.in_review else None

    def sent(self, order_id: str) -> tuple[int, int]:
        """(version, when) of the snapshot last sent in for an order; zeros: none."""
        with self._lock:
            row = self._db.execute("SELECT version, at_ms FROM sent WHERE order_id = ?", (order_id,)).fetchone()
        return row or (0, 0)

    def note_sent(self, rows: Sequence[tuple[str, int, int]]) -> None:
        """(order id, version, when) of snapshots that are in Kafka."""
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", rows)

    def compared(self, order_id: str) -> int:
        """The version of the hub's whose content the channel was last seen to show, too; 0: none."""
        with self._lock:
            row = self._db.execute("SELECT version FROM compared WHERE order_id = ?", (order_id,)).fetchone()
        return row[0] if row else 0

    def note_compared(self, rows: Sequence[tuple[str, int]]) -> None:
        """(order id, version of the hub's) of which the channel shows the same content."""
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO compared VALUES (?, ?)", rows)

    def due(self, now_ms: int, count: int) -> list[Pending]:
        """What is to be confirmed by now, the longest due first."""
        return [
            Pending(*row)
            for row in self._all("SELECT * FROM pending WHERE due_ms <= ? ORDER BY due_ms LIMIT ?", now_ms, count)
        ]

    def waiting(self) -> int:
        """How many confirmations are still to be made."""
        return int(self._all("SELECT count(*) FROM pending")[0][0])

    def settle(self, done: Iterable[Pending], later: Iterable[Pending]) -> None:
        """Takes confirmations off the list; those of ``later`` are tried again when they are due."""
        with self._lock, self._db:
            self._db.executemany(
                "DELETE FROM pending WHERE order_id = ? AND about = ? AND tracking_no = ?", [it[:3] for it in done]
            )
            self._db.executemany("INSERT OR REPLACE INTO pending VALUES (?, ?, ?, ?, ?, ?)", list(later))

    def forget(self, before_ms: int) -> None:
        """Orders that have not changed since: no platform lists changes that old."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM phases WHERE at_ms < ?", (before_ms,))
            for table in _OF_ORDERS:
                self._db.execute(f"DELETE FROM {table} WHERE version < ?", (before_ms,))

    def _all(self, query: str, *parameters: int) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return self._db.execute(query, parameters).fetchall()
