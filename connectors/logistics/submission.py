"""What happens to one request, from its preflight to its result.

1. Preflight: the carrier is known at this platform.
2. No tracking number: an e-waybill is obtained. From here on the number is in every result, whatever else fails.
3. Preflight: the number is well-formed, every field is there.
4. It may have been sent before (a predecessor died over it, or it is a further attempt): the platform is asked first.
5. The intent is in the log, then the call is made. Throttled: once more from the intent on; it is no attempt. Certainly not carried out: a
   few times more, soon. The platform holds the order: that is the answer, and no failure.
6. No answer: after a while the platform is asked what it knows, before it is called again.
7. Audit entry, result and offset are told in one transaction.
"""

from __future__ import annotations

import asyncio
import time

from connectors.logistics.carriers import Carrier, Carriers
from connectors.logistics.entries import entry, result
from connectors.logistics.job import Answer, Job, Shopkeeper, Traces, Waybills
from connectors.logistics.ledger import Ledger, Said
from connectors.logistics.metrics import WRITTEN, DispatchMetrics
from connectors.logistics.templates import Ready, Wrong, carrier_of, parcel_of
from connectors.platforms.base import Held, Parcel, PlatformError, Refused, Standing, Throttled, Unsure
from connectors.platforms.times import now_ms
from schemas.records import WritebackOutcome, WritebackRequest

#: How often the platform is asked what it knows before the request is left to its next attempt.
_ASKS_MAX = 3
_ENDED: dict[type[PlatformError], str] = {Throttled: "THROTTLED", Unsure: "UNSURE"}


