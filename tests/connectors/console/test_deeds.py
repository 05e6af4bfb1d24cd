"""What is done at the console is done in a real Kafka as the command line does it: once, by whom, and nothing of it half."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from urllib.parse import quote

import pytest

from connectors.console.permissions import Grant, Kind
from connectors.postgres import PostgresSink
from deploy.local import LocalKafka
from schemas.codec import CODEC
from streams.aside import review
from streams.cli.console_deeds import Deeds
from streams.domain.intake.reading import read_event
from streams.domain.listing.state import begun, unlisted
from streams.ops.cluster import Cluster
from streams.ops.sinks import Record
from streams.settings import Settings
from tests.connectors.console.conftest import Browser, Console, copy_of, serving
from tests.integration.conftest import TAOBAO_EVENTS, envelope, penstock, trade

OPERATOR = Grant("operator", Kind.SHOP, "tea")
#: Numbers of orders in review: each for one test, all with a SKU that nobody knows and without a phone.
NUMBERS = [str(2_300_000_000_000_007_000 + n) for n in range(12)]
KNOWN = {
    "sku": "MUG",
    "version": 1,
    "levels": [{"warehouse": "hz1", "on_hand": 5, "reserved": 0, "safety_stock": 0, "open": True}],
    "pool": None,
}


def _event(number: str, sku: str = "NOBODY", **fields: Any) -> bytes:
    return envelope(number, trade(number, sku), **fields)


def _review(number: str, place: int, **fields: Any) -> Any:
    """What intake makes of it, by intake's own function."""
    source: Any = {"topic": TAOBAO_EVENTS, "partition": 0, "offset": place}
    return read_event(_event(number, **fields), f"taobao:{number}", source, frozenset({"MUG"})).review


def _parcel(shipment_id: str, phase: str, at_ms: int, shop: str = "tea") -> dict[str, Any]:
    return {
        **{"order_id": "taobao:1", "channel": "taobao", "shop": shop, "shipment_id": shipment_id, "warehouse": "hz1"},
        **{
            "carrier": "SF",
            "tracking_no": "SF1",
            "phase": phase,
            "attempt": 3,
            "requests": 3,
            "outcome": "NUMBER_WRONG",
        },
        **{"code": "E1", "reason": "", "ship_by_ms": 5, "shipped_at_ms": 4, "next_at_ms": None, "held_since_ms": None},
        "at_ms": at_ms,
    }


def _delivery(delivery_id: str, phase: str, shop: str = "tea") -> dict[str, Any]:
    return {
        **{"order_id": "taobao:1", "channel": "taobao", "shop": shop, "delivery_id": delivery_id, "warehouse": "hz1"},
        **{"phase": phase, "progress": "", "attempt": 3, "outcome": "REFUSED", "code": "S0", "reason": ""},
        **{"ship_by_ms": 5, "next_at_ms": None, "at_ms": 4},
    }


def _listings(*shops: str) -> dict[str, Any]:
    """A SKU that these shops show, and that their platform took no number of."""
    listed = []
    for shop in shops:
        place: Any = {"place": f"pdd/{shop}/1/2/", "channel": "pdd", "shop": shop, "item": "1", "variant": "2"}
        place |= {"location": "", "warehouses": [], "share": 10_000, "buffer": 0, "cap": None, "close_at": 0}
        place |= {"open_at": 1, "every_ms": 0, "held": False}
        listed.append({**begun(place, 4), "phase": "DEAD", "wanted": 5, "outcome": "REFUSED", "code": "E7"})
    return {**unlisted("MUG"), "listed": listed}


def standing(cluster: Cluster, *topics: str) -> list[Record]:
    """All that is in them, as a sink is given it."""
    records: list[Record] = []
    for topic in topics:
        for message in cluster.read(topic):
            place = cast(int, message.partition()), cast(int, message.offset())
            records.append(Record(topic, *place, message.timestamp()[1], message.key(), message.value()))
    return records


async def into_tables(url: str, records: list[Record]) -> None:
    """As the sink takes them, from the first record on."""
    sink = PostgresSink(url)
    await sink.setup()
    try:
        # Without positions: as a replay, which may be done again.
        assert await sink.write(records) == []
        assert await sink.flush({}) == []
    finally:
        await sink.close()


