"""What a query costs at Shopify, and the bucket it is paid from.

An object costs 1 point, a scalar nothing, a mutation 10, a connection 2 and its nodes: more nodes cost more, but less than in proportion
(the platform doesn't publish the curve; here the square root, which is near the costs people report: 250 nodes of 2 points for 25). A
query is refused before it runs when it asks for more than 1,000 points, or for more than is left; once it has run, what it asked for
but didn't use is given back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

QUERY_MAX = 1_000
_MUTATION = 10
_CONNECTION = 2
#: Of a list whose length the query doesn't bound.
_LIST = 10


class Cost:
    """Of one operation: before it runs, and by what it gave."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._variables = variables
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def requested(self) -> int:
        """Points at most: every list as long as it was asked for."""
        return self._of_operation(None)

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """Points of what was answered."""
        return min(self._of_operation({} if data is None else data), self.requested())

    def _of_operation(self, data: Mapping[str, Any] | None) -> int:
        if self._operation.operation is OperationType.MUTATION:
            return _MUTATION * len(self._operation.selection_set.selections)
        root = self._schema.query_type
        return max(1, self._of_selection(self._operation.selection_set, root, data))

    def _of_selection(self, selections: SelectionSetNode | None, parent: Any, data: Any) -> int:
        total = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                total += self._of_field(selection, parent, data)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                total += self._of_selection(selection.selection_set, inner, data)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                inner = self._schema.get_type(fragment.type_condition.name.value)
                total += self._of_selection(fragment.selection_set, inner, data)
        return total

    def _of_field(self, field: FieldNode, parent: Any, data: Any) -> int:
        definition = parent.fields.get(field.name.value)  # None: __typename
        type_ = get_named_type(definition.type) if definition else None
        if type_ is None or is_leaf_type(type_):
            return 0
        value = None
        if data is not None:
            value = data.get(field.alias.value if field.alias else field.name.value)
            if value is None:
                return 0
        if isinstance(type_, GraphQLObjectType) and type_.name.endswith("Connection"):
            return _CONNECTION + self._of_nodes(field, type_, value)
        if isinstance(value, list):
            return sum(1 + self._of_selection(field.selection_set, type_, item) for item in value)
        count = self._first(field, _LIST) if _is_list(definition.type) else 1
        return count * (1 + self._of_selection(field.selection_set, type_, value))

    def _of_nodes(self, field: FieldNode, connection: GraphQLObjectType, value: Any) -> int:
        """One node's points, as the query asks for them, times how many; pageInfo and cursors cost nothing."""
        each = 0
        for selection in field.selection_set.selections if field.selection_set else ():
            if not isinstance(selection, FieldNode) or selection.name.value not in ("nodes", "edges"):
                continue
            inner = get_named_type(connection.fields[selection.name.value].type)
            # An edge is no object of its own: its `node` is.
            each += self._of_selection(selection.selection_set, inner, None) + (selection.name.value == "nodes")
        count = self._first(field, _LIST)
        if value is not None:
            count = len(value.get("nodes") or value.get("edges") or ())
        return math.ceil(math.sqrt(count) * each)

    def _first(self, field: FieldNode, default: int) -> int:
        for argument in field.arguments or ():
            if argument.name.value in ("first", "last"):
                given: Any = None
                if isinstance(argument.value, IntValueNode):
                    given = int(argument.value.value)
                elif isinstance(argument.value, VariableNode):
                    given = self._variables.get(argument.value.name.value)
                # What is no number is refused when it is executed.
                return max(0, given) if isinstance(given, int) else default
        return default


def _is_list(type_: Any) -> bool:
    while hasattr(type_, "of_type"):
        if type(type_).__name__ == "GraphQLList":
            return True
        type_ = type_.of_type
    return False


class Bucket:
    """Points left: ``maximum`` at most, ``restore_rate`` a second come back."""

    def __init__(self, maximum: float, restore_rate: float, clock_s: Callable[[], float]) -> None:
        self.maximum = maximum
        self.restore_rate = restore_rate
        self._clock_s = clock_s
        self._left = maximum
        self._at_s = clock_s()

    def take(self, points: float) -> bool:
        """Takes them, or says that there are not so many."""
        self._restore()
        if points > self._left:
            return False
        self._left -= points
        return True

    def give_back(self, points: float) -> None:
        """What was taken and not used."""
        self._left = min(self.maximum, self._left + points)

    def status(self) -> dict[str, float]:
        """As the platform shows it."""
        self._restore()
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": math.floor(self._left),
            "restoreRate": self.restore_rate,
        }

    def _restore(self) -> None:
        now_s = self._clock_s()
        self._left = min(self.maximum, self._left + (now_s - self._at_s) * self.restore_rate)
        self._at_s = now_s
