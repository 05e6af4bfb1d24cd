"""Documents of tables at the console, in a real Kafka: judged as `penstock config` judges them, made live once, never over another's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.console.permissions import Grant, Kind
from schemas.codec import CODEC
from tests.connectors.console import test_deeds
from tests.connectors.console.conftest import Browser
from tests.connectors.console.test_deeds import Hub

#: A broker of this module's own.
hub = test_deeds.hub

BECAUSE = {"because": "the autumn's prices"}


@pytest.fixture(scope="module")
def admin(hub: Hub) -> Browser:
    return hub.console.signed_in(Grant("admin", Kind.ALL, ""))


def products(name: str, grams: int = 220, description: str = "") -> str:
    """A document of a kind that names nothing else."""
    return (
        f'kind = "products"\nversion = 1\nname = "{name}"\ndescription = "{description}"\n'
        f'products = [{{ prefix = "{name}-", grams = {grams}, mm = [300, 240, 25] }}]\n'
    )


def history(browser: Browser, document: str) -> Any:
    return browser.get("/api/tables/history", document=document).body


def seen(browser: Browser, document: str) -> dict[str, int]:
    """What a change goes on from."""
    answer = browser.get("/api/tables/history", document=document)
    return {name: answer.body[name] if answer.status == 200 else 0 for name in ("newest", "change")}


def publish(browser: Browser, it: str, on: dict[str, int]) -> Any:
    return browser.ask("POST", "/api/tables/publish", {"text": it, **on, **BECAUSE})


def entries(hub: Hub, document: str) -> list[Any]:
    return [CODEC.decode(m.value() or b"")[1] for m in hub.cluster.read("audit", key=f"config:{document}")]


def test_a_document_is_made_live_read_compared_and_rolled_back_each_with_its_entry(hub: Hub, admin: Browser) -> None:
    document, first = "products/east", products("east")
    judged = admin.ask("POST", "/api/tables/lint", {"text": first}).body
    assert (judged["document"], judged["faults"], judged["differences"]) == (document, [], None)
    assert history(admin, document)["code"] == "gone"
    assert publish(admin, first, {"newest": 0, "change": 0}).body == {
        "document": document,
        "live": 1,
        "is_new": True,
    }
    # The same again is nothing new.
    assert publish(admin, first, seen(admin, document)).body["is_new"] is False
    kept = admin.get("/api/tables/version", document=document, version=1).body["text"]
    assert admin.ask("POST", "/api/tables/lint", {"text": kept}).body["differences"] == []
    second = kept.replace("220", "240")
    changed = admin.ask("POST", "/api/tables/lint", {"text": second}).body
    (difference,) = changed["differences"]
    assert (difference["before"], difference["after"], changed["faults"]) == ("220", "240", [])
    assert publish(admin, second, seen(admin, document)).body["live"] == 2
    found = admin.get("/api/tables/differences", document=document, before=1, after=2).body
    assert found == [difference]
    back = {"document": document, "to": 1, **seen(admin, document), **BECAUSE}
    assert admin.ask("POST", "/api/tables/rollback", back).body["live"] == 1
    its = history(admin, document)
    assert [(it["number"], it["uses"]) for it in its["versions"]] == [(2, []), (1, ["live"])]
    by = admin.get("/api/session").body["name"]
    assert [(it["action"], it["by"], it["reason"]) for it in entries(hub, document)] == [
        ("config.applied", by, BECAUSE["because"]),
        ("config.applied", by, BECAUSE["because"]),
        ("config.rolled_back", by, BECAUSE["because"]),
    ]
    (listed,) = [it for it in admin.get("/api/tables").body["documents"] if it["document"] == document]
    assert (listed["kind"], listed["name"], listed["live"], listed["newest"], listed["by"]) == (
        "products",
        "east",
        1,
        2,
        by,
    )


def test_who_comes_second_is_told_who_was_first_and_nothing_is_written_over(hub: Hub, admin: Browser) -> None:
    document, other = "products/both", hub.console.signed_in(Grant("admin", Kind.ALL, ""))
    assert publish(admin, products("both"), seen(admin, document)).status == 200
    before, mine = seen(admin, document), products("both", description="mine")
    assert publish(other, products("both", description="theirs"), before).status == 200
    for refused in (
        publish(admin, mine, before),
        admin.ask("POST", "/api/tables/rollback", {"document": document, "to": 1, **before, **BECAUSE}),
    ):
        assert (refused.status, refused.body["code"]) == (409, "overtaken")
        assert (
            f"{document}@2 was published meanwhile, by {other.get('/api/session').body['name']}"
            in refused.body["message"]
        )
    # Both are there to be held against each other.
    (difference,) = admin.ask("POST", "/api/tables/lint", {"text": mine}).body["differences"]
    assert (difference["before"], difference["after"]) == ('"theirs"', '"mine"')
    assert [it["number"] for it in history(admin, document)["versions"]] == [2, 1]
    assert publish(admin, mine, seen(admin, document)).body["live"] == 3


def test_all_that_is_wrong_is_told_by_its_line_in_the_persons_language(admin: Browser) -> None:
    wrong = 'kind = "products"\nversion = 1\nname = "x"\nprodcuts = []\n'
    for language in ("en", "zh"):
        answer = admin.ask("POST", "/api/tables/lint", {"text": wrong}, Accept_Language=language).body
        assert answer["document"] == "" and answer["differences"] is None
        assert 4 in [it["line"] for it in answer["faults"]], answer
        assert all(it["says"].isascii() is (language == "en") for it in answer["faults"]), answer
    refused = publish(admin, wrong, {"newest": 0, "change": 0})
    assert (refused.status, refused.body["code"]) == (422, "faulty")
    for broken in ("", "= =", "kind = 'rules'", json.dumps({"kind": "products", "version": 1, "name": "\ud800"})):
        assert admin.ask("POST", "/api/tables/lint", {"text": broken}).body["faults"], broken


def test_rules_are_not_changed_past_their_own_releases(admin: Browser) -> None:
    rules = Path("schemas/documents/rules/default.toml").read_text("utf-8")
    (fault,) = admin.ask("POST", "/api/tables/lint", {"text": rules}).body["faults"]
    assert fault["where"] == "$.kind"
    assert publish(admin, rules, {"newest": 0, "change": 0}).body["code"] == "faulty"
    for path in ("history", "version", "differences"):
        answer = admin.get(f"/api/tables/{path}", document="rules/main", version=1, before=1, after=1)
        assert answer.body["code"] == "gone"
    back = {"document": "rules/main", "to": 1, "newest": 0, "change": 0, **BECAUSE}
    assert admin.ask("POST", "/api/tables/rollback", back).body["code"] == "gone"


def test_warehouses_take_effect_at_once_and_are_named_before(hub: Hub, admin: Browser) -> None:
    it = (
        'kind = "warehouses"\nversion = 1\nname = "north"\n[[warehouses]]\ncode = "bj9"\nprovince = "北京"\n'
        '[[warehouses]]\ncode = "tj9"\nprovince = "天津"\n'
    )
    judged = admin.ask("POST", "/api/tables/lint", {"text": it}).body
    assert (judged["faults"], judged["warehouses"]) == ([], ["bj9", "tj9"])
    assert publish(admin, it, {"newest": 0, "change": 0}).status == 200
    assert {"bj9", "tj9"} <= {(m.key() or b"").decode() for m in hub.cluster.read("config.warehouses")}


def test_who_may_look_may_not_change(hub: Hub, admin: Browser) -> None:
    looker = hub.console.signed_in(Grant("operator", Kind.ALL, ""))
    assert looker.get("/api/tables").status == 200
    assert publish(looker, products("no"), {"newest": 0, "change": 0}).status == 403
    assert hub.console.signed_in(Grant("operator", Kind.SHOP, "tea")).get("/api/tables").status == 403
