"""Bad flows are refused with line, path, value and what to do: all that is wrong with them, and nothing else."""

from __future__ import annotations

import pytest

from schemas.documents.faults import in_words, line_of, shown
from schemas.documents.flows.builtin import default
from schemas.documents.flows.reading import draft
from schemas.documents.hashing import canonical
from streams.domain.flow.lint import ANYTHING, Known, lint

HEAD = 'version = 1\nname = "x"\n'
BEGIN = '[[nodes]]\nname = "begin"\ndo = "on"\nevent = "accepted"\nthen = "{}"\n'
ROUTE = '[[nodes]]\nname = "route"\ndo = "route"\nrules = "built-in"\nthen = "done"\n'
DONE = '[[nodes]]\nname = "done"\ndo = "end"\n'
FIELD = '[[fields]]\nname = "title"\ntype = "text"\n'
HUB = Known(rules=["winter"], roles={"lead": ["ann", "bo"], "solo": ["ann"], "empty": []}, targets={"mail": ["desk"]})


def said(text: str, known: Known = ANYTHING) -> list[str]:
    read = draft(text)
    return [
        f"{line_of(each.path, read.lines)} {in_words(each.path)} {shown(each.value)}: {each.says}"
        for each in lint(read, known)
    ]


def flow(*lines: str, name: str = "x", after: str = "") -> str:
    """An order comes to one node, ``x``, from there to a route and to its end; the node begins in line 8."""
    node = "\n".join(("[[nodes]]", f'name = "{name}"', *lines, ""))
    return HEAD + BEGIN.format(name) + node + ROUTE + DONE + after


def asked(condition: str) -> str:
    return flow('do = "if"', f"when = [{condition}]", 'then = "route"', 'otherwise = "done"', after=FIELD)


def hold(*lines: str) -> str:
    return flow('do = "hold"', 'reason = "risk"', 'released = "route"', *lines)


def approve(*lines: str) -> str:
    edges = ('approved = "route"', 'refused = "done"', "minutes = 60", 'late = "done"')
    return flow('do = "approve"', *edges, *lines)


def mapped(*steps: str) -> str:
    return flow(
        'do = "transform"',
        'source = "raw"',
        'into = "fields"',
        f"steps = [{', '.join(steps)}]",
        'then = "route"',
        after=FIELD,
    )


TITLE = '{ to = "title", by = "path", path = "a" }'
ON = '[[nodes]]\nname = "again"\ndo = "on"\n'

