"""Orders in review, with real workers: corrected, sent again, decided exactly once."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from streams.aside import review
from streams.aside.correction import submissions
from streams.aside.fenced import fenced
from streams.aside.review import Wanted
from streams.aside.trail import RESUBMITTED
from streams.ops import audit
from streams.ops.cluster import ClusterError, Publisher
from tests.aside.look import allocated_once, answer, item_of, penstock, place_again, poisoned, refused
from tests.integration.conftest import TAOBAO_EVENTS, Shop, envelope, receipt, trade, until
from tests.patience import PATIENCE_S
from tests.people import person

MANY = 120


def test_a_poisoned_order_is_corrected_sent_again_and_allocated_once(shop: Shop, tmp_path: Path) -> None:
    number, order_id = poisoned(
        shop, receiver_name="王小明", receiver_mobile="", oaid="", buyer_message="勿压", payment="九十九元"
    )
    item = item_of(shop, order_id)
    name = str(item.place)
    assert sorted(item.codes) == ["invalid_money", "missing_field"]

    shown = penstock(shop, "review", "show", name)
    assert shown.returncode == 0, shown
    assert "receiver.phone" in shown.stdout and "ask the buyer" in shown.stdout
    assert "王小明" not in shown.stdout and "勿压" not in shown.stdout
    assert "王小明" in penstock(shop, "review", "show", name, "--unmask").stdout

    file = tmp_path / "order.json"
    taken = penstock(shop, "review", "fix", name, "--to", str(file))
    assert taken.returncode == 0, taken
    assert file.stat().st_mode & 0o777 == 0o600
    refused(penstock(shop, "review", "fix", name, "--to", str(file)), "is there already")

    # Half corrected: it says what would still be wrong, and is not sent.
    document = json.loads(file.read_text())
    document["payment"] = "99.00"
    file.write_text(json.dumps(document, ensure_ascii=False))
    checked = penstock(shop, "review", "fix", name, "--from", str(file))
    assert checked.returncode == 1, checked
    assert "missing_field: receiver.phone" in checked.stdout and "invalid_money" not in checked.stdout
    refused(
        penstock(shop, "review", "resubmit", name, "--payload", str(file), "--yes"), "receiver.phone", "stays in review"
    )
    assert item_of(shop, order_id).state == "open"

    document["receiver_mobile"] = "13800000000"
    file.write_text(json.dumps(document, ensure_ascii=False))
    checked = penstock(shop, "review", "fix", name, "--from", str(file))
    assert (checked.returncode, "intake would accept it: PAID" in checked.stdout) == (0, True), checked
    sent = penstock(shop, "review", "resubmit", name, "--payload", str(file), "--because", "asked the buyer", "--yes")
    assert sent.returncode == 0, sent
    allocated_once(shop, order_id)
    # It met the reviewed event of the same version, which never blocks.
    assert [name for name, _ in shop.records("orders", order_id)] == ["Order"]

    # The same again, and the platform telling the same: nothing happens.
    refused(
        penstock(shop, "review", "resubmit", name, "--payload", str(file), "--yes"), "is resubmitted by", "not open"
    )
    refused(penstock(shop, "review", "discard", name, "--because", "x", "--yes"), "is resubmitted by")
    shop.send(TAOBAO_EVENTS, order_id, envelope(number, document))
    until(lambda: shop.records("orders.duplicates", order_id), bool, "it is a duplicate")
    allocated_once(shop, order_id)

    (entry,) = [e for _, e in shop.records("audit", order_id) if e["action"] == RESUBMITTED]
    assert (entry["by"], entry["reason"]) == (audit.operator(shop.cluster).who, "asked the buyer")
    assert entry["details"]["record"] == name
    assert entry["details"]["corrected"] == "yes"
    assert "王小明" not in json.dumps(entry, ensure_ascii=False) and "13800000000" not in json.dumps(entry)
    done = [e["action"] for _, e in shop.records("audit", order_id)]
    assert done == ["personal.read", "review.exported", RESUBMITTED]


def listed(shop: Shop, *options: str) -> set[str]:
    """The orders in review as a person pages through them: each once."""
    found: list[str] = []
    after: tuple[str, ...] = ()
    while True:
        done = penstock(shop, "review", "list", *options, *after, "--json")
        assert done.returncode == 0, done
        found += (item["order_id"] for item in json.loads(done.stdout))
        if not done.stderr:
            assert len(found) == len(set(found))
            return set(found)
        assert done.stderr.startswith("there is more: the same with --after ")
        after = ("--after", done.stderr.split()[-1])


def test_many_at_once_after_their_goods_came_in(shop: Shop) -> None:
    # More than are sent in one transaction.
    numbers = [shop.order_no() for _ in range(MANY)]
    ids = {f"taobao:{number}" for number in numbers}
    with Publisher(shop.settings) as publisher:
        for number in numbers:
            publisher.send(TAOBAO_EVENTS, f"taobao:{number}", envelope(number, trade(number, "LATER")))

    def are(state: str) -> bool:
        found = [item for item in review.items(shop.cluster, Wanted(reason="unknown_sku")) if item.key in ids]
        return len(found) == MANY and {item.state for item in found} == {state}

    until(lambda: are("open"), bool, "all are in review")
    assert listed(shop, "--reason", "unknown_sku", "-n", "50") >= ids
    bulk = ("review", "resubmit", "--reason", "unknown_sku", "--since", "-1h")
    refused(penstock(shop, *bulk, "--yes"), "none of them would be accepted: nothing was sent")
    shop.cluster.publish([("inventory.commands", "LATER", "Receive", receipt("LATER", 1_000, "later"))])
    shop.settled()
    # Nobody answers: the plan is shown, nothing is done.
    asked = penstock(shop, *bulk)
    refused(asked, "add --yes")
    assert sum(order_id in asked.stdout for order_id in ids) == 50
    assert f"and {MANY - 50} more" in asked.stdout
    assert are("open")
    done = penstock(shop, *bulk, "--yes", "--because", "goods came in")
    assert (done.returncode, f"{MANY} sent" in done.stdout) == (0, True), done
    for order_id in sorted(ids)[::40]:
        allocated_once(shop, order_id)
    allocated = Counter(r["order_id"] for name, r in shop.records("allocations") if name == "OrderAllocated")
    assert [allocated[order_id] for order_id in ids] == [1] * MANY
    assert shop.level("LATER") == (1_000, 2 * MANY)
    assert are("resubmitted")
    refused(penstock(shop, *bulk, "--yes"), "no open item is like that")


def test_an_update_in_review_is_corrected_and_changes_the_order_once(shop: Shop, tmp_path: Path) -> None:
    number, order_id = poisoned(shop, quantity=2)
    allocated_once(shop, order_id)
    newer = {"modified": "2026-01-01 11:00:00", "occurred_at_ms": 1_767_236_400_000}
    place_again(shop, number, quantity=-3, **newer)
    item = item_of(shop, order_id)
    file = tmp_path / "order.json"
    file.write_text(json.dumps(trade(number, "GOOD", 3, modified="2026-01-01 11:00:00"), ensure_ascii=False))
    done = penstock(shop, "review", "resubmit", str(item.place), "--payload", str(file), "--yes")
    assert done.returncode == 0, done
    until(lambda: shop.records("orders", order_id), lambda found: len(found) == 2, "the update is accepted")
    shop.settled()
    last = shop.records("allocations", order_id)[-1][1]
    assert [p["quantity"] for p in last["parts"]] == [3]


def test_a_contradiction_needs_a_newer_version(shop: Shop, tmp_path: Path) -> None:
    number, order_id = poisoned(shop, quantity=2)
    allocated_once(shop, order_id)
    place_again(shop, number, quantity=4)
    item = item_of(shop, order_id)
    assert item.codes == ["conflicting_content"]
    refused(penstock(shop, "review", "resubmit", str(item.place), "--yes"), "conflicting_content", "stays in review")
    file = tmp_path / "order.json"
    file.write_text(json.dumps(trade(number, "GOOD", 4, modified="2026-01-01 10:30:00"), ensure_ascii=False))
    done = penstock(shop, "review", "resubmit", str(item.place), "--payload", str(file), "--yes")
    assert done.returncode == 0, done
    until(lambda: shop.records("orders", order_id), lambda found: len(found) == 2, "it is accepted")


def test_superseded_only_by_an_event_that_says_as_much(shop: Shop) -> None:
    number, order_id = poisoned(shop, receiver_mobile="", oaid="")
    item_of(shop, order_id)
    # An older snapshot that comes later leaves what the one in review has to say unsaid.
    place_again(shop, number, modified="2026-01-01 09:00:00")
    shop.becomes(order_id, "ALLOCATED")
    assert item_of(shop, order_id).state == "open"
    place_again(shop, number, modified="2026-01-01 12:00:00", buyer_message="new")
    assert item_of(shop, order_id, "superseded").state == "superseded"
    assert order_id not in penstock(shop, "review", "list", "--json").stdout


def test_discarded_with_a_reason(shop: Shop) -> None:
    _, order_id = poisoned(shop, receiver_mobile="", oaid="")
    name = str(item_of(shop, order_id).place)
    refused(penstock(shop, "review", "discard", name, "--because", " ", "--yes"), "--because is empty")
    done = penstock(shop, "review", "discard", name.partition("/")[2], "--because", "a test order", "--yes")
    assert done.returncode == 0, done
    item = item_of(shop, order_id, "discarded")
    assert item.trail[-1]["reason"] == "a test order"
    assert shop.statuses(order_id) == []
    refused(penstock(shop, "review", "resubmit", name, "--yes"), "is discarded by")


def test_a_resubmission_that_came_to_nothing_is_open_again(shop: Shop) -> None:
    _, order_id = poisoned(shop, receiver_mobile="", oaid="")
    item = item_of(shop, order_id)
    # Sent although intake will find the same fault: as if what was put right had been undone in between.
    (planned,) = submissions(shop.cluster, [item], 1_767_240_000_000)
    assert not planned.would_be_accepted
    with fenced(shop.cluster) as operator:
        assert list(operator.close([planned.sending.closing(person("test"), "", "")])) == [1]
    until(lambda: shop.records("orders.duplicates", order_id), bool, "it repeats what is in review")
    again = item_of(shop, order_id)
    assert (again.place, again.state) == (item.place, "open")
    assert len(again.trail) == 1


def test_of_two_operators_at_the_same_time_one_comes_through(shop: Shop, tmp_path: Path) -> None:
    number, order_id = poisoned(shop, receiver_mobile="", oaid="")
    item = item_of(shop, order_id)
    payload = json.dumps(trade(number, "GOOD"), ensure_ascii=False).encode()
    (planned,) = submissions(shop.cluster, [item], 1_767_240_000_000, payload)
    with fenced(shop.cluster) as first, fenced(shop.cluster) as second:
        with pytest.raises(ClusterError, match="another command"):
            list(first.close([planned.sending.closing(person("first"), "", "")]))
        list(second.close([planned.sending.closing(person("second"), "", "")]))
    allocated_once(shop, order_id)
    assert [e["by"] for _, e in shop.records("audit", order_id)] == ["second"]
    assert shop.records("orders.duplicates", order_id) == []


def test_an_event_under_the_wrong_key_goes_to_where_its_order_is(shop: Shop) -> None:
    number = shop.order_no()
    order_id = f"taobao:{number}"
    shop.send(TAOBAO_EVENTS, "taobao:misled", envelope(number, trade(number, "GOOD"), shop=""))
    name = str(item_of(shop, "taobao:misled").place)
    refused(penstock(shop, "review", "resubmit", name, "--yes"), "missing_field: shop")
    done = penstock(shop, "review", "resubmit", name, "--set", "shop=tea", "--yes")
    assert done.returncode == 0, done
    allocated_once(shop, order_id)


def test_list_shows_filters_and_counts(shop: Shop) -> None:
    _, order_id = poisoned(shop, receiver_mobile="", oaid="", payment="?")
    item_of(shop, order_id)
    text = penstock(shop, "review", "list", "--channel", "taobao", "--shop", "tea", "--reason", "invalid_money")
    assert text.returncode == 0, text
    assert order_id.partition(":")[2] in text.stdout
    assert "missing_field" in text.stdout.splitlines()[-1]
    ages = [i["age_s"] for i in answer(shop, "review", "list", "--state", "all", "-n", "1000")]
    assert ages == sorted(ages, reverse=True)
    for nothing in (("--shop", "none"), ("--channel", "jd"), ("--until", "2020-01-01T00:00Z"), ("--reason", "no_such")):
        assert order_id.partition(":")[2] not in penstock(shop, "review", "list", *nothing).stdout


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("show", "2-17"), "'2-17' names no item: write it as listed"),
        (("show", "orders/2@17"), "is on topic 'orders'"),
        (("show", "0@999999"), "there is no orders.review/0@999999"),
        (("list", "--state", "closed"), "--state is 'closed': write one of open"),
        (("list", "--since", "yesterday"), "--since is 'yesterday': write a time such as"),
        (("resubmit", "--yes"), "say which: ITEMs, or"),
        (("resubmit", "0@1", "--reason", "x", "--yes"), "say which: ITEMs, or"),
        (("resubmit", "0@1", "--set", "price=1"), "--set is 'price=1'"),
        (("resubmit", "--reason", "no_such", "--yes"), "no open item is like that"),
        (("resubmit", "--reason", "x", "--set", "shop=tea"), "correct one item: name it"),
        (("discard", "--reason", "no_such", "--because", "x"), "no open item is like that"),
        (("fix", "0@1", "--from", "/no/such/file"), "does not exist"),
        (("fix", "0@1", "--to", "/x", "--from", "/dev/null"), "--to and --from exclude each other"),
    ],
)
def test_bad_input(shop: Shop, args: tuple[str, ...], says: str) -> None:
    done = penstock(shop, "review", *args)
    assert done.returncode == 2, done
    assert says in done.stderr, done
    assert done.stdout == ""


def test_corrected_in_the_editor_and_sent_at_once(shop: Shop, tmp_path: Path) -> None:
    _, order_id = poisoned(shop, receiver_mobile="", oaid="")
    name = str(item_of(shop, order_id).place)
    editor = tmp_path / "editor.py"
    # Its first try leaves the fault in; it is asked whether it wants another.
    editor.write_text(
        "import json, pathlib, sys\n"
        "path, mark = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).with_suffix('.seen')\n"
        "document = json.loads(path.read_text())\n"
        "document['receiver_mobile'] = '13800000000' if mark.exists() else ''\n"
        "mark.touch()\n"
        "path.write_text(json.dumps(document, ensure_ascii=False))\n"
    )
    terminal, side = pty.openpty()
    os.write(terminal, b"y\ny\n")
    env = {**os.environ, **shop.settings.to_env(), "EDITOR": f"{sys.executable} {editor}", "TERM": "dumb"}
    command = [sys.executable, "-m", "streams.cli", "review", "fix", name, "--because", "by hand"]
    with subprocess.Popen(command, env=env, stdin=side, stdout=side, stderr=side) as process:
        os.close(side)
        said = b""
        # A terminal that its last user has left answers with an error.
        with suppress(OSError):
            while part := os.read(terminal, 4_096):
                said += part
        assert process.wait(PATIENCE_S) == 0, said.decode()
    os.close(terminal)
    for text in ("in review again: missing_field", "Edit it again?", "intake would accept it", "Send it?", "1 sent"):
        assert text in said.decode(), said.decode()
    allocated_once(shop, order_id)
