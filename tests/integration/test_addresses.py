"""``penstock order address``: an order goes to whom a person names, as long as its platform shows nobody new."""

from __future__ import annotations

import json
import os
import subprocess
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from schemas.codec import CODEC
from streams.aside import telling
from streams.aside.receivers import Receivers
from streams.domain.intake.parts import PARTS
from streams.ops import audit
from streams.ops.forgetting import named
from streams.verify import verify
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, penstock_alone, trade, until
from tests.integration.test_hands import answered, refused, trail

BECAUSE = ("--because", "the buyer rang")
CLEAR = {"receiver_name": "王小明", "receiver_mobile": "13800001111", "receiver_address": "文三路 1 号", "oaid": ""}
MOVED = {"province": "广东省", "city": "深圳市", "county": "南山区", "street": "科技园路 2 号"}


def allocated(shop: Shop, **fields: Any) -> str:
    order_id = shop.place(shop.order_no(), "HAND", 2, **{**CLEAR, **fields})
    shop.becomes(order_id, "ALLOCATED")
    return order_id


def shows(shop: Shop, order_id: str, minute: int, **fields: Any) -> None:
    """Its platform shows it anew."""
    number = order_id.partition(":")[2]
    doc = trade(number, "HAND", 2, **{**CLEAR, "modified": f"2026-01-01 10:{minute:02d}:00", **fields})
    shop.send(TAOBAO_EVENTS, order_id, envelope(number, doc))


def orders(shop: Shop, order_id: str, count: int) -> list[Any]:
    """Its versions, once there are so many."""
    return [it for _, it in until(lambda: shop.records("orders", order_id), lambda found: len(found) == count, "told")]


def address(shop: Shop, order_id: str, *args: str) -> subprocess.CompletedProcess[str]:
    return shop.penstock("order", "address", order_id, *BECAUSE, "--yes", *args)


def test_an_order_goes_to_whom_a_person_names_until_its_platform_shows_a_third(shop: Shop, tmp_path: Path) -> None:
    order_id = allocated(shop)
    (tmp_path / "parts").write_text(json.dumps(MOVED, ensure_ascii=False))
    said = ("--from", str(tmp_path / "parts"), "--id", "a-1", "--json")
    first = answered(address(shop, order_id, *said))
    assert (first["answer"], first["repeated"], first["id"]) == ("applied", False, "a-1")
    assert first["why"].startswith("RESERVING: "), first
    assert "科技园路" not in json.dumps(first, ensure_ascii=False)
    shop.becomes(order_id, "ALLOCATED")
    # The same once more: not sent again, and the same answer; under its id nothing else.
    again = answered(address(shop, order_id, *said))
    assert (again["answer"], again["repeated"]) == ("applied", True)
    refused(address(shop, order_id, "--street", "x", "--id", "a-1"), "a-1 is there already, with another receiver")
    told = orders(shop, order_id, 2)[-1]
    assert [told["receiver"][field] for field in ("province", "district", "address", "name", "phone")] == [
        *("广东省", "南山区", "科技园路 2 号", "王小明", "13800001111")
    ]
    # What it replaced is shown again with other news: theirs stays.
    shows(shop, order_id, 1, buyer_message="soon")
    assert orders(shop, order_id, 3)[-1]["receiver"] == told["receiver"]
    shows(shop, order_id, 2, receiver_address="又一路 3 号")
    shop.becomes(order_id, "HELD")
    shown = shop.penstock("order", "show", order_id)
    assert (shown.returncode, "HELD: receiver_disputed" in shown.stdout) == (0, True), shown
    for says in ("ReceiverCorrected", "yours: 王** 1**", "its platform's: 王** 1**", "广东省", "浙江省"):
        assert says in shown.stdout, (says, shown.stdout)
    assert "科技园路" not in shown.stdout and "又一路" not in shown.stdout
    # A person says that the platform is right.
    back = answered(address(shop, order_id, "--as-platform", "--json"))
    assert back["answer"] == "applied"
    shop.becomes(order_id, "ALLOCATED")
    last = orders(shop, order_id, 5)[-1]
    assert (last["receiver"]["address"], last["receiver_from"], last["status"]) == ("又一路 3 号", "", "PAID")
    assert trail(shop, order_id) == [("order.address", "the buyer rang", "done")] * 2
    assert "科技园路" not in repr([entry for _, entry in shop.records("audit", order_id)])
    assert len([1 for name, _ in shop.records(TAOBAO_EVENTS, order_id) if name == "ReceiverCorrected"]) == 2
    shop.settled()
    report = verify(shop.settings.brokers, group=shop.settings.app_id, settled=True)
    assert "receiver_lost" not in report.violation_counts and "event_without_outcome" not in report.violation_counts


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--street", "文三路 1 号"), "goes to that receiver already: there is nothing to correct"),
        (("--as-platform",), "goes to that receiver already"),
        (("--province", "Narnia", "--city", "", "--county", "", "--street", "x"), "none of China's"),
        (("--phone", "12"), "phone has fewer than 7 digits"),
        (("--street", "x", "--as-platform"), "are three ways: use one of them"),
        (("--street", "x", "--shop", "coffee"), "is of shop 'tea', not 'coffee'"),
        (("--from", "/nowhere/parts"), "/nowhere/parts cannot be read: No such file"),
        ((), "nobody can be asked for the parts: give them by --from -"),
    ],
)
def test_what_can_not_be_corrected_is_refused_before_it_is_told(
    shop: Shop, unmoved: str, args: tuple[str, ...], says: str
) -> None:
    refused(address(shop, unmoved, *args), says)
    assert [name for name, _ in shop.records(TAOBAO_EVENTS, unmoved)] == ["ChannelEvent"]


