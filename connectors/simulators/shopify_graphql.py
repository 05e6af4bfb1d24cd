"""Shopify's GraphQL endpoint: a real schema (``shopify.graphql``), executed by GraphQL's reference implementation, paid by cost.

    1  parse and validate (once per text)
    2  what the query asks for at most: refused beyond the limit of one query, or of what the shop's bucket holds
    3  execute
    4  give back what it didn't use, and say so in ``extensions.cost``

Errors of a query stand in ``errors``, with HTTP 200; what a mutation is refused for stands in its ``userErrors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from connectors.simulators.shopify_cost import QUERY_MAX, Bucket, Cost

SCHEMA = build_schema((Path(__file__).parent / "shopify.graphql").read_text("utf-8"))


@lru_cache(maxsize=256)
def _prepared(text: str) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    try:
        document = parse(text)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(SCHEMA, document))


def answer(body: Any, root: Any, bucket: Bucket) -> tuple[dict[str, Any], str]:
    """The answer to a POST's JSON, and what came of it: ``ok``, ``invalid``, ``max_cost``, ``throttled`` or ``failed``.

    ``root`` resolves the fields of Query and Mutation.
    """
    if not isinstance(body, Mapping) or not isinstance(body.get("query"), str):
        return {"errors": [{"message": "No query string was present"}]}, "invalid"
    # 1. Parse and validate.
    text, variables = body["query"], body.get("variables") or {}
    document, errors = _prepared(text)
    operation = get_operation_ast(document, body.get("operationName")) if document and not errors else None
    if document is None or errors or not isinstance(variables, Mapping):
        return {"errors": [error.formatted for error in errors] or [{"message": "Variables are no object"}]}, "invalid"
    if operation is None:
        return {"errors": [{"message": "An operation name is required"}]}, "invalid"
    # 2. What it asks for at most.
    cost = Cost(SCHEMA, document, operation, variables)
    requested = cost.requested()
    if requested > QUERY_MAX:
        return _too_expensive(requested), "max_cost"
    if not bucket.take(requested):
        return throttled(bucket, requested), "throttled"
    # 3. Execute.
    result = execute_sync(
        SCHEMA, document, root, variable_values=dict(variables), operation_name=body.get("operationName")
    )
    # 4. Give back what it didn't use.
    used = cost.actual(result.data)
    bucket.give_back(requested - used)
    given = {**result.formatted, "extensions": {"cost": _cost(bucket, requested, used)}}
    return given, "failed" if result.errors else "ok"


def throttled(bucket: Bucket, requested: int) -> dict[str, Any]:
    """The answer to a query that is not carried out because the bucket is empty: HTTP 200."""
    return {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": _cost(bucket, requested, None)},
    }


def _cost(bucket: Bucket, requested: int, used: int | None) -> dict[str, Any]:
    return {"requestedQueryCost": requested, "actualQueryCost": used, "throttleStatus": bucket.status()}


def _too_expensive(requested: int) -> dict[str, Any]:
    why = f"Query cost is {requested}, which exceeds the single query max cost limit ({QUERY_MAX})."
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": requested, "maxCost": QUERY_MAX}
    return {"errors": [{"message": why, "extensions": extensions}]}
