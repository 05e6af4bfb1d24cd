"""The judge on made-up endings: a good one passes, and each thing that can be wrong is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.chaos_edge.judge import Seen, judge

ORDER = "jd:1"


def ending() -> Seen:
    """One order with one parcel, pushed, shipped and told."""
    source = {"topic": "channel.jd.events", "partition": 0, "offset": 0}
    view = {
        "order_no": "1",
        "changed_at_ms": 9_500,
        "shipments": [{"tracking_no": "SF1"}],
        "ship_calls": 1,
        "ship_effects": 1,
    }
    topics: dict[str, list[Any]] = {
        "Order": [{"order_id": ORDER, "version": 9_000, "source": source}],
        "ChannelEvent": [{"event_id": "push", "channel": "jd", "order_no": "1", "source": source}],
        "Shipped": [{"shipment_id": "a", "order_id": ORDER}],
        "WritebackRequest": [{"request_id": "a#1"}],
        "WritebackResult": [{"request_id": "a#1"}],
        "WritebackChanged": [
            {"shipment_id": "a", "phase": "REQUESTED", "outcome": None, "tracking_no": "SF1", "reason": ""},
            {"shipment_id": "a", "phase": "WRITTEN", "outcome": "SHIPPED", "tracking_no": "SF1", "reason": ""},
        ],
        "AuditEntry": [
            {"action": "writeback.submitting", "subject": ORDER, "details": {"request_id": "a#1"}},
            {"action": "writeback.submitted", "subject": ORDER, "details": {"request_id": "a#1"}},
        ],
        "Review": [],
        "Duplicate": [],
    }
    return Seen({"jd": {"1": view}}, {"jd": {"faults": {}, "pushes_given_up": 0}}, topics)


def view(seen: Seen) -> Any:
    return seen.orders["jd"]["1"]


def dead(outcome: str) -> dict[str, Any]:
    return {"shipment_id": "a", "phase": "DEAD", "outcome": outcome, "tracking_no": "SF1", "reason": "no"}


SPOILT: dict[str, tuple[Callable[[Seen], Any], set[str]]] = {
    "a number stands twice": (
        lambda seen: view(seen)["shipments"].append({"tracking_no": "SF1"}),
        {"shipped twice"},
    ),
    "a call more had an effect": (
        lambda seen: view(seen).update(ship_calls=2, ship_effects=2),
        {"shipped twice", "call without intent"},
    ),
    "a number nobody told": (
        lambda seen: view(seen)["shipments"].append({"tracking_no": "SF2"}),
        {"shipped unknown"},
    ),
    "the platform has not got it": (lambda seen: view(seen)["shipments"].clear(), {"not at the platform"}),
    "told again without effect": (lambda seen: view(seen).update(ship_calls=2), {"told again", "call without intent"}),
    "given up by the machinery": (
        lambda seen: seen.topics["WritebackChanged"].append(dead("RETRYABLE")),
        {"not written back"},
    ),
    "never taken up": (lambda seen: seen.topics["WritebackChanged"].clear(), {"not written back"}),
    "an older version": (lambda seen: view(seen).update(changed_at_ms=10_500), {"lost"}),
    "never seen": (lambda seen: seen.topics["Order"].clear(), {"lost"}),
    "found by reconciliation alone": (
        lambda seen: seen.topics["ChannelEvent"][0].update(event_id="reconcile/1/9000"),
        {"dropped by the gateway"},
    ),
    "no intent": (lambda seen: seen.topics["AuditEntry"].pop(0), {"call without intent"}),
    "no answer in the audit": (lambda seen: seen.topics["AuditEntry"].pop(), {"request without audit"}),
    "no result": (lambda seen: seen.topics["WritebackResult"].clear(), {"request without result"}),
}


def test_a_good_ending_has_no_findings() -> None:
    verdict = judge(ending())
    assert verdict.good, verdict.findings
    assert (verdict.parcels, verdict.written, verdict.calls) == (1, 1, 1)


@pytest.mark.parametrize("name", SPOILT)
def test_what_is_wrong_is_named(name: str) -> None:
    seen = ending()
    spoil, kinds = SPOILT[name]
    spoil(seen)
    verdict = judge(seen)
    assert {kind for kind, lines in verdict.findings.items() if lines} == kinds


def test_what_the_platform_did_not_push_excuses_the_gateway() -> None:
    seen = ending()
    seen.topics["ChannelEvent"][0].update(event_id="reconcile/1/9000")
    seen.counts["jd"].update(faults={"lost_pushes": 1})  # type: ignore[attr-defined]
    assert judge(seen).good


def test_a_person_s_parcel_and_known_content_under_a_newer_version_are_no_findings() -> None:
    seen = ending()
    seen.topics["WritebackChanged"].append(dead("ORDER_FORBIDS"))
    view(seen).update(shipments=[], changed_at_ms=12_000)
    seen.topics["Duplicate"].append({"order_id": ORDER, "version": 12_000})
    verdict = judge(seen)
    assert verdict.good, verdict.findings
    assert verdict.dead == {"ORDER_FORBIDS": 1}