@pytest.fixture(scope="module")
def unmoved(shop: Shop) -> str:
    return allocated(shop)


@contextmanager
def a_terminal(*lines: str) -> Iterator[int]:
    """At which somebody has typed these lines, and may type on."""
    keyboard, screen = os.openpty()
    try:
        os.write(keyboard, "".join(f"{line}\n" for line in lines).encode())
        yield screen
    finally:
        os.close(keyboard)
        os.close(screen)


def at_a_terminal(shop: Shop, order_id: str, *lines: str, args: tuple[str, ...] = ()) -> Any:
    """The command as a person runs it, who types these lines."""
    env = {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
    with a_terminal(*lines) as stdin:
        return penstock_alone("order", "address", order_id, *BECAUSE, *args, stdin=stdin, **env)


def test_at_a_terminal_each_part_is_asked_for_and_nothing_is_told_before_a_yes(shop: Shop) -> None:
    order_id = allocated(shop)
    moved = [MOVED.get(part, "") for part in PARTS]
    unsure = at_a_terminal(shop, order_id, *moved, "n")
    assert (unsure.returncode, unsure.stdout.endswith("nothing was changed\n")) == (1, True), unsure
    assert f"address {order_id}: 王** 1" in unsure.stdout and "广东省深圳市" in unsure.stdout
    assert "科技园路" not in unsure.stdout
    for part in PARTS:
        assert f"{part} (empty: as it is)" in unsure.stderr, unsure
    assert "Send it there? [y/N]" in unsure.stderr
    assert len(shop.records(TAOBAO_EVENTS, order_id)) == 1
    sure = at_a_terminal(shop, order_id, *moved, "y")
    assert (sure.returncode, "applied: RESERVING" in sure.stdout) == (0, True), sure
    told = orders(shop, order_id, 2)[-1]["receiver"]
    assert [told[field] for field in ("name", "province", "district", "address")] == [
        *("王小明", "广东省", "南山区", "科技园路 2 号")
    ]


def test_at_a_terminal_who_says_nothing_changes_nothing(shop: Shop, unmoved: str) -> None:
    silent = at_a_terminal(shop, unmoved, *[""] * len(PARTS))
    assert (silent.returncode, "no part was said: nothing was changed" in silent.stderr) == (2, True), silent
    assert len(shop.records(TAOBAO_EVENTS, unmoved)) == 1


PIECE = '{"street": "科技园路 2 号"}'


@pytest.mark.parametrize(
    ("typed", "args", "says"),
    [
        (PIECE.encode(), (), "standard input has the parts, so nobody can be asked: add --yes, or --dry-run"),
        ('{"street": "科技园路"}'.encode("gbk"), ("--yes",), "- is not UTF-8: save it as UTF-8"),
        (b"\xff\xfe", ("--yes",), "- is not UTF-8: save it as UTF-8"),
        (b"street: x", ("--yes",), "- is no JSON object: write the parts"),
        (b"", ("--yes",), "- is no JSON object: write the parts"),
        (b"[" * 100_000, ("--yes",), "- is no JSON object: write the parts"),
        (b'["street"]', ("--yes",), "- is no object of texts: write the parts, name, phone"),
        (b'{"street": 7}', ("--yes",), "- is no object of texts: write the parts, name, phone"),
        (b"{}", ("--yes",), "- is no object of texts: write the parts, name, phone"),
        (rb'{"street": "\ud800"}', ("--yes",), "street has a character that can't be printed"),
        (b'{"stret": "x"}', ("--yes",), "'stret' is no part of a receiver"),
    ],
    ids=str,
)
def test_standard_input_that_says_no_parts_is_refused(
    shop: Shop, unmoved: str, typed: bytes, args: tuple[str, ...], says: str
) -> None:
    refused(shop.penstock("order", "address", unmoved, *BECAUSE, "--from", "-", *args, typed=typed), says)
    assert len(shop.records(TAOBAO_EVENTS, unmoved)) == 1


def test_parts_come_by_standard_input(shop: Shop) -> None:
    """Where another program writes them, a byte order mark before them and all."""
    order_id = allocated(shop)
    said = ("--from", "-", "--yes", "--json")
    done = shop.penstock("order", "address", order_id, *BECAUSE, *said, typed=BOM_UTF8 + PIECE.encode())
    assert answered(done)["answer"] == "applied"
    assert orders(shop, order_id, 2)[-1]["receiver"]["address"] == "科技园路 2 号"


def test_a_dry_run_shows_it_masked_and_tells_nothing(shop: Shop, unmoved: str) -> None:
    done = address(shop, unmoved, "--street", "科技园路 2 号", "--dry-run")
    assert (done.returncode, f"address {unmoved}: 王** 1**" in done.stdout) == (0, True), done
    assert "科技园路" not in done.stdout and len(shop.records(TAOBAO_EVENTS, unmoved)) == 1


def test_half_a_number_and_an_order_nobody_knows_are_refused(shop: Shop, unmoved: str) -> None:
    number = unmoved.partition(":")[2]
    refused(address(shop, number, "--street", "x"), f"like it is {unmoved}")
    refused(address(shop, number[:12], "--street", "x"), "like it are taobao:")
    refused(address(shop, "jd:no-such", "--street", "x"), "nothing is known of an order 'jd:no-such'")


def test_what_has_left_goes_nowhere_else(shop: Shop) -> None:
    order_id = allocated(shop)
    ship = ("--warehouse", "hz1", "--carrier", "SF", "--tracking-no", "SF0000000000777", "--yes")
    assert shop.penstock("order", "ship", order_id, *ship).returncode == 0
    refused(
        address(shop, order_id, "--street", "x"), "is SHIPPED: its parcels have left: have the carrier redirect them"
    )


def test_who_has_not_seen_what_the_platform_shows_by_now_is_told_so(shop: Shop) -> None:
    """The platform's news comes between the look and the telling."""
    order_id = allocated(shop)
    by = audit.operator(shop.cluster)
    it, _ = Receivers(shop.cluster, {order_id}).telling(order_id, {"street": "x"}, by=by, because="x")
    shows(shop, order_id, 1, receiver_address="又一路 3 号")
    orders(shop, order_id, 2)
    assert [each.conflict for each in telling.tell(shop.cluster, [it])] == [""]
    answer = telling.answers(shop.cluster, [it], 30)[order_id, it.id]
    assert (answer.word, answer.why.startswith("its platform has shown it anew meanwhile")) == ("refused", True), answer
    assert len(shop.records("orders", order_id)) == 2


def test_many_are_corrected_from_a_file_and_each_is_answered(shop: Shop, tmp_path: Path) -> None:
    one, other = allocated(shop), allocated(shop)
    about = {"do": "address", "because": "x"}
    rows = [
        {**about, "order_id": one, "receiver": {"street": "科技园路 2 号"}, "id": "f-1"},
        # Judged on what the line before it leaves.
        {**about, "order_id": one, "receiver": {"street": "科技园路 2 号"}},
        {**about, "order_id": one, "receiver": None},
        {**about, "order_id": other, "receiver": {"stret": "x"}},
        {**about, "order_id": other, "receiver": {"street": 7}},
        {**about, "order_id": other, "receiver": {}},
        {**about, "order_id": other},
    ]
    (tmp_path / "rows").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))
    done = shop.penstock("order", "tell", str(tmp_path / "rows"), "--json", "--yes")
    assert done.returncode == 1, done
    answers = json.loads(done.stdout)
    assert [each["answer"] for each in answers] == ["applied", "refused", "applied", *["refused"] * 4]
    for row, says in enumerate(
        (
            "",
            "goes to that receiver already",
            "",
            "'stret' is no part of a receiver",
            "receiver: expected",
            "receiver: expected",
            "receiver is missing",
        )
    ):
        assert says in answers[row]["why"], answers[row]
    assert "科技园路" not in done.stdout
    assert orders(shop, one, 3)[-1]["receiver"]["address"] == CLEAR["receiver_address"]


