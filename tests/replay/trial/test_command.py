"""``penstock try`` as it is typed: no broker, one step a snapshot or happening, in the order they are given."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from streams.cli.main import app
from streams.domain.channels.holds import HOLDS
from tests.command_line import in_process
from tests.domain.raw_orders import DOUYIN, JD, ORDER_NO, PDD, SHOPIFY, SOUND, TAOBAO, changed
from tests.kinds.trials import CASES

KEYS = {
    *("step", "outcome", "reasons", "status", "hold_reason", "phase", "lines", "receiver"),
    *("reserved", "released", "committed", "restocked", "notes"),
}
LINE_KEYS = {"line_no", "sku", "ordered", "to_ship", "shipped", "cancelled", "returned", "sent_by"}
LINE = "2300000000000000002"


def typed(*args: str | Path, given: bytes = b"") -> Result:
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["try", *map(str, args)], input=given)


def steps(*args: str | Path, given: bytes = b"") -> list[dict[str, Any]]:
    done = typed("--json", *args, given=given)
    assert (done.exit_code, done.stderr) == (0, ""), done
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(*args: str | Path) -> str:
    done = in_process(["try", *map(str, args)], {"COLUMNS": "40"})
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A sound order of each channel."""
    found = {channel: tmp_path / f"{channel}.json" for channel in SOUND}
    for channel, path in found.items():
        path.write_text(json.dumps(SOUND[channel], ensure_ascii=False), "utf-8")
    return found


@pytest.mark.parametrize("channel", SOUND)
@pytest.mark.parametrize("said", [True, False], ids=["--channel", "by its fields"])
def test_each_channels_order(files: dict[str, Path], channel: str, said: bool) -> None:
    (step,) = steps(*(("--channel", channel) if said else ()), files[channel])
    assert step.keys() == KEYS
    assert [line.keys() for line in step["lines"]] == [LINE_KEYS]
    assert (step["step"], step["outcome"], step["status"], step["phase"]) == (1, "accepted", "PAID", "ALLOCATED")
    assert step["reserved"] == {"SKU-A@HZ1": 2}
    assert any("stock is assumed" in note for note in step["notes"])


def test_wrapped_in_the_platforms_response(tmp_path: Path) -> None:
    wrapped = {
        "taobao": {"trade_fullinfo_get_response": {"trade": TAOBAO}},
        "jd": {"jingdong_pop_order_get_responce": {"code": "0", "orderDetailInfo": {"orderInfo": JD}}},
        "pdd": {"order_info_get_response": {"order_info": PDD}},
        "douyin": {"data": {"shop_order_detail": DOUYIN}},
        "shopify": {"order": SHOPIFY},
    }
    for channel, doc in wrapped.items():
        path = tmp_path / f"{channel}.json"
        path.write_text(json.dumps(doc), "utf-8")
        for said in (("--channel", channel), ()):
            assert [step["outcome"] for step in steps(*said, path)] == ["accepted"], channel


def test_events_stand_where_they_are_given(files: dict[str, Path], tmp_path: Path) -> None:
    later = tmp_path / "later.json"
    later.write_text(json.dumps(changed(TAOBAO, modified="2026-01-01 12:00:00", buyer_message="hurry")), "utf-8")
    parcel = json.dumps({"shipped": {"warehouse": "HZ1", "lines": {LINE: 2}}})
    between = steps(files["taobao"], "--event", parcel, later)
    assert [step["committed"] for step in between] == [{}, {"SKU-A@HZ1": 2}, {}]
    last = steps("--stock", "SKU-A=2@HZ1", files["taobao"], later, f"--event={parcel}", "--shop", "flagship")
    assert [step["committed"] for step in last] == [{}, {}, {"SKU-A@HZ1": 2}]
    assert (last[-2]["reserved"], last[-1]["reserved"]) == ({"SKU-A@HZ1": 2}, {})


