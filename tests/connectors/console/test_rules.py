"""Rule documents at the console, over a real Kafka: judged, published, released and tried by the functions of the command line."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.console.permissions import Grant, Kind
from connectors.console.rule_forms import conditions, criteria, filters
from schemas.documents.rules.catalogue import offered
from schemas.texts import said_in
from streams.cli.console_counterfactual import RUNNING, Counterfactuals
from streams.cli.console_deeds import Deeds
from tests.command_line import in_process
from tests.connectors.console.conftest import OURS, Browser, copy_of, filled, serving
from tests.connectors.console.rulehub import SHOP, RuleHub, settings_on
from tests.integration.conftest import until

OPERATOR = Grant("operator", Kind.SHOP, SHOP)


@pytest.fixture(scope="module")
def hub(kafka: str, postgres: str, with_roles: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuleHub]:
    settings = settings_on(kafka, tmp_path_factory.mktemp("penstock"))
    with copy_of(postgres, with_roles) as url:
        filled(url, OURS)
        with serving(url, deeds=Deeds(settings)) as console:
            yield RuleHub(settings, console)


@pytest.fixture(scope="module")
def planner(hub: RuleHub) -> Browser:
    return hub.planner()


def test_a_version_goes_from_draft_to_live_and_back_as_on_the_command_line(hub: RuleHub, planner: Browser) -> None:
    assert hub.shown(planner) == {}
    done = hub.publish(planner, hub.text())
    assert (done.status, done.body) == (200, {"name": hub.name, "number": 1, "is_new": True})
    assert hub.publish(planner, hub.text(), newest=1).body == {"name": hub.name, "number": 1, "is_new": False}
    assert hub.publish(planner, hub.text(note="two"), newest=1).body["number"] == 2
    listed = hub.shown(planner)
    assert [(it["number"], it["state"], it["note"]) for it in listed["versions"]] == [
        (2, "draft", "spring"),
        (1, "draft", "spring"),
    ]
    assert listed["follows"] and listed["description"] == "two" and listed["release"]["last"] == 0
    steps = [(1, "live", 0), (2, "shadow", 0), (2, "share", 1_000), (2, "share", 5_000)]
    for last, (version, to, points) in enumerate(steps):
        moved = hub.release(planner, version, to, last, points)
        assert (moved.status, moved.body["changed"]) == (200, True), moved
    release = hub.shown(planner)["release"]
    assert release["share"] == {"version": 2, "basis_points": 5_000} and release["live"] == 1
    narrower = hub.release(planner, 2, "share", 4, 1_000)
    assert (narrower.status, narrower.body["code"]) == (422, "refused") and "10 % is less" in narrower.body["message"]
    assert hub.release(planner, 2, "live", 4).body["says"] == "version 2 is live"
    back = {"last": 5, "because": "too many wait"}
    done = planner.ask("POST", f"/api/rules/documents/{hub.name}/rollback", back, Accept_Language="zh")
    assert done.body == {"changed": True, "says": said_in("zh", "version 1 is live again")} and "版本 1" in done.text
    release = hub.shown(planner)["release"]
    assert (release["live"], release["withdrawn"], release["reason"]) == (1, [2], "too many wait")
    person = planner.get("/api/session").body["name"]
    entries = hub.audit()
    assert [(each["action"], each["by"]) for each in entries] == [
        *[("config.published", person)] * 2,
        *[("config.released", person)] * 5,
        ("config.rolled_back", person),
    ]
    # The command line finds what the console has done, and goes on from it.
    around = {**hub.settings.to_env(), "PENSTOCK_LANG": "en", "NO_COLOR": "1"}
    shadow = in_process(["rules", "release", hub.name, "--version", "2", "--shadow"], around, alone=True)
    assert "version 2 is in the shadow" in shadow.stdout, shadow
    # The console shows what it read a moment ago; then what others have done meanwhile.
    until(lambda: hub.shown(planner)["release"]["last"], lambda last: last == 7, "the console sees it")


def test_of_two_at_once_the_second_is_told_and_nothing_is_written(hub: RuleHub, planner: Browser) -> None:
    newest, last = hub.shown(planner)["newest"], hub.shown(planner)["release"]["last"]
    first = planner.get("/api/session").body["name"]
    assert hub.publish(planner, hub.text(note="a"), newest).status == 200
    other = hub.planner()
    late = hub.publish(other, hub.text(note="b"), newest)
    assert (late.status, late.body["code"]) == (409, "overtaken")
    assert f"{hub.document}@{newest + 1} was published meanwhile, by {first}" in late.body["message"]
    assert hub.release(planner, newest + 1, "shadow", last).status == 200
    before = len(hub.audit())
    for answer in (
        hub.release(other, 1, "shadow", last),
        other.ask("POST", f"/api/rules/documents/{hub.name}/rollback", {"last": last, "because": "x"}),
    ):
        assert (answer.status, answer.body["code"]) == (409, "overtaken")
        assert f"was changed meanwhile, by {first}" in answer.body["message"]
    assert len(hub.audit()) == before and hub.shown(planner)["newest"] == newest + 1


def test_what_has_a_fault_is_told_with_its_place_in_ones_language_and_not_kept(hub: RuleHub, planner: Browser) -> None:
    text = hub.text(hub.near, "NOWHERE", more="filters = [{ filter = 'distance', metres = 'far' }]\n")
    found = planner.ask("POST", "/api/rules/lint", {"text": text}).body
    assert [(fault["where"], fault["line"], fault["value"]) for fault in found["faults"]] == [
        ("$.default.rank.criteria[0].warehouses[1]", 6, '"NOWHERE"'),
        ("$.default.filters[0].metres", 7, '"far"'),
    ]
    assert found["faults"][1]["path"] == ["default", "filters", 0, "metres"]
    assert (found["digest"], found["same_as"]) == (None, None) and found["document"]["name"] == hub.name
    said = planner.ask("POST", "/api/rules/lint", {"text": text}, Accept_Language="zh").body["faults"]
    assert [fault["says"] for fault in said] == [said_in("zh", fault["says"]) for fault in found["faults"]]
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in fault["says"]) for fault in said)
    newest = hub.shown(planner)["newest"]
    refused = hub.publish(planner, text, newest)
    assert (refused.status, refused.body["code"]) == (422, "faulty")
    assert hub.shown(planner)["newest"] == newest
    for path in ("try", "counterfactual/start"):
        answer = planner.ask("POST", f"/api/rules/{path}", {"text": text, "order": {}})
        assert (answer.status, answer.body["code"]) == (422, "faulty")


def test_a_text_comes_back_as_json_and_toml_that_read_the_same(hub: RuleHub, planner: Browser) -> None:
    first = planner.ask("POST", "/api/rules/lint", {"text": hub.text(note="同一份")}).body
    assert first["faults"] == [] and len(first["digest"]) == 64
    for form in ("json_text", "toml_text"):
        again = planner.ask("POST", "/api/rules/lint", {"text": first[form]}).body
        assert (again["digest"], again["document"]["default"]) == (first["digest"], first["document"]["default"])
    assert (
        planner.ask("POST", "/api/rules/lint", {"text": json.dumps(first["document"])}).body["digest"]
        == first["digest"]
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        '{"name": "\\ud800", "\\udfff": 1}',
        "name = 2026-11-11T00:00:00Z\nversion = nan",
        '{"version": 1e999, "name": NaN}',
        "version = 1\nstrategies = 5\ntables = [1, [2]]\ndefault = []",
        '{"strategies": ' + "[" * 5_000,
        f'{{"version": {"9" * 5_000}}}',
        "\x00",
        "'\ud83d' = 1".encode("utf-8", "replace").decode(),
    ],
)
def test_whatever_is_typed_is_answered_with_faults(planner: Browser, text: str) -> None:
    answer = planner.ask("POST", "/api/rules/lint", {"text": text})
    assert answer.status == 200, answer
    assert answer.body["faults"] and answer.body["digest"] is None


def test_versions_and_drafts_are_compared_field_by_field(hub: RuleHub, planner: Browser) -> None:
    path = f"/api/rules/documents/{hub.name}/diff"
    (found,) = planner.ask("POST", path, {"before": 1, "after": 2}).body
    assert (found["where"], found["before"], found["after"], found["added"]) == ("$.description", None, "two", True)
    assert planner.ask("POST", path, {"before": 1, "text": hub.text()}).body == []
    (found,) = planner.ask("POST", path, {"before": 1, "text": hub.text(hub.far)}).body
    assert (found["before"], found["after"]) == (hub.near, hub.far)
    assert planner.ask("POST", path, {"before": 99, "after": 1}).status == 410
    assert planner.get(f"/api/rules/documents/{hub.name}/99").status == 410
    assert planner.get(f"/api/rules/documents/{hub.name}/1").body["same_as"] == 1


def test_an_order_that_is_written_down_is_decided_by_draft_and_by_what_decides_today(
    hub: RuleHub, planner: Browser
) -> None:
    order = {"province": "浙江", "lines": [{"sku": hub.sku, "quantity": 2}]}
    body = {"text": hub.text(hub.far, hub.near), "order": order}
    found = planner.ask("POST", "/api/rules/try", body).body
    assert found["faults"] == []
    draft, today = found["tried"]["draft"], found["tried"]["today"]
    assert [part["warehouse"] for part in draft["parts"]] == [hub.far]
    assert [part["warehouse"] for part in today["parts"]] == [hub.near]
    looked = {each["warehouse"]: each for each in draft["attempts"][0]["warehouses"]}
    assert looked[hub.far]["chosen"] and looked[hub.near]["scores"][0] == {
        **{"by": "sequence", "value": 1, "points": None, "weight": None, "band": None}
    }
    # Every warehouse that sends nothing has its reason, in the person's language.
    body["text"] += "filters = [{ filter = 'distance', metres = 1 }]\n"
    nobody = planner.ask("POST", "/api/rules/try", body, Accept_Language="zh").body["tried"]["draft"]
    assert nobody["parts"] == [] and nobody["unplaced"] == {hub.sku: 2}
    why = {each["warehouse"]: each["why"] for each in nobody["attempts"][0]["warehouses"]}
    assert "上限" in why[hub.far] or "米" in why[hub.far], why
    assert all(why.values())


def test_an_order_with_faults_is_not_tried(hub: RuleHub, planner: Browser) -> None:
    def tried(order: dict[str, Any]) -> Any:
        return planner.ask("POST", "/api/rules/try", {"text": hub.text(), "order": order}).body

    found = tried({"lines": [{"sku": hub.sku, "quantity": 0}], "when": 1})
    assert {fault["where"] for fault in found["faults"]} == {"$.lines[0].quantity", "$.when"}
    assert found["tried"]["draft"] is None
    found = tried({"lines": [{"sku": hub.sku, "quantity": 1}], "placed_at": "yesterday"})
    assert found["faults"] == [] and "write a time with its offset" in found["tried"]["none"]


def test_orders_of_the_hub_are_tried_by_who_may_see_them(hub: RuleHub, planner: Browser) -> None:
    order_id = hub.order(str(time.time_ns()))
    where = [
        {
            "name": "there",
            "when": [{"field": "district", "in": ["拱墅区"]}],
            "rank": {"mode": "lexicographic", "criteria": [{"by": "priority"}]},
        }
    ]
    base = planner.ask("POST", "/api/rules/lint", {"text": hub.text(hub.far)}).body["document"]
    body = {"text": json.dumps({**base, "strategies": where}), "order_ids": [order_id]}
    (found,) = planner.ask("POST", "/api/rules/try/orders", body).body
    assert found["order_id"] == order_id and found["none"] == ""
    assert [part["warehouse"] for part in found["draft"]["parts"]] == [hub.far]
    # What would tell where the receiver lives is not told.
    assert [(it["field"], it["actual"]) for it in found["draft"]["passed_over"]] == [("district", None)]
    operator = hub.planner(OPERATOR)
    assert operator.ask("POST", "/api/rules/try/orders", body).status == 200
    elsewhere = hub.planner(Grant("operator", Kind.SHOP, "cups"))
    assert elsewhere.ask("POST", "/api/rules/try/orders", body).status == 404
    engineer = hub.planner(Grant("engineer", Kind.ALL, ""))
    assert engineer.ask("POST", "/api/rules/try/orders", body).status == 404


def test_what_a_document_may_name_is_what_the_catalogue_offers(planner: Browser) -> None:
    assert [each.entry.name for each in conditions()] == offered("condition")
    assert [each.entry.name for each in filters()] == offered("filter")
    assert [each.entry.name for each in criteria()] == offered("criterion")
    found = planner.ask("GET", "/api/rules/catalogue", Accept_Language="zh").body
    distance = next(each for each in found["filters"] if each["name"] == "distance")
    assert [(it["name"], it["kind"], it["required"], it["least"]) for it in distance["fields"]] == [
        ("metres", "number", True, 0)
    ]
    cutoff = next(each for each in found["filters"] if each["name"] == "cutoff")
    assert sorted(cutoff["fields"][0]["choices"]) == ["ship_by", "today"]
    assert next(each for each in found["conditions"] if each["name"] == "province")["title"] == "收件省"
    templates = planner.get("/api/rules/templates").body
    first = planner.ask("POST", "/api/rules/lint", {"text": templates[0]["text"]}).body
    assert templates[0]["name"] == "built-in" and first["faults"] == []


def test_a_counterfactual_runs_once_at_a_time_and_ends(hub: RuleHub, planner: Browser) -> None:
    started = planner.ask("POST", "/api/rules/counterfactual/start", {"text": hub.text(), "days": 1})
    assert started.status == 202 and started.body["last"]["state"] == "running", started
    second = planner.ask("POST", "/api/rules/counterfactual/start", {"text": hub.text(), "days": 1})
    assert (second.status, second.body["message"]) == (422, RUNNING)
    last = _ended(planner)
    assert (last["state"], last["name"], last["says"]) == ("done", hub.name, ""), last
    assert last["total"] > 0 and last["read"] > 0
    assert last["points"]["decisions"] >= last["points"]["known"] and last["sequence"]["as_recorded"] is not None
    assert planner.ask("POST", "/api/rules/counterfactual/stop").body["last"]["state"] == "done"


def test_a_counterfactual_can_be_stopped(hub: RuleHub, planner: Browser) -> None:
    assert planner.ask("POST", "/api/rules/counterfactual/start", {"text": hub.text(), "days": 1}).status == 202
    assert planner.ask("POST", "/api/rules/counterfactual/stop").body["last"]["state"] == "stopped"
    time.sleep(0.5)
    assert planner.get("/api/rules/counterfactual").body["last"]["state"] == "stopped"


def test_one_that_takes_too_long_is_ended(hub: RuleHub) -> None:
    runs = Counterfactuals(hub.settings, longest_s=0.0)
    runs.start("{}", "x", "0", 1, "li")
    until = time.monotonic() + 30
    while (last := runs.last) is not None and last.state == "running" and time.monotonic() < until:
        time.sleep(0.05)
    assert last is not None and (last.state, last.says[:16]) == ("failed", "it took too long")


def _ended(browser: Browser) -> dict[str, Any]:
    until = time.monotonic() + 120
    while (last := browser.get("/api/rules/counterfactual").body["last"])["state"] == "running":
        assert time.monotonic() < until, last
        time.sleep(0.2)
    return last
