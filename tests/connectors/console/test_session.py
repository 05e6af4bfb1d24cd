"""Signing in, and everything that ends it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.console.permissions import ROLES, Grant, Kind
from tests.connectors.console.conftest import PASSWORD, Console
from tests.connectors.postgres.conftest import rows
from tests.integration.conftest import until

VIEWER = Grant("viewer", Kind.ALL, "")


def test_a_session_says_who_and_what_and_ends_when_told(console: Console) -> None:
    name = console.user(Grant("service", Kind.SHOP, "tea"), VIEWER)
    browser = console.browser()
    made = browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    assert made.status == 201
    assert made.body["name"] == name
    # Grants add up, each permission by itself.
    assert made.body["may"]["orders.read"] == {"everywhere": True, "shops": ["tea"]}
    assert made.body["may"]["orders.pii"] == {"everywhere": False, "shops": ["tea"]}
    assert made.body["may"].keys() == ROLES["service"] | ROLES["viewer"]
    (cookie,) = made.cookies
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie and "Domain" not in cookie
    assert browser.get("/api/session").body == made.body
    kept = browser.cookie
    assert browser.ask("DELETE", "/api/session").status == 204
    assert browser.cookie == ""
    # It is the server that has ended it, not only the browser.
    browser.cookie = kept
    ended = browser.get("/api/session")
    assert (ended.status, ended.body["code"]) == (401, "not_signed_in")


def test_who_signs_in_and_out_is_in_the_audit_and_who_could_not_too(console: Console) -> None:
    name = console.user(VIEWER)
    browser = console.browser()
    browser.ask("POST", "/api/session", {"name": name, "password": "not this one"})
    browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    browser.ask("DELETE", "/api/session")
    entries = until(lambda: console.of(f"user:{name}"), lambda found: len(found) == 3, "three entries")
    assert {(it["action"], it["by"], it["outcome"], it["details"]["address"]) for it in entries} == {
        ("session.refused", name, "wrong_password", "127.0.0.1"),
        ("session.began", name, "done", "127.0.0.1"),
        ("session.ended", name, "done", "127.0.0.1"),
    }


def test_what_was_typed_as_a_name_that_nobody_has_is_put_on_no_record(console: Console) -> None:
    """It may be a password in the wrong field."""
    typed = "hunter2 in the wrong field"
    console.browser().ask("POST", "/api/session", {"name": typed, "password": "not this one"})
    entries = until(lambda: console.of("user:(unknown)"), bool, "an entry")
    assert (entries[-1]["action"], entries[-1]["by"]) == ("session.refused", "(unknown)")
    assert typed not in str(console.audit.noted)


def test_who_cannot_be_put_on_record_signs_in_and_the_log_says_so(
    console: Console, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.audit, "away", True)
    name = console.user(VIEWER)
    assert console.browser().ask("POST", "/api/session", {"name": name, "password": PASSWORD}).status == 201
    until(lambda: caplog.text, lambda said: f"session.began of user:{name} is not on record" in said, "the log says so")


def test_behind_tls_the_cookie_can_be_set_by_nobody_else(console: Console) -> None:
    name = console.user(VIEWER)
    browser = console.browser()
    made = browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD}, X_Forwarded_Proto="https")
    (cookie,) = made.cookies
    assert cookie.startswith("__Host-penstock=") and "Secure" in cookie
    assert "max-age" in made.headers["strict-transport-security"]


def test_no_password_is_taken_in_clear_from_another_machine(console: Console) -> None:
    name = console.user(VIEWER)
    said = console.browser().ask(
        "POST", "/api/session", {"name": name, "password": PASSWORD}, X_Forwarded_For="203.0.113.7"
    )
    assert (said.status, said.body["code"]) == (403, "in_clear")


def test_each_log_in_is_a_session_of_its_own_and_ends_the_browsers_last(console: Console) -> None:
    name = console.user(VIEWER)
    browser = console.browser()
    # A token that somebody else planted is not taken over.
    browser.cookie = "penstock=planted"
    browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    first = browser.cookie
    assert first != "penstock=planted"
    browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    assert browser.cookie != first
    assert browser.get("/api/session").status == 200
    browser.cookie = first
    assert browser.get("/api/session").status == 401


def test_signing_out_everywhere_ends_the_others(console: Console) -> None:
    name = console.user(VIEWER)
    here, there = console.browser(), console.browser()
    for browser in (here, there):
        browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    assert here.ask("DELETE", "/api/session?everywhere=true").status == 204
    assert there.get("/api/session").status == 401


@pytest.mark.parametrize(
    ("column", "age", "status"),
    [
        ("seen_at", "59 minutes", 200),
        ("seen_at", "61 minutes", 401),
        ("made_at", "11 hours 59 minutes", 200),
        ("made_at", "12 hours 1 minute", 401),
    ],
)
def test_a_session_ends_by_itself(console: Console, column: str, age: str, status: int) -> None:
    browser = console.signed_in(VIEWER)
    name = browser.get("/api/session").body["name"]
    console.sql(f"UPDATE console_sessions SET {column} = now() - interval '{age}' WHERE name = '{name}'")
    assert browser.get("/api/session").status == status


def test_who_is_there_stays_but_not_for_ever(console: Console) -> None:
    browser = console.signed_in(VIEWER)
    name = browser.get("/api/session").body["name"]
    console.sql(f"UPDATE console_sessions SET seen_at = now() - interval '50 minutes' WHERE name = '{name}'")
    assert browser.get("/api/session").status == 200
    # Being asked has put it back to now: otherwise these would be 70 minutes.
    console.sql(f"UPDATE console_sessions SET seen_at = seen_at - interval '20 minutes' WHERE name = '{name}'")
    assert browser.get("/api/session").status == 200
    console.sql(f"UPDATE console_sessions SET made_at = now() - interval '13 hours' WHERE name = '{name}'")
    assert browser.get("/api/session").status == 401


def test_a_removed_user_and_a_new_password_end_sessions(console: Console) -> None:
    one, other = console.signed_in(VIEWER), console.signed_in(VIEWER)
    removed, changed = (browser.get("/api/session").body["name"] for browser in (one, other))
    console.sql(f"DELETE FROM console_users WHERE name = '{removed}'")
    console.user(name=changed)
    assert (one.get("/api/session").status, other.get("/api/session").status) == (401, 401)


def test_a_right_that_is_taken_back_holds_no_longer_than_the_next_request(console: Console) -> None:
    browser = console.signed_in(VIEWER)
    name = browser.get("/api/session").body["name"]
    assert browser.get("/api/orders").status == 200
    console.sql(f"DELETE FROM console_grants WHERE name = '{name}'")
    denied = browser.get("/api/orders")
    assert (denied.status, denied.body["code"]) == (403, "not_allowed")


def test_wrong_names_and_passwords_look_the_same_and_are_slowed_down(console: Console) -> None:
    name = console.user(VIEWER)
    browser = console.browser()
    console.sql("DELETE FROM console_tries")
    unknown = browser.ask("POST", "/api/session", {"name": "nobody-at-all", "password": PASSWORD})
    wrong = browser.ask("POST", "/api/session", {"name": name, "password": "not the password"})
    assert (unknown.status, unknown.text) == (wrong.status, wrong.text) == (401, wrong.text)
    for _ in range(5):
        browser.ask("POST", "/api/session", {"name": name, "password": "not the password"})
    late = browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD})
    assert (late.status, late.body["code"]) == (429, "too_many_tries")
    assert 1 <= int(late.headers["retry-after"]) <= 900
    # Others are let in meanwhile, and this one when the time is up; then the count begins anew.
    other = console.user(VIEWER)
    assert browser.ask("POST", "/api/session", {"name": other, "password": PASSWORD}).status == 201
    console.sql("UPDATE console_tries SET last_at = last_at - interval '1 minute'")
    assert browser.ask("POST", "/api/session", {"name": name, "password": PASSWORD}).status == 201
    assert browser.ask("POST", "/api/session", {"name": name, "password": "not the password"}).status == 401
    console.sql("DELETE FROM console_tries")


def test_an_address_that_tries_many_names_is_slowed_down_too(console: Console) -> None:
    console.sql("DELETE FROM console_tries")
    codes = [
        console.browser().ask("POST", "/api/session", {"name": f"guess-{n}", "password": PASSWORD}).body["code"]
        for n in range(23)
    ]
    console.sql("DELETE FROM console_tries")
    assert codes[:20] == ["wrong_password"] * 20
    assert "too_many_tries" in codes[20:]


def test_many_who_know_their_passwords_sign_in_at_once(console: Console) -> None:
    console.sql("DELETE FROM console_tries")
    names = [console.user(VIEWER) for _ in range(30)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(
            pool.map(lambda n: console.browser().ask("POST", "/api/session", {"name": n, "password": PASSWORD}), names)
        )
    assert {answer.status for answer in answers} == {201}
    assert [row[0] for row in asyncio.run(rows(console.database, "SELECT failed FROM console_tries"))] == [0]


def test_the_table_of_sessions_logs_nobody_in(console: Console) -> None:
    browser = console.signed_in(VIEWER)
    token = browser.cookie.partition("=")[2]
    assert len(token) >= 43
    kept = [row[0] for row in asyncio.run(rows(console.database, "SELECT token_hash FROM console_sessions"))]
    assert kept and token.encode() not in kept and all(len(each) == 32 for each in kept)
