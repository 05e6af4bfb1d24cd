"""What happens to one request, from its preflight to its result.

1. Preflight: the carrier is known at this platform.
2. No tracking number: an e-waybill is obtained. From here on the number is in every result, whatever else fails.
3. Preflight: the number is well-formed, every field is there.
4. The platform is told, as ``connectors.driver.dispatch.calling`` numbers it: asked first, intent, call, asked again. That it holds the
   order is an answer, and no failure.
5. Audit entry and result are told, in one transaction with the request's offset; then its traces are subscribed to.
"""

from __future__ import annotations

from typing import NamedTuple

from connectors.driver.dispatch.calling import Answered, Calling, Failed, Known
from connectors.driver.dispatch.contract import Answer
from connectors.driver.dispatch.endpoint import Endpoint
from connectors.driver.dispatch.job import Job, Request
from connectors.endings import CallError, Held, Unsure
from connectors.logistics.carriers import Carrier, Carriers
from connectors.logistics.entries import entry, result
from connectors.logistics.metrics import WRITTEN, DispatchMetrics
from connectors.logistics.needs import Shopkeeper, Traces, Waybills
from connectors.logistics.telling import Telling
from connectors.logistics.templates import Wrong, carrier_of, parcel_of
from connectors.platforms.base import Refused, Told
from connectors.platforms.times import now_ms
from schemas.records import WritebackOutcome, WritebackRequest


class Verdict(NamedTuple):
    """What became of a submission; ``carrier`` and ``tracking_no`` as they were told, or would have been."""

    outcome: WritebackOutcome
    code: str
    reason: str
    carrier: str
    tracking_no: str
    #: The platform holds the order: no failure.
    held: bool = False
    #: The platform's words, of the last call.
    said: str = ""
    #: Calls made, each with its intent in the log.
    calls: int = 0
    took_ms: int = 0


