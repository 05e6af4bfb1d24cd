"""How a decision by rules is shown: strategies passed over, every warehouse with its reason, and who sends what."""

from __future__ import annotations

from typing import Any

from schemas.documents.rules.catalogue import entries
from schemas.table import Table
from schemas.terminal import Text, styled
from schemas.texts import said, word
from streams.cli.common import out
from streams.cli.documents import in_language

#: What stands in place of a figure that no table has, in words.
WHY = {
    "NO_CARRIER": "no carrier goes from it to the receiver",
    "TOO_HEAVY": "the order is too heavy for its carriers",
    "TOO_LARGE": "the order is too large for its carriers",
    "NO_WEIGHT": "the weight of a product is not known",
    "NO_SIZE": "the size of a product is not known",
    "NO_FREIGHT": "no template has a price for it",
    "OTHER_CURRENCY": "the tables are in another currency than the order",
    "NO_ETA": "no transit time is known for it",
    "NO_CALENDAR": "it has no calendar",
    "CLOSED": "nothing leaves it as far ahead as is looked",
    "NOT_COVERED": "it does not serve the receiver's region",
    "NO_PRODUCT": "a product is not known",
    "NO_COST": "what the goods cost, or the order's amount, is not known",
    "NO_HANDLING": "what handling costs there is not known",
    "NO_COUNT": "it is not known what it was given today",
}


def print_decision(decision: dict[str, Any]) -> None:
    """``decision``: as ``explained`` has it."""
    for each in decision["passed_over"]:
        actual = each["actual"]
        has = "-" if actual in (None, "", []) else _shown(actual)
        line = f"passed over: {each['strategy']}; condition {each['condition'] + 1}, {called('condition', each['field'])}, has {has}"
        out.print(Text(said(line), "dim"), soft_wrap=True)
    for attempt in decision["attempts"]:
        _print_attempt(attempt)
    for part in decision["parts"]:
        out.print(said(f"{part['quantity']} x {part['sku']} from {part['warehouse']}"))
    if not decision["parts"]:
        missing = ", ".join(f"{units} x {sku}" for sku, units in decision["unplaced"].items())
        out.print(Text(said(f"the order waits: {missing} cannot be placed"), "yellow"))


def called(kind: Any, name: str) -> str:
    """What a name of the document is called in the person's language."""
    entry = entries().get((kind, name))
    return name if entry is None else in_language(entry)


def _print_attempt(attempt: dict[str, Any]) -> None:
    results = {"all": "sends the whole order", "part": "could send only a part", "none": "finds no warehouse"}
    out.print(styled("[bold]{}[/] {}", attempt["strategy"], said(results[attempt["result"]])))
    table = Table("warehouse", "covers", "chosen", "why", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for each in attempt["warehouses"]:
        chosen = Text(word("yes"), "green") if each["chosen"] else Text(word("no"))
        why = _scores(each) if "scores" in each else said(_refusal(each))
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


def _refusal(each: dict[str, Any]) -> str:
    actual, limit = each["actual"], each["limit"]
    if isinstance(actual, str) and actual in WHY:
        return WHY[actual]
    match each["refused"]:
        case "NOT_SET_UP":
            return "nobody has set it up"
        case "DISABLED":
            return "it is disabled"
        case "FULL":
            return f"full: {actual:,} pieces are open of {limit:,}"
        case "NOTHING_TO_SELL":
            return "nothing of this order to sell"
        case "DISTANCE" if actual is None:
            return f"its distance is not known, and {limit:,} m is the limit"
        case "DISTANCE":
            return f"it is {actual:,} m away, and {limit:,} m is the limit"
        case "WAREHOUSES":
            return "the strategy leaves it out"
        case "WAREHOUSE_PROVINCE":
            return f"it stands in {actual}, which the strategy leaves out"
        case "SAME_PROVINCE":
            return f"it stands in {actual}, and the receiver elsewhere"
        case "COVERS":
            return f"it covers {actual:,} basis points of the order, and {limit:,} are asked for"
        case "CAPACITY_LEFT":
            return f"{actual:,} pieces more may be open there, and {limit:,} are asked for"
        case "LOAD":
            return f"{actual:,} basis points of its open pieces are in use, and {limit:,} is the limit"
        case "TABLE":
            return "the order's row of the table does not name it"
        case "COVERAGE":
            return "another warehouse serves a narrower region of the receiver's"
        case "ETA":
            return f"it would arrive in {actual:,} minutes, and {limit:,} is the limit"
        case "CUTOFF":
            return f"it would leave in {actual:,} minutes, and {limit:,} are left"
        case "CALENDAR":
            return f"it works in {actual:,} minutes, and {limit:,} is the limit"
        case "DAILY_CAPACITY":
            return f"{actual:,} pieces more may be given to it today, and {limit:,} are asked for"
        case "ABILITY":
            return f"it lacks an ability that is needed: {actual}"
        case "MIN_MARGIN":
            return f"{actual:,} minor units would be left of the amount, and {limit:,} are asked for"
        case code:
            return str(code)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, bool):
        return word("yes" if value else "no")
    return f"{value:,}" if isinstance(value, int) else word(value)
