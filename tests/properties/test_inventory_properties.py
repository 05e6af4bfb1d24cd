"""Any sequence of commands, duplicates among them, against a balance kept as plainly as can be."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.domain.inventory import decide as inventory
from streams.domain.inventory.stock import StockDecision, check_stock, sellable
from tests.domain.make import AT_MS, count, reservation_command, resolution, waiting

NAMES = ("GZ", "HZ")
NUMBERS = st.integers(0, 2)
WAREHOUSES = st.sampled_from(NAMES)

RESERVATIONS = st.builds(
    lambda number, name, quantity, expires: (
        "Reserve",
        reservation_command(f"o/{number}/{name}", quantity, warehouse=name, expires_at_ms=expires),
    ),
    NUMBERS,
    WAREHOUSES,
    st.integers(1, 4),
    st.sampled_from((None, AT_MS, AT_MS + 1)),
)
# Of a reservation, or of what is left of it, or of that.
RESTS = st.sampled_from(("", "", "", "/rest", "/rest/rest"))
RESOLUTIONS = st.builds(
    lambda verb, number, name, rest: (verb, resolution(verb, f"o/{number}/{name}{rest}", warehouse=name)),
    st.sampled_from(("Release", "Commit", "Expire")),
    NUMBERS,
    WAREHOUSES,
    RESTS,
)
IN_PART = st.builds(
    lambda verb, number, name, rest, units: (
        verb,
        resolution(
            verb,
            f"o/{number}/{name}{rest}",
            warehouse=name,
            quantity=units,
            rest_id=f"o/{number}/{name}{rest}/rest",
        ),
    ),
    st.sampled_from(("Release", "Commit")),
    NUMBERS,
    WAREHOUSES,
    RESTS,
    st.integers(1, 3),
)
COUNTS = st.builds(
    lambda kind, number, name, units: (
        kind,
        count(
            f"{kind}/{number}",
            warehouse=name,
            **{
                "Adjust": {"delta": units, "reason": "count", "order_id": ""},
                "Restock": {"quantity": units, "order_id": "o"},
                "Transfer": {"quantity": units, "to": NAMES[number % 2]},
            }.get(kind, {"quantity": units}),
        ),
    ),
    st.sampled_from(("Receive", "Adjust", "Restock", "SetSafetyStock", "Transfer")),
    st.integers(0, 9),
    WAREHOUSES,
    st.integers(-3, 6),
)
WAITING = st.builds(
    lambda verb, number, units: (verb, waiting(f"w:{number}", units if verb == "AwaitStock" else None)),
    st.sampled_from(("AwaitStock", "ForgetStock")),
    NUMBERS,
    st.integers(1, 6),
)
ANY = st.one_of(RESERVATIONS, RESOLUTIONS, IN_PART, COUNTS, WAITING)
COMMANDS = st.lists(ANY, max_size=60)
# What takes several steps to come about (received, reserved, awaited, released) needs room.
MANY_COMMANDS = st.lists(ANY, min_size=40, max_size=80)


class Tables:
    """What the agent keeps, and the plain model beside it: units on hand, safety stocks, open reservations."""

    def __init__(self) -> None:
        self.stock: Any = None
        self.reservations: dict[str, Any] = {}
        self.applied: dict[str, Any] = {}
        self.on_hand = dict.fromkeys(NAMES, 0)
        self.safety = dict.fromkeys(NAMES, 0)
        self.open: dict[str, tuple[str, int]] = {}
        self.ended: dict[str, str] = {}

    def reserved(self, name: str) -> int:
        return sum(quantity for place, quantity in self.open.values() if place == name)

    def queue(self) -> list[Any]:
        return list(self.stock["waiting"]) if self.stock else []

    def sellable(self) -> int:
        return sum(map(sellable, self.stock["levels"])) if self.stock else 0

    def decide(self, name: str, command: Any) -> StockDecision:
        """One command, decided and stored as the agent does it."""
        place = inventory.prior_key(name, command)
        prior = None
        if place is not None:
            prior = (self.reservations if place[0] == "reservations" else self.applied).get(place[1])
        if prior is not None and name != "Reserve" and command.get("rest_id"):
            # More than is reserved is a fault, and has a test of its own.
            command = {**command, "quantity": min(command["quantity"], prior["quantity"] or 1)}
        rest_known = inventory.rest_key(command) in self.reservations
        decision = inventory.decide(self.stock, name, command, prior, AT_MS, rest_known)
        if decision.stock is not None:
            self.stock = decision.stock
        if decision.reservation is not None:
            self.reservations[decision.reservation["reservation_id"]] = decision.reservation
        if decision.rest is not None:
            self.reservations[decision.rest["reservation_id"]] = decision.rest
        if decision.applied is not None:
            self.applied[decision.applied["command_id"]] = decision.applied
        return decision

    def expected(self, name: str, command: Any) -> str | None:
        """The answer the plain model gives, which it then follows; None when the command is not answered."""
        if name in ("AwaitStock", "ForgetStock"):
            return None
        if "reservation_id" not in command:
            return self._expected_count(name, command)
        known, place = command["reservation_id"], command["warehouse"]
        if known in self.ended:
            ended = self.ended[known]
            rejected = "ReservationRejected" if name == "Reserve" else "NEVER_RESERVED"
            return rejected if ended == "REJECTED" else f"ALREADY_{ended}"
        if name == "Reserve":
            return self._expected_reserve(known, place, command["quantity"])
        if known not in self.open:
            self.ended[known] = "REJECTED"
            return "NEVER_RESERVED"
        if name == "Expire":
            expires = self.reservations[known]["expires_at_ms"]
            if expires is None or expires > AT_MS:
                return "Reserved"
        quantity = self.open.pop(known)[1]
        units = min(command.get("quantity") or quantity, quantity)
        rest_id = command.get("rest_id", "")
        if units < quantity and rest_id not in self.ended and rest_id not in self.open:
            self.open[rest_id] = place, quantity - units
        if name == "Commit":
            self.on_hand[place] -= units
        self.ended[known] = {"Release": "RELEASED", "Commit": "COMMITTED", "Expire": "EXPIRED"}[name]
        return self.ended[known]

    def _expected_reserve(self, known: str, place: str, quantity: int) -> str:
        if known in self.open:
            return "Reserved"
        if quantity <= self.on_hand[place] - self.reserved(place) - self.safety[place]:
            self.open[known] = place, quantity
            return "Reserved"
        self.ended[known] = "REJECTED"
        return "ReservationRejected"

    def _expected_count(self, name: str, command: Any) -> str:
        if command["command_id"] in self.applied:
            before = self.applied[command["command_id"]]["answer"]
            return "ALREADY_APPLIED" if before == "APPLIED" else "REFUSED"
        place, units = command["warehouse"], command.get("quantity", command.get("delta"))
        if name == "SetSafetyStock":
            if units < 0:
                return "REFUSED"
            self.safety[place] = units
            return "APPLIED"
        if name != "Adjust" and units <= 0:
            return "REFUSED"
        if name == "Transfer":
            if command["to"] == place or self.on_hand[place] - units < self.reserved(place):
                return "REFUSED"
            self.on_hand[command["to"]] += units
            units = -units
        if self.on_hand[place] + units < self.reserved(place):
            return "REFUSED"
        self.on_hand[place] += units
        return "APPLIED"

    def check(self) -> None:
        """The balance is the model's, and sound."""
        if self.stock is None:
            return
        check_stock(self.stock)
        for level in self.stock["levels"]:
            name = level["warehouse"]
            assert (level["on_hand"], level["reserved"]) == (self.on_hand[name], self.reserved(name))
            assert level["safety_stock"] == self.safety[name]
            free = level["on_hand"] - level["reserved"] - level["safety_stock"]
            assert sellable(level) == max(0, free)
            assert level["open"] == (free > 0)


