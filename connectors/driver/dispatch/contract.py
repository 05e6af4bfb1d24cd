"""What a connector to a slow system says for itself. The loop around it is this room's, and the same for all.

1. ``Contract.request``   reads a record of the topic of requests: whose it is, its lane, until when.
2. ``Contract.clerk``     once a lane, when its first request comes: one account of one system.
3. ``Clerk.deal``         of each request, the most urgent first, those of one key in their order. It looks at the request, and has its
                          call seen through by ``Calling`` (calling.py): intent in the log, call, asked before it is sent again.
4. The answer is told in one transaction with the request's offset; then ``Answer.then``.
5. ``Clerk.fault``        the answer where ``deal`` has raised: a fault of ours, after which the next attempt asks first.
6. ``Contract.answered``  reads a record of the topic of results, when partitions are taken over: what a predecessor has told is done.

Results stand under their requests' keys, in the same partition: the two topics have the same number of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from connectors.driver.dispatch.endpoint import Endpoint
from connectors.driver.dispatch.job import Job, Place, Request
from connectors.driver.dispatch.ledger import Said


def _nothing() -> None:
    """There is nothing to be done."""


class Answer(NamedTuple):
    """What became of a request. ``outcome``, ``code`` and ``reason`` are for the log: no personal data."""

    #: Its result, and entries that belong to it.
    said: tuple[Said, ...]
    outcome: str
    code: str = ""
    #: It went as it should.
    well: bool = True
    #: Called once it stands in the log; not at all when it is another's now.
    then: Callable[[], None] = _nothing
    #: Why it did not, in the hub's own words; what the system said stands in the audit alone.
    reason: str = ""


class Clerk(Protocol):
    """The work in one lane."""

    @property
    def endpoint(self) -> Endpoint | None:
        """The way to the account; None: there is none, and requests are answered without a call."""

    async def deal(self, job: Job) -> Answer:
        """Sees to one request. Raises Lost, which it lets through."""

    def fault(self, request: Request, exc: Exception) -> Answer:
        """The answer to a request that ``deal`` could not deal with. It may have been sent."""


class Contract(Protocol):
    """One connector."""

    #: Of its consumer group and its transactions: a key of ``streams.topology.CONNECTORS``.
    name: str
    requests: str
    results: str

    def request(self, name: str, record: Mapping[str, Any]) -> Request | None:
        """A record of ``requests``, as the codec reads it; None: it is none, and goes to quarantine."""

    def answered(self, name: str, record: Mapping[str, Any]) -> tuple[str, str] | None:
        """Key and id of the request that a record of ``results`` answers; None: it is no result."""

    def clerk(self, lane: Place) -> Clerk:
        """Of a lane that is not known, too: it refuses."""