def test_whom_people_named_is_forgotten_with_the_person(shop: Shop) -> None:
    order_id = allocated(shop)
    assert address(shop, order_id, "--name", "李红梅").returncode == 0
    shop.penstock("person", "forget", order_id, "--because", "asked for", "--yes", "--even-open")
    shop.settled()
    assert order_id.encode() in {record.key for record in named(shop.cluster)}
    seen = Receivers(shop.cluster, {order_id})._future.remembers(order_id)
    assert seen is not None and seen["correction"] is not None and seen["correction"]["receiver"] is None
    *_, (name, _) = shop.records("orders.duplicates", order_id)
    assert name == "Duplicate"
    refused(address(shop, order_id, "--name", "李红梅"), "whom it tells of is forgotten")
    # Told once more, as a replay does, it brings nobody back.
    (again,) = [
        CODEC.encode(name, it)
        for name, it in shop.records(TAOBAO_EVENTS, order_id)
        if name == "ReceiverCorrected" and it["event"]
    ]
    shop.send(TAOBAO_EVENTS, order_id, again)
    shop.settled()
    assert len(shop.records("orders", order_id)) == 2


def test_what_people_said_of_receivers_is_decided_again_as_it_was(shop: Shop) -> None:
    """Of the orders of the tests before this one."""
    shop.settled()
    corrected = {it["order_id"] for name, it in shop.records(TAOBAO_EVENTS) if name == "ReceiverCorrected"}
    assert len(corrected) > 3
    rebuilt = json.loads(shop.penstock("rebuild", "--shadow", "--json").stdout)
    assert [it for it in rebuilt["differences"] if it["key"] in corrected] == []
    assert rebuilt["agreed"]["intake"] > len(corrected)
