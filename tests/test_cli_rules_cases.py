"""``penstock rules test``: a document held to cases, without a broker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.cli.common import Refused
from tests.test_cli_rules import FOLDER, ROOT, typed

CASES = str(ROOT / "deploy/examples/rules/cases.toml")
DEFAULT = str(FOLDER.parent / "default.toml")
WRONG = "what is next door leaves from there"


def cases_with(tmp_path: Path, old: str, new: str) -> str:
    text = Path(CASES).read_text("utf-8")
    assert old in text
    file = tmp_path / "cases.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return str(file)


def test_a_document_that_decides_as_expected_passes() -> None:
    code, text = typed("test", DEFAULT, CASES)
    assert (code, text.splitlines()[-1]) == (0, "4 of 4 cases are decided as expected")


def test_a_case_that_is_decided_otherwise_is_named_with_every_warehouses_reason(tmp_path: Path) -> None:
    file = cases_with(tmp_path, 'expect = { warehouses = ["HZ1"] }', 'expect = { warehouses = ["GZ1", "HZ1"] }')
    code, text = typed("test", DEFAULT, file)
    assert code == 1
    lines = text.splitlines()
    assert lines[:3] == [WRONG, "expected GZ1, HZ1", "found HZ1 (default)"]
    assert "CD1" in text and "it is disabled" in text and lines[-1] == "3 of 4 cases are decided as expected"
    code, text = typed("test", DEFAULT, file, PENSTOCK_LANG="zh")
    assert "应为 GZ1, HZ1" in text and "4 个用例中有 3 个" in text


def test_who_is_expected_to_send_nothing_but_does_differs_and_so_does_another_strategy(tmp_path: Path) -> None:
    changes = (
        ('expect = { warehouses = ["GZ1"] }', "expect = { warehouses = [] }"),
        ("expect = { warehouses = [] }", 'expect = { warehouses = ["GZ1"] }'),
        ('strategy = "default"', 'strategy = "fast"'),
    )
    for old, new in changes:
        code, text = typed("test", DEFAULT, cases_with(tmp_path, old, new), "--json")
        assert (code, [each["as_expected"] for each in json.loads(text)].count(False)) == (1, 1), (old, text)


def test_all_faults_of_the_cases_are_said_at_once(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(
        '[[cases]]\nname = "a"\norder = { lines = [{ sku = "A", quantity = 1 }] }\nexpect = { warehouses = ["XX1"] }\n'
        '[[cases]]\nname = "a"\norder = { lines = [{ sku = "A", quantity = 1 }] }\nexpect = { warehouses = [] }\n',
        "utf-8",
    )
    with pytest.raises(Refused, match="has 2 faults"):
        typed("test", DEFAULT, str(file))
    file.write_text("cases = []\n", "utf-8")
    with pytest.raises(Refused, match="has 1 faults"):
        typed("test", DEFAULT, str(file))


def test_two_documents_are_compared_case_by_case(tmp_path: Path) -> None:
    code, text = typed("compare", DEFAULT, DEFAULT, CASES)
    assert (code, text.splitlines()) == (0, ["0 of 4 cases are decided otherwise"])
    other = tmp_path / "no Hangzhou.toml"
    text = Path(DEFAULT).read_text("utf-8")
    filters = 'filters = [{ filter = "warehouses", in = ["HZ1"], not = true }]\n'
    other.write_text(text.replace("[default]\n", f"[default]\n{filters}"), "utf-8")
    code, text = typed("compare", DEFAULT, str(other), CASES)
    assert code == 1 and text.splitlines()[-1] == "1 of 4 cases are decided otherwise"
    assert WRONG in text and "the strategy leaves it out" in text
    code, text = typed("compare", DEFAULT, str(other), CASES, "--json")
    (found,) = json.loads(text)["otherwise"]
    assert (code, found["case"]) == (1, WRONG)
    assert [found[which]["parts"][0]["warehouse"] for which in ("one", "other")] == ["HZ1", "SH1"]
    code, text = typed("compare", DEFAULT, str(other), CASES, PENSTOCK_LANG="zh")
    assert "4 个用例中有 1 个结果不同" in text
