"""``penstock flows``: what a person sees of flow documents, without a broker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from schemas.documents.flows.reading import draft
from streams.aside.facts import NoFacts
from streams.cli.common import Refused
from streams.cli.main import app
from streams.domain.flow.lint import Known, lint

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy/examples/flows"
EXAMPLES = ("approval", "risk", "invoice", "demo")
EVENTS, PAYLOAD = str(FOLDER / "events.toml"), str(FOLDER / "payload.json")


def typed(*args: str, **env: str) -> tuple[int, str]:
    result = CliRunner(env={"NO_COLOR": "1", "PENSTOCK_LANG": "en", **env}).invoke(app, ["flows", *args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_have_no_fault(name: str) -> None:
    known = Known(rules=[], roles={"lead": ["ann", "bo", "cy"]}, targets={"mail": ["service"], "task": ["service"]})
    assert lint(draft((FOLDER / f"{name}.toml").read_text("utf-8")), known) == []


def test_lint_says_every_fault_with_its_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text((FOLDER / "approval.toml").read_text("utf-8").replace('late = "tell"', 'late = "tel"'), "utf-8")
    assert typed("lint", str(bad)) == (
        1,
        f'{bad}:44: $.nodes[4].late = "tel": is no node of this flow: did you mean tell?\n',
    )
    code, text = typed("lint", str(bad), PENSTOCK_LANG="zh")
    assert code == 1 and "本流程没有这个节点：是不是 tell？" in text
    with pytest.raises(Refused, match=r"has 1 faults, line 44: .*penstock flows lint"):
        typed("show", str(bad))


def test_lint_knows_rules_and_roles() -> None:
    file = str(FOLDER / "approval.toml")
    assert typed("lint", file, "--role", "lead=ann,bo,cy", "--rules", "winter")[0] == 0
    code, text = typed("lint", file, "--role", "lead=", "--json")
    (found,) = json.loads(text)
    assert code == 1 and [each["path"] for each in found["faults"]] == ["$.nodes[4].role"]
    with pytest.raises(Refused, match="ROLE=PERSON"):
        typed("lint", file, "--role", "lead")


def test_try_shows_each_step_and_why() -> None:
    code, text = typed("try", str(FOLDER / "approval.toml"), "--events", EVENTS)
    assert code == 0
    assert text.splitlines()[:9] == [
        "2026-11-30 04:00:00Z accepted",
        "  accepted → then",
        "  large → then",
        "  mark → then",
        "  tags on: large; off: -",
        "  the priority becomes 1",
        "  asked (leads#1): 2 of the role lead; until 2026-11-30 06:00:00Z",
        "  the order rests at leads, until 2026-11-30 06:00:00Z",
        "2026-11-30 04:05:00Z approved",
    ]
    assert "  the answer of ann does not count: this person has said yes before" in text
    assert text.splitlines()[-3:] == [
        "2026-12-01 01:00:00Z shipped",
        "  changes nothing: the flow does not wait for it there",
        "  the order rests at done",
    ]


def test_try_says_which_condition_failed_on_what(tmp_path: Path) -> None:
    small = tmp_path / "small.toml"
    small.write_text(Path(EVENTS).read_text("utf-8").replace("888_000", "499_999"), "utf-8")
    _, text = typed("try", str(FOLDER / "approval.toml"), "--events", str(small))
    assert "  large → otherwise: condition 1 is not met, it has 499999" in text
    assert "  warehouses are chosen by the rules built-in" in text


def test_try_fills_fields_from_the_payload() -> None:
    code, text = typed("try", str(FOLDER / "invoice.toml"), "--events", EVENTS, "--payload", PAYLOAD, "--json")
    first = json.loads(text)[0]
    assert code == 0 and first["state"]["fields"] == [
        ["invoice_title", "杭州某某贸易有限公司"],
        ["invoice_kind", "企业"],
        ["invoice_minor", 886_750],
    ]
    shaped = next(each for each in first["effects"] if each["effect"] == "Shaped")
    assert shaped["fields"] == [["remark", "taobao/flagship"], ["declared.minor", 888_000]]
    _, text = typed("try", str(FOLDER / "invoice.toml"), "--events", EVENTS, "--json")
    first = json.loads(text)[0]
    assert [each["why"] for each in first["effects"] if each["effect"] == "Unfilled"] == ["MISSING", "MISSING"]
    assert first["state"]["tags"] == ["no_invoice"]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_flow_is_told_and_tried_in_both_languages(name: str, language: str) -> None:
    code, told = typed("show", str(FOLDER / f"{name}.toml"), PENSTOCK_LANG=language)
    assert code == 0 and all(cell_len(line) <= 140 for line in told.splitlines())
    if language == "zh" and name == "risk":
        # A node's own name stays as the merchant wrote it.
        assert {"held: 挂起：risk，最多 720 分钟", "cleared: 设置：+risk_cleared"} <= {*told.splitlines()}
    code, tried = typed("try", str(FOLDER / f"{name}.toml"), "--events", EVENTS, PENSTOCK_LANG=language)
    assert code == 0 and ("订单停在" in tried) is (language == "zh")


def test_show_says_what_becomes_of_orders_in_flight(tmp_path: Path) -> None:
    old, new = FOLDER / "approval.toml", tmp_path / "new.toml"
    new.write_text(old.read_text("utf-8").replace("persons = 2", "persons = 1"), "utf-8")
    code, text = typed("show", str(new), "--after", str(old))
    assert code == 0 and text.splitlines()[-5:] == [
        "orders that rest at leads finish on their own version: other persons approve now",
        *(f"orders that rest at {name} go on at {name}" for name in ("service", "done", "refused", "overdue")),
    ]
    assert (
        "停在 leads 的订单按原版本走完：审批人变了"
        in typed("show", str(new), "--after", str(old), PENSTOCK_LANG="zh")[1]
    )
    found = json.loads(typed("show", str(new), "--after", str(old), "--json")[1])["in_flight"]
    assert [each["now"] for each in found] == ["", "service", "done", "refused", "overdue"]


def test_fields_are_listed_in_both_languages() -> None:
    assert "an approval by persons of a role" in typed("fields")[1]
    assert "按角色审批" in typed("fields", PENSTOCK_LANG="zh")[1]
    names = {each["name"] for each in json.loads(typed("fields", "--json")[1])}
    assert {"hold", "accepted", "risk_bp", "province"} <= names


def test_a_case_with_faults_is_refused_line_by_line(tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text(
        '[order]\nlines = [{ sku = "A", quantity = 1 }]\n[[events]]\nevent = "acepted"\nat = "x"\n', "utf-8"
    )
    with pytest.raises(Refused, match="has 1 faults"):
        typed("try", str(FOLDER / "risk.toml"), "--events", str(case))
    case.write_text(case.read_text("utf-8").replace("acepted", "accepted"), "utf-8")
    with pytest.raises(NoFacts, match="write a time with its offset"):
        typed("try", str(FOLDER / "risk.toml"), "--events", str(case))
