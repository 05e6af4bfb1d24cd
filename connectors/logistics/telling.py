"""One parcel told to its platform: the call, the question whether the platform has it, and what of both stands in the audit."""

from __future__ import annotations

from connectors.driver.dispatch.calling import Found
from connectors.driver.dispatch.ledger import Said
from connectors.endings import CallError
from connectors.logistics.entries import entry
from connectors.logistics.templates import Ready
from connectors.platforms.base import Parcel, Platform, Refused, Standing, Told
from schemas.records import WritebackRequest


class Telling:
    """See ``connectors.driver.dispatch.calling.Errand``."""

    def __init__(self, platform: Platform, request: WritebackRequest, ready: Ready) -> None:
        self._platform = platform
        self._request = request
        self._parcel = ready.parcel
        self._about = {"carrier": ready.parcel.carrier, "tracking_no": ready.parcel.tracking_no}
        if ready.warnings:
            self._about["warnings"] = "; ".join(ready.warnings)

    async def call(self) -> Told:
        return await self._platform.ship(self._parcel)

    async def ask(self) -> Found:
        standing = await self._platform.standing(self._parcel.order_no)
        return Found(has_it(standing, self._parcel), standing.status)

    def intent(self, calls: int) -> Said:
        return entry(self._request, "submitting", "pending", calls=calls, **self._about)

    def failed(self, ended: str, error: CallError, calls: int) -> Said:
        return entry(self._request, "submitted", ended, str(error), error.said, code=error.code, calls=calls)

    def asked(self, answer: Found | CallError) -> Said:
        if isinstance(answer, Found):
            return entry(self._request, "asked", "known" if answer.done else "unknown", status=answer.status)
        outcome = "refused" if isinstance(answer, Refused) else "unanswered"
        return entry(self._request, "asked", outcome, str(answer), answer.said, code=answer.code)


def has_it(standing: Standing, parcel: Parcel) -> bool:
    """Whether the platform has been told this parcel. One that shows no numbers has it once all is shipped."""
    return parcel.tracking_no in standing.tracking_nos or (standing.shipped and not standing.numbers_known)
