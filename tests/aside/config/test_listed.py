"""What documents of listings and of bundles make of what shops show."""

from __future__ import annotations

from typing import Any

from schemas.documents.bundles import document as bundles
from schemas.documents.listings import document as listings
from streams.aside.config.listed import of_bundle
from streams.aside.config.rows import changed, live_documents
from streams.aside.config.standing import Standing
from tests.aside.config.made import NOTHING
from tests.aside.config.test_rows import written


def shop(name: str, *skus: str, **rule: Any) -> listings.Shop:
    items = tuple(listings.Item(sku=sku, item="1", variant=str(n)) for n, sku in enumerate(skus, start=1))
    return listings.Shop(channel="pdd", shop=name, items=items, **rule)


def document(name: str, *shops: listings.Shop) -> listings.Document:
    return listings.Document(version=1, name=name, shops=shops)


def sets(**parts: int) -> bundles.Document:
    made = tuple(bundles.BundlePart(sku, pieces) for sku, pieces in parts.items())
    return bundles.Document(version=1, name="sets", bundles=(bundles.Bundle("SET", made),))


def told(standing: Standing, name: str, wanted: Any) -> dict[str, tuple[list[str], list[str], list[str]]]:
    """SKU -> its parts, the bundles that hear of it, its shops."""
    return {
        each["sku"]: (
            [part["sku"] for part in each["parts"]],
            list(each["bundles"]),
            [place["shop"] for place in each["places"]],
        )
        for each in changed(standing, {name: wanted}, 9).listings
    }


def test_all_that_is_said_of_a_sku_is_said_again_where_anything_of_it_changes() -> None:
    one = document("a", shop("tea", "MUG", "CUP"))
    assert told(NOTHING, "listings/a", one) == {"CUP": ([], [], ["tea"]), "MUG": ([], [], ["tea"])}
    standing = written(NOTHING, "listings", one, 1)
    assert told(standing, "listings/a", one) == {}
    assert told(standing, "listings/b", document("b", shop("cups", "MUG"))) == {"MUG": ([], [], ["cups", "tea"])}
    assert told(standing, "listings/a", document("a", shop("tea", "MUG"))) == {"CUP": ([], [], [])}
    assert set(told(standing, "listings/a", document("a", shop("tea", "MUG", "CUP", buffer=2)))) == {"MUG", "CUP"}


def test_a_bundle_that_is_listed_and_its_parts_hear_of_each_other_whatever_is_set_first() -> None:
    both = {"SET": (["CUP", "POT"], [], ["tea"]), "CUP": ([], ["SET"], []), "POT": ([], ["SET"], [])}
    listed = written(NOTHING, "listings", document("a", shop("tea", "SET")), 1)
    assert told(listed, "bundles/sets", sets(CUP=4, POT=1)) == both
    made = written(NOTHING, "bundles", sets(CUP=4, POT=1), 1)
    assert told(made, "listings/a", document("a", shop("tea", "SET"))) == both
    all_ = written(listed, "bundles", sets(CUP=4, POT=1), 2)
    assert told(all_, "bundles/sets", sets(CUP=4, LID=1)) == {
        "SET": (["CUP", "LID"], [], ["tea"]),
        "LID": ([], ["SET"], []),
        "POT": ([], [], []),
    }
    by_hand: Any = {"sku": "SET", "parts": [], "version": 9}
    commands = of_bundle(live_documents(all_).values(), all_.rows.bundles, by_hand, 9)
    assert {each["sku"]: (list(each["parts"]), list(each["bundles"])) for each in commands} == {
        "CUP": ([], []),
        "POT": ([], []),
        "SET": ([], []),
    }


def test_each_change_has_ids_of_its_own() -> None:
    one, other = document("a", shop("tea", "MUG")), document("a", shop("tea", "MUG", buffer=1))
    standing, seen = NOTHING, []
    for at_ms, wanted in enumerate((one, other, one), start=1):
        seen += [each["command_id"] for each in changed(standing, {"listings/a": wanted}, at_ms).listings]
        standing = written(standing, "listings", wanted, at_ms)
    assert len(seen) == len(set(seen)) == 3
