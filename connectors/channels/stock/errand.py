"""One quantity: its calls for the driver, what of them stands in the audit, and the result for the stage.

Of one place's quantities the newest that has been read is told; one before it is answered SUPERSEDED without a call. Its answer is in the
log before the next is called, so that whoever takes over finds it there, and no older quantity follows a newer one.

Actions, in the order they come; ``correlation_id`` is the request's:

    listing.asked      the platform was asked what it shows     outcome: shown, other, refused, unanswered
    listing.calling    a call is about to be made               outcome: pending
    listing.called     its answer                               outcome: a ListingOutcome; of a call after which it goes on:
                                                                THROTTLED, UNAVAILABLE, UNSURE
"""

from __future__ import annotations

from connectors.channels.stock.base import Asked, ChannelStock
from connectors.channels.stock.metrics import ListingMetrics
from connectors.driver.dispatch.calling import Answered, Calling, Failed, Found, Known
from connectors.driver.dispatch.contract import Answer
from connectors.driver.dispatch.endpoint import Endpoint
from connectors.driver.dispatch.job import Job, Request
from connectors.driver.dispatch.ledger import Said
from connectors.endings import CallError, Held, Refused
from connectors.platforms import base as platforms
from connectors.platforms.times import now_ms
from schemas.records import ListingOutcome, ListingRequest
from streams.ops import audit

_WORDS_MAX = 500
WELL = ("DONE", "ALREADY", "SUPERSEDED")


class Superseded(Refused):
    """A newer quantity has been read since: it goes in this one's place."""


