"""Databases that cannot be shown: away, of another version, without roles, or with rows that nothing keeps from others' eyes."""

from __future__ import annotations

import pytest

from connectors.console.permissions import Grant, Kind, Shops
from tests.connectors.console.conftest import OURS, PASSWORD, THEIRS, Console, copy_of, serving
from tests.connectors.console.rows import order_id

LOG_IN = {"name": "a", "password": "b"}

UNFIT = {
    "of another version": ("UPDATE alembic_version SET version_num = '9999'", "database_unfit"),
    "with a table's policies switched off": ("ALTER TABLE order_lines DISABLE ROW LEVEL SECURITY", "roles_missing"),
    "with a table made anew": (
        "ALTER TABLE shipments RENAME TO old; CREATE TABLE shipments (LIKE old INCLUDING ALL)",
        "roles_missing",
    ),
}


@pytest.mark.parametrize("what", UNFIT)
def test_what_would_show_too_much_shows_nothing(postgres: str, with_roles: str, what: str) -> None:
    command, code = UNFIT[what]
    with copy_of(postgres, with_roles) as url:
        with serving(url) as it:
            it.sql(command)
            answer = it.browser().ask("POST", "/api/session", LOG_IN)
            assert (answer.status, answer.body["code"]) == (503, code)


def test_a_database_without_roles_is_told_how_to_get_them(untouched_console: str) -> None:
    with serving(untouched_console) as it:
        answer = it.browser().ask("POST", "/api/session", LOG_IN)
    assert (answer.status, answer.body["code"]) == (503, "roles_missing")
    assert "penstock db roles --make" in answer.body["fix"]


@pytest.mark.parametrize("url", ["", "postgresql://nobody:x@127.0.0.1:1/none"])
def test_without_a_database_it_says_so_and_goes_on(url: str) -> None:
    with serving(url) as it:
        for _ in range(2):
            answer = it.browser().ask("POST", "/api/session", LOG_IN)
            assert (answer.status, answer.body["code"]) == (503, "database_away")
            assert "nobody" not in answer.text


def test_it_finds_its_way_back(postgres: str, with_roles: str) -> None:
    with copy_of(postgres, with_roles) as url:
        with serving(url) as it:
            browser = it.signed_in(Grant("viewer", Kind.ALL, ""))
            name = url.rpartition("/")[2]
            it.sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' "
                "AND application_name = 'penstock console'"
            )
            answers = [browser.get("/api/session").status for _ in range(10)]
            assert answers[-1] == 200
            assert set(answers) <= {200, 503}


def _whatever(self: Shops, shop: object) -> bool:
    return True


def test_the_database_holds_when_the_handlers_check_does_not(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mutant of every handler: all shops fit. What a query does not ask, the policies still do."""
    browser = console.signed_in(Grant("admin", Kind.SHOP, OURS))
    monkeypatch.setattr(Shops, "__contains__", _whatever)
    assert browser.get(f"/api/orders/{order_id(THEIRS)}").status == 404
    assert browser.ask("POST", f"/api/orders/{order_id(THEIRS)}/receiver").status == 404
    for query in ({"shop": THEIRS}, {"q": order_id(THEIRS)}, {"status": "HELD", "shop": THEIRS}):
        answer = browser.get("/api/orders", **query)
        assert answer.status == 200 and answer.body["rows"] == []
    assert PASSWORD not in browser.get("/api/session").text
