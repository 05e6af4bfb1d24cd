"""The contract of a channel's connector: how what happens in a shop reaches Kafka, each change at least once, none lost.

A connector is a ``Webhook`` (the platform calls us), a ``Listener`` (we ask the platform), or both; ``connectors.channels.table`` says
which channel has which. What either finds becomes ``Outgoing`` records:

    ChannelEvent    on channel.<name>.events, when the whole order was shown
    ChannelNotice   on channel.notices, when only its number was told: the fetcher reads the order from the platform

A push is taken in these steps, by ``connectors.channels.server``:
 1. ``verify``: the signature, over the raw bytes, before anything is read from them, compared in constant time; then its age, where the
    platform dates its pushes.
 2. ``read``: bytes to records.
 3. The records are delivered to Kafka, and only then is it answered ``accepted``. While Kafka is away: ``spools`` decides.

    PushRefused
     +- BadSignature   401
     +- Stale          403   dated outside the window: replayed, or its sender's clock is wrong
     +- Malformed      400   signed, and yet nothing we can read

A listener confirms a message to its platform only after ``Hub.deliver`` has returned: what was not confirmed comes again.

Nothing here looks for duplicates: a platform that hears no answer sends again, and intake knows what it has seen.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple, Protocol

from connectors.platforms.base import Platform
from connectors.shops import Shop
from schemas.codec import CODEC
from schemas.records import ChannelEvent, ChannelNotice
from schemas.topics import channel_topic

NOTICES = "channel.notices"


class Outgoing(NamedTuple):
    """A record on its way to Kafka."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


class Push(NamedTuple):
    """What a platform sent us. Header names are case-insensitive, as the server's mapping is."""

    headers: Mapping[str, str]
    body: bytes
    #: When it was whole here, ms since the epoch.
    received_ms: int
    #: What follows ``/push/<channel>``, or ``/in``, in the URL.
    path: tuple[str, ...] = ()
    #: The URL's parameters; of one that stands there twice the first.
    query: Mapping[str, str] = {}


class Answer(NamedTuple):
    """What the platform is told."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"


class PushRefused(Exception):
    """The push is not taken. The reason is logged: it names no person, no secret, and no bytes of the push."""

    status = 400
    #: Its name in ``gateway_pushes_total``.
    label = "refused"

    def __init__(self, reason: str, kept: Sequence[Outgoing] = ()) -> None:
        super().__init__(reason)
        #: What a person looks at later: it reaches Kafka, or the disk, before the push is refused.
        self.kept = kept


class BadSignature(PushRefused):
    """Whoever sent it doesn't know the secret."""

    status = 401
    label = "bad_signature"


class Stale(PushRefused):
    """It is dated outside the window."""

    status = 403
    label = "stale"


class Malformed(PushRefused):
    """It is signed, and can't be read."""

    status = 400
    label = "malformed"


class Entrance(ABC):
    """Where signed requests come in."""

    #: Media types of its requests; others are answered 415.
    content_types: ClassVar[tuple[str, ...]] = ("application/json",)
    #: A longer body is answered 413.
    body_max_bytes: ClassVar[int] = 1024 * 1024
    #: It is answered within this time, whatever happens: less than its sender waits.
    answer_within_s: ClassVar[float]

    @abstractmethod
    def verify(self, push: Push) -> None:
        """Raises BadSignature, Stale."""

    def answer(self, status: int, reason: str) -> Answer:
        """What is answered. ``reason`` is for the sender's log."""
        return Answer(status, reason.encode(), "text/plain")


class Webhook(Entrance):
    """How a platform's pushes to one shop are taken. It is answered 200 when Kafka, or the disk, has it all."""

    #: While Kafka is away: True puts the push on disk and accepts it, for a platform that may not send it again;
    #: False answers that it could not be taken, for one that is known to.
    spools: ClassVar[bool]

    @abstractmethod
    def read(self, push: Push) -> Sequence[Outgoing]:
        """The records of a verified push; none when it tells of nothing that matters here. Raises Malformed."""


class Counter(Entrance):
    """Where what is told is held against what the hub knows before it is taken."""

    @abstractmethod
    async def take(self, push: Push, within_s: float) -> tuple[str, Answer]:
        """Of a verified push: its name in ``gateway_pushes_total``, and what is answered within that time."""


class Hub(Protocol):
    """What a listener is given: one shop's client, and the way to Kafka."""

    @property
    def platform(self) -> Platform: ...

    @property
    def shops(self) -> Sequence[Shop]:
        """All shops of the channel: a queue may tell of more than one."""

    def heard(self) -> None:
        """The platform has answered: all is well."""

    def ignored(self, messages: int) -> None:
        """So many messages named no order: they are confirmed, and counted."""

    async def deliver(self, records: Sequence[Outgoing]) -> None:
        """Returns when Kafka has all of them; waits while it is away."""

    async def mark(self, source: str) -> int | None:
        """How far ``source`` has been pulled (``PullMark.until_ms``); None: never."""


class Listener(ABC):
    """How one shop's changes are asked for."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    @abstractmethod
    async def run(self, hub: Hub) -> None:
        """Until it is cancelled. What it raises is logged, and it is run again after a pause that grows, with jitter."""


class Fetching(NamedTuple):
    """How fast one shop's orders may be read: calls a second, and how many at a time."""

    per_s: float = 400.0
    at_once: int = 32


class Connector(NamedTuple):
    """What a channel has."""

    webhook: Callable[[Shop], Webhook] | None = None
    listener: Callable[[Shop], Listener] | None = None
    fetching: Fetching = Fetching()


def event(record: ChannelEvent) -> Outgoing:
    """A snapshot of an order, for intake."""
    key = f"{record['channel']}:{record['order_no']}"
    return Outgoing(channel_topic(record["channel"]), key, CODEC.encode("ChannelEvent", record))


def notices(record: ChannelNotice) -> tuple[Outgoing, ...]:
    """What is to be read from the platform, for the fetcher: the order, and the after-sale that was told of, which shows in it too."""
    order: ChannelNotice = {**record, "aftersale_id": ""}
    told = (order, record) if record["aftersale_id"] else (order,)
    return tuple(Outgoing(NOTICES, one["order_id"], CODEC.encode("ChannelNotice", one)) for one in told)
