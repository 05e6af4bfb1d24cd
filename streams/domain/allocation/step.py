"""One decision of the allocation while it is being made, what it sees of the world, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.records import (
    DecisionCompared,
    MergeRequest,
    OrderState,
    OrderStatusChanged,
    Part,
    Phase,
    Pool,
    Reserved,
    StockLevel,
    Task,
    Warehouse,
)
from streams.domain.flow.book import FlowBook
from streams.domain.named import Named
from streams.domain.routing.book import Book
from streams.domain.routing.comparing import Stopwatch
from streams.domain.routing.planning import Beside

from .troubles import Trouble

Levels = Mapping[str, Sequence[StockLevel]]


def _no_pool(sku: str) -> Pool | None:
    return None


class View(NamedTuple):
    """What allocation sees of the world. Only a view: it may be late, the inventory decides.

    `levels(sku)`: the known levels of a SKU, empty when none. `load`: open units per warehouse.
    `reservation_ttl_ms`: how long a reservation waits for its shipment; None: until it is shipped or cancelled.
    `book`: the rule documents that are released; None: none is.
    `stopwatch`: what decisions are timed by that are compared with others; None: nothing is compared.
    `pool(sku)`: what is sold of a SKU before it is there; None: nothing is.
    `flows`: the flow document that is released; None: none is.
    `merge_secret`: the hub's own, by which merge groups are hashed.
    """

    levels: Callable[[str], Sequence[StockLevel]]
    warehouses: Sequence[Warehouse]
    load: Mapping[str, int]
    reservation_ttl_ms: int | None = None
    book: Book | None = None
    stopwatch: Stopwatch | None = None
    pool: Callable[[str], Pool | None] = _no_pool
    flows: FlowBook | None = None
    merge_secret: bytes = b""


class AllocationDecision(NamedTuple):
    """What one event does. `state` is the very object handed in when nothing changed."""

    state: OrderState | None
    commands: tuple[Named, ...]
    events: tuple[Named, ...]
    statuses: tuple[OrderStatusChanged, ...]
    #: What versions that are tried make of the order, without effect.
    compared: tuple[DecisionCompared, ...] = ()
    #: What its flow asks of persons, and whom it tells.
    tasks: tuple[Task, ...] = ()
    #: What the owner of its merge group is told.
    merging: tuple[MergeRequest, ...] = ()


class Step:
    """One decision while it is being made: the order's next state and what will be sent. Lives for one `decide`."""

    __slots__ = (
        *("at_ms", "before", "cancels", "cause", "commands", "compared", "events", "merging", "state", "statuses"),
        *("tasks", "view"),
    )

    def __init__(self, state: OrderState, view: View, at_ms: int, cause: str = "") -> None:
        self.before = self.state = state
        self.view = view
        self.at_ms = at_ms
        self.cause = cause
        self.commands: list[Named] = []
        self.events: list[Named] = []
        self.statuses: list[OrderStatusChanged] = []
        self.compared: list[DecisionCompared] = []
        self.tasks: list[Task] = []
        self.merging: list[MergeRequest] = []
        #: Why its flow cancels the order; empty: it does not.
        self.cancels = ""

    def update(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = {**self.state, **changes}  # type: ignore[typeddict-item]

    def enter(self, phase: Phase, reason: str, *, note: bool = False, trouble: str = "", refused: bool = False) -> None:
        """Go to a phase and say so; staying in it is said only for a `note`."""
        state = self.state
        if state["phase"] != phase:
            # With the decision the trace is told; nothing after it needs it, and it is the longest part of the state.
            trace = None if phase == "ALLOCATED" else state["trace"]
            self.state = state = {**state, "phase": phase, "since_ms": self.at_ms, "trace": trace}
        elif not note:
            return
        self.statuses.append(
            {
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "status": phase,
                "reason": reason,
                "order_version": state["order_version"],
                "at_ms": self.at_ms,
                "trouble": trouble,
                "cause": self.cause,
                "refused": refused,
            }
        )

    def note(self, reason: str, trouble: Trouble | None = None) -> None:
        """Say something about an order that stays in its phase.

        :param trouble: what kind of trouble it is, for the alert; None for none.
        """
        self.enter(self.state["phase"], reason, note=True, trouble=trouble or "")

    def refuse(self, reason: str) -> None:
        """Answer that what was asked for can't be: nothing changes."""
        self.enter(self.state["phase"], reason, note=True, refused=True)

    def decide(self, name: str, **more: object) -> None:
        """Add a decision event: the fields every decision carries, and its own."""
        state = self.state
        self.events.append(
            (
                name,
                {
                    "order_id": state["order_id"],
                    "channel": state["channel"],
                    "shop": state["shop"],
                    "order_version": state["order_version"],
                    "attempt": state["attempt"],
                    "rounds": state["round"],
                    "trace": state["trace"],
                    "received_at_ms": state["received_at_ms"],
                    "decided_at_ms": self.at_ms,
                    **more,
                },
            )
        )

    def compare(self, beside: Beside) -> None:
        """Say what two versions make of the order, in the plan that its attempt begins with."""
        state = self.state
        self.compared.append(
            {
                "order_id": state["order_id"],
                "channel": state["channel"],
                "shop": state["shop"],
                "order_version": state["order_version"],
                "attempt": state["attempt"],
                "document": beside.document,
                "role": beside.role,
                "trial_ms": beside.trial_ms,
                "effect": beside.effect,
                "currency": beside.currency,
                "stands": beside.stands,
                "tried": beside.tried,
                "equal": beside.equal,
                "at_ms": self.at_ms,
            }
        )

    def resolve(self, part: Part | Reserved, verb: str, **more: Any) -> None:
        """Send a Release or a Commit for a part: all of it, or the `quantity` given, with a `rest_id` for the others."""
        self.commands.append(
            (
                verb,
                {
                    "command_id": f"{part['reservation_id']}/{verb.lower()}",
                    "reservation_id": part["reservation_id"],
                    "order_id": self.state["order_id"],
                    "sku": part["sku"],
                    "warehouse": part["warehouse"],
                    "quantity": None,
                    "rest_id": "",
                    "requested_at_ms": self.at_ms,
                    **more,
                },
            )
        )

    def take_off(self, command_id: str, sku: str, warehouse: str, units: int) -> None:
        """Take units off the shelf that left without a reservation; the inventory may refuse, which is told."""
        self.commands.append(
            (
                "Adjust",
                {
                    "command_id": command_id,
                    "order_id": self.state["order_id"],
                    "sku": sku,
                    "warehouse": warehouse,
                    "delta": -units,
                    "reason": "shipped without a reservation",
                    "requested_at_ms": self.at_ms,
                },
            )
        )

    def await_stock(self, sku: str, quantity: int) -> None:
        """Ask to be told when this many units can be sold."""
        self.commands.append(("AwaitStock", {**self._about(sku, "await"), "quantity": quantity}))

    def forget_stock(self, sku: str) -> None:
        """Wait no longer, and let the next in the queue have what was announced."""
        self.commands.append(("ForgetStock", self._about(sku, "forget")))

    def _about(self, sku: str, verb: str) -> dict[str, object]:
        order_id = self.state["order_id"]
        return {
            "command_id": f"{order_id}/{self.state['attempt']}/{verb}/{sku}",
            "order_id": order_id,
            "sku": sku,
            "requested_at_ms": self.at_ms,
        }
