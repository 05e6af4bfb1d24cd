"""How a decision by rules is shown: strategies passed over, every warehouse with its reason, and who sends what."""

from __future__ import annotations

from typing import Any

from schemas.documents.rules.catalogue import entries
from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import out
from streams.cli.documents import in_language
from streams.domain.releases.moves import in_percent
from streams.domain.routing.rules.tracing import told
from streams.domain.routing.rules.words import in_words


def print_by_rules(trace: Any) -> None:
    """How a rule document decided a round: ``trace`` is as it is on record."""
    by = trace["decided_by"]
    its = f"decided by {by['document']}, version {by['version']}"
    if by["share"] is not None:
        its = f"decided by {by['document']}, version {by['version']}, on a share of {in_percent(by['share'])}"
    out.print(styled("[bold]{}[/]", said(its)))
    if by["tables"]:
        out.print(Text(said(f"tables: {', '.join(by['tables'])}"), "dim"), soft_wrap=True)
    _print_reasons(told(trace))


def print_decision(decision: dict[str, Any]) -> None:
    """``decision``: as ``explained`` has it."""
    _print_reasons(decision)
    for part in decision["parts"]:
        out.print(said(f"{part['quantity']} x {part['sku']} from {part['warehouse']}"))
    if not decision["parts"]:
        missing = ", ".join(f"{units} x {sku}" for sku, units in decision["unplaced"].items())
        out.print(Text(said(f"the order waits: {missing} cannot be placed"), "yellow"))


def print_note() -> None:
    """What no comparison of two rules shows."""
    note = (
        "Orders share stock and capacity: a split by order proves nothing about which rule is better. "
        "Hold figures against each other by shop, by region or by hour."
    )
    out.print(Text(said(note), "dim"), soft_wrap=True)


def _print_reasons(decision: dict[str, Any]) -> None:
    for each in decision["passed_over"]:
        actual = each["actual"]
        has = "-" if actual in (None, "", []) else _shown(actual)
        line = f"passed over: {each['strategy']}; condition {each['condition'] + 1}, {called('condition', each['field'])}, has {has}"
        out.print(Text(said(line), "dim"), soft_wrap=True)
    for attempt in decision["attempts"]:
        _print_attempt(attempt)


def called(kind: Any, name: str) -> str:
    """What a name of the document is called in the person's language."""
    entry = entries().get((kind, name))
    return name if entry is None else in_language(entry)


def _print_attempt(attempt: dict[str, Any]) -> None:
    results = {"all": "sends the whole order", "part": "could send only a part", "none": "finds no warehouse"}
    out.print(styled("[bold]{}[/] {}", attempt["strategy"], said(results.get(attempt["result"], attempt["result"]))))
    table = Table("warehouse", "covers", "chosen", "why", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for each in attempt["warehouses"]:
        chosen = Text(word("yes"), "green") if each["chosen"] else Text(word("no"))
        why = _scores(each) if "scores" in each else said(in_words(each["refused"], each["actual"], each["limit"]))
        table.add_row(each["warehouse"], str(each["covers"]), chosen, why)
    out.print(table)
    if attempt["margin"] is not None:
        by, difference = attempt["margin"]["by"], attempt["margin"]["difference"]
        name = called("criterion", by) if by not in ("score", "warehouse") else word(by)
        decided = name if difference is None else f"{name} ({difference:,})"
        out.print(said(f"runner-up: {attempt['runner_up']}; what decided: {decided}"), soft_wrap=True)
    for note in attempt["notes"]:
        out.print(
            Text(f"{note}: {said('the search for the fewest warehouses was cut short; most_first split it')}", "yellow")
        )


def _scores(each: dict[str, Any]) -> str:
    parts = []
    for score in each["scores"]:
        value = "?" if score["value"] is None else _shown(score["value"])
        more = f" → {score['points']:,} × {score['weight']:,}" if "points" in score else ""
        more = f" → {word('band')} {score['band']}" if "band" in score else more
        parts.append(f"{called('criterion', score['by'])} {value}{more}")
    whole = f"{word('score')} {each['score']:,}: " if "score" in each else ""
    return whole + ", ".join(parts)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return word("yes" if value else "no")
    return f"{value:,}" if isinstance(value, int) else word(value)
