"""Who may do what, as who manages access sees and changes it: with the reasons, with an entry in the audit, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.console.permissions import Grant, Kind, Permission
from tests.connectors.console.conftest import OURS, PASSWORD, THEIRS, Browser, Console

ADMIN = Grant("admin", Kind.ALL, "")
BECAUSE = {"because": "asked for by her department"}


@pytest.fixture
def admin(console: Console) -> Browser:
    return console.signed_in(ADMIN)


def name_of(browser: Browser) -> str:
    return str(browser.get("/api/session").body["name"])


def row_of(admin: Browser, name: str) -> Any:
    return next((row for row in admin.get("/api/access").body["users"] if row["name"] == name), None)


def test_somebody_is_added_granted_revoked_and_removed_each_with_its_entry(console: Console, admin: Browser) -> None:
    name, by = "li of the east", name_of(admin)
    at = f"/api/access/users/{name.replace(' ', '%20')}"
    assert admin.ask("POST", "/api/access/users", {"name": name, "password": PASSWORD, **BECAUSE}).status == 201
    assert row_of(admin, name)["grants"] == [] and row_of(admin, name)["made_by"] == by
    grant = {"role": "viewer", "kind": "shop", "place": OURS, **BECAUSE}
    assert admin.ask("POST", f"{at}/grant", grant).status == 200
    (held,) = row_of(admin, name)["grants"]
    assert (held["role"], held["kind"], held["place"], held["made_by"]) == ("viewer", "shop", OURS, by)
    # They may from the next request on.
    browser = console.browser()
    assert browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD}).status == 201
    assert browser.get("/api/orders").status == 200
    assert row_of(admin, name)["seen_at"] is not None
    assert admin.ask("POST", f"{at}/revoke", grant).status == 200
    assert browser.get("/api/orders").status == 403
    assert admin.ask("POST", f"{at}/revoke", grant).body["code"] == "not_found"
    # Another password ends what they have begun.
    assert admin.ask("POST", "/api/access/users", {"name": name, "password": PASSWORD + "!", **BECAUSE}).status == 201
    assert browser.get("/api/session").status == 401
    assert admin.ask("POST", f"{at}/remove", BECAUSE).status == 200
    assert row_of(admin, name) is None
    assert [
        (it["action"], it["by"], it["reason"], it["details"])
        for it in console.of(f"user:{name}")
        if it["action"].startswith("access.")
    ] == [
        (f"access.{verb}", by, BECAUSE["because"], details)
        for verb, details in (
            ("user_added", {}),
            ("granted", {"role": "viewer", "kind": "shop", "place": OURS}),
            ("revoked", {"role": "viewer", "kind": "shop", "place": OURS}),
            ("password_set", {}),
            ("user_removed", {}),
        )
    ]
    assert PASSWORD not in str(console.audit.noted)


def test_what_cannot_be_put_on_record_is_not_done(
    console: Console, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = console.user()
    monkeypatch.setattr(console.audit, "away", True)
    at = f"/api/access/users/{name}"
    for method, path, body in (
        ("POST", "/api/access/users", {"name": "nobody yet", "password": PASSWORD}),
        ("POST", f"{at}/grant", {"role": "viewer", "kind": "all"}),
        ("POST", f"{at}/remove", {}),
        ("PUT", "/api/access/departments/north", {"shops": [OURS]}),
    ):
        answer = admin.ask(method, path, body | BECAUSE)
        assert (answer.status, answer.body["code"]) == (503, "kafka_away"), path
    found = admin.get("/api/access").body
    assert row_of(admin, "nobody yet") is None and row_of(admin, name)["grants"] == []
    assert "north" not in [each["department"] for each in found["departments"]]


def test_nobody_takes_from_themselves_what_they_manage_access_by(admin: Browser) -> None:
    own = f"/api/access/users/{name_of(admin)}"
    for path, body in ((f"{own}/remove", {}), (f"{own}/revoke", {"role": "admin", "kind": "all"})):
        answer = admin.ask("POST", path, body | BECAUSE)
        assert (answer.status, answer.body["code"]) == (409, "not_from_oneself")
    assert admin.get("/api/access").status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king", "kind": "all", "place": ""},
        {"role": "viewer", "kind": "all", "place": OURS},
        {"role": "viewer", "kind": "shop", "place": ""},
        {"role": "viewer", "kind": "department", "place": "  "},
        {"role": "viewer", "kind": "planet", "place": "x"},
        {"role": "viewer", "kind": "shop", "place": OURS, "because": " "},
    ],
)
def test_a_grant_that_is_none_is_refused(console: Console, admin: Browser, wrong: dict[str, str]) -> None:
    name = console.user()
    answer = admin.ask("POST", f"/api/access/users/{name}/grant", BECAUSE | wrong)
    assert (answer.status, answer.body["code"]) == (422, "wrong_value")
    assert row_of(admin, name)["grants"] == []


def test_what_somebody_can_see_is_said_with_the_grant_it_comes_from(console: Console, admin: Browser) -> None:
    department = {"shops": [OURS, THEIRS], **BECAUSE}
    assert admin.ask("PUT", "/api/access/departments/both", department).status == 200
    name = console.user(
        *(
            Grant("viewer", Kind.DEPARTMENT, "both"),
            Grant("service", Kind.SHOP, OURS),
            Grant("viewer", Kind.SHOP, "tea"),
        ),
        *(Grant("engineer", Kind.ALL, ""), Grant("operator", Kind.DEPARTMENT, "no such")),
    )
    found = admin.get(f"/api/access/users/{name}").body
    held = {each["permission"]: each for each in found["held"]}
    assert held["orders.read"]["shops"] == [OURS, THEIRS, "tea"]
    assert [(why["role"], why["place"], why["shops"]) for why in held["orders.read"]["why"]] == [
        ("service", OURS, [OURS]),
        ("viewer", "both", [OURS, THEIRS]),
        ("viewer", "tea", ["tea"]),
    ]
    # Each permission by itself: who sees orders of two shops sees persons in one.
    assert held["orders.pii"]["shops"] == [OURS] and held["system.read"]["shops"] is None
    # An empty department gives nothing.
    assert "review.fix" in found["lacked"]
    assert {*held, *found["lacked"]} == set(Permission)
    # It is what they are let do.
    its = console.browser()
    its.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    may = its.get("/api/session").body["may"]
    assert may.keys() == held.keys()
    assert {p: None if may[p]["everywhere"] else may[p]["shops"] for p in may} == {p: held[p]["shops"] for p in held}
    assert admin.get("/api/access/users/nobody").status == 404


def test_a_departments_shops_take_the_place_of_those_it_had(console: Console, admin: Browser) -> None:
    name = console.user(Grant("viewer", Kind.DEPARTMENT, "moving"))
    for shops in ([OURS], [THEIRS, THEIRS], []):
        assert admin.ask("PUT", "/api/access/departments/moving", {"shops": shops, **BECAUSE}).status == 200
        held = {it["permission"]: it["shops"] for it in admin.get(f"/api/access/users/{name}").body["held"]}
        assert held.get("orders.read", []) == sorted(set(shops))
    assert [it["details"]["shops"] for it in console.of("department:moving")] == [OURS, THEIRS, ""]