class Submitter:
    """Submits the requests of one shop; ``shopkeeper`` None: no such shop is set up."""

    def __init__(
        self,
        shopkeeper: Shopkeeper | None,
        carriers: Carriers,
        waybills: Waybills,
        traces: Traces,
        metrics: DispatchMetrics,
    ) -> None:
        self.shopkeeper = shopkeeper
        self.carriers = carriers
        self._waybills = waybills
        self._traces = traces
        self._metrics = metrics

    @property
    def endpoint(self) -> Endpoint | None:
        """See Clerk."""
        return self.shopkeeper.endpoint if self.shopkeeper is not None else None

    async def deal(self, job: Job) -> Answer:
        """See Clerk."""
        request: WritebackRequest = job.request.record
        it = await self._verdict(job, request)
        # 5. Tell
        ended = "HELD" if it.held else it.outcome
        told = (
            entry(
                *(request, "submitted", ended, it.reason, it.said),
                code=it.code,
                carrier=it.carrier,
                tracking_no=it.tracking_no,
                calls=it.calls,
                took_ms=it.took_ms,
            ),
            result(
                *(request, it.outcome, it.code, it.reason),
                carrier=it.carrier,
                tracking_no=it.tracking_no,
                held=it.held,
            ),
        )
        well = it.outcome in WRITTEN
        return Answer(
            told, it.outcome, it.code, well, lambda: self._told(request, ended, it), "" if well else it.reason
        )

    def fault(self, request: Request, exc: Exception) -> Answer:
        """See Clerk."""
        asked: WritebackRequest = request.record
        reason = f"a fault in Penstock: {type(exc).__name__}"
        said = result(*(asked, "RETRYABLE", "", reason), carrier=asked["carrier"], tracking_no=asked["tracking_no"])
        return Answer((said,), "RETRYABLE", well=False)

    def _told(self, request: WritebackRequest, ended: str, it: Verdict) -> None:
        channel = request["channel"]
        self._metrics.submissions.labels(channel, ended).inc()
        if it.outcome in WRITTEN:
            self._metrics.seconds.labels(channel).observe(max(0, now_ms() - request["shipped_at_ms"]) / 1000)
            carrier = self.carriers.find(it.carrier)
            if carrier is not None:
                self._traces.follow(request, carrier, it.tracking_no)

    async def _verdict(self, job: Job, request: WritebackRequest) -> Verdict:
        shop = self.shopkeeper
        # 1. Preflight
        carrier = carrier_of(request, self.carriers)
        if isinstance(carrier, Wrong):
            return _wrong(request, carrier)
        if shop is None:
            fix = f"add a [[shop]] of channel {request['channel']!r} to the file PENSTOCK_SHOPS names"
            return _wrong(request, Wrong("REQUEST_WRONG", f"shop is {request['shop']!r}, which is not set up: {fix}"))
        # 2. E-waybill
        if not request["tracking_no"]:
            obtained = await self._waybill(job, request, carrier)
            if isinstance(obtained, Verdict):
                return obtained
            request = obtained
        # 3. Preflight
        ready = parcel_of(request, self.carriers)
        if isinstance(ready, Wrong):
            return _wrong(request, ready)
        # 4. Tell the platform
        blank = Verdict("RETRYABLE", "", "", ready.carrier.code, ready.parcel.tracking_no)
        telling = Telling(shop.platform, request, ready)
        return verdict_of(await Calling(job, shop.endpoint, telling, self._metrics).run(), blank)

    async def _waybill(self, job: Job, request: WritebackRequest, carrier: Carrier) -> WritebackRequest | Verdict:
        provider = self._waybills.provider(request, carrier)
        if not provider:
            fix = f"add a [[logistics]] account that gives e-waybills of {carrier.code}, or redrive it with a number"
            return _wrong(request, Wrong("NUMBER_WRONG", f"tracking_no is empty, and nobody gives one: {fix}"))
        about = {"provider": provider, "carrier": carrier.code}
        await job.tell(entry(request, "waybill_asking", "pending", **about))
        job.calling = True
        try:
            by, number = await self._waybills.obtain(request, carrier)
        except CallError as exc:
            outcome: WritebackOutcome = exc.outcome if isinstance(exc, Refused) else "RETRYABLE"
            self._metrics.waybills.labels(provider, outcome).inc()
            await job.tell(entry(request, "waybill_obtained", outcome, str(exc), exc.said, code=exc.code, **about))
            return Verdict(outcome, exc.code, str(exc), request["carrier"], "", said=exc.said)
        self._metrics.waybills.labels(provider, "obtained").inc()
        about["carrier"] = by.code
        await job.tell(entry(request, "waybill_obtained", "obtained", tracking_no=number, **about))
        job.calling = False
        return {**request, "carrier": by.code, "tracking_no": number}


def verdict_of(ending: Answered[Told] | Known | Failed, blank: Verdict) -> Verdict:
    """What the end of a submission's calls means for its parcel."""
    it = blank._replace(calls=ending.calls, took_ms=ending.took_ms)
    match ending:
        case Answered(answer=told):
            return it._replace(outcome=told.outcome, code=told.code, reason=told.reason, said=told.said)
        case Known(found=found):
            # By this very attempt, when it has called.
            outcome: WritebackOutcome = "SHIPPED" if ending.calls else "ALREADY_SHIPPED"
            return it._replace(outcome=outcome, reason=f"the platform has it, its status is {found.status}")
        case Failed(error=error, in_doubt=in_doubt):
            it = it._replace(code=error.code, reason=str(error), said=error.said)
            if in_doubt:
                reason = f"whether it has been told already is not known, the platform does not say: {error}"
                return it._replace(reason=reason)
            if isinstance(error, Refused):
                return it._replace(outcome=error.outcome)
            if isinstance(error, Unsure):
                reason = f"{error}; asked afterwards, the platform does not know the parcel"
                return it._replace(reason=reason)
            return it._replace(held=isinstance(error, Held))


def _wrong(request: WritebackRequest, wrong: Wrong) -> Verdict:
    return Verdict(wrong.outcome, "", wrong.reason, request["carrier"], request["tracking_no"])