class Newest:
    """The newest number that has been read, of each place."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def read(self, request: ListingRequest) -> None:
        """A request has been read."""
        place = request["place"]["place"]
        self._numbers[place] = max(request["number"], self._numbers.get(place, 0))

    def supersedes(self, request: ListingRequest) -> int:
        """The number of a newer one; 0: there is none."""
        newest = self._numbers.get(request["place"]["place"], 0)
        return newest if newest > request["number"] else 0


class Telling:
    """See ``connectors.driver.dispatch.calling.Errand``."""

    def __init__(self, stock: ChannelStock, request: ListingRequest, newest: Newest) -> None:
        self._stock, self._request, self._newest = stock, request, newest
        self._asked = Asked(request["place"], request["quantity"], request["told"], request["request_id"])

    async def call(self) -> bool:
        self._check()
        return await self._stock.put(self._asked)

    async def ask(self) -> Found:
        self._check()
        shown = await self._stock.shown(self._request["place"])
        return Found(shown == self._request["quantity"], str(shown))

    def _check(self) -> None:
        """Raises Superseded."""
        if number := self._newest.supersedes(self._request):
            raise Superseded(f"number {number} goes in its place")

    def intent(self, calls: int) -> Said:
        return entry(self._request, "calling", "pending", calls=calls)

    def failed(self, ended: str, error: CallError, calls: int) -> Said:
        return entry(self._request, "called", ended, str(error), error.said, code=error.code, calls=calls)

    def asked(self, answer: Found | CallError) -> Said:
        if isinstance(answer, Found):
            return entry(self._request, "asked", "shown" if answer.done else "other", shows=answer.status)
        outcome = "refused" if isinstance(answer, Refused) else "unanswered"
        return entry(self._request, "asked", outcome, str(answer), answer.said, code=answer.code)


class Clerk:
    """Of one shop. ``stock`` None: the shops file has none of its name."""

    def __init__(
        self, stock: ChannelStock | None, endpoint: Endpoint | None, newest: Newest, metrics: ListingMetrics
    ) -> None:
        self._stock = stock
        self.endpoint = endpoint
        self._newest = newest
        self._metrics = metrics

    async def deal(self, job: Job) -> Answer:
        """See connectors.driver.dispatch.contract.Clerk."""
        request: ListingRequest = job.request.record
        place = request["place"]
        if self._stock is None or self.endpoint is None:
            why = f"shop: the shops file has no {place['shop']!r} of {place['channel']}: add it there, or correct the document of listings"
            return self._answer(request, "REFUSED", "UNCONNECTED", why)
        if number := self._newest.supersedes(request):
            return self._answer(request, "SUPERSEDED", "", f"number {number} goes in its place")
        telling = Telling(self._stock, request, self._newest)
        ending = await Calling(job, self.endpoint, telling, self._metrics).run()
        outcome, code, reason, said = verdict_of(ending)
        return self._answer(request, outcome, code, reason, said, ending.calls, ending.took_ms)

    def fault(self, request: Request, exc: Exception) -> Answer:
        """See connectors.driver.dispatch.contract.Clerk."""
        reason = f"a fault in Penstock: {type(exc).__name__}"
        return Answer((result(request.record, "RETRYABLE", "", reason),), "RETRYABLE", well=False)

    def _answer(
        self,
        request: ListingRequest,
        outcome: ListingOutcome,
        code: str,
        reason: str,
        said: str = "",
        calls: int = 0,
        took_ms: int = 0,
    ) -> Answer:
        told = (
            entry(request, "called", outcome, reason, said, code=code, calls=calls, took_ms=took_ms),
            result(request, outcome, code, reason),
        )
        about = request["place"]["channel"], request["place"]["shop"]

        def then() -> None:
            self._metrics.requests.labels(*about, outcome).inc()
            if outcome in ("DONE", "ALREADY"):
                self._metrics.seconds.labels(*about).observe(max(0, now_ms() - request["changed_at_ms"]) / 1000)

        well = outcome in WELL
        return Answer(told, outcome, code, well, then, "" if well else reason)


def verdict_of(ending: Answered[bool] | Known | Failed) -> tuple[ListingOutcome, str, str, str]:
    """Outcome, code, reason in the hub's words, and the platform's own."""
    match ending:
        case Answered(answer=changed):
            return ("DONE", "", "", "") if changed else ("ALREADY", "", "the platform shows it", "")
        case Known():
            return ("DONE" if ending.calls else "ALREADY"), "", "the platform shows it", ""
        case Failed(error=error, in_doubt=in_doubt):
            code, reason = error.code, str(error)
            if in_doubt:
                reason = f"whether it stands already is not known, the platform does not say: {error}"
            if isinstance(error, Superseded):
                return "SUPERSEDED", code, reason, error.said
            if isinstance(error, Held):
                return "HELD", code, reason, error.said
            refused = isinstance(error, Refused)
            if isinstance(error, platforms.Refused) and error.outcome == "RETRYABLE":
                refused = False
            return ("REFUSED" if refused else "RETRYABLE"), code, reason, error.said


def entry(
    request: ListingRequest, action: str, outcome: str, reason: str = "", said: str = "", **details: object
) -> Said:
    """One audit entry about a request. ``said``: the platform's own words."""
    place = request["place"]
    told = audit.noted(
        f"listing.{action}",
        request["sku"],
        by=request["by"],
        reason=reason[:_WORDS_MAX],
        said=said[:_WORDS_MAX],
        outcome=outcome,
        correlation_id=request["request_id"],
        details={
            "request_id": request["request_id"],
            "channel": place["channel"],
            "shop": place["shop"],
            "item": place["item"],
            "variant": place["variant"],
            "location": place["location"],
            "quantity": str(request["quantity"]),
            "attempt": str(request["attempt"]),
            **{name: str(value)[:_WORDS_MAX] for name, value in details.items()},
        },
    )
    return Said("audit", told["subject"], "AuditEntry", told)


def result(request: ListingRequest, outcome: ListingOutcome, code: str, reason: str) -> Said:
    """The answer to the stage."""
    told = {
        "request_id": request["request_id"],
        "sku": request["sku"],
        "place": request["place"]["place"],
        "channel": request["place"]["channel"],
        "shop": request["place"]["shop"],
        "number": request["number"],
        "quantity": request["quantity"],
        "outcome": outcome,
        "code": code,
        "reason": reason[:_WORDS_MAX],
        "at_ms": now_ms(),
    }
    return Said("listing.results", request["sku"], "ListingResult", told)