def answer_of(decision: StockDecision) -> str | None:
    own = [each for each in decision.results if each[0] != "StockArrived"]
    if not own:
        return None
    name, record = own[0]
    return record.get("answer", name)


@given(COMMANDS)
@settings(max_examples=300)
def test_every_command_is_answered_and_moves_units_as_the_plain_model_says(commands: list[Any]) -> None:
    tables = Tables()
    for name, command in commands:
        expected = tables.expected(name, command)
        assert answer_of(tables.decide(name, command)) == expected
        tables.check()


# Who stands behind one that gives up its turn twice, for a piece that another has just been told of.
@example(
    [
        ("Receive", count("r", warehouse="GZ", quantity=1)),
        *[("AwaitStock", waiting(f"w:{order}", units)) for order, units in ((2, 2), (0, 1), (1, 1))],
        ("ForgetStock", waiting("w:2", None)),
    ]
)
@given(COMMANDS)
@settings(max_examples=150)
def test_a_command_read_twice_in_a_row_moves_nothing_the_second_time(commands: list[Any]) -> None:
    tables = Tables()
    for name, command in commands:
        tables.decide(name, command)
        before = tables.stock and tables.stock["levels"]
        again = tables.decide(name, command)
        if name in ("AwaitStock", "ForgetStock"):
            # Waiting anew after one was woken is a new wish, and who gives up its turn wakes whoever stands there now: it is a hint that
            # reserves nothing, and touches the queue alone.
            assert again.stock is None or again.stock["levels"] == before == tables.stock["levels"]
            assert (again.reservation, again.applied, again.alerts) == (None, None, ())
            continue
        assert (again.stock, again.reservation, again.applied, again.alerts) == (None, None, None, ())


@given(COMMANDS)
@settings(max_examples=150)
def test_a_reservation_ends_once_in_the_whole_log(commands: list[Any]) -> None:
    tables = Tables()
    ended: list[str] = []
    for name, command in commands:
        for kind, record in tables.decide(name, command).results:
            if kind == "ReservationResolved" and record["answer"] in ("RELEASED", "COMMITTED", "EXPIRED"):
                ended.append(record["reservation_id"])
    assert len(ended) == len(set(ended))


@given(COMMANDS)
@settings(max_examples=150)
def test_alerts_say_every_crossing_once_of_the_safety_stock_or_of_nothing_left(commands: list[Any]) -> None:
    tables = Tables()
    said = dict.fromkeys(NAMES, True)
    for name, command in commands:
        for alert in tables.decide(name, command).alerts:
            reopened = alert["kind"] == "SALE_REOPENED"
            assert said[alert["warehouse"]] != reopened
            said[alert["warehouse"]] = reopened
        for level in tables.stock["levels"] if tables.stock else ():
            assert level["open"] == said[level["warehouse"]] == (sellable(level) > 0)


@given(MANY_COMMANDS)
@settings(max_examples=100)
def test_who_is_woken_is_covered_in_turn_and_the_next_one_would_not_be(commands: list[Any]) -> None:
    tables = Tables()
    for name, command in commands:
        queue = tables.queue()
        before = tables.sellable()
        decision = tables.decide(name, command)
        woken = [record for kind, record in decision.results if kind == "StockArrived"]
        left = tables.sellable() - sum(record["quantity"] for record in woken)
        asks = name in ("AwaitStock", "ForgetStock")
        if asks or tables.sellable() > before:
            assert left >= 0
            assert all(waiting["quantity"] > left for waiting in tables.queue()[:1])
        if not asks:
            assert [each["order_id"] for each in queue[: len(woken)]] == [record["order_id"] for record in woken]
