"""Documents of pools: refused line by line, and made into pools whose parts make up the cap."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.documents.faults import in_words, shown
from schemas.documents.kinds import drafted
from schemas.documents.pools.document import Document, Pool, Quota
from schemas.topics import CHANNELS
from streams.domain.inventory import quotas
from streams.domain.inventory.pool_documents import faults, moment_ms, record, shares

HEAD = 'kind = "pools"\nversion = 1\nname = "autumn"\n'
POOL = '[[pools]]\nsku = "COAT-M"\ncap = 500\nfrom = "2026-10-24 20:00"\nuntil = "2026-11-12 00:00"\n'
QUOTAS = 'quotas = [{ name = "own", share = 4000, at_least = 50 }, { name = "shared", share = 6000 }]\n'
OTHERS = ", ".join(f"{{ channel = '{channel}', draws = ['shared'] }}" for channel in CHANNELS[1:])
CHAINS = f'chains = [{{ channel = "taobao", draws = ["own", "shared"] }}, {OTHERS}]\n'


def found(text: str, others: Any = None) -> list[str]:
    _, draft = drafted(HEAD + text)
    every = [*draft.faults, *faults(draft, others or {})]
    return [f"{in_words(each.path)} {shown(each.value)}: {each.says}" for each in every]


def test_a_whole_document_has_no_fault() -> None:
    assert found(POOL + QUOTAS + CHAINS) == []
    assert found(POOL) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            POOL.replace("2026-10-24 20:00", "24.10.2026"),
            '$.pools[0].from "24.10.2026": is no time: write it as 2026-10-24 20:00 (UTC+8)',
        ),
        (
            POOL.replace("2026-11-12 00:00", "2026-10-24 20:00"),
            '$.pools[0].until "2026-10-24 20:00": is not after its beginning, 2026-10-24 20:00: write a later time',
        ),
        (POOL + POOL, '$.pools[1].sku "COAT-M": is named by pools[0] already: leave one'),
        (POOL + QUOTAS, "$.pools[0].chains : is missing: quotas stands there, and means nothing alone"),
        (
            POOL + QUOTAS.replace("6000", "5500") + CHAINS,
            "$.pools[0].quotas 9500: is what the shares make up, and 10000 basis points are all: add 500",
        ),
        (
            POOL + QUOTAS.replace("6000", "6500") + CHAINS,
            "$.pools[0].quotas 10500: is what the shares make up, and 10000 basis points are all: take 500 away",
        ),
        (
            POOL + QUOTAS.replace("at_least = 50", "at_least = 501") + CHAINS,
            "$.pools[0].quotas 501: is what at_least makes up, and the cap is 500: lower one or raise the cap",
        ),
        (
            POOL + QUOTAS + CHAINS.replace('"own", ', ""),
            '$.pools[0].quotas[0].name "own": is drawn on by no channel, and its pieces could never be sold: name it in a chain',
        ),
        (
            POOL + QUOTAS + CHAINS.replace('"own", "shared"', '"own", "rest"'),
            '$.pools[0].chains[0].draws[1] "rest": is no quota of this pool: one of own, shared',
        ),
        (
            POOL + QUOTAS + CHAINS.replace('"own", "shared"', '"own", "own"'),
            '$.pools[0].chains[0].draws[1] "own": is named twice: leave one',
        ),
        (
            POOL + QUOTAS + CHAINS.replace("'jd'", "'jingdong'"),
            "$.pools[0].chains : has nothing for jd: name what its orders draw on, or draws = [] for none",
        ),
    ],
)
def test_each_fault_has_its_place_its_value_and_what_to_do(text: str, says: str) -> None:
    assert says in found(text)


def test_a_sku_stands_in_one_live_document() -> None:
    other = Document(version=1, name="winter", pools=(Pool(sku="COAT-M", cap=1, from_="", until=""),))
    assert found(POOL, {"pools/winter": other}) == [
        '$.pools[0].sku "COAT-M": stands in pools/winter too: leave it in one of them'
    ]


def test_what_its_form_refuses_is_said_with_its_place() -> None:
    assert found(POOL.replace("cap = 500", "cap = 0"))
    assert found(POOL.replace("cap = 500", 'cap = "500"'))


@given(st.integers(1, 5_000), st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=8))
def test_parts_make_up_the_cap_and_none_has_less_than_its_least(cap: int, made: list[tuple[int, int]]) -> None:
    weights = [weight for weight, _ in made]
    whole = sum(weights) or 1
    bp = [weight * 10_000 // whole for weight in weights]
    bp[0] += 10_000 - sum(bp)
    least = [min(each, cap // len(made)) for _, each in made]
    them = [Quota(str(n), share, at_least) for n, (share, at_least) in enumerate(zip(bp, least, strict=True))]
    units = shares(cap, them)
    assert sum(units) == cap
    assert all(has >= wanted for has, wanted in zip(units, least, strict=True))
    if not any(least):
        assert all(abs(has * 10_000 - cap * share) < 10_000 for has, share in zip(units, bp, strict=True))


def test_a_row_becomes_a_pool() -> None:
    _, draft = drafted(HEAD + POOL + "deposit_hours = 72\n" + QUOTAS + CHAINS)
    assert draft.document is not None
    made = record("pools/autumn", "autumn", draft.document.pools[0])
    assert (made["name"], made["cap"], made["soft_ms"]) == ("autumn", 500, 72 * 3_600_000)
    assert made["until_ms"] - made["from_ms"] == (18 * 24 + 4) * 3_600_000
    assert [(part["name"], part["units"]) for part in made["parts"]] == [("own", 200), ("shared", 300)]
    assert list(quotas.chain_of(made, "taobao")) == ["own", "shared"]
    assert quotas.unsound(made) == ""
    assert moment_ms("2026-10-24 20:00") == 1_792_843_200_000
