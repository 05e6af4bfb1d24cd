"""Log-ins and sessions: a random token in a cookie, its hash in the database, gone when it is told to or its time is up.

How often a name, and an address, may fail: ``wait_s``. A try is counted before its password is looked at, so that many at once are no
more than one after another.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256

import asyncpg

from connectors.console import users
from connectors.console.passwords import Passwords
from connectors.console.problems import Problem
from connectors.console.store import Store

#: Nothing was asked for so long: whoever it was has left.
IDLE = timedelta(hours=1)
#: And after so long in any case: a working day.
ABSOLUTE = timedelta(hours=12)

_FREE_FAILURES, _FREE_OF_ADDRESS = 5, 20
_WAIT_MAX_S = 900
_SEEN_EVERY = timedelta(minutes=1)

#: By the clock, not by when the transaction began: one that has waited for another would be before it.
_TRY = """
INSERT INTO console_tries AS t (what, failed, last_at) VALUES ($1, 1, clock_timestamp())
ON CONFLICT (what) DO UPDATE SET last_at = clock_timestamp(),
    failed = CASE WHEN t.last_at < clock_timestamp() - make_interval(secs => $3) THEN 1 ELSE t.failed + 1 END
WHERE t.failed < $2 OR t.last_at + make_interval(secs => least($3, 2.0 ^ least(t.failed - $2, 20))) <= clock_timestamp()
RETURNING failed
"""
_LEFT_S = """
SELECT ceil(extract(epoch FROM last_at + make_interval(secs => least($3, 2.0 ^ least(failed - $2, 20))) - clock_timestamp()))::int
FROM console_tries WHERE what = $1
"""
#: Of who knew the password: the name begins anew; of the address, which others may have too, this try alone was none.
_FORGIVE = """
WITH gone AS (DELETE FROM console_tries WHERE what = $1 OR last_at < now() - interval '1 day')
UPDATE console_tries SET failed = greatest(0, failed - 1) WHERE what = $2
"""
_FIND = """
SELECT name, now() - seen_at > $4 AS to_note FROM console_sessions
WHERE token_hash = $1 AND seen_at > now() - $2::interval AND made_at > now() - $3::interval
"""
_BEGIN = "INSERT INTO console_sessions (token_hash, name, made_at, seen_at) VALUES ($1, $2, now(), now())"
_OVER = """
DELETE FROM console_sessions WHERE seen_at <= now() - $1::interval OR made_at <= now() - $2::interval
"""


class WrongPassword(Problem):
    """``known``: there is such a user; what else was typed as a name may be anything, a password too."""

    def __init__(self, *, known: bool) -> None:
        super().__init__("wrong_password")
        self.known = known


async def log_in(store: Store, passwords: Passwords, name: str, password: str, address: str, old: str | None) -> str:
    """A new session's token; ``old`` is the one the browser had, which ends. Raises Problem."""
    tries = ((_fingerprint("name", name), _FREE_FAILURES), (_fingerprint("address", address), _FREE_OF_ADDRESS))
    async with store.keeping() as connection:
        waits = [await _counted(connection, what, free) for what, free in tries]
        kept = await users.password_of(connection, name)
    if any(waits):
        raise Problem("too_many_tries", after_s=max(waits))
    if not await passwords.fits(kept, password):
        raise WrongPassword(known=kept is not None)
    token = secrets.token_urlsafe(32)
    async with store.keeping() as connection:
        await connection.execute(_FORGIVE, tries[0][0], tries[1][0])
        await connection.execute(_OVER, IDLE, ABSOLUTE)
        if old is not None:
            await end(connection, old)
        # Removed, or given another password, since it was looked up: not by this one.
        if await users.password_of(connection, name) != kept:
            raise WrongPassword(known=True)
        await connection.execute(_BEGIN, _hash(token), name)
    return token


async def user_of(connection: asyncpg.Connection, token: str, *, noting: bool = True) -> str | None:
    """Whose session it is; None when it has ended or never was. ``noting``: that they are there."""
    found = await connection.fetchrow(_FIND, _hash(token), IDLE, ABSOLUTE, _SEEN_EVERY)
    if found is None:
        return None
    if noting and found["to_note"]:
        await connection.execute("UPDATE console_sessions SET seen_at = now() WHERE token_hash = $1", _hash(token))
    return str(found["name"])


async def end(connection: asyncpg.Connection, token: str) -> None:
    """The session ends now."""
    await connection.execute("DELETE FROM console_sessions WHERE token_hash = $1", _hash(token))


async def end_all(connection: asyncpg.Connection, name: str) -> None:
    """Every session of a user ends now."""
    await connection.execute("DELETE FROM console_sessions WHERE name = $1", name)


async def _counted(connection: asyncpg.Connection, what: str, free: int) -> int:
    """Counts a try; seconds until it may be made, 0 when it may be now."""
    if await connection.fetchval(_TRY, what, free, _WAIT_MAX_S) is not None:
        return 0
    return max(1, await connection.fetchval(_LEFT_S, what, free, _WAIT_MAX_S) or 1)


def _fingerprint(kind: str, text: str) -> str:
    return sha256(f"{kind}:{text}".encode()).hexdigest()


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()
