"""Many things told at once, each answered by itself."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests import handbook
from tests.integration.conftest import Shop, penstock_alone
from tests.integration.test_hands import allocated, refused


def told(shop: Shop, file: Path, *rows: Any, code: int = 0, args: tuple[str, ...] = ("--yes",)) -> list[dict[str, Any]]:
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows))
    done = shop.penstock("order", "tell", str(file), "--json", *args)
    assert done.returncode == code, done
    found = json.loads(done.stdout)
    return found if isinstance(found, list) else [found]


def test_each_line_has_its_answer_and_a_bad_one_stops_no_other(shop: Shop, tmp_path: Path) -> None:
    held, sent, both = (allocated(shop) for _ in range(3))
    parcel = {"do": "ship", "warehouse": "hz1", "carrier": "顺丰", "tracking_no": "SF0000000000009"}
    rows = [
        {"do": "hold", "order_id": held, "because": "x", "id": "b-1", "shop": "tea"},
        {**parcel, "order_id": sent, "lines": {"HAND": 1}, "id": "S-1"},
        {"do": "hold", "order_id": both, "because": "x"},
        # Judged on what the lines before it leave.
        {"do": "hold", "order_id": both, "because": "y"},
        "",
        "{not JSON",
        {"do": "dance", "order_id": held},
        {"do": "hold", "order_id": held},
        {"do": "hold", "order_id": "taobao:0", "because": "x"},
        {"do": "hold", "order_id": sent, "because": "x", "shop": "coffee"},
        {**parcel, "order_id": sent, "warehouse": "moon"},
        {**parcel, "order_id": sent, "carrier": "Pigeon"},
        {**parcel, "order_id": sent, "lines": {"HAND": 7}},
        {**parcel, "order_id": sent, "shipped_at": "2999-01-01T00:00:00Z"},
        {**parcel, "order_id": sent, "shipped_at": "2026-01-01T00:00:00"},
    ]
    answers = told(shop, tmp_path / "rows", *rows, code=1)
    assert [(each["row"], each["answer"]) for each in answers if each["answer"] != "refused"] == [
        (1, "applied"),
        (2, "applied"),
        (3, "applied"),
    ]
    whys = {each["row"]: each["why"] for each in answers if each["answer"] == "refused"}
    for row, says in (
        (4, "holds it already"),
        (6, "no JSON object: JSON is malformed"),
        (7, "do is 'dance': write one of hold, release, cancel, address, ship, return"),
        (8, "because is missing"),
        (9, "nothing is known of an order 'taobao:0'"),
        (10, "is of shop 'tea', not 'coffee'"),
        (11, "unknown warehouse 'moon'; there are: "),
        (12, "carrier 'Pigeon' is not known"),
        (13, "more than it was asked to send"),
        (14, "still to come"),
        (15, "timezone"),
    ):
        assert says in whys.pop(row), row
    assert whys == {}
    assert [len(shop.records("orders.decisions", each)) for each in (held, both)] == [1, 1]
    # The same file again: what has an id of its own is told before, nothing is told twice.
    again = told(shop, tmp_path / "rows", *rows[:2])
    assert [(each["repeated"], each["answer"]) for each in again] == [(True, "applied")] * 2
    assert len(shop.records("shipments", sent)) == 1


@pytest.mark.parametrize("args", [("--yes",), ("--yes", "--no-wait")], ids=" ".join)
def test_what_comes_back_is_told_once_it_is_known_to_have_left(
    shop: Shop, tmp_path: Path, args: tuple[str, ...]
) -> None:
    """A parcel and what came back of it stand on two topics, which the workers read in any order."""
    one, other = allocated(shop), allocated(shop)
    before = shop.level("HAND")
    about = {"order_id": one, "warehouse": "hz1"}
    rows = [
        {"do": "ship", **about, "carrier": "SF", "tracking_no": "SF0000000000011"},
        {"do": "return", **about, "lines": {"HAND": 1}, "grade": "DEFECTIVE"},
        {"do": "hold", "order_id": other, "because": "x"},
    ]
    answers = told(shop, tmp_path / "rows", *rows, args=args)
    last = "sent" if "--no-wait" in args else "applied"
    assert [(each["row"], each["answer"]) for each in answers] == [(1, "applied"), (2, last), (3, last)]
    shop.settled()
    assert not [each for _, each in shop.records("order.status", one) if each["trouble"]]
    written = {
        topic: [m.timestamp()[1] for m in shop.cluster.read(topic, key=one)] for topic in ("order.status", "returns")
    }
    assert shop.statuses(one)[-1] == "SHIPPED" and written["returns"][0] >= written["order.status"][-1]
    # What is broken is not on sale; the held order's pieces are free again.
    assert shop.level("HAND") == (before[0] - 2, before[1] - 4)


def test_what_was_judged_on_a_line_that_is_undecided_is_not_told(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it says itself that it was so."""
    one, other = allocated(shop), allocated(shop)
    parcel = {"do": "ship", "warehouse": "hz1", "carrier": "SF", "tracking_no": "SF0000000000013"}
    back = {"do": "return", "warehouse": "hz1", "lines": {"HAND": 1}}
    rows = [
        {**parcel, "order_id": one},
        {**back, "order_id": one},
        {**parcel, "order_id": other},
        {**back, "order_id": other, "anyway": True},
    ]
    shop.settled()
    monkeypatch.setattr("streams.cli.telling.WAIT_S", 2.0)
    workers = [worker.pid for worker in shop.workers.processes if worker.pid]
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        answers = told(shop, tmp_path / "rows", *rows, code=1)
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert [each["answer"] for each in answers] == ["undecided", "refused", "undecided", "undecided"]
    assert answers[1]["why"] == "not told, for line 1 before it was not applied: look at that first"
    for each in (one, other):
        shop.becomes(each, "SHIPPED")
    assert [len(shop.records("returns", each)) for each in (one, other)] == [0, 1]


