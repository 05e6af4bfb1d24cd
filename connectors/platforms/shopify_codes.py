"""What Shopify's errors mean: codes of GraphQL's own errors, and the messages of a mutation's ``userErrors``, which have no codes."""

from __future__ import annotations

from .rules import Rule, table

#: ``errors[].extensions.code``; the account's are no order's fault.
CODES = table(
    Rule(("THROTTLED",), "THROTTLED", "reference"),
    Rule(("ACCESS_DENIED", "SHOP_INACTIVE"), "UNAVAILABLE", "reference"),
    Rule(("INTERNAL_SERVER_ERROR",), "UNSURE", "reference"),
    Rule(("MAX_COST_EXCEEDED",), "REQUEST_WRONG", "reference"),
)
#: HTTP statuses that come with an ``errors`` of their own: payment due, no or a wrong token, shop locked.
STATUSES = table(Rule(("401", "402", "403", "404", "423"), "UNAVAILABLE", "reference"))
#: An error of GraphQL itself: the query is not what this version of the API takes.
OTHER = Rule(("*",), "REQUEST_WRONG", "caution")

#: Part of a userError's message -> what it means, the first that fits: it is held since it was looked at; fewer pieces are left than asked
#: for, perhaps because this parcel took them before.
MESSAGES = table(
    Rule(("unfulfillable status= on_hold", "unfulfillable status= scheduled"), "HELD", "reference"),
    Rule(("Invalid fulfillment order line item quantity", "unfulfillable status"), "ORDER_FORBIDS", "clients", True),
)
USER_ERROR = Rule(("*",), "REQUEST_WRONG", "caution")


def graphql_rule(code: str, message: str) -> Rule:
    """The rule of one of GraphQL's errors; throttling is told by its message where it has no code."""
    return CODES["THROTTLED"] if message == "Throttled" else CODES.get(code, OTHER)


def user_rule(message: str) -> Rule:
    """The rule of a userError."""
    return next((rule for part, rule in MESSAGES.items() if part in message), USER_ERROR)
