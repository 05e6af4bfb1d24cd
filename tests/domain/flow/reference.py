"""A flow by its document as it is written, event by event: slow and obvious, to hold the compiled table against.

It knows the document's plain values alone, and shares nothing with what it checks but the conditions about an order, which have a
reference of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.documents.rules.document import Condition
from streams.domain.flow.facts import Event, FlowFacts
from streams.domain.routing.rules import conditions

Doc = Mapping[str, Any]
EMPTY: dict[str, Any] = {
    "at": "", "since": 0, "due": None, "closed": False, "arrivals": 0, "asked_by": "", "votes": [], "visits": {},
    "tags": [], "priority": None, "fields": {},
}  # fmt: skip
RESTING = ("hold", "approve", "wait", "end", "cancel")


def play(
    doc: Doc, old: Mapping[str, Any], event: Event, facts: FlowFacts, now: int
) -> tuple[dict[str, Any], list[Any]]:
    """The state after an event, and what is to be done, as (name, values)."""
    nodes = {node["name"]: node for node in doc["nodes"]}
    state: dict[str, Any] = {**old}
    done: list[Any] = []
    if state["due"] is not None and state["due"] <= now:
        _leave(nodes, state, "late", "", done)
        _on_to(nodes, state, nodes[state["at"]]["late"], "", facts, now, done)
    if state["closed"] and event.kind in ("approved", "refused", "released"):
        done.append(("Denied", event.by, "NOTHING_OPEN"))
    if state["closed"] or event.kind == "tick":
        return state, done
    node = nodes.get(state["at"])
    if event.kind == "cancelled":
        _leave(nodes, state, "cancelled", event.by, done)
        state.update(since=now, due=None, closed=True, asked_by="", votes=[], visits={})
    elif event.kind in ("approved", "refused", "released"):
        why = _why_not(node, state, event)
        if why:
            done.append(("Denied", event.by, why))
        elif event.kind == "approved" and len(state["votes"]) + 1 < node.get("persons", 1):  # type: ignore[union-attr]
            state["votes"] = [*state["votes"], event.by]
            done.append(("Voted", _task(state), event.by))
        else:
            _leave(nodes, state, event.kind, event.by, done)
            _on_to(nodes, state, node[event.kind], event.by, facts, now, done)  # type: ignore[index]
    elif node and node["do"] == "wait" and (node.get("event"), node.get("custom", "")) == (event.kind, event.custom):
        _leave(nodes, state, "then", event.by, done)
        _on_to(nodes, state, node["then"], event.by, facts, now, done)
    else:
        for on in doc["nodes"]:
            if on["do"] != "on" or (on["event"], on.get("custom", "")) != (event.kind, event.custom):
                continue
            waits_for_nothing = node is None or node["do"] == "end"
            if state["at"] in on["at"] if on.get("at") else waits_for_nothing:
                _leave(nodes, state, "interrupted", event.by, done)
                _on_to(nodes, state, on["then"], event.by, facts, now, done)
                break
    return state, done


def _task(state: Mapping[str, Any]) -> str:
    return f"{state['at']}#{state['arrivals']}"


def _why_not(node: Any, state: Mapping[str, Any], event: Event) -> str:
    asks = {"approved": "approve", "refused": "approve", "released": "hold"}[event.kind]
    if node is None or node["do"] != asks:
        return "NOTHING_OPEN"
    if event.task not in ("", _task(state)):
        return "ANOTHER_TASK"
    if event.by == "":
        return "NOBODY"
    if asks == "hold":
        return ""
    if node["role"] not in event.roles:
        return "WRONG_ROLE"
    if event.by == state["asked_by"] and not node.get("asker_may", False):
        return "ASKED_IT"
    return "TWICE" if event.kind == "approved" and event.by in state["votes"] else ""


def _leave(nodes: Any, state: Mapping[str, Any], how: str, by: str, done: list[Any]) -> None:
    if state["at"] and nodes[state["at"]]["do"] in ("hold", "approve", "wait"):
        done.append(("Left", _task(state), how, by))


def _on_to(nodes: Any, state: dict[str, Any], name: str, by: str, facts: FlowFacts, now: int, done: list[Any]) -> None:
    node = nodes[name]
    do = node["do"]
    if do in RESTING:
        if "rounds" in node:
            if state["visits"].get(name, 0) == node["rounds"]:
                return _on_to(nodes, state, node["spent"], by, facts, now, done)
            state["visits"] = {**state["visits"], name: state["visits"].get(name, 0) + 1}
        due = now + node["minutes"] * 60_000 if "minutes" in node else None
        state.update(at=name, since=now, due=due, closed=do == "cancel", arrivals=state["arrivals"] + 1, votes=[])
        state["asked_by"] = by if do == "approve" else ""
        if do == "hold":
            done.append(("Held", _task(state), node["reason"], due))
        if do == "approve":
            asker = "" if node.get("asker_may", False) else by
            done.append(("Asked", _task(state), node["role"], node.get("persons", 1), asker, due))
        if do == "wait":
            done.append(("Waiting", _task(state), due))
        if do == "cancel":
            done.append(("Cancelled", node["reason"]))
        return None
    then = node["then"]
    if do == "if":
        then = then if all(_meets(each, state, facts) for each in node["when"]) else node["otherwise"]
    if do == "route":
        done.append(("Routed", node["rules"]))
    if do == "notify":
        done.append(("Notified", node["by"], node["target"], node.get("text", "")))
    if do == "split":
        done.append(("Hinted", "split", node["by"], 0))
    if do == "merge":
        done.append(("Hinted", "merge", "", node["minutes"]))
    if do == "set":
        _set(node, state, done)
    if do == "transform":
        _transform(node, state, facts, done)
    return _on_to(nodes, state, then, by, facts, now, done)


def _set(node: Any, state: dict[str, Any], done: list[Any]) -> None:
    tags, untag = node.get("tags", []), node.get("untag", [])
    if tags or untag:
        kept = [tag for tag in state["tags"] if tag not in untag]
        state["tags"] = kept + [tag for tag in tags if tag not in kept]
        done.append(("Tagged", tuple(tags), tuple(untag)))
    if "priority" in node:
        state["priority"] = node["priority"]
        done.append(("Prioritised", node["priority"]))
    given = [
        (each["field"], next(each[it] for it in ("text", "number", "yes_no") if it in each))
        for each in node.get("fields", [])
    ]
    if given:
        state["fields"] = {**state["fields"], **dict(given)}
        done.append(("Filled", tuple(given)))


def _transform(node: Any, state: dict[str, Any], facts: FlowFacts, done: list[Any]) -> None:
    """Of texts by a path of one key, which is all that documents by chance have."""
    source: Any = facts.raw if node["source"] == "raw" else facts.record
    found = [(step["to"], source.get(step["path"])) for step in node["steps"]]
    for to, value in found:
        if value is None:
            done.append(("Unfilled", node["name"], to, "MISSING"))
    values = tuple((to, value) for to, value in found if value is not None)
    if node["into"] != "fields":
        done.append(("Shaped", node["into"], values))
    elif values:
        state["fields"] = {**state["fields"], **dict(values)}
        done.append(("Filled", values))


def _meets(condition: Any, state: Mapping[str, Any], facts: FlowFacts) -> bool:
    field, negated = condition["field"], condition.get("not", False)
    if field in ("tag", "risk_signal"):
        has = state["tags"] if field == "tag" else facts.risk_signals
        return any(name in condition["in"] for name in has) != negated
    if field == "risk_bp":
        value: Any = facts.risk_bp
    elif field == "flow_priority":
        value = state["priority"]
    elif field.startswith("fields."):
        name = field.split(".", 1)[1]
        value = state["fields"][name] if name in state["fields"] else facts.fields.get(name)
    else:
        return conditions.compiled(msgspec.convert(condition, Condition)).meets(facts.order)
    if value is None or value == "":
        return False
    if "in" in condition:
        return (value in condition["in"]) != negated
    if "is" in condition:
        return (value == condition["is"]) != negated
    return (condition.get("at_least", 0) <= value <= condition.get("at_most", 10**12)) != negated


def kind_of(doc: Doc, name: str) -> str:
    """What a node does."""
    return next(str(node["do"]) for node in doc["nodes"] if node["name"] == name)
