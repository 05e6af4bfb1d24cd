"""Every route of the description: who is let in, and that nobody sees another shop's rows by any of them.

A new route is in these tests by being described; one whose paths or bodies need values gets them in ``VALUES``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from connectors.console import describing
from connectors.console.asking import ALL, DECLARED, EVERYWHERE, SIGNED_IN
from connectors.console.permissions import ROLES, Grant, Kind, Permission
from tests.connectors.console.conftest import OURS, THEIRS, Answer, Browser, Console
from tests.connectors.console.rows import order_id, record, task_id

DESCRIPTION = json.loads(describing.FILE.read_text("utf-8"))


class Route(NamedTuple):
    method: str
    path: str
    asks: str
    #: Of use in all shops alone.
    everywhere: bool

    def ask(self, browser: Browser, shop: str = THEIRS, query: str = "") -> Answer:
        path = self.path.format(**{name: quote(value(shop), safe="") for name, value in VALUES.items()})
        if self.path == STREAM:
            return browser.first(path)
        body = BODIES.get(self.path, lambda _: {})(shop)
        return browser.ask(self.method, f"{path}{query}", body if self.method != "GET" else None)


#: Of what stands in paths: the shop's own.
VALUES: dict[str, Callable[[str], str]] = {
    **{"order_id": order_id, "record": record, "task_id": task_id},
    **{"name": lambda _: "default", "number": lambda _: "1"},
}
#: By path, of a shop, where an empty one will not do.
BODIES: dict[str, Callable[[str], dict[str, Any]]] = {
    "/api/rules/lint": lambda _: {"text": ""},
    "/api/rules/publish": lambda _: {"text": "", "newest": 0, "because": "spring"},
    "/api/rules/documents/{name}/diff": lambda _: {"before": 1, "after": 2},
    "/api/rules/documents/{name}/release": lambda _: {"version": 1, "to": "live", "last": 0, "because": "spring"},
    "/api/rules/documents/{name}/rollback": lambda _: {"last": 0, "because": "too many wait"},
    "/api/rules/try": lambda _: {"text": "", "order": {}},
    "/api/rules/try/orders": lambda shop: {"text": "", "order_ids": [order_id(shop)]},
    "/api/rules/counterfactual/start": lambda _: {"text": ""},
    "/api/reviews/{record}/fix": lambda _: {"because": "asked the buyer"},
    "/api/reviews/{record}/discard": lambda _: {"because": "a test order"},
    **{
        path: lambda _: {"because": "known buyer"}
        for path in (
            *("/api/tasks/{task_id}/approve", "/api/tasks/{task_id}/refuse"),
            *("/api/orders/{order_id}/hold", "/api/orders/{order_id}/release", "/api/orders/{order_id}/cancel"),
        )
    },
    "/api/writebacks/redrive": lambda shop: {
        "order_id": order_id(shop),
        "shipment_id": f"{shop}-1 shipment_id",
        "because": "the platform is well again",
    },
    "/api/deliveries/redrive": lambda shop: {
        "order_id": order_id(shop),
        "delivery_id": f"{shop}-1 delivery_id",
        "because": "the system is well again",
    },
    "/api/listings/redrive": lambda shop: {
        "sku": f"{shop}-1 sku",
        "place": f"{shop}-1 place",
        "because": "the item is on sale again",
    },
}
STREAM = "/api/live"
#: What is of no shop, and how it answers here, where there is no Kafka.
COMPANY = {
    **{"/api/stock": 200, "/api/system": 503},
    **{"/api/rules": 503, "/api/rules/catalogue": 200, "/api/rules/templates": 200, "/api/rules/lint": 503},
    **{"/api/rules/documents/{name}/{number}": 503, "/api/rules/documents/{name}/diff": 503},
    **{"/api/rules/documents/{name}/release": 503, "/api/rules/documents/{name}/rollback": 503},
    **{"/api/rules/publish": 503, "/api/rules/try": 503, "/api/rules/counterfactual": 200},
    **{"/api/rules/counterfactual/start": 503, "/api/rules/counterfactual/stop": 200},
    # The version of a flow; asked by a task, which is of a shop.
    "/api/tasks/{task_id}/ways": 404,
}
#: What is of shops and not of rows: one that is not to be seen is said to be none.
OF_SHOPS = {"/api/report/weekly"}


def _routes() -> Iterator[Route]:
    for path, operations in DESCRIPTION["paths"].items():
        for method, operation in operations.items():
            yield Route(method.upper(), path, operation[DECLARED], operation.get(EVERYWHERE, False))


ROUTES = list(_routes())
GUARDED = [route for route in ROUTES if route.asks not in (ALL, SIGNED_IN)]
each = pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")


def _everything(kind: Kind, place: str) -> list[Grant]:
    """Every role there is, in one place."""
    return [Grant(role, kind, place) for role in ROLES]


def test_the_description_is_fresh() -> None:
    assert describing.FILE.read_text("utf-8") == describing.described(), "python -m connectors.console.describing"


def test_what_is_open_to_all_is_signing_in_alone() -> None:
    assert [(route.method, route.path) for route in ROUTES if route.asks == ALL] == [("POST", "/api/session")]
    assert {route.asks for route in GUARDED} <= set(Permission)
    # Nobody holds a permission that no route asks for, or the other way about.
    assert {route.asks for route in GUARDED} == set(Permission)


@pytest.mark.parametrize(
    "route", [r for r in ROUTES if r.asks != ALL], ids=lambda route: f"{route.method} {route.path}"
)
def test_nobody_is_told_to_sign_in(console: Console, route: Route) -> None:
    for cookie in ("", "penstock=made-up"):
        browser = console.browser()
        browser.cookie = cookie
        answer = route.ask(browser)
        assert (answer.status, answer.body["code"]) == (401, "not_signed_in")


@each
def test_who_has_every_other_permission_may_not(
    console: Console, route: Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ROLES, "the rest", frozenset(Permission) - {Permission(route.asks)})  # type: ignore[arg-type]
    answer = route.ask(console.signed_in(Grant("the rest", Kind.ALL, "")))
    assert (answer.status, answer.body["code"]) == (403, "not_allowed")


@each
def test_who_has_it_in_one_shop_finds_nothing_of_another(console: Console, route: Route) -> None:
    ours = console.signed_in(*_everything(Kind.SHOP, OURS))
    for query in (
        "",
        f"?shop={THEIRS}",
        f"?q={quote(order_id(THEIRS))}",
        f"?q={THEIRS}-1%20sku",
        f"?q={THEIRS}-1%20tracking_no",
    ):
        answer = route.ask(ours, THEIRS, query)
        assert THEIRS not in answer.text, query
        if route.path in COMPANY or route.everywhere:
            assert answer.status == COMPANY.get(route.path, 403)
            return
        is_none = "{" in route.path or route.method != "GET" or (route.path in OF_SHOPS and query.startswith("?shop="))
        assert answer.status == (404 if is_none else 200), answer
    # It could have been found: who sees all does find it; what is done comes as far as Kafka, which is not there.
    if route.method != "GET":
        assert route.ask(ours, OURS).status in (200, 503)
    else:
        everybody = console.signed_in(*_everything(Kind.ALL, ""))
        assert THEIRS in route.ask(everybody, THEIRS).text
        assert OURS in route.ask(ours, OURS).text


@pytest.mark.parametrize(
    "route",
    [r for r in GUARDED if r.method == "GET" and r.path not in COMPANY and not r.everywhere],
    ids=lambda route: f"{route.method} {route.path}",
)
def test_a_department_is_its_shops(console: Console, route: Route) -> None:
    console.sql(f"INSERT INTO console_departments VALUES ('theirs', '{THEIRS}') ON CONFLICT DO NOTHING")
    answer = route.ask(console.signed_in(*_everything(Kind.DEPARTMENT, "theirs")), THEIRS)
    assert THEIRS in answer.text and OURS not in answer.text
    nowhere = route.ask(console.signed_in(*_everything(Kind.DEPARTMENT, "no such")), THEIRS)
    assert nowhere.status == 403
