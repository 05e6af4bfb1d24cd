"""Who may use the console, and for what, changed by somebody with the right to: nothing of it without its entry in the audit.

1. The change, in a transaction of the database.
2. Its entry, which Kafka has.
3. The transaction is committed: one whose entry could not be written takes nothing with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from connectors.console import users
from connectors.console.permissions import Grant
from connectors.console.store import Store
from schemas.records import AuditEntry
from streams.ops import audit
from streams.ops.actor import Actor

#: Puts an entry on record; blocks. Raises ClusterError.
Note = Callable[[AuditEntry], None]


class Access:
    """In somebody's name. Everything raises Problem, ClusterError, and NotAllowed where they lack the right."""

    def __init__(self, store: Store, note: Note, by: Actor, because: str = "") -> None:
        self._store = store
        self._note = note
        self._by = by
        self._because = because

    async def put(self, name: str, password_hash: str) -> bool:
        """Adds a user, or gives one another password and ends their sessions; whether they are new."""
        async with self._store.keeping() as connection:
            is_new = await users.put(connection, name, password_hash, self._by.who)
            await self._noted("access.user_added" if is_new else "access.password_set", f"user:{name}")
        return is_new

    async def remove(self, name: str) -> bool:
        """With grants and sessions; whether there was one."""
        async with self._store.keeping() as connection:
            if gone := await users.remove(connection, name):
                await self._noted("access.user_removed", f"user:{name}")
        return gone

    async def give(self, name: str, grant: Grant) -> bool:
        """Whether there is such a user; a grant that they have stays."""
        async with self._store.keeping() as connection:
            if known := await users.give(connection, name, grant, self._by.who):
                await self._noted("access.granted", f"user:{name}", **grant._asdict())
        return known

    async def take(self, name: str, grant: Grant) -> bool:
        """Whether they had it."""
        async with self._store.keeping() as connection:
            if had := await users.take(connection, name, grant):
                await self._noted("access.revoked", f"user:{name}", **grant._asdict())
        return had

    async def set_department(self, department: str, shops: Sequence[str]) -> None:
        """Its shops, in place of those it had."""
        async with self._store.keeping() as connection:
            await users.set_department(connection, department, shops)
            await self._noted("access.department_set", f"department:{department}", shops=", ".join(shops))

    async def _noted(self, action: str, subject: str, **details: object) -> None:
        entry = audit.entry(action, subject, by=self._by, reason=self._because, details=details)
        await asyncio.to_thread(self._note, entry)
