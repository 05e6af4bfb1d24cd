"""Passwords: kept as Argon2id, checked in a thread, two at a time: each takes 64 MiB and a fifth of a second."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: As many characters as a passphrase has, and no more than can be checked quickly.
LEAST, MOST = 12, 1024

_HASHER = PasswordHasher()
_AT_A_TIME = 2


class Passwords:
    """One a process."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._nobodys: str | None = None

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the one that ``kept`` was made of; None, a name that nobody has, takes as long."""
        async with self._turns:
            if self._nobodys is None:
                self._nobodys = await asyncio.to_thread(_HASHER.hash, "nobody's")
            return await asyncio.to_thread(_verified, kept or self._nobodys, password) and kept is not None

    async def hashed(self, password: str) -> str:
        """To be kept."""
        async with self._turns:
            return await asyncio.to_thread(hashed, password)


def hashed(password: str) -> str:
    """To be kept."""
    return _HASHER.hash(password)


def _verified(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
