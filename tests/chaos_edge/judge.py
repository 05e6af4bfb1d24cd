"""What must be true at the end, from the platforms' own counts and the hub's topics; it shares no code with what it judges.

1. Exactly once: every parcel that left stands once at its order there; nothing else does; no call changed more than it should; and none was
   made for a parcel that the platform had.
2. Nothing lost: every order at a platform is in the hub as it was last changed. What only reconciliation found was never pushed, or
   given up by its platform.
3. Audit complete: every call that a simulator counted has its intent, every request its result and its entry.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]

#: Outcomes that a person must look at: no fault of the machinery.
_FOR_A_PERSON = frozenset({"ORDER_FORBIDS", "CARRIER_WRONG", "NUMBER_WRONG", "REQUEST_WRONG"})


@dataclass
class Seen:
    """What was found at the end. ``orders``: channel -> order number -> the platform's view; ``counts``: channel -> its counts."""

    orders: Mapping[str, Mapping[str, Record]]
    counts: Mapping[str, Record]
    #: Records by name; of a ChannelEvent its event id, channel, order number and source.
    topics: Mapping[str, list[Record]]


@dataclass
class Verdict:
    """Findings by kind: what is wrong, line by line."""

    findings: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    parcels: int = 0
    written: int = 0
    calls: int = 0
    dead: Counter[str] = field(default_factory=Counter)

    def wrong(self, kind: str, line: str) -> None:
        self.findings[kind].append(line)

    @property
    def good(self) -> bool:
        return not any(self.findings.values())


def judge(seen: Seen) -> Verdict:
    """All of the above. Raises ValueError when there is nothing of a kind to judge: it was not read."""
    for name in ("ChannelEvent", "Order", "Shipped", "WritebackRequest", "WritebackResult", "AuditEntry"):
        if name not in seen.topics:
            raise ValueError(f"no {name} was read: nothing can be judged")
    verdict = Verdict()
    _exactly_once(seen, verdict)
    _nothing_lost(seen, verdict)
    _audit_complete(seen, verdict)
    return verdict


def only_reconciliation(seen: Seen) -> dict[str, list[str]]:
    """Channel -> the orders whose changes were news to the hub when reconciliation sent them in.

    A platform may date an order anew without telling (PDD does for a second parcel): intake knows the content, and it is no news.
    """
    news = {_place(order) for order in seen.topics["Order"]}
    sent = (it for it in seen.topics["ChannelEvent"] if it["event_id"].startswith("reconcile/"))
    found: dict[str, list[str]] = defaultdict(list)
    for it in sent:
        if _place(it) in news:
            found[it["channel"]].append(it["order_no"])
    return found


def _place(record: Record) -> tuple[str, int, int]:
    source = record["source"]
    return source["topic"], source["partition"], source["offset"]


def _exactly_once(seen: Seen, verdict: Verdict) -> None:
    last = {it["shipment_id"]: it for it in seen.topics["WritebackChanged"]}
    told: dict[str, list[str]] = defaultdict(list)
    unfinished: set[str] = set()
    for shipped in _once(seen.topics["Shipped"], "shipment_id"):
        verdict.parcels += 1
        stands = last.get(shipped["shipment_id"])
        phase = stands["phase"] if stands else "UNKNOWN"
        if stands is not None and phase == "WRITTEN":
            verdict.written += 1
            told[shipped["order_id"]].append(stands["tracking_no"])
        elif stands is not None and phase == "DEAD" and stands["outcome"] in _FOR_A_PERSON:
            verdict.dead[stands["outcome"]] += 1
            unfinished.add(shipped["order_id"])
        else:
            unfinished.add(shipped["order_id"])
            why = f": {stands['reason']}" if stands else ""
            verdict.wrong("not written back", f"{shipped['shipment_id']} is {phase}{why}")
    for channel, orders in seen.orders.items():
        for order_no, view in orders.items():
            order_id = f"{channel}:{order_no}"
            _shipped_once(verdict, order_id, view, told.get(order_id, []), order_id not in unfinished)


