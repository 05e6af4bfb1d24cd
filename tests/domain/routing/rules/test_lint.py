"""Bad documents are refused with line, path, value and what to do: all that is wrong with them, and nothing else."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from schemas.documents.faults import in_words, line_of, shown
from schemas.documents.rules.builtin import default, examples
from schemas.documents.rules.reading import draft
from streams.domain.routing.rules.lint import lint

from . import made

NEAREST = 'rank = { mode = "lexicographic", criteria = [{ by = "distance" }] }'
ENDS = 'then = { partial = "backorder", none = "backorder" }'
HEAD = 'version = 1\nname = "x"\n'
DEFAULT = f"[default]\n{NEAREST}\n"


def said(text: str, warehouses: list[str] | None = None) -> list[str]:
    read = draft(text)
    return [
        f"{line_of(each.path, read.lines)} {in_words(each.path)} {shown(each.value)}: {each.says}"
        for each in lint(read, warehouses)
    ]


def strategy(*lines: str, name: str = "s") -> str:
    return "\n".join(
        ("[[strategies]]", f'name = "{name}"', *lines, *([] if any("rank" in it for it in lines) else [NEAREST]), "")
    )


def when(*conditions: str) -> str:
    return f"when = [{', '.join(conditions)}]"


def table(*rows: str) -> str:
    head = f'{HEAD}[[tables]]\nname = "t"\n'
    used = 'filters = [{ filter = "table", table = "t" }]\n'
    return head + "".join(f"[[tables.rows]]\n{row}\nwarehouses = ['HZ1']\n" for row in rows) + DEFAULT + used


JD, PDD = '{ field = "channel", in = ["jd"] }', '{ field = "channel", in = ["pdd"] }'
BOTH = '{ field = "channel", in = ["jd", "pdd"] }'
ZJ = '{ field = "province", in = ["浙江"] }'

ONE_FAULT = {
    "a field nobody knows": (HEAD + "nam = 3\n" + DEFAULT, "3 $.nam 3: is no field here: did you mean name?"),
    "a number as text": (
        HEAD + strategy(when('{ field = "pieces", at_least = "3" }')) + DEFAULT,
        '5 $.strategies[0].when[0].at_least "3": is text: write a whole number, without quotes',
    ),
    "half a piece": (
        HEAD + strategy(when('{ field = "pieces", at_least = 2.5 }')) + DEFAULT,
        "5 $.strategies[0].when[0].at_least 2.5: write a whole number",
    ),
    "no default": (HEAD, "1 $.default : is missing: it must be given"),
    "no version": ('name = "x"\n' + DEFAULT, "1 $.version : is missing: write version = 1"),
    "a newer version": (
        'version = 7\nname = "x"\n' + DEFAULT,
        "1 $.version 7: is no version that this Penstock reads: 1",
    ),
    "a version as text": ('version = "1"\nname = "x"\n' + DEFAULT, '1 $.version "1": write 1, without quotes'),
    "a version that is no number": (
        'version = true\nname = "x"\n' + DEFAULT,
        "1 $.version true: is not known here: write one of 1",
    ),
    "a fact that the hub lacks": (
        HEAD + strategy(when('{ field = "priority", at_least = 3 }')) + DEFAULT,
        '5 $.strategies[0].when[0].field "priority": is known and not offered yet: the hub lacks the fact Order.priority',
    ),
    "a criterion that the hub lacks the fact for": (
        HEAD + '[default]\nrank = { mode = "lexicographic", criteria = [{ by = "carbon" }] }\n',
        '4 $.default.rank.criteria[0].by "carbon": is known and not offered yet: the hub lacks the fact config.carbon',
    ),
    "a filter that the hub lacks the fact for": (
        HEAD + DEFAULT + 'filters = [\n  { filter = "group" },\n]\n',
        '6 $.default.filters[0].filter "group": is known and not offered yet: the hub lacks the fact config.warehouses.group',
    ),
    "an action that the hub lacks the fact for": (
        HEAD + strategy('then = { none = "hold" }') + DEFAULT,
        '5 $.strategies[0].then.none "hold": is known and not offered yet: the hub lacks the fact a hold that routing sets',
    ),
    "a condition nobody knows": (
        HEAD + strategy(when('{ field = "chanel", in = ["jd"] }')) + DEFAULT,
        '5 $.strategies[0].when[0].field "chanel": is no fact of an order: did you mean channel?',
    ),
    "a channel nobody knows": (
        HEAD + strategy(when('{ field = "channel", in = ["taobo"] }')) + DEFAULT,
        '5 $.strategies[0].when[0].in[0] "taobo": is no channel of this hub: did you mean taobao?',
    ),
    "a province nobody knows": (
        HEAD + strategy(when('{ field = "province", in = ["折江"] }')) + DEFAULT,
        '5 $.strategies[0].when[0].in[0] "折江": is no place that is known: write it as its government does, such as 浙江省',
    ),
    "a province under two names": (
        HEAD + strategy(when('{ field = "province", in = ["浙江", "Zhejiang"] }')) + DEFAULT,
        '5 $.strategies[0].when[0].in[1] "Zhejiang": is named twice: leave one',
    ),
    "an operator that does not fit": (
        HEAD + strategy(when('{ field = "pieces", in = ["3"] }')) + DEFAULT,
        '5 $.strategies[0].when[0].in ["3"]: does not fit pieces: write at_least or at_most',
    ),
    "a condition that asks nothing": (
        HEAD + strategy(when('{ field = "pieces" }')) + DEFAULT,
        "5 $.strategies[0].when[0] : asks nothing of pieces: write at_least or at_most",
    ),
    "lines of a fact that has none": (
        HEAD + strategy(when('{ field = "pieces", at_least = 3, lines = "all" }')) + DEFAULT,
        '5 $.strategies[0].when[0].lines "all": pieces is a fact of the whole order: take it out',
    ),
    "a span that is none": (
        HEAD + strategy(when('{ field = "pieces", at_least = 3, at_most = 2 }')) + DEFAULT,
        "5 $.strategies[0].when[0].at_least 3: is more than at_most, 2: no order meets both",
    ),
    "conditions that contradict": (
        HEAD + strategy(when(JD, PDD)) + DEFAULT,
        "5 $.strategies[0].when[1] : contradicts when[0]: no order meets both; take one out",
    ),
    "an empty list": (
        HEAD + strategy(when('{ field = "channel", in = [] }')) + DEFAULT,
        "5 $.strategies[0].when[0].in []: is empty: name at least one, or leave it out",
    ),
    "an empty filter": (
        HEAD + strategy("filters = [{}]") + DEFAULT,
        "5 $.strategies[0].filters[0].filter : is missing: one of distance, warehouses, warehouse_province, same_province, "
        "keep_back, covers, "
        "capacity_left, load, table, coverage, eta, cutoff, calendar, daily_capacity, carrier, ability, min_margin",
    ),
    "no criteria": (
        HEAD + '[default]\nrank = { mode = "lexicographic", criteria = [] }\n',
        "4 $.default.rank.criteria []: is empty: name at least one, or leave it out",
    ),
    "weights that are all 0": (
        HEAD + '[default.rank]\nmode = "weighted"\ncriteria = [{ by = "distance", weight = 0 }]\n',
        '5 $.default.rank.criteria [{"by": "distance", "weight": 0}]: all have weight 0: give at least one more',
    ),
    "a weight that is missing": (
        HEAD + '[default.rank]\nmode = "weighted"\ncriteria = [\n{ by = "distance", weight = 1 },\n{ by = "load" }]\n',
        "7 $.default.rank.criteria[1].weight : is missing: in mode weighted every criterion has one, 0 to 10,000",
    ),
    "a weight where none counts": (
        HEAD + '[default.rank]\nmode = "lexicographic"\ncriteria = [{ by = "distance", weight = 1 }]\n',
        "5 $.default.rank.criteria[0].weight 1: means nothing in mode lexicographic: take it out",
    ),
    "more than all of it": (
        HEAD + '[default.rank]\nmode = "weighted"\ncriteria = [{ by = "distance", weight = 10001 }]\n',
        "5 $.default.rank.criteria[0].weight 10001: write a number from 0 to 10,000",
    ),
    "bands that do not rise": (
        HEAD + '[default.rank]\nmode = "banded"\ncriteria = [{ by = "distance", bands = [5, 5] }]\n',
        "5 $.default.rank.criteria[0].bands [5, 5]: are not ascending: write each limit once, the least first",
    ),
    "no bands at all": (
        HEAD + '[default.rank]\nmode = "banded"\ncriteria = [{ by = "distance" }]\n',
        '4 $.default.rank.mode "banded": has no bands in any criterion: give one bands, or write lexicographic',
    ),
    "the same criterion twice": (
        HEAD + '[default.rank]\nmode = "lexicographic"\ncriteria = [{ by = "load" }, { by = "load" }]\n',
        '5 $.default.rank.criteria[1] {"by": "load"}: is the same as criteria[0]: take one out',
    ),
    "a strategy after one without a condition": (
        HEAD + strategy(ENDS) + strategy(when(JD), name="t") + DEFAULT,
        "7 $.strategies[1] : is never reached: strategies[0] has no condition and hands none on; put this one before it",
    ),
    "a strategy whose orders one before takes": (
        HEAD + strategy(when(BOTH), ENDS) + strategy(when(JD, ZJ), name="t") + DEFAULT,
        "8 $.strategies[1] : is never reached: strategies[0] meets all of its orders and hands none on; put this one before it",
    ),
    "two of one name": (
        HEAD + strategy(when(JD)) + strategy(when(PDD)) + DEFAULT,
        '8 $.strategies[1].name "s": is the name of strategies[0] already: give it another',
    ),
    "the same row twice": (table(when(JD), when(JD)), "8 $.tables[0].rows[1] : asks the same as rows[0]: take one out"),
    "a row that is never reached": (
        table(when(BOTH), when(JD)),
        "8 $.tables[0].rows[1] : is never reached: rows[0] meets all of its orders; put this one before it",
    ),
    "rows that overlap": (
        table(when('{ field = "pieces", at_most = 5 }'), when('{ field = "pieces", at_least = 5 }')),
        "8 $.tables[0].rows[1] : overlaps rows[0]: an order can meet both; take what they share out of one",
    ),
    "a table that nothing uses": (
        f"{HEAD}[[tables]]\nname = 't'\nrows = [{{ warehouses = ['HZ1'] }}]\n{DEFAULT}",
        '4 $.tables[0].name "t": is used by nothing: name it in a filter or a criterion, or take the table out',
    ),
    "a table that is not there": (
        HEAD + DEFAULT + 'filters = [{ filter = "table", table = "u" }]\n',
        '5 $.default.filters[0].table "u": is no table of this document: it has none yet',
    ),
    "pieces kept back twice": (
        HEAD + DEFAULT + 'filters = [{ filter = "keep_back", pieces = 1 }, { filter = "keep_back", pieces = 2 }]\n',
        '5 $.default.filters[1] "keep_back": stands at filters[0] already: keep the larger one',
    ),
    "a search in one parcel": (
        HEAD + DEFAULT + 'allocate = { split = "fewest", max_parcels = 1 }\n',
        '5 $.default.allocate.split "fewest": has nothing to search for with max_parcels = 1: leave one of them out',
    ),
    "a warehouse named twice": (
        HEAD + DEFAULT + 'filters = [{ filter = "warehouses", in = ["HZ1", "HZ1"] }]\n',
        '5 $.default.filters[0].in[1] "HZ1": is named twice: leave one',
    ),
    "no text at all": ("", "1 $.version : is missing: write version = 1"),
    "no JSON": ('{"version": 1,\n "name" "x"}', "2 $ : this is no JSON: Expecting ':' delimiter"),
    "no TOML": ("version = 1\nname = x\n", "2 $ : this is no TOML: Invalid value (at line 2, column 8)"),
    "a key twice in JSON": (
        '{"version": 1, "name": "x",\n"name": "y", "default": {"rank": {"mode": "lexicographic", "criteria": [{"by": "load"}]}}}',
        "2 $.name : stands here twice: leave one",
    ),
    "no number": ('{"version": NaN}', "1 $ : a number cannot be read: NaN is none"),
    "nested without end": ('{"a":' * 50_000, "1 $ : it is nested too deeply: no document needs that"),
}


@pytest.mark.parametrize("case", ONE_FAULT)
def test_one_fault_is_told_and_nothing_else(case: str) -> None:
    text, expected = ONE_FAULT[case]
    assert said(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + strategy() + strategy(when(JD), name="t") + DEFAULT,
        HEAD + strategy('then = { partial = "backorder" }') + strategy(when(JD), name="t") + DEFAULT,
        HEAD + strategy(when(JD), ENDS) + strategy(when(BOTH), name="t") + DEFAULT,
        HEAD + strategy(when(JD), ENDS) + strategy(when(JD.replace("in =", "not = true, in =")), name="t") + DEFAULT,
        HEAD
        + strategy(when('{ field = "sku", in = ["A"], not = true }'), ENDS)
        + strategy(when('{ field = "sku", in = ["B"] }'), name="t")
        + DEFAULT,
        table(when(JD), when(BOTH), when()),
        table(when(JD), when(ZJ)),
        table(when(JD, ZJ), when(JD)),
    ],
    ids=[
        "hands all on",
        "hands some on",
        "narrower first",
        "all others",
        "an order of both",
        "rows from narrow to wide",
        "other facts",
        "more first",
    ],
)
def test_what_can_be_reached_is_let_be(text: str) -> None:
    assert said(text) == []


def test_a_warehouse_nobody_set_up() -> None:
    text = table(when(JD)).replace("'HZ1'", "'HZ2'") + "\n[default.allocate]\n"
    assert said(text) == []
    assert said(text, ["HZ1", "GZ1"]) == [
        '7 $.tables[0].rows[0].warehouses[0] "HZ2": is no warehouse that is set up: did you mean HZ1?'
    ]
    assert "penstock warehouse set makes one" in said(text, [])[0]


def test_all_faults_are_told_at_once() -> None:
    """One in the text's form hides none of what it means."""
    bad = [
        text.removeprefix(HEAD).removesuffix(DEFAULT)
        for text, _ in ONE_FAULT.values()
        if text.startswith(HEAD + "[[strategies]]") and text.count("[[strategies]]") == 1
    ]
    names = "".join(text.replace('name = "s"', f'name = "s{at}"', 1) for at, text in enumerate(bad))
    found = said(HEAD + names + DEFAULT)
    assert len(found) == names.count("[[strategies]]") > 12
    assert any("did you mean taobao?" in each for each in found) and any("without quotes" in each for each in found)
    assert [int(each.split()[0]) for each in found] == sorted(int(each.split()[0]) for each in found)


