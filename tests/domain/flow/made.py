"""Flows, facts and events by chance: small enough that tasks meet answers, deadlines pass, and ways lead round until they are spent."""

from __future__ import annotations

from random import Random
from typing import Any

from streams.domain.flow.facts import Event, FlowFacts
from streams.domain.flow.state import FlowState, task_of
from streams.domain.routing.rules.facts import Facts, LineFacts, OrderFacts

EVENTS = ("accepted", "paid", "changed", "shipped", "custom")
PEOPLE, ROLES, TAGS = ("ann", "bo", "cy"), ("lead", "desk"), ("vip", "late", "gift")
FIELDS = {"title": "text", "points": "number", "gift": "yes_no"}
MINUTE_MS = 60_000
NOW_MS = 1_764_500_000_000


def document(random: Random) -> dict[str, Any]:
    """A flow without a fault. Edges lead on to later nodes; back only from where arrivals are counted."""
    count = random.randint(2, 9)
    names = [f"n{at}" for at in range(count)] + ["done", "gone"]
    middle = [_node(random, at, names) for at in range(count)]
    # There always is one that routes, and two ways to end.
    middle[0] = {"name": "n0", "do": "route", "rules": "built-in", "then": _later(random, 0, names)}
    nodes = [
        {"name": "begin", "do": "on", "event": "accepted", "then": "n0"},
        *middle,
        {"name": "done", "do": "end"},
        {"name": "gone", "do": "cancel", "reason": "unwanted"},
    ]
    kept = _reached(nodes)
    resting = [node["name"] for node in kept if node["do"] in ("hold", "approve", "wait", "end")]
    for number, event in enumerate(random.sample(EVENTS[1:], random.randint(0, 2))):
        on: dict[str, Any] = {"name": f"on{number}", "do": "on", "event": event}
        on |= {"custom": "ring"} if event == "custom" else {}
        on["then"] = random.choice([node["name"] for node in kept if node["do"] != "on"])
        at = [
            name
            for name in random.sample(resting, random.randint(0, min(2, len(resting))))
            if not _awaits(kept, name, event)
        ]
        kept.append({**on, "at": at} if at else on)
    asked = str(kept)
    fields = [
        {"name": name, "type": kind}
        for name, kind in FIELDS.items()
        if f"'{name}'" in asked or f"fields.{name}" in asked
    ]
    return {"version": 1, "name": "by chance", "nodes": kept, **({"fields": fields} if fields else {})}


def _awaits(nodes: list[dict[str, Any]], name: str, event: str) -> bool:
    return any(node["name"] == name and node.get("event") == event for node in nodes)


def _later(random: Random, at: int, names: list[str]) -> str:
    return random.choice(names[at + 1 :][:4])


def _two_later(random: Random, at: int, names: list[str]) -> list[str]:
    near = names[at + 1 :][:4]
    return random.sample(near, 2) if len(near) > 1 else ["done", "gone"]


def _node(random: Random, at: int, names: list[str]) -> dict[str, Any]:
    do = random.choice(
        ("if", "if", "set", "transform", "hold", "approve", "approve", "wait", "notify", "split", "merge")
    )
    node: dict[str, Any] = {"name": f"n{at}", "do": do}
    if do == "if":
        then, otherwise = _two_later(random, at, names)
        return {**node, "when": [_condition(random)], "then": then, "otherwise": otherwise}
    if do in ("hold", "approve", "wait"):
        return _resting(random, node, at, names)
    node["then"] = _later(random, at, names)
    match do:
        case "set":
            value = random.choice(
                ({"field": "title", "text": "x"}, {"field": "points", "number": 3}, {"field": "gift", "yes_no": True})
            )
            node |= {"tags": [random.choice(TAGS)], "fields": [value]}
            if random.random() < 0.4:
                node |= {
                    "untag": [tag for tag in TAGS if tag not in node["tags"]][:1],
                    "priority": random.randint(0, 3),
                }
        case "transform":
            into = random.choice(("fields", "warehouse"))
            node |= {"source": random.choice(("raw", "order")), "into": into}
            node["steps"] = [{"to": "title", "by": "path", "path": random.choice(("a", "b"))}]
        case "notify":
            node |= {"by": "mail", "target": "desk", "text": "look"}
        case "split":
            node |= {"by": "category"}
        case "merge":
            node |= {"minutes": 5}
    return node


def _resting(random: Random, node: dict[str, Any], at: int, names: list[str]) -> dict[str, Any]:
    node |= {"minutes": random.randint(1, 9), "late": _later(random, at, names)}
    if random.random() < 0.5:
        node |= {"rounds": random.randint(1, 2), "spent": _later(random, at, names)}
    # A counted way may lead anywhere, back too.
    on = random.choice(names) if "rounds" in node else _later(random, at, names)
    match node["do"]:
        case "hold":
            node |= {"reason": "risk", "released": on}
        case "approve":
            node |= {"role": random.choice(ROLES), "persons": random.randint(1, 2), "asker_may": random.random() < 0.3}
            node |= {"approved": on, "refused": _later(random, at, names)}
        case "wait":
            event = random.choice(EVENTS)
            node |= {"event": event, "then": on, **({"custom": "ring"} if event == "custom" else {})}
    return node


def _condition(random: Random) -> dict[str, Any]:
    found: dict[str, Any] = random.choice(
        (
            {"field": "tag", "in": [random.choice(TAGS)]},
            {"field": "risk_signal", "in": ["VAGUE_ADDRESS"]},
            {"field": "risk_bp", "at_least": 5_000},
            {"field": "flow_priority", "at_most": 1},
            {"field": "fields.title", "in": ["x", "a1"]},
            {"field": "fields.points", "at_least": 2, "at_most": 4},
            {"field": "fields.gift", "is": True},
            {"field": "total_minor", "at_least": 500},
            {"field": "channel", "in": ["jd"]},
        )
    )
    return {**found, "not": True} if random.random() < 0.3 else found


def _reached(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    edges = ("then", "otherwise", "released", "approved", "refused", "late", "spent")
    found, before = {"begin"}, 0
    while len(found) > before:
        before = len(found)
        found |= {node[edge] for node in nodes if node["name"] in found for edge in edges if edge in node}
    return [node for node in nodes if node["name"] in found]


def facts(random: Random) -> FlowFacts:
    order = OrderFacts(
        (LineFacts("1", "A", 1),), channel=random.choice(("jd", "taobao")), total_minor=random.choice((100, 900, None))
    )
    raw, record = ({key: f"{key}{at}" for key in "ab" if random.random() < 0.6} for at in (1, 2))
    return FlowFacts(
        Facts(order, (), NOW_MS),
        {name: value for name, value in (("title", "x"), ("points", 2), ("gift", False)) if random.random() < 0.3},
        random.choice((None, 1_000, 9_000)),
        random.choice(((), ("VAGUE_ADDRESS",))),
        raw,
        record,
    )


def event(random: Random, state: FlowState) -> Event:
    kind = random.choice((*EVENTS, "accepted", "tick", "approved", "approved", "refused", "released", "released"))
    if random.random() < 0.02:
        kind = "cancelled"
    by = random.choice((*PEOPLE, ""))
    task = random.choice(("", task_of(state), "n1#1"))
    return Event(kind, "ring" if kind == "custom" else "", by, ROLES[: random.randint(0, 2)], task)
