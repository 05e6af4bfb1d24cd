"""What a refusal and a reason are called: English sentences, which are turned into the person's language where they are shown."""

from __future__ import annotations

from typing import Any

from .trace import Refusal

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


def in_words(refused: Refusal, actual: Any, limit: Any) -> str:
    """Why a warehouse was refused, by the filter's figure and limit."""
    if isinstance(actual, str) and actual in WHY:
        return WHY[actual]
    match refused:
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
        case _:
            return refused