class Submitter:
    """Submits the jobs of one shop; ``shopkeeper`` None: no such shop is set up."""

    def __init__(
        self,
        shopkeeper: Shopkeeper | None,
        carriers: Carriers,
        ledger: Ledger,
        waybills: Waybills,
        traces: Traces,
        metrics: DispatchMetrics,
    ) -> None:
        self.shopkeeper = shopkeeper
        self.carriers = carriers
        self._ledger = ledger
        self._waybills = waybills
        self._traces = traces
        self._metrics = metrics

    async def submit(self, job: Job) -> Answer:
        """Returns once the result is in the log. Raises ledger.Lost."""
        answer = await self._answer(job)
        # 7. Tell
        job.calling = True
        request, channel = job.request, job.request["channel"]
        ended = "HELD" if answer.held else answer.outcome
        told = [
            entry(
                *(request, "submitted", ended, answer.reason, answer.said),
                code=answer.code,
                carrier=answer.carrier,
                tracking_no=answer.tracking_no,
                calls=answer.calls,
                took_ms=answer.took_ms,
            ),
            result(
                *(request, answer.outcome, answer.code, answer.reason),
                carrier=answer.carrier,
                tracking_no=answer.tracking_no,
                retry_after_ms=answer.retry_after_ms,
                held=answer.held,
            ),
        ]
        await self._tell(job, *told, finishes=job.offset)
        self._metrics.submissions.labels(channel, ended).inc()
        if answer.outcome in WRITTEN:
            self._metrics.seconds.labels(channel).observe(max(0, now_ms() - request["shipped_at_ms"]) / 1000)
            carrier = self.carriers.find(answer.carrier)
            if carrier is not None:
                self._traces.follow(request, carrier, answer.tracking_no)
        return answer

    async def _answer(self, job: Job) -> Answer:
        request, shop = job.request, self.shopkeeper
        # 1. Preflight
        carrier = carrier_of(request, self.carriers)
        if isinstance(carrier, Wrong):
            return _wrong(request, carrier)
        if shop is None:
            fix = f"add a [[shop]] of channel {request['channel']!r} to the file PENSTOCK_SHOPS names"
            return _wrong(request, Wrong("REQUEST_WRONG", f"shop is {request['shop']!r}, which is not set up: {fix}"))
        # 2. E-waybill
        if not request["tracking_no"]:
            obtained = await self._waybill(job, carrier)
            if isinstance(obtained, Answer):
                return obtained
            request = obtained
        # 3. Preflight
        ready = parcel_of(request, self.carriers)
        if isinstance(ready, Wrong):
            return _wrong(request, ready)
        blank = Answer("RETRYABLE", "", "", ready.carrier.code, ready.parcel.tracking_no)
        # 4. Ask first
        if job.ask_first:
            known = await self._ask(job, shop, ready.parcel, blank)
            if known is not None:
                return known
        return await self._ship(job, shop, ready, blank)

    async def _waybill(self, job: Job, carrier: Carrier) -> WritebackRequest | Answer:
        request = job.request
        provider = self._waybills.provider(request, carrier)
        if not provider:
            fix = f"add a [[logistics]] account that gives e-waybills of {carrier.code}, or redrive it with a number"
            return _wrong(request, Wrong("NUMBER_WRONG", f"tracking_no is empty, and nobody gives one: {fix}"))
        about = {"provider": provider, "carrier": carrier.code}
        await self._tell(job, entry(request, "waybill_asking", "pending", **about))
        job.calling = True
        try:
            by, number = await self._waybills.obtain(request, carrier)
        except PlatformError as exc:
            outcome: WritebackOutcome = exc.outcome if isinstance(exc, Refused) else "RETRYABLE"
            self._metrics.waybills.labels(provider, outcome).inc()
            await self._tell(
                job, entry(request, "waybill_obtained", outcome, str(exc), exc.said, code=exc.code, **about)
            )
            return Answer(outcome, exc.code, str(exc), request["carrier"], "", said=exc.said)
        self._metrics.waybills.labels(provider, "obtained").inc()
        about["carrier"] = by.code
        await self._tell(job, entry(request, "waybill_obtained", "obtained", tracking_no=number, **about))
        job.calling = False
        return {**request, "carrier": by.code, "tracking_no": number}

    async def _ship(self, job: Job, shop: Shopkeeper, ready: Ready, blank: Answer) -> Answer:
        limits = shop.endpoint.limits
        about = {"carrier": ready.parcel.carrier, "tracking_no": ready.parcel.tracking_no}
        if ready.warnings:
            about["warnings"] = "; ".join(ready.warnings)
        calls = tries = 0
        began = time.monotonic()
        while True:
            calls += 1
            # 5. Call
            ended, answer = await self._call(job, shop, ready.parcel, blank, calls, about)
            if ended == "THROTTLED":
                continue
            tries += 1
            if ended == "UNSURE":
                # 6. No answer
                await asyncio.sleep(limits.settle_s)
                known = await self._ask(job, shop, ready.parcel, blank)
                if known is not None:
                    # By this very call.
                    by_it = known.outcome == "ALREADY_SHIPPED"
                    return _after(known._replace(outcome="SHIPPED") if by_it else known, calls, began)
                answer = answer._replace(
                    reason=f"{answer.reason}; asked afterwards, the platform does not know the parcel"
                )
            elif ended != "UNAVAILABLE":
                return _after(answer, calls, began)
            job.calling = False
            if tries >= limits.tries:
                return _after(answer, calls, began)
            # It was certainly not carried out: soon again, as part of the same attempt.
            await asyncio.sleep(limits.again_s * tries)

    async def _call(
        self, job: Job, shop: Shopkeeper, parcel: Parcel, blank: Answer, calls: int, about: dict[str, str]
    ) -> tuple[str, Answer]:
        """One call with its intent before it; and an entry of its end when it is not the submission's."""
        request = job.request
        async with shop.endpoint.turn() as turn:
            await self._tell(job, entry(request, "submitting", "pending", calls=calls, **about))
            job.calling = True
            try:
                told = await turn.call(lambda: shop.platform.ship(parcel))
            except Refused as exc:
                return self._ended(request, "REFUSED", _failed(blank, exc, exc.outcome))
            except Held as exc:
                return self._ended(request, "HELD", _failed(blank, exc)._replace(held=True))
            except PlatformError as exc:
                ended, answer = self._ended(request, _ENDED.get(type(exc), "UNAVAILABLE"), _failed(blank, exc))
            else:
                done = blank._replace(outcome=told.outcome, code=told.code, reason=told.reason, said=told.said)
                return self._ended(request, "ANSWERED", done)
        await self._tell(
            job, entry(request, "submitted", ended, answer.reason, answer.said, code=answer.code, calls=calls)
        )
        job.calling = ended == "UNSURE"
        return ended, answer

    def _ended(self, request: WritebackRequest, ended: str, answer: Answer) -> tuple[str, Answer]:
        self._metrics.calls.labels(request["channel"], ended.lower()).inc()
        return ended, answer

    async def _ask(self, job: Job, shop: Shopkeeper, parcel: Parcel, blank: Answer) -> Answer | None:
        """What the platform says of an earlier call: its answer, or none when it has not had the parcel."""
        request = job.request
        for tries in range(1, _ASKS_MAX + 1):
            try:
                standing = await self._standing(shop, parcel.order_no)
            except Refused as exc:
                await self._tell(job, entry(request, "asked", "refused", str(exc), exc.said, code=exc.code))
                return blank._replace(outcome=exc.outcome, code=exc.code, reason=str(exc), said=exc.said)
            except PlatformError as exc:
                if tries < _ASKS_MAX:
                    await asyncio.sleep(shop.endpoint.limits.settle_s * tries)
                    continue
                await self._tell(job, entry(request, "asked", "unanswered", str(exc), exc.said, code=exc.code))
                said = f"whether it has been told already is not known, the platform does not say: {exc}"
                return blank._replace(code=exc.code, reason=said, said=exc.said)
            break
        known = has_it(standing, parcel)
        await self._tell(job, entry(request, "asked", "known" if known else "unknown", status=standing.status))
        if not known:
            return None
        reason = f"the platform has it, its status is {standing.status}"
        return blank._replace(outcome="ALREADY_SHIPPED", reason=reason)

    async def _standing(self, shop: Shopkeeper, order_no: str) -> Standing:
        while True:
            async with shop.endpoint.turn() as turn:
                try:
                    return await turn.call(lambda: shop.platform.standing(order_no))
                except Throttled:
                    continue

    async def _tell(self, job: Job, *said: Said, finishes: int | None = None) -> None:
        await self._ledger.tell(job.assignment, job.partition, said, finishes)


def has_it(standing: Standing, parcel: Parcel) -> bool:
    """Whether the platform has been told this parcel. One that shows no numbers has it once all is shipped."""
    return parcel.tracking_no in standing.tracking_nos or (standing.shipped and not standing.numbers_known)


def _wrong(request: WritebackRequest, wrong: Wrong) -> Answer:
    return Answer(wrong.outcome, "", wrong.reason, request["carrier"], request["tracking_no"])


def _failed(blank: Answer, exc: PlatformError, outcome: WritebackOutcome = "RETRYABLE") -> Answer:
    return blank._replace(outcome=outcome, code=exc.code, reason=str(exc), said=exc.said)


def _after(answer: Answer, calls: int, began: float) -> Answer:
    return answer._replace(calls=calls, took_ms=round((time.monotonic() - began) * 1000))
