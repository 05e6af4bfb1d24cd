"""What can go wrong with the local stack.

LocalStackError
├── DownloadFailed        a jar could not be fetched or is not the jar that was pinned
├── AlreadyRunning        a broker or a Postgres runs in that folder already
├── PortTaken             someone else listens on the wanted port
├── BrokerDied            the broker ended while it was starting; carries the last lines of its log
├── BrokerNotAnswering    the broker runs but doesn't answer in time; carries the last lines of its log
├── BrokerUnreachable     no broker answers at the given address
├── DatabaseMissing       there are no programs of Postgres for this Python
├── DatabaseDied          Postgres ended while it was starting; carries the last lines of its log
├── DatabaseNotAnswering  it runs but doesn't answer in time; carries the last lines of its log
└── DatabaseUnreachable   nothing was ever started there

Each message is written for the person at the terminal: what failed, where, and what to do next.
"""

from __future__ import annotations


class LocalStackError(Exception):
    """Base of everything the local stack raises on purpose."""


class DownloadFailed(LocalStackError):
    pass


class AlreadyRunning(LocalStackError):
    pass


class PortTaken(LocalStackError):
    pass


class BrokerDied(LocalStackError):
    pass


class BrokerNotAnswering(LocalStackError):
    pass


class BrokerUnreachable(LocalStackError):
    pass


class DatabaseMissing(LocalStackError):
    pass


class DatabaseDied(LocalStackError):
    pass


class DatabaseNotAnswering(LocalStackError):
    pass


class DatabaseUnreachable(LocalStackError):
    pass
