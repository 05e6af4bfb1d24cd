"""The operator's hands on a cluster that works: told once, audited with what is told, answered by the stage that decided."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from schemas.codec import CODEC
from streams.aside import orders, telling
from streams.aside.telling import Telling
from streams.ops import audit
from tests.integration.conftest import Shop
from tests.people import person


@pytest.fixture(scope="module")
def untold(shop: Shop) -> str:
    """An order of which nothing is told."""
    return allocated(shop)


def allocated(shop: Shop, quantity: int = 2) -> str:
    order_id = shop.place(shop.order_no(), "HAND", quantity)
    shop.becomes(order_id, "ALLOCATED")
    return order_id


def answered(done: subprocess.CompletedProcess[str], code: int = 0) -> Any:
    assert done.returncode == code, done
    return json.loads(done.stdout)


def refused(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert (done.returncode, done.stdout, says in done.stderr) == (2, "", True), done
    assert done.stderr.count("\n") == 1


def trail(shop: Shop, order_id: str, by: str | None = "") -> list[tuple[str, str, str]]:
    """What stands in the audit of it, all by the account that runs this; None: whoever it was by."""
    entries = [entry for _, entry in shop.records("audit", order_id)]
    assert by is None or {entry["by"] for entry in entries} <= {audit.operator(shop.cluster).who}
    return [(entry["action"], entry["reason"], entry["outcome"]) for entry in entries]


def test_an_order_is_held_and_let_go_and_each_says_what_came_of_it(shop: Shop) -> None:
    order_id = allocated(shop)
    hold = ("order", "hold", order_id, "--because", "the buyer rings back", "--id", "h-1", "--yes", "--json")
    first = answered(shop.penstock(*hold))
    assert (first["answer"], first["why"], first["repeated"]) == ("applied", "HELD: held_by_operator", False)
    assert shop.statuses(order_id)[-1] == "HELD"
    # The same once more: not sent again, and the same answer.
    again = answered(shop.penstock(*hold))
    assert (again["answer"], again["why"], again["repeated"]) == ("applied", "HELD: held_by_operator", True)
    done = shop.penstock("order", "release", order_id, "--because", "she has", "--yes")
    assert (done.returncode, "applied: RESERVING: hold released: she has (cli/" in done.stdout) == (0, True), done
    shop.becomes(order_id, "ALLOCATED")
    # Its id is used up: an old script that runs again holds nothing.
    assert answered(shop.penstock(*hold))["repeated"] is True
    assert shop.statuses(order_id)[-1] == "ALLOCATED"
    assert len(shop.records("orders.decisions", order_id)) == 2
    assert trail(shop, order_id) == [
        ("order.hold", "the buyer rings back", "done"),
        ("order.release", "she has", "done"),
    ]


def test_a_decision_that_somebody_else_has_taken_is_refused_with_who_it_was(shop: Shop) -> None:
    order_id = allocated(shop)
    ours = orders.decision(order_id, "hold", by=person("wang"), because="first", decision_id="w-1")
    theirs = orders.decision(order_id, "hold", by=person("li"), because="second", decision_id="l-1")
    # Both have looked before either was decided.
    assert [each.conflict for each in telling.tell(shop.cluster, [ours, theirs])] == ["", ""]
    found = telling.answers(shop.cluster, [ours, theirs], 30)
    assert found[order_id, "w-1"].word == "applied"
    assert found[order_id, "l-1"] == ("refused", "wang holds it already")
    # Who looks afterwards is told before anything is sent.
    refused(shop.penstock("order", "hold", order_id, "--because", "third", "--yes"), "wang holds it already")
    assert len(shop.records("orders.decisions", order_id)) == 2


def test_an_id_that_stands_for_something_else_is_refused(shop: Shop) -> None:
    order_id = allocated(shop)
    assert shop.penstock("order", "hold", order_id, "--because", "x", "--id", "one", "--yes").returncode == 0
    done = shop.penstock("order", "release", order_id, "--because", "x", "--id", "one", "--yes", "--json")
    refused(done, "one is there already, with another action")
    assert shop.statuses(order_id)[-1] == "HELD"


def test_a_dry_run_tells_nothing(shop: Shop) -> None:
    order_id = allocated(shop)
    done = shop.penstock("order", "cancel", order_id, "--because", "x", "--dry-run")
    assert (done.returncode, f"cancel {order_id}: ALLOCATED for " in done.stdout) == (0, True), done
    assert (shop.records("orders.decisions", order_id), trail(shop, order_id)) == ([], [])


def test_a_parcel_told_by_hand_ships_the_order_and_asks_for_its_writeback(shop: Shop) -> None:
    order_id = allocated(shop)
    before = shop.level("HAND")
    ship = (
        "order",
        "ship",
        order_id,
        "--warehouse",
        "hz1",
        "--carrier",
        "顺丰",
        "--tracking-no",
        "ＳＦ 0000 0000 00001",
    )
    done = answered(shop.penstock(*ship, "--id", "P-1", "--yes", "--json"))
    assert (done["answer"], done["why"]) == ("applied", "SHIPPED: every part was shipped")
    assert answered(shop.penstock(*ship, "--id", "P-1", "--yes", "--json"))["repeated"] is True
    ((name, parcel),) = shop.records("shipments", order_id)
    assert (name, parcel["carrier"], parcel["tracking_no"]) == ("Shipped", "SF", "SF0000000000001")
    shop.settled()
    assert shop.level("HAND") == (before[0] - 2, before[1] - 2)
    assert [entry[0] for entry in trail(shop, order_id)] == ["order.ship"]


def test_a_part_of_an_order_ships_without_a_word_and_is_applied(shop: Shop) -> None:
    order_id = allocated(shop, 3)
    ship = ("order", "ship", order_id, "HAND=1", "--warehouse", "hz1", "--carrier", "SF", "--yes", "--json")
    assert answered(shop.penstock(*ship)) | {"id": "", "said": ""} == {
        **{"id": "", "subject": order_id, "answer": "applied", "why": "", "repeated": False, "said": ""}
    }
    shop.settled()
    refused(
        shop.penstock("order", "ship", order_id, "HAND=3", "--warehouse", "hz1", "--carrier", "SF", "--yes"),
        "more than it was asked to send; --anyway tells it all the same",
    )
    told = shop.penstock(
        *("order", "ship", order_id, "HAND=3", "--warehouse", "hz1", "--carrier", "SF", "--yes", "--json", "--anyway")
    )
    answer = answered(told)
    assert (answer["answer"], "1 x HAND (line ?) more than it was asked to send" in answer["why"]) == ("troubled", True)
    assert shop.statuses(order_id)[-1] == "SHIPPED"


def test_goods_that_come_back_are_on_sale_again(shop: Shop) -> None:
    order_id = allocated(shop)
    ship = (
        "order",
        "ship",
        order_id,
        "--warehouse",
        "hz1",
        "--carrier",
        "SF",
        "--tracking-no",
        "SF0000000000002",
        "--yes",
    )
    assert shop.penstock(*ship).returncode == 0
    shop.settled()
    before = shop.level("HAND")
    back = ("return", "receive", order_id, "HAND=1", "--warehouse", "hz1", "--id", "R-1", "--yes", "--json")
    assert answered(shop.penstock(*back))["answer"] == "applied"
    assert answered(shop.penstock(*back))["repeated"] is True
    shop.settled()
    assert shop.level("HAND") == (before[0] + 1, before[1])
    refused(
        shop.penstock("return", "receive", order_id, "HAND=2", "--warehouse", "hz1", "--yes"),
        "1 x HAND more than have left",
    )
    assert [entry[0] for entry in trail(shop, order_id)] == ["order.ship", "return.receive"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--warehouse", "moon", "--carrier", "SF"), "unknown warehouse 'moon'; there are: bj1, "),
        (("--warehouse", "hz1"), "--carrier is missing, and no rule chose one for hz1: name it, such as SF"),
        (("--warehouse", "hz1", "--carrier", "Pigeon"), "carrier 'Pigeon' is not known: penstock carriers list"),
        (("--warehouse", "hz1", "--carrier", "SF", "--tracking-no", "!"), "--tracking-no is '!': "),
        (("HAND", "--warehouse", "hz1", "--carrier", "SF"), "'HAND' is no SKU=UNITS"),
        (("HAND=0", "--warehouse", "hz1", "--carrier", "SF"), "'HAND=0' is no SKU=UNITS"),
        (("MUG=1", "--warehouse", "hz1", "--carrier", "SF"), "which the order does not have"),
        (("--warehouse", "bj1", "--carrier", "SF"), "shipped from bj1, which was not asked to"),
        (("--warehouse", "hz1", "--carrier", "SF", "--shop", "coffee"), "is of shop 'tea', not 'coffee'"),
        (("--warehouse", "hz1", "--carrier", "SF", "--at", "2999-01-01T00:00Z"), "which is still to come"),
    ],
)
def test_a_parcel_that_can_not_be_is_refused_before_it_is_told(
    shop: Shop, untold: str, args: tuple[str, ...], says: str
) -> None:
    refused(shop.penstock("order", "ship", untold, *args, "--yes"), says)
    assert shop.records("shipments", untold) == []


def test_half_a_number_names_the_orders_it_may_be_and_does_nothing(shop: Shop) -> None:
    order_id = allocated(shop)
    number = order_id.partition(":")[2]
    refused(
        shop.penstock("order", "hold", number, "--because", "x", "--yes"),
        f"nothing is known of an order {number!r}: write the whole of it; like it is {order_id}",
    )
    refused(shop.penstock("order", "hold", number[:12], "--because", "x", "--yes"), "like it are taobao:")
    refused(
        shop.penstock("order", "hold", "jd:no-such", "--because", "x", "--yes"), "write it as listed, platform:order"
    )


def test_commands_at_the_same_time_all_come_through_and_one_takes_effect(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes the transactional id away from the one before, which then tries again."""
    order_id = allocated(shop)
    wanted = [
        orders.decision(order_id, "hold", by=person(by), because="x", decision_id=by) for by in ("li", "wang", "zhao")
    ]
    in_between = iter(wanted[1:])
    looked = telling.known

    def known(cluster: Any, tellings: Any) -> Any:
        found = looked(cluster, tellings)
        for each in in_between:
            assert not telling.tell(shop.cluster, [each])[0].repeated
        return found

    monkeypatch.setattr(telling, "known", known)
    (sent,) = telling.tell(shop.cluster, [wanted[0]])
    monkeypatch.undo()
    assert not sent.repeated
    found = telling.answers(shop.cluster, wanted, 30)
    assert sorted(answer.word for answer in found.values()) == ["applied", "refused", "refused"]
    # Whoever was overtaken has written nothing twice.
    assert len(shop.records("orders.decisions", order_id)) == len(trail(shop, order_id, by=None)) == 3


def test_what_no_worker_can_read_is_answered_as_being_in_quarantine(shop: Shop) -> None:
    order_id = allocated(shop)
    fine = orders.decision(order_id, "hold", by=person("li"), because="x", decision_id="q-1")
    # Another record's bytes on the topic, as a script that mixes them up would write.
    wrong = Telling("orders.decisions", "Shipped", {**_parcel(order_id), "shipment_id": "q-2"}, fine.entry)
    assert [each.conflict for each in telling.tell(shop.cluster, [wrong])] == [""]
    answer = telling.answers(shop.cluster, [wrong], 30)[order_id, "q-2"]
    assert (answer.word, "in quarantine: " in answer.why) == ("refused", True), answer
    assert CODEC.decode(CODEC.encode("Shipped", wrong.record))[0] == "Shipped"


def _parcel(order_id: str) -> Any:
    return orders.parcel(order_id, by=person("li"), warehouse="hz1", carrier="SF").record