class Hub:
    """A broker with orders in review, their rows, and a console over both."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings = settings
        self.cluster = Cluster(settings)
        self.console = console

    def record(self, number: str) -> str:
        (it,) = [item for item in review.items(self.cluster) if item.key == f"taobao:{number}"]
        return str(it.place)

    def path(self, number: str) -> str:
        return f"/api/reviews/{quote(self.record(number))}"

    def state(self, number: str) -> str:
        (it,) = [item for item in review.items(self.cluster) if item.key == f"taobao:{number}"]
        return it.state

    def sent(self, number: str) -> list[Any]:
        return [
            CODEC.decode(message.value() or b"")[1]
            for message in self.cluster.read(TAOBAO_EVENTS, key=f"taobao:{number}")
        ]

    def audit(self, number: str) -> list[Any]:
        return [
            CODEC.decode(message.value() or b"")[1] for message in self.cluster.read("audit", key=f"taobao:{number}")
        ]

    def caught_up(self) -> None:
        told = ("writeback.status", "warehouse.status", "listing.status")
        records = standing(self.cluster, "orders.review", "audit", *told)
        asyncio.run(into_tables(self.console.database, records))


@pytest.fixture(scope="module")
def hub(postgres: str, with_roles: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    data = tmp_path_factory.mktemp("penstock")
    with LocalKafka(data / "kafka") as kafka, copy_of(postgres, with_roles) as url:
        settings = Settings(brokers=kafka.bootstrap, data=data)
        cluster = Cluster(settings)
        cluster.create_topics()
        cluster.publish([("inventory.availability", "MUG", "Availability", KNOWN)])
        cluster.publish([("orders.review", f"taobao:{n}", "Review", _review(n, at)) for at, n in enumerate(NUMBERS)])
        parcels = [_parcel("s1", "DEAD", 1), _parcel("s2", "REQUESTED", 2), _parcel("s3", "DEAD", 3, shop="cups")]
        cluster.publish([("writeback.status", "taobao:1", "WritebackChanged", parcel) for parcel in parcels])
        told = [_delivery("taobao.1.1.hz1", "DEAD"), _delivery("taobao.1.2.hz1", "SHIPPED")]
        told.append(_delivery("taobao.1.3.hz1", "DEAD", shop="cups"))
        cluster.publish([("warehouse.status", "taobao:1", "DeliveryChanged", delivery) for delivery in told])
        cluster.publish([("listing.status", "MUG", "Listings", _listings("tea", "cups"))])
        with serving(url, deeds=Deeds(settings)) as console:
            it = Hub(settings, console)
            it.caught_up()
            yield it


@pytest.fixture(scope="module")
def operator(hub: Hub) -> Browser:
    return hub.console.signed_in(OPERATOR)


def _payload(number: str) -> str:
    return json.dumps(trade(number, "MUG"), ensure_ascii=False)


def test_an_event_is_judged_put_right_and_sent_once(hub: Hub, operator: Browser) -> None:
    number, path = NUMBERS[0], hub.path(NUMBERS[0])
    wrong = operator.ask("POST", f"{path}/check", {})
    assert wrong.status == 200 and not wrong.body["accepted"]
    assert [reason["code"] for reason in wrong.body["reasons"]] == ["unknown_sku"]
    assert operator.ask("POST", f"{path}/fix", {"because": "as it is"}).body["code"] == "refused"
    assert hub.sent(number) == [] and hub.audit(number) == []
    right = operator.ask("POST", f"{path}/check", {"payload": _payload(number)})
    assert right.body["accepted"] and "accept it: PAID" in right.body["verdict"]
    body = {"payload": _payload(number), "because": "asked the buyer"}
    sent = operator.ask("POST", f"{path}/fix", body, Idempotency_Key="the-first-fix")
    assert sent.status == 202, sent
    (event,) = hub.sent(number)
    assert json.loads(event["payload"]) == trade(number, "MUG")
    (entry,) = hub.audit(number)
    name = operator.get("/api/session").body["name"]
    assert (entry["action"], entry["by"], entry["reason"]) == ("review.resubmitted", name, "asked the buyer")
    assert sent.body["entry_id"] == entry["entry_id"] and not sent.body["repeated"]
    # The answer was lost, perhaps: the same again is the same deed.
    again = operator.ask("POST", f"{path}/fix", body, Idempotency_Key="the-first-fix")
    assert again.status == 202 and again.body == {**sent.body, "repeated": True}
    # Another's, or another deed with it, is none.
    other = hub.console.signed_in(OPERATOR)
    for late in (
        other.ask("POST", f"{path}/fix", body, Idempotency_Key="the-first-fix"),
        operator.ask("POST", f"{path}/discard", {"because": "late"}),
    ):
        assert (late.status, late.body["code"]) == (409, "already_done")
        assert f"resubmitted by {name}" in late.body["message"]
    assert len(hub.sent(number)) == 1
    hub.caught_up()
    shown = operator.get(path).body
    assert shown["state"] == "resubmitted" and [step["entry_id"] for step in shown["trail"]] == [entry["entry_id"]]


def test_a_discarded_item_is_what_the_command_line_calls_so(hub: Hub, operator: Browser) -> None:
    number = NUMBERS[1]
    record = hub.record(number)
    assert operator.ask("POST", f"{hub.path(number)}/discard", {"because": "a test order"}).status == 202
    assert hub.state(number) == "discarded" and hub.sent(number) == []
    env = {"PENSTOCK_BROKERS": hub.settings.brokers, "PENSTOCK_DATA": str(hub.settings.data)}
    late = penstock("review", "discard", record, "--because", "x", "--yes", **env)
    assert late.returncode == 2 and "is discarded by" in late.stderr
    blank = operator.ask("POST", f"{hub.path(NUMBERS[2])}/discard", {"because": "  "})
    assert (blank.status, blank.body["field"]) == (422, "because")


def test_of_many_at_once_one_does_it(hub: Hub) -> None:
    number = NUMBERS[3]
    path = hub.path(number)
    browsers = [hub.console.signed_in(OPERATOR) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda b: b.ask("POST", f"{path}/discard", {"because": "x"}), browsers))
    assert sorted(answer.status for answer in answers) == [202, 409, 409, 409]
    assert len(hub.audit(number)) == 1


def test_an_order_of_another_number_is_for_who_may_in_all_shops(hub: Hub, operator: Browser) -> None:
    number, other = NUMBERS[4], NUMBERS[5]
    body = {"payload": _payload(other), "order_no": other, "because": "the number was wrong"}
    denied = operator.ask("POST", f"{hub.path(number)}/fix", body)
    assert (denied.status, denied.body["code"]) == (422, "refused")
    assert "another order's" in denied.body["message"]
    assert hub.sent(other) == []
    everywhere = hub.console.signed_in(Grant("operator", Kind.ALL, ""))
    assert everywhere.ask("POST", f"{hub.path(number)}/fix", body).status == 202
    assert len(hub.sent(other)) == 1


def test_a_person_who_is_forgotten_does_not_come_back(hub: Hub, operator: Browser) -> None:
    number = NUMBERS[6]
    person = {
        "order_id": f"taobao:{number}",
        "by": "li",
        "reason": "asked for it",
        "forgotten_at_ms": 1_767_232_800_000,
    }
    hub.cluster.publish([("persons.forgotten", f"taobao:{number}", "PersonForgotten", person)])
    refused = operator.ask("POST", f"{hub.path(number)}/fix", {"payload": _payload(number), "because": "x"})
    assert (refused.status, refused.body["code"]) == (422, "refused")
    assert "forgotten" in refused.body["message"] and hub.sent(number) == []


def test_what_the_topic_has_no_more_is_gone(hub: Hub, operator: Browser) -> None:
    hub.console.sql(
        "INSERT INTO review_queue (record, order_id, channel, shop, order_no, codes, reasons, received_at) "
        "VALUES ('orders.review/0@999999', 'taobao:1', 'taobao', 'tea', '1', '{}', '[]', now())"
    )
    answer = operator.ask("POST", "/api/reviews/orders.review/0@999999/discard", {"because": "x"})
    assert (answer.status, answer.body["code"]) == (410, "gone")


def test_a_receiver_shown_is_on_the_audit_topic(hub: Hub) -> None:
    service = hub.console.signed_in(Grant("service", Kind.SHOP, "tea"))
    number = NUMBERS[7]
    shown = service.ask("POST", f"{hub.path(number)}/original")
    assert shown.status == 200 and json.loads(shown.body["text"]) == trade(number, "NOBODY")
    (entry,) = hub.audit(number)
    assert (entry["action"], entry["by"]) == ("personal.read", service.get("/api/session").body["name"])
    hub.caught_up()
    assert [step["action"] for step in service.get(hub.path(number)).body["trail"]] == ["personal.read"]


def test_bytes_are_sent_as_they_are(hub: Hub, operator: Browser) -> None:
    number = NUMBERS[8]
    raw = json.dumps(trade(number, "MUG"), ensure_ascii=False).encode()
    body = {"payload_base64": base64.b64encode(raw).decode(), "because": "x"}
    assert operator.ask("POST", f"{hub.path(number)}/fix", body).status == 202
    assert hub.sent(number)[0]["payload"] == raw
    both = operator.ask("POST", f"{hub.path(NUMBERS[9])}/fix", {**body, "payload": "{}"})
    assert (both.status, both.body["field"]) == (422, "payload_base64")


def test_a_dead_parcel_is_submitted_anew_once(hub: Hub, operator: Browser) -> None:
    (dead,) = operator.get("/api/writebacks/dead").body["rows"]
    assert (dead["order_id"], dead["shipment_id"], dead["outcome"]) == ("taobao:1", "s1", "NUMBER_WRONG")
    body = {"order_id": "taobao:1", "shipment_id": "s1", "tracking_no": "SF2", "because": "the number was wrong"}
    done = operator.ask("POST", "/api/writebacks/redrive", body, Idempotency_Key="redrive-s1")
    assert done.status == 202, done
    again = operator.ask("POST", "/api/writebacks/redrive", body, Idempotency_Key="redrive-s1")
    assert again.status == 202 and again.body == {**done.body, "repeated": True}
    commands = [CODEC.decode(message.value() or b"")[1] for message in hub.cluster.read("writeback.commands")]
    assert [(it["action"], it["shipment_id"], it["tracking_no"]) for it in commands] == [("REDRIVE", "s1", "SF2")]
    assert commands[0]["by"] == operator.get("/api/session").body["name"]
    (entry,) = [entry for entry in hub.audit("1") if entry["action"] == "writeback.redriven"]
    assert entry["entry_id"] == done.body["entry_id"]
    waits = operator.ask("POST", "/api/writebacks/redrive", {**body, "shipment_id": "s2"})
    assert (waits.status, waits.body["code"]) == (422, "refused") and "requested" in waits.body["message"]
    theirs = operator.ask("POST", "/api/writebacks/redrive", {**body, "shipment_id": "s3"})
    assert (theirs.status, theirs.body["code"]) == (404, "not_found")
    assert len(list(hub.cluster.read("writeback.commands"))) == 1


def test_a_dead_delivery_order_is_told_anew_once(hub: Hub, operator: Browser) -> None:
    (dead,) = operator.get("/api/deliveries").body["rows"]
    assert (dead["delivery_id"], dead["outcome"], dead["code"]) == ("taobao.1.1.hz1", "REFUSED", "S0")
    body = {"order_id": "taobao:1", "delivery_id": "taobao.1.1.hz1", "because": "the system knows the SKU now"}
    done = operator.ask("POST", "/api/deliveries/redrive", body, Idempotency_Key="redrive-d1")
    assert done.status == 202, done
    again = operator.ask("POST", "/api/deliveries/redrive", body, Idempotency_Key="redrive-d1")
    assert again.status == 202 and again.body == {**done.body, "repeated": True}
    (command,) = [CODEC.decode(message.value() or b"")[1] for message in hub.cluster.read("warehouse.commands")]
    assert (command["action"], command["delivery_id"]) == ("REDRIVE", "taobao.1.1.hz1")
    assert command["by"] == operator.get("/api/session").body["name"]
    (entry,) = [entry for entry in hub.audit("1") if entry["action"] == "delivery.redriven"]
    assert entry["entry_id"] == done.body["entry_id"]
    left = operator.ask("POST", "/api/deliveries/redrive", {**body, "delivery_id": "taobao.1.2.hz1"})
    assert (left.status, left.body["code"]) == (422, "refused") and "shipped" in left.body["message"]
    theirs = operator.ask("POST", "/api/deliveries/redrive", {**body, "delivery_id": "taobao.1.3.hz1"})
    assert (theirs.status, theirs.body["code"]) == (404, "not_found")
    assert len(list(hub.cluster.read("warehouse.commands"))) == 1


def test_what_a_shop_shows_is_told_anew_once(hub: Hub, operator: Browser) -> None:
    (dead,) = operator.get("/api/listings").body["rows"]
    assert (dead["sku"], dead["place"], dead["wanted"], dead["told"]) == ("MUG", "pdd/tea/1/2/", 5, None)
    body = {"sku": "MUG", "place": "pdd/tea/1/2/", "because": "the item is on sale again"}
    done = operator.ask("POST", "/api/listings/redrive", body, Idempotency_Key="redrive-l1")
    assert done.status == 202, done
    again = operator.ask("POST", "/api/listings/redrive", body, Idempotency_Key="redrive-l1")
    assert again.status == 202 and again.body == {**done.body, "repeated": True}
    (command,) = [CODEC.decode(message.value() or b"")[1] for message in hub.cluster.read("listing.commands")]
    assert (command["sku"], command["place"], command["reason"]) == ("MUG", "pdd/tea/1/2/", body["because"])
    theirs = operator.ask("POST", "/api/listings/redrive", {**body, "place": "pdd/cups/1/2/"})
    assert (theirs.status, theirs.body["code"]) == (404, "not_found")
    assert len(list(hub.cluster.read("listing.commands"))) == 1


def test_the_system_is_what_penstock_status_says(hub: Hub) -> None:
    engineer = hub.console.signed_in(Grant("engineer", Kind.ALL, ""))
    told = engineer.get("/api/system")
    assert told.status == 200, told
    assert told.body["brokers"] == [hub.settings.brokers] and told.body["workers"] == 0
    assert told.body["review_backlog"] > 0 and told.body["oversold"] == 0
    # No worker has ever run: intake has all that was sent still before it.
    with engineer.stream("/api/live") as (_, events):
        lags = [json.loads(next(events)[1])["lag"] for _ in range(8)]
    known = [lag for lag in lags if lag is not None]
    assert known and {each["name"] for each in known[-1]} >= {"intake", "allocation"}
