"""What flows ask of persons, held against the flow documents: who may answer, how many have to, and that it holds the order meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from schemas.topics import DOCUMENTS, TASKS
from streams.verify.entry import Entry, pack, unpack
from streams.verify.findings import Findings
from streams.verify.orders import Orders

__all__ = ["DOCUMENTS", "TASKS", "Tasks"]

#: Where a task ends, by what it asks.
_ENDS = {"APPROVE": ("APPROVED", "REFUSED", "LATE", "WITHDRAWN"), "HOLD": ("RELEASED", "LATE", "WITHDRAWN")}
#: What a node that asks says of itself, as kind of its task.
_ASKS = {"approve": "APPROVE", "hold": "HOLD"}
#: Phases of an order that has something at a warehouse, or is about to.
_SENT = ("RESERVING", "ALLOCATED", "BACKORDERED")


class Tasks:
    """Fed with ``config.documents`` first, then with ``tasks`` in the order of its log; judged at the end by each order's phase."""

    def __init__(self, findings: Findings, orders: Orders) -> None:
        self._findings = findings
        self._orders = orders
        #: ``flows/name@version`` -> its nodes by name.
        self._nodes: dict[str, Mapping[str, Mapping[str, Any]]] = {}
        #: Task -> its state, its order, and where that was said: of those that are not over. And hashes of those that are.
        self._open: dict[str, tuple[str, int]] = {}
        self._over: set[int] = set()

    def on_document(self, entry: Entry) -> None:
        """A version of a document."""
        if entry.record["kind"] != "flows":
            return
        try:
            nodes = {node["name"]: node for node in json.loads(entry.record["text"])["nodes"]}
        except (ValueError, KeyError, TypeError):
            # A damaged one has no task: workers refuse it.
            return
        self._nodes[entry.record["document"]] = nodes

    def on_task(self, entry: Entry) -> None:
        """The next record of a task."""
        task = entry.record
        if task["kind"] == "NOTIFY":
            return
        name, state = task["task_id"], task["state"]
        if hash(name) in self._over:
            self._add(entry, f"{name} is {state} after it was over")
        elif state == "OPEN":
            self._open[name] = task["order_id"], pack(entry.partition, entry.offset)
        elif state not in _ENDS[task["kind"]]:
            self._add(entry, f"{name} asks to {task['kind']} and is {state}")
        else:
            if self._open.pop(name, None) is None and not self._findings.cuts.is_cut(TASKS, entry.partition):
                self._add(entry, f"{name} is {state}, and was never open")
            self._over.add(hash(name))
        if why := self._wrong(task):
            self._add(entry, f"{name} is {state}: {why}")

    def _wrong(self, task: Mapping[str, Any]) -> str:
        """What of it is not what its document says; empty: nothing."""
        document = f"{task['document']}@{task['version']}"
        node = self._nodes.get(document, {}).get(task["node"])
        if node is None:
            return f"{document} has no node {task['node']!r}"
        if _ASKS.get(node["do"]) != task["kind"]:
            return f"{task['node']} of {document} is a node of another kind"
        votes = task["votes"]
        if task["kind"] == "HOLD" or (task["state"] == "WITHDRAWN" and not task["role"]):
            return ""
        if task["role"] != node["role"]:
            return f"it is asked of {task['role']}, and {document} says {node['role']}"
        if len(set(votes)) != len(votes) or (task["not_by"] and task["not_by"] in votes):
            return f"who said yes may not, or did so twice: {', '.join(votes)}"
        enough = len(votes) >= node.get("persons", 1)
        if enough is not (task["state"] == "APPROVED"):
            return f"{len(votes)} said yes, and {node.get('persons', 1)} have to"
        return ""

    def finish(self, at_rest: bool) -> None:
        """Judges what was fed. ``at_rest``: nothing is under way any more."""
        for name, (order_id, place) in self._open.items() if at_rest else ():
            order = self._orders.by_id.get(order_id)
            if order is not None and order.phase in _SENT:
                text = f"{name} is open, and its order is {order.phase}"
                self._findings.add("task_wrong", TASKS, *unpack(place), order_id, text)

    def _add(self, entry: Entry, text: str) -> None:
        self._findings.add("task_wrong", entry.topic, entry.partition, entry.offset, entry.key, text)