def test_more_rows_than_any_merchant_has_places_for() -> None:
    rows = 'rows = [{ when = [{ field = "town", in = ["x"] }], warehouses = ["HZ1"] }'
    more = ', { warehouses = ["HZ1"] }' * 1_000
    found = said(f"{HEAD}[[tables]]\nname = 't'\n{rows}{more}]\n{DEFAULT}")
    assert found == ["5 $.tables[0].rows : has 1,001 entries: at most 1,000"]
    million = f"{HEAD}[[tables]]\nname = 't'\n{rows}{', {}' * 1_000_000}]\n{DEFAULT}"
    assert said(million) == [
        f"1 $ : the document has {len(million):,} bytes: at most 1,000,000, so take out what no order needs"
    ]


def test_as_many_rows_as_there_may_be_are_judged_in_seconds() -> None:
    rows = [
        {"when": [{"field": "town", "in": [f"t{at}"]}, {"field": "pieces", "at_least": at % 7}], "warehouses": ["HZ1"]}
        for at in range(1_000)
    ]
    rank = {"mode": "lexicographic", "criteria": [{"by": "table", "table": "t"}]}
    document = {"version": 1, "name": "x", "tables": [{"name": "t", "rows": rows}], "default": {"rank": rank}}
    assert said(json.dumps(document)) == []
    rows[999]["when"] = rows[0]["when"]
    assert said(json.dumps(document)) == ["1 $.tables[0].rows[999] : asks the same as rows[0]: take one out"]


def test_what_comes_with_penstock_has_no_fault_but_a_fact_that_is_lacking() -> None:
    assert default().name == "built-in"
    for name, text in examples().items():
        assert all("the hub lacks the fact" in each for each in said(text)), name


@pytest.mark.parametrize("seed", range(40))
def test_anything_at_all_is_answered(seed: int) -> None:
    """A document with a piece of it replaced by something else never raises."""
    random = Random(seed)
    document = made.document(random)
    for _ in range(5):
        place: Any = document
        while isinstance(place, (dict, list)) and place:
            key = random.choice([*place] if isinstance(place, dict) else range(len(place)))
            if random.random() < 0.3 or not isinstance(place[key], (dict, list)):
                place[key] = random.choice((None, True, -1, 10**30, 1.5, "x", "", [], {}, [[]], {"by": 3}, "\ud800"))
                break
            place = place[key]
    said(json.dumps(document))
