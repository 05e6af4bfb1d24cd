"""Against other sites' pages, frames and scripts, and what a server must not say."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from connectors.console.permissions import Grant, Kind
from tests.connectors.console.conftest import OURS, PASSWORD, Browser, Console, serving
from tests.connectors.console.rows import order_id

SERVICE = Grant("service", Kind.SHOP, OURS)
CHANGE = f"/api/orders/{order_id(OURS)}/receiver"


@pytest.fixture(scope="module")
def browser(console: Console) -> Browser:
    return console.signed_in(SERVICE)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X_Penstock": ""}, "no_header"),
        ({"Origin": "https://evil.example"}, "foreign_origin"),
        ({"Origin": "null"}, "foreign_origin"),
        ({"Sec_Fetch_Site": "cross-site"}, "foreign_origin"),
        ({"Sec_Fetch_Site": "same-site"}, "foreign_origin"),
    ],
)
def test_another_sites_page_changes_nothing(
    console: Console, browser: Browser, headers: dict[str, str], code: str
) -> None:
    console.audit.seen.clear()
    for path in (CHANGE, "/api/session"):
        answer = browser.ask("POST", path, {"name": "a", "password": "b"}, **headers)
        assert (answer.status, answer.body["code"]) == (403, code)
    assert browser.ask("DELETE", "/api/session", **headers).status == 403
    assert console.audit.seen == []
    assert browser.get("/api/session").status == 200


def test_another_sites_script_reads_nothing(browser: Browser) -> None:
    denied = browser.ask("GET", "/api/orders", Sec_Fetch_Site="cross-site")
    assert denied.status == 403
    allowed = browser.ask("GET", "/api/orders", Origin="https://evil.example")
    assert not [name for name in allowed.headers if name.lower().startswith("access-control")]


def test_ones_own_page_may(browser: Browser) -> None:
    own = f"http://127.0.0.1:{browser.port}"
    assert browser.ask("POST", CHANGE, Origin=own, Sec_Fetch_Site="same-origin").status == 200


def test_every_answer_has_the_headers(browser: Browser) -> None:
    for answer in (
        browser.get("/api/orders"),
        browser.get("/api/none"),
        browser.get("/"),
        browser.ask("PUT", "/api/session"),
    ):
        named = {name.lower(): value for name, value in answer.headers.items()}
        policy = named["content-security-policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert named["x-content-type-options"] == "nosniff" and named["x-frame-options"] == "DENY"
        assert named["referrer-policy"] == "same-origin" and len(named["x-request-id"]) == 32
        assert "server" not in named
    assert browser.get("/api/orders").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/none", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("PUT", "/api/session", 405, "not_sent"),
        ("POST", "/api/session", 422, "wrong_value"),
    ],
)
def test_what_is_wrong_has_a_code_and_words(console: Console, method: str, path: str, status: int, code: str) -> None:
    answer = console.browser().ask(method, path, {"name": 1} if method == "POST" else None)
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["message"]


def test_bodies_are_bounded_and_read_as_json_alone(console: Console) -> None:
    browser = console.browser()
    assert browser.ask("POST", "/api/session", b"x" * (2 << 20)).status == 413
    assert (
        browser.ask(
            "POST",
            "/api/session",
            b'{"name": "a"',
        ).status
        == 422
    )
    form = browser.ask("POST", "/api/session", b"name=a&password=b", Content_Type="application/x-www-form-urlencoded")
    assert form.status == 422
    # What was sent is not quoted: it may be a password.
    assert "password" not in browser.ask(
        "POST", "/api/session", {"name": 5, "password": "hunter2 hunter2"}
    ).text.replace('"field"', "")


def test_the_log_names_neither_what_was_looked_for_nor_what_was_sent(
    console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = console.signed_in(SERVICE)
    name = browser.get("/api/session").body["name"]
    browser.get("/api/orders", q="13800138000")
    browser.ask("POST", "/api/session", {"name": name, "password": "not the password"})
    browser.ask("POST", CHANGE)
    assert "/api/orders 200" in caplog.text
    for secret in ("13800138000", PASSWORD, "not the password", browser.cookie.partition("=")[2], f"{OURS}-1 name"):
        assert secret not in caplog.text


def test_pages_are_files_by_their_names_and_else_the_one_page(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<meta name="nonce" content="__NONCE__">')
    (folder / "assets" / "app-1.js").write_text("let a")
    (tmp_path / "secret").write_text("secret")
    with serving("", folder) as it:
        browser = it.browser()
        script = browser.get("/assets/app-1.js")
        assert script.text == "let a" and "immutable" in script.headers["cache-control"]
        one, other = browser.get("/orders/taobao:1"), browser.get("/")
        assert one.status == 200 and one.headers["content-type"].startswith("text/html")
        nonce = one.text.partition('content="')[2].partition('"')[0]
        assert f"'nonce-{nonce}'" in one.headers["content-security-policy"] and one.text != other.text
        for path in ("/../secret", "/%2e%2e/secret", "/assets/../../secret", "//etc/passwd", "/..%2fsecret"):
            assert "nonce" in browser.get(path).text, path


def test_without_pages_it_says_so(tmp_path: Path) -> None:
    with serving("", tmp_path) as it:
        answer = it.browser().get("/")
        assert answer.status == 503 and "not built" in answer.text