FAULTS: dict[str, tuple[str, list[str]]] = {
    "an edge to nowhere": (
        flow('do = "notify"', 'by = "mail"', 'target = "desk"', 'then = "rout"'),
        ['13 $.nodes[1].then "rout": is no node of this flow: did you mean route?'],
    ),
    "a kind of node nobody knows": (
        flow('do = "aprove"'),
        ['10 $.nodes[1].do "aprove": is not known here: did you mean approve?'],
    ),
    "two nodes of one name": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + DONE,
        ['17 $.nodes[3].name "done": is named twice: give one another name'],
    ),
    "a node that no event leads to": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + '[[nodes]]\nname = "lost"\ndo = "end"\n',
        ['17 $.nodes[3].name "lost": is never reached: no event leads to it; take it out'],
    ),
    "an edge back to where an event begins": (
        flow('do = "notify"', 'by = "mail"', 'target = "desk"', 'then = "begin"'),
        ['13 $.nodes[1].then "begin": is where an event begins: nothing leads there; name the node after it'],
    ),
    "no event": (HEAD + DONE, ['3 $.nodes : no event begins this flow: write a node with do = "on"']),
    "nothing is routed": (
        HEAD + BEGIN.format("done") + DONE,
        ['3 $.nodes : no order is ever routed: write a node with do = "route", else nothing is sent'],
    ),
    "two begin by one event": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + ON + 'event = "accepted"\nthen = "done"\n',
        [
            '19 $.nodes[3].event "accepted": begins where begin does: one event leads to one node; '
            "leave one, or say at"
        ],
    ),
    "an event that its place waits for itself": (
        flow('do = "wait"', 'event = "paid"', 'then = "route"', "minutes = 5", 'late = "done"')
        + ON + 'event = "paid"\nthen = "done"\nat = ["x"]\n',
        ['26 $.nodes[4].event "paid": is what x itself waits for: take one out'],
    ),
    "an event where no order rests": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + ON + 'event = "paid"\nthen = "done"\nat = ["route"]\n',
        ['21 $.nodes[3].at[0] "route": is no node where an order rests and goes on'],
    ),
    "a custom event without a name": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + ON + 'event = "custom"\nthen = "done"\n',
        ["16 $.nodes[3].custom : is missing: name the event of your own that is meant"],
    ),
    "a hold without an end": (
        hold(),
        ["8 $.nodes[1].minutes : is missing: nothing may wait without an end; write minutes, and late, where the order goes then"],
    ),
    "a deadline without what then": (
        hold("minutes = 60"),
        ["8 $.nodes[1].late : is missing: say where the order goes when the time is over"],
    ),
    "a limit without what then": (
        hold("minutes = 60", 'late = "done"', "rounds = 2"),
        ["8 $.nodes[1].spent : is missing: say where the order goes when rounds are used up"],
    ),
    "a hold of no minutes": (
        hold("minutes = 0", 'late = "done"'),
        ["13 $.nodes[1].minutes 0: write a number from 1 to 525,600"],
    ),
    "a wait that goes round for ever": (
        flow('do = "wait"', 'event = "paid"', 'then = "route"', "minutes = 5", 'late = "x"'),
        [
            '9 $.nodes[1].name "x": leads round without a limit: x → x; '
            "give a hold, an approval or a wait on the way rounds and spent"
        ],
    ),
    "a limit that leads back at once": (
        flow('do = "wait"', 'event = "paid"', 'then = "route"', "minutes = 5", 'late = "x"', "rounds = 3", 'spent = "x"'),
        [
            '9 $.nodes[1].name "x": leads round without a limit: x → x; '
            "give a hold, an approval or a wait on the way rounds and spent"
        ],
    ),
    "no way to an end": (
        HEAD + BEGIN.format("route") + ROUTE.replace('"done"', '"x"')
        + '[[nodes]]\nname = "x"\ndo = "wait"\nminutes = 5\nrounds = 3\nlate = "x"\nspent = "x"\n',
        [
            '4 $.nodes[0].name "begin": is a dead end: no way from it comes to a node with do = "end" or "cancel"',
            '9 $.nodes[1].name "route": is a dead end: no way from it comes to a node with do = "end" or "cancel"',
            '14 $.nodes[2].name "x": is a dead end: no way from it comes to a node with do = "end" or "cancel"',
            '14 $.nodes[2].name "x": leads round without a limit: x → x; '
            "give a hold, an approval or a wait on the way rounds and spent",
        ],
    ),
    "a role nobody set up": (approve('role = "led"'), ['15 $.nodes[1].role "led": is no role of this hub: did you mean lead?']),
    "an approval nobody may give": (
        approve('role = "empty"'),
        ['15 $.nodes[1].role "empty": is nobody\'s: no one could ever approve; give somebody the role'],
    ),
    "an approval only who asks may give": (
        approve('role = "solo"'),
        [
            '15 $.nodes[1].role "solo": has 1 persons: if one of them asks, too few are left; '
            "give one more the role, or write asker_may"
        ],
    ),
    "two persons of a role of one": (
        approve('role = "solo"', "persons = 2", "asker_may = true"),
        ["16 $.nodes[1].persons 2: are needed, and 1 person has the role solo"],
    ),
    "a rule document nobody published": (
        HEAD + BEGIN.format("route") + ROUTE.replace("built-in", "wintr") + DONE,
        ['11 $.nodes[1].rules "wintr": is no rule document: did you mean winter?'],
    ),
    "a target nobody set up": (
        flow('do = "notify"', 'by = "webhook"', 'target = "desk"', 'then = "route"'),
        ['12 $.nodes[1].target "desk": is no target for webhook: none is set up'],
    ),
    "a fact nobody knows": (
        asked('{ field = "chanel", in = ["jd"] }'),
        [
            '11 $.nodes[1].when[0].field "chanel": is no fact of an order: did you mean channel?',
        ],
    ),
    "a field nobody declared": (
        asked('{ field = "fields.titel", in = ["jd"] }'),
        ['11 $.nodes[1].when[0].field "fields.titel": is no field of this document: did you mean fields.title?'],
    ),
    "a number asked of a text": (
        asked('{ field = "fields.title", at_least = 3 }'),
        ["11 $.nodes[1].when[0].at_least 3: does not fit fields.title: write in"],
    ),
    "a branch both ways to one place": (
        flow('do = "if"', 'when = [{ field = "risk_bp", at_least = 5 }]', 'then = "route"', 'otherwise = "route"'),
        ['13 $.nodes[1].otherwise "route": is where then leads too: nothing is decided; take the node out'],
    ),
    "a value of another type": (
        flow('do = "set"', 'fields = [{ field = "title", number = 3 }]', 'then = "route"', after=FIELD),
        ["11 $.nodes[1].fields[0].number 3: does not fit title: write text"],
    ),
    "two values of one field": (
        flow('do = "set"', 'fields = [{ field = "title", text = "a", number = 3 }]', 'then = "route"', after=FIELD),
        ["11 $.nodes[1].fields[0] : sets no value, or several: write exactly one of text, number, yes_no"],
    ),
    "a set of nothing": (
        flow('do = "set"', 'then = "route"'),
        ["8 $.nodes[1] : sets nothing: write tags, untag, priority or fields, or take the node out"],
    ),
    "a field that nothing uses": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + FIELD,
        ['17 $.fields[0].name "title": is used by nothing: fill it, ask it, or take it out'],
    ),
    "a step that names a later one": (
        mapped('{ to = "title", by = "format", text = "{_a}" }', '{ to = "_a", by = "path", path = "a" }'),
        [
            '13 $.nodes[1].steps[0].text "_a": is filled by no step before this one: write it after the step that fills it',
        ],
    ),
    "a sum of a text": (
        mapped(TITLE, '{ to = "_b", by = "sum", of = ["title"] }', '{ to = "_c", by = "sum", of = ["_b"] }'),
        [
            '13 $.nodes[1].steps[1].of[0] "title": is text: only numbers can be reckoned with',
            '13 $.nodes[1].steps[2].to "_c": is used by no later step, and kept nowhere: take it out',
        ],
    ),
    "a path without a key": (
        mapped('{ to = "title", by = "path", path = "a..b" }'),
        ['13 $.nodes[1].steps[0].path "a..b": has an empty part: write keys with one dot between them'],
    ),
    "a number into a text": (
        mapped('{ to = "title", by = "number", number = 3 }'),
        ['13 $.nodes[1].steps[0].to "title": is text, and this step makes number'],
    ),
    "a brace alone": (
        mapped(TITLE.replace("title", "_a"), '{ to = "title", by = "format", text = "{_a} }" }'),
        ['13 $.nodes[1].steps[1].text "{_a} }": has a brace without its other one: write each name as {name}'],
    ),
    "a move to nowhere": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + '[[moved]]\nwas = "old"\nnow = "route"\n',
        ['18 $.moved[0].now "route": is no node of this flow where an order rests: write one of done'],
    ),
    "a move of what stays": (
        HEAD + BEGIN.format("route") + ROUTE + DONE + '[[moved]]\nwas = "done"\nnow = "done"\n',
        ['17 $.moved[0].was "done": is a node of this version: orders at it stay there; take it out'],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_said(name: str) -> None:
    text, expected = FAULTS[name]
    assert said(text, HUB) == expected


def test_all_faults_are_said_at_once() -> None:
    text = hold("reason = 3").replace('reason = "risk"\n', "") + ON + 'event = "piad"\nthen = "nowhere"\n'
    assert said(text, HUB) == [
        "12 $.nodes[1].reason 3: write text, in quotes",
        '24 $.nodes[4].event "piad": is not known here: did you mean paid?',
    ]
    text = hold() + FIELD + ON + 'event = "paid"\nthen = "nowhere"\n'
    assert [line.partition(":")[0] for line in said(text, HUB)] == [
        "8 $.nodes[1].minutes ",
        '28 $.nodes[4].then "nowhere"',
    ]


def test_what_is_not_known_is_not_judged() -> None:
    text = approve('role = "anything"').replace("built-in", "some-rules")
    assert said(text) == []
    assert len(said(text, HUB)) == 2


def test_the_built_in_flow_has_no_fault() -> None:
    assert said(canonical(default()).decode(), HUB) == []
