"""One request about a delivery order: its calls for the driver, what of them stands in the audit, and the result for the stage.

Actions, in the order they come; ``correlation_id`` is the delivery order's, the same over all attempts:

    warehouse.asked      the system was asked what it knows     outcome: known, unknown, unanswered
    warehouse.calling    a call is about to be made             outcome: pending
    warehouse.called     its answer                             outcome: a DeliveryOutcome; of a call after which it goes on:
                                                                THROTTLED, UNAVAILABLE, UNSURE
"""

from __future__ import annotations

from connectors.driver.dispatch.calling import Answered, Calling, Failed, Found, Known
from connectors.driver.dispatch.contract import Answer
from connectors.driver.dispatch.endpoint import Endpoint
from connectors.driver.dispatch.job import Job, Request
from connectors.driver.dispatch.ledger import Said
from connectors.endings import CallError, Refused
from connectors.platforms.times import now_ms
from connectors.warehouse.base import Standing, TooLate, Wms
from connectors.warehouse.metrics import WarehouseMetrics
from schemas.records import DeliveryOutcome, DeliveryRequest
from streams.ops import audit

_WORDS_MAX = 500
WELL = ("DONE", "ALREADY", "UNCONNECTED")


class Telling:
    """See ``connectors.driver.dispatch.calling.Errand``. ``wms_id``: the system's own id, once it is known."""

    def __init__(self, wms: Wms, request: DeliveryRequest) -> None:
        self._wms, self._request = wms, request
        self.wms_id = request["wms_id"]
        self.standing = Standing(False)

    async def call(self) -> None:
        if self._request["action"] == "CANCEL":
            await self._wms.cancel(self._request)
        else:
            self.wms_id = await self._wms.create(self._request) or self.wms_id

    async def ask(self) -> Found:
        it = self.standing = await self._wms.standing(self._request)
        self.wms_id = it.wms_id or self.wms_id
        if self._request["action"] == "CREATE":
            return Found(it.known and not it.cancelled, it.status)
        if it.left:
            raise TooLate(f"it has left, its status is {it.status}")
        return Found(it.cancelled or not it.known, it.status or "not known there")

    def intent(self, calls: int) -> Said:
        return entry(self._request, "calling", "pending", calls=calls)

    def failed(self, ended: str, error: CallError, calls: int) -> Said:
        return entry(self._request, "called", ended, str(error), error.said, code=error.code, calls=calls)

    def asked(self, answer: Found | CallError) -> Said:
        if isinstance(answer, Found):
            known = "known" if self.standing.known else "unknown"
            return entry(self._request, "asked", known, status=answer.status)
        outcome = "refused" if isinstance(answer, Refused) else "unanswered"
        return entry(self._request, "asked", outcome, str(answer), answer.said, code=answer.code)


class Clerk:
    """Of one warehouse. ``wms`` None: no system is connected for it. ``since_ms``: what was allocated before is not its."""

    def __init__(self, wms: Wms | None, endpoint: Endpoint | None, since_ms: int, metrics: WarehouseMetrics) -> None:
        self._wms = wms
        self.endpoint = endpoint
        self._since_ms = since_ms
        self._metrics = metrics

    async def deal(self, job: Job) -> Answer:
        """See connectors.driver.dispatch.contract.Clerk."""
        request: DeliveryRequest = job.request.record
        if self._wms is None or self.endpoint is None:
            why = f"no system is connected for {request['warehouse']}: a [[wms]] of the shops file names none"
            return self._answer(request, "UNCONNECTED", "", why)
        if request["allocated_at_ms"] < self._since_ms:
            return self._answer(request, "UNCONNECTED", "", "it was allocated before its warehouse was connected")
        telling = Telling(self._wms, request)
        ending = await Calling(job, self.endpoint, telling, self._metrics).run()
        outcome, code, reason, said = verdict_of(ending)
        return self._answer(request, outcome, code, reason, said, telling.wms_id, ending.calls, ending.took_ms)

    def fault(self, request: Request, exc: Exception) -> Answer:
        """See connectors.driver.dispatch.contract.Clerk."""
        reason = f"a fault in Penstock: {type(exc).__name__}"
        return Answer((result(request.record, "RETRYABLE", "", reason, ""),), "RETRYABLE", well=False)

    def _answer(
        self,
        request: DeliveryRequest,
        outcome: DeliveryOutcome,
        code: str,
        reason: str,
        said: str = "",
        wms_id: str = "",
        calls: int = 0,
        took_ms: int = 0,
    ) -> Answer:
        told = (
            entry(request, "called", outcome, reason, said, code=code, calls=calls, took_ms=took_ms, wms_id=wms_id),
            result(request, outcome, code, reason, wms_id),
        )
        count = self._metrics.requests.labels(request["warehouse"], request["action"].lower(), outcome)
        well = outcome in WELL
        return Answer(told, outcome, code, well, count.inc, "" if well else reason)


def verdict_of(ending: Answered[None] | Known | Failed) -> tuple[DeliveryOutcome, str, str, str]:
    """Outcome, code, reason in the hub's words, and the system's own."""
    match ending:
        case Answered():
            return "DONE", "", "", ""
        case Known(found=found):
            reason = f"the system says so, its status is {found.status}" if found.status else "the system says so"
            return ("DONE" if ending.calls else "ALREADY"), "", reason, ""
        case Failed(error=error, in_doubt=in_doubt):
            code, reason = error.code, str(error)
            if in_doubt:
                reason = f"whether it has been done already is not known, the system does not say: {error}"
            if isinstance(error, TooLate):
                return "TOO_LATE", code, reason, error.said
            return ("REFUSED" if isinstance(error, Refused) else "RETRYABLE"), code, reason, error.said


def entry(
    request: DeliveryRequest, action: str, outcome: str, reason: str = "", said: str = "", **details: object
) -> Said:
    """One audit entry about a request. ``said``: the system's own words, which may name a person."""
    told = audit.noted(
        f"warehouse.{action}",
        request["order_id"],
        by=request["by"],
        reason=reason[:_WORDS_MAX],
        said=said[:_WORDS_MAX],
        outcome=outcome,
        correlation_id=request["delivery_id"],
        details={
            "request_id": request["request_id"],
            "delivery_id": request["delivery_id"],
            "action": request["action"],
            "warehouse": request["warehouse"],
            "attempt": request["attempt"],
            **{name: str(value)[:_WORDS_MAX] for name, value in details.items()},
        },
    )
    return Said("audit", told["subject"], "AuditEntry", told)


def result(request: DeliveryRequest, outcome: DeliveryOutcome, code: str, reason: str, wms_id: str) -> Said:
    """The answer to the stage."""
    told = {
        "request_id": request["request_id"],
        "order_id": request["order_id"],
        "delivery_id": request["delivery_id"],
        "action": request["action"],
        "outcome": outcome,
        "code": code,
        "reason": reason[:_WORDS_MAX],
        "wms_id": wms_id,
        "at_ms": now_ms(),
    }
    return Said("warehouse.results", request["order_id"], "DeliveryResult", told)