def _shipped_once(verdict: Verdict, order_id: str, view: Record, told: list[str], finished: bool) -> None:
    verdict.calls += view["ship_calls"]
    there = Counter(it["tracking_no"] for it in view["shipments"])
    for number, times in there.items():
        if times > 1:
            verdict.wrong("shipped twice", f"{order_id}: {number} stands {times} times at the platform")
        if number not in told and finished:
            verdict.wrong("shipped unknown", f"{order_id}: the platform has {number}, the hub did not tell it")
    for number in told:
        if number not in there:
            verdict.wrong("not at the platform", f"{order_id}: {number} counts as written, the platform has not got it")
    if not finished:
        return
    if view["ship_effects"] > len(told):
        line = f"{order_id}: {view['ship_effects']} calls changed something, {len(told)} parcels were to be told"
        verdict.wrong("shipped twice", line)
    if view["ship_calls"] > view["ship_effects"]:
        line = f"{order_id}: {view['ship_calls']} calls for {view['ship_effects']} parcels: told what the platform had"
        verdict.wrong("told again", line)


def _nothing_lost(seen: Seen, verdict: Verdict) -> None:
    versions: dict[str, int] = {}
    # A repetition of known content under a newer version moves the version on.
    for order in (*seen.topics["Order"], *seen.topics["Duplicate"]):
        versions[order["order_id"]] = max(order["version"], versions.get(order["order_id"], 0))
    late = only_reconciliation(seen)
    reviewed = {review["order_id"] for review in seen.topics["Review"]}
    for channel, orders in seen.orders.items():
        for order_no, view in orders.items():
            order_id = f"{channel}:{order_no}"
            # Platforms date by the second.
            if versions.get(order_id, 0) < view["changed_at_ms"] // 1000 * 1000:
                kind = "in review" if order_id in reviewed else "lost"
                has = f"has its version of {versions[order_id]}" if order_id in versions else "has never seen it"
                verdict.wrong(kind, f"{order_id}: changed at {view['changed_at_ms']}, the hub {has}")
        counts = seen.counts[channel]
        excused = counts["faults"].get("lost_pushes", 0) + counts["pushes_given_up"]
        found = late.get(channel, [])
        if len(found) > excused:
            line = f"{channel}: {len(found)} changes only reconciliation found ({', '.join(found)}), {excused} pushes were lost"
            verdict.wrong("dropped by the gateway", line)


def _audit_complete(seen: Seen, verdict: Verdict) -> None:
    intents: Counter[str] = Counter()
    answers: Counter[str] = Counter()
    for entry in seen.topics["AuditEntry"]:
        if entry["action"] == "writeback.submitting":
            intents[entry["subject"]] += 1
        elif entry["action"] == "writeback.submitted":
            answers[entry["details"]["request_id"]] += 1
    for channel, orders in seen.orders.items():
        for order_no, view in orders.items():
            order_id = f"{channel}:{order_no}"
            if view["ship_calls"] > intents[order_id]:
                line = (
                    f"{order_id}: {view['ship_calls']} calls at the platform, {intents[order_id]} intents in the audit"
                )
                verdict.wrong("call without intent", line)
    results = Counter(it["request_id"] for it in seen.topics["WritebackResult"])
    for request in _once(seen.topics["WritebackRequest"], "request_id"):
        request_id = request["request_id"]
        # More than one is no fault: a killed dispatcher's requests are gone through again from the first unfinished one on.
        if not results[request_id]:
            verdict.wrong("request without result", f"{request_id} has no result")
        if not answers[request_id]:
            verdict.wrong("request without audit", f"{request_id} has no answer in the audit")


def _once(records: Iterable[Record], key: str) -> Iterable[Record]:
    """The first of each."""
    found: dict[str, Record] = {}
    for record in records:
        found.setdefault(record[key], record)
    return found.values()
