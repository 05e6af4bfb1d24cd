"""Documents of flows and of risk among all others that are applied: what they name has to be there."""

from __future__ import annotations

from pathlib import Path

import msgspec

from schemas.documents.faults import in_words
from schemas.documents.kinds import drafted
from schemas.documents.rules.builtin import default
from streams.aside.config.lints import Surroundings, lint

ROOT = Path(__file__).parents[3]
APPROVAL = (ROOT / "deploy/examples/flows/approval.toml").read_text("utf-8")
RISK = (ROOT / "deploy/examples/risk/risk.toml").read_text("utf-8")


def faults(text: str, documents: dict[str, msgspec.Struct] | None = None) -> list[str]:
    form, draft = drafted(text)
    assert form is not None
    return [
        f"{in_words(each.path)}: {each.says}" for each in lint(form.kind, draft, Surroundings((), {}, documents or {}))
    ]


def test_a_flow_names_rules_that_are_live() -> None:
    winter = APPROVAL.replace('rules = "built-in"', 'rules = "winter"')
    assert faults(APPROVAL) == []
    assert faults(winter, {"rules/winter": default()}) == []
    assert faults(winter, {"rules/summer": default(), "flows/winter": default()}) == [
        "$.nodes[7].rules: is no rule document: write one of built-in, summer"
    ]


def test_a_document_of_risk_is_linted() -> None:
    assert faults(RISK) == []
    assert faults(RISK.replace('"AMOUNT"', '"AMONT"')) == ["$.weights[0].signal: is no signal: did you mean AMOUNT?"]