def test_lines_come_by_standard_input_and_nobody_is_asked_there(shop: Shop) -> None:
    order_id = allocated(shop)
    line = json.dumps({"do": "return", "order_id": order_id, "warehouse": "hz1", "lines": {"HAND": 1}})
    env = {"PENSTOCK_BROKERS": shop.settings.brokers, "PENSTOCK_DATA": str(shop.settings.data)}
    done = penstock_alone("order", "tell", "-", "--yes", typed=line, **env)
    assert (done.returncode, "more than have left" in done.stderr) == (2, True), done
    refused(penstock_alone("order", "tell", "-", typed=line, **env), "standard input has the lines")
    line = json.dumps({"do": "hold", "order_id": order_id, "because": "x"})
    done = penstock_alone("order", "tell", "-", "--yes", typed=line, **env)
    assert (done.returncode, "line 1: applied: HELD: held_by_operator" in done.stdout) == (0, True), done


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read: No such file"), (b"\xff\xfe", "is not UTF-8"), (b"\n \n", "is empty")],
)
def test_a_file_that_is_none_is_refused(shop: Shop, tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "rows"
    if content is not None:
        file.write_bytes(content)
    refused(shop.penstock("order", "tell", str(file), "--yes"), says)


def test_a_hundred_thousand_lines_with_one_bad_are_judged_in_seconds(shop: Shop, tmp_path: Path) -> None:
    order_id = allocated(shop)
    rows = [{"do": "hold", "order_id": order_id, "because": "x", "id": "same"}] * 100_000
    answers = told(shop, tmp_path / "rows", *rows[:-1], "}", code=1, args=("--dry-run",))
    assert len(answers) == 100_000
    assert [each["row"] for each in answers if each["answer"] == "refused"] == [100_000]
    assert shop.records("orders.decisions", order_id) == []


def test_the_readmes_lines_are_told_as_they_stand_there(shop: Shop, tmp_path: Path) -> None:
    """But for whose they are: each of an order of its own, of this shop's goods."""
    (block,) = re.findall(r"^```json\n(.*?)^```", handbook.text(), re.MULTILINE | re.DOTALL)
    own = {"TS-RED": "HAND", "HZ1": "hz1", "flagship": "tea", "crm-4711": "readme-1"}
    lines = re.sub("|".join(own), lambda found: own[found[0]], block).splitlines()
    verbs = [json.loads(line)["do"] for line in lines]
    assert verbs == ["hold", "address", "ship", "return"]
    clear = {"receiver_name": "王小明", "receiver_mobile": "13800001111", "receiver_address": "文三路 1 号", "oaid": ""}
    order_ids = []
    for _ in lines[:-1]:
        order_ids.append(shop.place(shop.order_no(), "HAND", 2, **clear))
        shop.becomes(order_ids[-1], "ALLOCATED")
    # What comes back has left before.
    order_ids.append(order_ids[-1])
    rows = [line.replace("taobao:2300000000000000001", its) for line, its in zip(lines, order_ids, strict=True)]
    assert [each["answer"] for each in told(shop, tmp_path / "rows", *rows[:-1])] == ["applied"] * 3
    shop.settled()
    assert [each["answer"] for each in told(shop, tmp_path / "rows", rows[-1])] == ["applied"]