def test_stock_and_warehouses_as_they_are_said(files: dict[str, Path]) -> None:
    (short,) = steps("--stock", "SKU-A=1@HZ1", files["taobao"])
    assert (short["phase"], short["reserved"]) == ("BACKORDERED", {})
    (none,) = steps("--stock", "SKU-A=0@HZ1", files["taobao"])
    assert none["phase"] == "BACKORDERED"
    (unknown,) = steps("--stock", "MUG=1@HZ1", files["taobao"])
    assert (unknown["outcome"], [reason["code"] for reason in unknown["reasons"]]) == ("review", ["unknown_sku"])
    near = ("--stock", "SKU-A=5@A", "--stock", "SKU-A=5@B", "--warehouse", "A=广东", "--warehouse", "B=Zhejiang")
    assert steps(*near, files["taobao"])[0]["reserved"] == {"SKU-A@B": 2}
    (split,) = steps("--stock", "SKU-A=1@HZ1", "--stock", "SKU-A=1@GZ1", files["taobao"])
    assert split["reserved"] == {"SKU-A@HZ1": 1, "SKU-A@GZ1": 1}


def test_units_of_one_shelf_add_up(files: dict[str, Path]) -> None:
    (step,) = steps("--stock", "SKU-A=1@HZ1", "--stock", "SKU-A=1@HZ1", files["jd"])
    assert (step["phase"], step["reserved"]) == ("ALLOCATED", {"SKU-A@HZ1": 2})


def test_a_file_as_an_editor_saves_it(tmp_path: Path) -> None:
    path = tmp_path / "marked.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(TAOBAO).encode())
    assert [step["outcome"] for step in steps(path)] == ["accepted"]


@pytest.mark.parametrize("said", [(), ("--channel", "jd")], ids=["", "--channel"])
def test_a_case_without_payloads_is_no_case(tmp_path: Path, said: tuple[str, ...]) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"case": "X", "payloads": []}', "utf-8")
    assert "empty.json: its list of payloads is empty" in refused(*said, path)


def test_a_case_is_a_step_for_each_of_its_payloads() -> None:
    for path in CASES.glob("*.json"):
        channel = ("--channel", "shopify") if path.name.startswith("S12") else ()
        found = steps(*channel, path)
        assert [step["step"] for step in found] == list(range(1, len(found) + 1))
        assert len(found) == len(json.loads(path.read_text("utf-8"))["payloads"])


def test_standard_input(files: dict[str, Path]) -> None:
    raw = files["pdd"].read_bytes()
    assert [step["phase"] for step in steps("-", given=raw)] == ["ALLOCATED"]


def test_what_cannot_be_read_is_a_step_and_no_crash(tmp_path: Path, files: dict[str, Path]) -> None:
    bad = tmp_path / "bad.json"
    for content in (b"", b"{", b"[1]", b"\xff\xfe", b'{"orders": {}}', b"nul", b"[" * 5000):
        bad.write_bytes(content)
        first, second = steps("--channel", "taobao", bad, files["taobao"])
        assert (first["outcome"], first["phase"], first["lines"]) == ("refused", None, [])
        assert first["reasons"], content
        assert second["outcome"] == "accepted"
    bad.write_text(json.dumps(changed(TAOBAO, payment="much")), "utf-8")
    good, review = steps("--channel", "taobao", files["taobao"], bad)
    assert (review["outcome"], review["reasons"][0]["code"], review["reasons"][0]["field"]) == (
        *("review", "invalid_money"),
        "payment",
    )
    assert review["reserved"] == good["reserved"]


def test_an_event_before_any_order_is_a_step(files: dict[str, Path]) -> None:
    first, second = steps("--event", '{"shipped": {"warehouse": "HZ1"}}', files["jd"])
    assert (first["outcome"], first["reasons"][0]["code"]) == ("refused", "no_order")
    assert second["outcome"] == "accepted"


def test_pushes_of_one_second_contradict_each_other(tmp_path: Path) -> None:
    paths = []
    for number in (1, 2):
        paths.append(tmp_path / f"{number}.json")
        paths[-1].write_text(json.dumps(changed(SHOPIFY, note=f"note {number}")), "utf-8")
    assert [step["outcome"] for step in steps(*paths)] == ["accepted", "accepted"]
    pushed = steps("--pushed", *paths)[1]
    assert (pushed["outcome"], pushed["reasons"][0]["code"]) == ("stale", "read_again")
    assert "the order is read again from its platform: conflicting_content" in pushed["notes"]


