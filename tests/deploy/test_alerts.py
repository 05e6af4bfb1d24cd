"""The alert rules: what they ask for exists, each is tested at its limit by ``promtool test rules``, and those tests can fail."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.metrics import all_known
from tests.deploy.promql import check_names, names_in_template, result_labels
from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = PROMETHEUS / "rules/penstock.yml"
FIRING = PROMETHEUS / "tests/firing.yml"

GROUPS = yaml.safe_load(RULES.read_text())["groups"]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian's package prometheus has it)"
)


def run_promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Both its streams in one, as it wrote them: which file failed stands in the one, how in the other."""
    command = ["promtool", *map(str, arguments)]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_asks_for_metrics_and_labels_that_exist(name: str) -> None:
    labels = result_labels(ALERTS[name]["expr"], all_known())
    for text in ALERTS[name]["annotations"].values():
        check_names(names_in_template(text), labels, f"{name}: {text!r}")


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_bad_what_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["annotations"].keys() == {"summary", "description", "runbook"}
    assert not alert["annotations"]["summary"].endswith(".") and alert["annotations"]["description"].endswith(".")
    runbook = (ROOT / alert["annotations"]["runbook"]).read_text()
    assert f"`{name}`" in runbook, f"{alert['annotations']['runbook']} does not know {name}"


def test_a_runbook_names_no_alert_that_does_not_exist() -> None:
    for runbook in (ROOT / "deploy/runbooks").glob("*.md"):
        for told in re.findall(r"^\*\*Alerts\*\* (.*(?:\n.+)*?[.;])$", runbook.read_text(), re.M):
            assert set(re.findall(r"`([A-Z][a-z]\w+)`", told)) <= ALERTS.keys(), runbook.name


def test_readme_lists_every_alert_with_its_runbook() -> None:
    table = {
        name: f"deploy/{runbook}"
        for name, runbook in re.findall(
            r"^\| `(\w+)`.*\[[\w-]+\]\((runbooks/[\w-]+\.md)\) \|$",
            (ROOT / "deploy/README.md").read_text("utf-8"),
            re.M,
        )
    }
    assert table == {name: alert["annotations"]["runbook"] for name, alert in ALERTS.items()}


@promtool
def test_prometheus_takes_the_configuration() -> None:
    checked = run_promtool("check", "config", PROMETHEUS / "prometheus.yml")
    assert checked.returncode == 0, checked.stdout


@promtool
def test_each_alert_fires_when_it_should_and_not_before() -> None:
    tested = run_promtool("test", "rules", *sorted((PROMETHEUS / "tests").glob("*.yml")))
    assert tested.returncode == 0, tested.stdout


def broken(rule: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rule as a slip of the hand would leave it: what was done to it, and the rule."""
    never = {"expr": f"({rule['expr']}) and on () (vector(0) > 0)"}
    late = {"for": f"{_minutes(rule) * 2 or 1}m"}
    hasty = {"for": "0s"}
    changed = {"never fires": never, "fires late": late}
    if "for" in rule:
        changed["fires at once"] = hasty
    if rule.get("keep_firing_for") == "5m":
        changed["goes on for an hour"] = {"keep_firing_for": "1h"}
    return {what: {**rule, **change} for what, change in changed.items()}


def _minutes(rule: dict[str, Any]) -> int:
    return int(rule.get("for", "0m").removesuffix("m"))


@promtool
@pytest.mark.parametrize("name", ALERTS)
def test_the_tests_of_an_alert_fail_when_it_is_broken(name: str, tmp_path: Path) -> None:
    cases = yaml.safe_load(FIRING.read_text())
    cases["tests"] = [case for case in cases["tests"] if name in str(case["promql_expr_test"])]
    # What these cases say nothing about need not be evaluated for them.
    told_of = str(cases["tests"])
    rules = [rule for group in GROUPS for rule in group["rules"] if rule["alert"] in told_of]
    tries = {"is as it is": ALERTS[name], **broken(ALERTS[name])}
    for what, changed in tries.items():
        folder = tmp_path / what.replace(" ", "-")
        (folder / "rules").mkdir(parents=True)
        (folder / "tests").mkdir()
        group = {"name": "one", "rules": [changed if rule["alert"] == name else rule for rule in rules]}
        (folder / "rules/penstock.yml").write_text(yaml.safe_dump({"groups": [group]}))
        (folder / "tests/firing.yml").write_text(yaml.safe_dump(cases))
    tested = run_promtool("test", "rules", *tmp_path.glob("*/tests/firing.yml"))
    said = tested.stdout.split("Unit Testing:")
    for what in tries:
        about = next(part for part in said if f"{what.replace(' ', '-')}/tests/firing.yml" in part)
        if what == "is as it is":
            assert "SUCCESS" in about, about
        else:
            assert "FAILED" in about and name in about, f"{name} {what}, and no test saw it"
