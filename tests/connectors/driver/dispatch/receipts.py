"""A second contract, as small as one can be: goods that arrived (``Receive``) are booked at a warehouse's system over HTTP.

``python -m tests.connectors.driver.dispatch.receipts URL REQUESTS RESULTS TRAIL PORT`` is it as a process; settings from the environment.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any

import aiohttp
from prometheus_client import CollectorRegistry

from connectors import calls
from connectors.driver.dispatch import process
from connectors.driver.dispatch.calling import Answered, Calling, Failed, Found
from connectors.driver.dispatch.contract import Answer
from connectors.driver.dispatch.endpoint import Endpoint, Endpoints
from connectors.driver.dispatch.job import Job, Place, Request
from connectors.driver.dispatch.ledger import Said
from connectors.driver.dispatch.limits import LimitsBook
from connectors.driver.dispatch.metrics import CallMetrics
from connectors.endings import CallError, Held, Refused, Throttled, Unavailable, Unsure
from streams.ops import audit
from streams.settings import Settings

LIMITS = """
[default]
calls = [500, 1]
platform = [500, 1]
concurrent = 4
failures = 3
open_s = 0.5
settle_s = 0.1
tries = 3
again_s = 0.1
"""


class Booking:
    """One arrival, at its warehouse."""

    def __init__(self, http: aiohttp.ClientSession, base: str, trail: str, record: Mapping[str, Any]) -> None:
        self._http, self._url, self._trail, self._record = http, f"{base}/{record['warehouse']}/receipts", trail, record

    async def call(self) -> int:
        record = self._record
        body = {"id": record["command_id"], "sku": record["sku"], "quantity": record["quantity"]}
        return int((await self._answer("POST", self._url, json=body))["booked"])

    async def ask(self) -> Found:
        answer = await self._answer("GET", f"{self._url}/{self._record['command_id']}")
        return Found(answer["booked"], "booked" if answer["booked"] else "unknown")

    def intent(self, calls: int) -> Said:
        return self._entry("calling", "pending", calls=calls)

    def failed(self, ended: str, error: CallError, calls: int) -> Said:
        return self._entry("called", ended, calls=calls)

    def asked(self, answer: Found | CallError) -> Said:
        return self._entry("asked", answer.status if isinstance(answer, Found) else "unanswered")

    def _entry(self, action: str, outcome: str, **details: object) -> Said:
        told = audit.noted(
            f"receipts.{action}", self._record["command_id"], by="system", outcome=outcome, details=details
        )
        return Said(self._trail, self._record["sku"], "AuditEntry", told)

    async def _answer(self, method: str, url: str, **body: Any) -> Any:
        try:
            async with self._http.request(method, url, **body) as response:
                match response.status:
                    case 200:
                        return await response.json()
                    case 409:
                        raise Refused("the warehouse does not know the goods")
                    case 423:
                        raise Held("the warehouse counts its stock")
                    case 429:
                        raise Throttled("too often", float(response.headers["Retry-After"]))
                    case _:
                        raise Unavailable(f"HTTP {response.status}")
        except aiohttp.ClientConnectorError as exc:
            raise Unavailable("it was not reached") from exc
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise Unsure("it gave no answer") from exc


class Receipts:
    """The contract."""

    name = "receipts"

    def __init__(
        self, topics: tuple[str, str, str], url: str, http: aiohttp.ClientSession, metrics: CallMetrics
    ) -> None:
        self.requests, self.results, self._trail = topics
        self._url, self._http, self._metrics = url, http, metrics
        self._endpoints = Endpoints(LimitsBook(LIMITS, ("wms",), "warehouse"), metrics.breaker_open)

    def request(self, name: str, record: Mapping[str, Any]) -> Request | None:
        if name != "Receive":
            return None
        again = not record["command_id"].endswith(".1")
        due_ms, lane = record["requested_at_ms"], ("wms", record["warehouse"])
        return Request(record["sku"], record["command_id"], lane, due_ms, again, record)

    def answered(self, name: str, record: Mapping[str, Any]) -> tuple[str, str] | None:
        return (record["sku"], record["command_id"]) if name == "StockCommandAnswered" else None

    def clerk(self, lane: Place) -> Clerk:
        return Clerk(self, self._endpoints.to(*lane))

    async def booked(self, job: Job, endpoint: Endpoint) -> tuple[str, str]:
        """The answer, and why."""
        errand = Booking(self._http, self._url, self._trail, job.request.record)
        match await Calling(job, endpoint, errand, self._metrics).run():
            case Answered():
                return "APPLIED", ""
            case Failed(error=error, in_doubt=in_doubt):
                return "REFUSED", f"{'in doubt: ' if in_doubt else ''}{type(error).__name__}: {error}"
            case known:
                return "APPLIED" if known.calls else "ALREADY_APPLIED", ""

    def result(self, record: Mapping[str, Any], answer: str, reason: str) -> Said:
        told = {name: record[name] for name in ("command_id", "sku", "warehouse")}
        told |= {"order_id": "", "answer": answer, "reason": reason, "at_ms": record["requested_at_ms"]}
        return Said(self.results, record["sku"], "StockCommandAnswered", told)


class Clerk:
    """Of one warehouse."""

    def __init__(self, receipts: Receipts, endpoint: Endpoint) -> None:
        self._receipts, self.endpoint = receipts, endpoint

    async def deal(self, job: Job) -> Answer:
        record = job.request.record
        if record["quantity"] == 666:
            raise ZeroDivisionError("a fault of ours")
        answer, reason = await self._receipts.booked(job, self.endpoint)
        return Answer((self._receipts.result(record, answer, reason),), answer, well=not reason)

    def fault(self, request: Request, exc: Exception) -> Answer:
        said = self._receipts.result(request.record, "REFUSED", f"a fault of ours: {type(exc).__name__}")
        return Answer((said,), "REFUSED", well=False)


def metrics() -> CallMetrics:
    """Of one process."""
    return CallMetrics("receipts", ("system", "warehouse"), CollectorRegistry())


async def main(url: str, requests: str, results: str, trail: str, port: str) -> None:
    settings, own = Settings.from_env(), metrics()
    async with calls.session(aiohttp.ClientTimeout(total=60)) as http:
        receipts = Receipts((requests, results, trail), url, http, own)
        await process.run(receipts, settings, own, process.Options(port=int(port)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