def test_the_screen_masks_people_and_json_does_not(files: dict[str, Path]) -> None:
    shown = typed(files["shopify"])
    assert shown.exit_code == 0
    assert "accepted" in shown.stdout and "2 x SKU-A@HZ1" in shown.stdout and "Hangzhou" in shown.stdout
    assert "Test Buyer" not in shown.stdout and "13800000000" not in shown.stdout and "Demo Road" not in shown.stdout
    plain = typed("--unmask", files["shopify"]).stdout
    assert "Test Buyer" in plain and "1 Demo Road" in plain
    assert steps(files["shopify"])[0]["receiver"]["phone"] == "13800000000"


def test_people_are_told_what_a_hold_waits_for(tmp_path: Path) -> None:
    path = tmp_path / "locked.json"
    path.write_text(json.dumps(changed(JD, orderState="LOCKED")), "utf-8")
    shown = typed(path).stdout
    assert "HOLD (locked) -> HELD" in shown and f"locked: {HOLDS['locked']}" in shown
    assert steps(path)[0]["hold_reason"] == "locked"


def test_the_same_files_give_the_same_steps() -> None:
    case = next(CASES.glob("T01*"))
    assert steps(case) == steps(case)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("/nowhere.json",), "/nowhere.json: cannot be read"),
        (("--channel", "amazon", "FILE"), "--channel is 'amazon': give one of taobao"),
        (("--stock", "SKU-A", "FILE"), "--stock is 'SKU-A': give SKU=UNITS@WAREHOUSE"),
        (("--stock", "SKU-A=-1@HZ1", "FILE"), "--stock is 'SKU-A=-1@HZ1'"),
        (("--stock", "SKU-A=２@HZ1", "FILE"), "--stock is"),
        (("--warehouse", "HZ1=Atlantis", "FILE"), "--warehouse is 'HZ1=Atlantis': give CODE=PROVINCE"),
        (("--bundle", "SET", "FILE"), "--bundle is 'SET': give SKU=PART:N"),
        (("--bundle", "SET=A:0", "FILE"), "--bundle is 'SET=A:0'"),
        (("--event", "{", "FILE"), "--event {: "),
        (("--event", "{}", "FILE"), "--event {}: it says 0 things; give one of"),
        (("--event", '{"lost": {}}', "FILE"), "unknown field `lost`"),
        (("--event", '{"shipped": {}}', "FILE"), "missing required field `warehouse`"),
        (("--event", '{"shipped": {"warehouse": "HZ1", "lines": {"1": 0}}}', "FILE"), ">= 1"),
        (("--event", '{"returned": {"warehouse": "HZ1", "lines": {"1": "two"}}}', "FILE"), "Expected `int`"),
        (("--event", '{"decision": {"action": "SELL"}}', "FILE"), "Invalid enum value 'SELL'"),
        (("EMPTY",), "no platform's order; say whose it is with --channel"),
    ],
)
def test_what_is_wrong_is_named(files: dict[str, Path], tmp_path: Path, args: tuple[str, ...], says: str) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("{}", "utf-8")
    names = {"FILE": files["taobao"], "EMPTY": empty}
    assert says in refused(*(names.get(arg, arg) for arg in args))


def test_no_file_is_wrong_use() -> None:
    done = typed()
    assert (done.exit_code, done.stdout) == (2, "")
    assert "FILE..." in done.stderr


def test_order_numbers_are_the_channels_own(files: dict[str, Path]) -> None:
    """Two orders in one trial: each step is about its own, and they share the shelf."""
    other = files["taobao"].with_name("other.json")
    other.write_text(json.dumps(changed(TAOBAO, tid=int(ORDER_NO["taobao"]) + 5)), "utf-8")
    first, second = steps("--stock", "SKU-A=3@HZ1", files["taobao"], other)
    assert (first["phase"], second["phase"]) == ("ALLOCATED", "BACKORDERED")
    assert (first["reserved"], second["reserved"]) == ({"SKU-A@HZ1": 2}, {})
