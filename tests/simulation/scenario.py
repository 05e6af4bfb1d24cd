"""What happens in a simulated shop: orders in versions, deliveries, counts, shipments, operators, all from one seed."""

from __future__ import annotations

from typing import Any

from tests.domain.make import aftersale, came_back, line, operator, order, parcel_line, shipped, warehouse
from tests.domain.pools import pool, set_pool
from tests.simulation.world import World

SKUS = ("MUG", "POT", "TEA")
PROVINCES = ("浙江", "广东", "四川")


def build(seed: int, orders: int = 8, *, shuffled: bool = True, sale: bool = False, **world: Any) -> World:
    """A world with its logs filled: every event of its orders is waiting to be read.

    :param sale: some goods are sold before they are there, for a deposit at first.
    """
    settings = [warehouse(f"W{index}", province) for index, province in enumerate(PROVINCES)]
    settings[1] = {**settings[1], "max_open_units": 6}
    made = World(seed, settings, **world)
    rng = made.rng
    most = rng.choice((3, 8))
    spread = rng.choice((1, 200))
    for sku in SKUS:
        for index in range(len(PROVINCES)):
            if rng.random() < 0.7:
                _deliver(made, f"start/{sku}/{index}", sku, f"W{index}", rng.randrange(1, most))
            if rng.random() < 0.3:
                fields = _count(f"safety/{sku}/{index}", sku, f"W{index}", quantity=rng.randrange(3))
                made.send("commands", sku, "SetSafetyStock", fields)
    if sale:
        _open_a_sale(made)
    for number in range(orders):
        _tell(made, f"shop:{number}", shuffled, spread)
    return made


def _open_a_sale(made: World) -> None:
    rng = made.rng
    for sku in SKUS[: rng.choice((1, 1, 2))]:
        made.pools.add(sku)
        chains = {"shop": ("own", "shared")} if rng.random() < 0.5 else {"shop": ("shared", "own")}
        quotas = {"own": rng.randrange(0, 4), "shared": rng.randrange(1, 8)}
        wanted = pool(quotas=quotas, chains=chains, soft_ms=rng.choice((None, 500, 5_000)))
        made.send("commands", sku, "SetPool", set_pool(1, wanted, sku))
        if rng.random() < 0.3:
            parts = [{**part, "units": part["units"] + 3 * (part["name"] == "own")} for part in wanted["parts"]]
            more = {**wanted, "cap": wanted["cap"] + 3, "parts": parts}
            made.send_later(rng.randrange(20, 200), "commands", sku, "SetPool", set_pool(2, more, sku))


def _count(command_id: str, sku: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"command_id": command_id, "sku": sku, "warehouse": name, "requested_at_ms": 0, **fields}


def _deliver(made: World, command_id: str, sku: str, name: str, quantity: int) -> None:
    made.send("commands", sku, "Receive", _count(command_id, sku, name, quantity=quantity))


def _lines(made: World) -> list[dict[str, Any]]:
    rng = made.rng
    count = rng.choice((1, 1, 1, 2, 3))
    return [line(rng.choice(SKUS), rng.randrange(1, 4), str(number)) for number in range(1, count + 1)]


def _tell(made: World, order_id: str, shuffled: bool, spread: int) -> None:
    """The versions of one order: unpaid, paid, changed, held, and an end or none. It comes within `spread` steps."""
    rng = made.rng
    lines = _lines(made)
    told: list[tuple[str, list[dict[str, Any]]]] = []
    if rng.random() < 0.3:
        told.append(("UNPAID", lines))
    if made.pools and rng.random() < 0.5:
        told.append(("DEPOSIT", lines))
    if not told or told[-1][0] != "DEPOSIT" or rng.random() < 0.7:
        told.append(("PAID", lines))
    while rng.random() < 0.25:
        lines = _lines(made) if rng.random() < 0.5 else [_changed(made, each) for each in lines]
        told.append(("PAID", lines))
    if rng.random() < 0.2:
        told.append(("HOLD", lines))
        if rng.random() < 0.5:
            told.append(("PAID", lines))
    end = rng.random()
    if end < 0.2:
        told.append(("CANCELLED", lines))
    elif end < 0.4:
        told.append(("SHIPPED", [{**each, "returned_quantity": rng.randrange(each["quantity"] + 1)} for each in lines]))
    if end < 0.4 and rng.random() < 0.2:
        told.append(("PAID", [*lines, line(rng.choice(SKUS), 1, "new")]))
    home = rng.choice((*PROVINCES, "Ontario"))
    versions = []
    for version, (status, these) in enumerate(told, 1):
        home = rng.choice(PROVINCES) if rng.random() < 0.1 else home
        deposit = {"status": "HOLD", "hold_reason": "deposit_only"} if status == "DEPOSIT" else {"status": status}
        versions.append(order(*these, version=version, **deposit, order_id=order_id, province=home))
    if shuffled and rng.random() < 0.3:
        rng.shuffle(versions)
    begin = step = 20 + rng.randrange(spread)
    for version in versions:
        made.send_later(step, "orders", order_id, "Order", version)
        step += rng.choice((0, 5, 50, 200))
    at = begin + rng.randrange(-20, 100)
    if rng.random() < 0.1:
        made.send_later(at, "decisions", order_id, "OperatorDecision", operator("CANCEL", f"{order_id}/no", order_id))
    if rng.random() < 0.2:
        free = operator("RELEASE_HOLD", f"{order_id}/free", order_id)
        made.send_later(at, "decisions", order_id, "OperatorDecision", free)
    if rng.random() < 0.15:
        _ask_back(made, order_id, lines, at)
    if rng.random() < 0.1:
        early = shipped(f"W{rng.randrange(3)}", f"{order_id}/early", order_id)
        made.send_later(at, "shipments", order_id, "Shipped", early)


def _changed(made: World, each: dict[str, Any]) -> dict[str, Any]:
    """A line of which the platform shows a unit as cancelled, as sent by whomever, or as somebody else's to send."""
    return {
        **each,
        **made.rng.choice(
            (
                {"cancelled_quantity": 1},
                {"shipped_quantity": 1},
                {"quantity": max(1, each["quantity"] - 1), "returned_quantity": 1},
                {"sent_by": "SUPPLIER"} if made.rng.random() < 0.3 else {},
            )
        ),
    }


def _ask_back(made: World, order_id: str, lines: list[dict[str, Any]], at: int) -> None:
    """An after-sale about a line or all of them: open, then done, in whole, in part, or nobody knows."""
    rng = made.rng
    about = [parcel_line(lines[0]["sku"], 1, lines[0]["line_no"])] if rng.random() < 0.6 else []
    for version, state in enumerate(("OPEN", rng.choice(("DONE", "CLOSED"))), 1):
        record = aftersale(
            f"{order_id}/back",
            version,
            order_id=order_id,
            state=state,
            kind=rng.choice(("REFUND", "RETURN", "PRICE_PROTECTION")),
            whole=rng.choice((True, True, False, None)),
            before_shipping=rng.choice((None, True, False)),
            lines=about,
        )
        made.send_later(at + version * rng.randrange(1, 60), "aftersales", order_id, "AfterSale", record)


def live(made: World, steps: int = 400) -> None:
    """Let time pass: records are read while deliveries, counts, shipments and timers go on."""
    rng = made.rng
    supply = rng.choice((0.0, 0.005, 0.03))
    for number in range(steps):
        made.step()
        chance = rng.random()
        sku, name = rng.choice(SKUS), f"W{rng.randrange(3)}"
        if chance < supply:
            _deliver(made, f"delivery/{number}", sku, name, rng.randrange(1, 5))
        elif chance < supply + 0.01:
            fields = _count(f"adjust/{number}", sku, name, delta=rng.randrange(-3, 3), reason="count", order_id="")
            made.send("commands", sku, "Adjust", fields)
        elif chance < supply + 0.02:
            made.send("commands", sku, "SetSafetyStock", _count(f"safe/{number}", sku, name, quantity=rng.randrange(3)))
        elif chance < supply + 0.06:
            ship_one(made, number)
        elif chance < supply + 0.08:
            made.tick()
        elif chance < supply + 0.1:
            return_one(made, number)
    made.drain()


def ship_one(made: World, number: int) -> None:
    """A warehouse ships its part of an order that was announced as allocated, now and then of what it has not heard is taken back."""
    late = made.rng.random() < 0.2
    announced = [
        (order_id, part["warehouse"], decision["parts"])
        for order_id, history in made.history.items()
        for event, decision in (history[-3:] if late else history[-1:])
        if event == "OrderAllocated"
        for part in decision["parts"]
    ]
    if announced:
        order_id, name, parts = made.rng.choice(announced)
        lines = _in_the_parcel(made, parts, name)
        made.send("shipments", order_id, "Shipped", shipped(name, f"{order_id}/{number}", order_id, lines))


def _in_the_parcel(made: World, parts: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """What a parcel carries: all of it unsaid, all of it, some, now and then too many or what nobody ordered."""
    rng = made.rng
    if rng.random() < 0.4:
        return []
    lines = [
        parcel_line(part["sku"], rng.randrange(1, part["quantity"] + 1), part["line_no"])
        for part in parts
        if part["warehouse"] == name and rng.random() < 0.8
    ]
    if rng.random() < 0.1:
        lines.append(parcel_line(rng.choice(SKUS), rng.randrange(1, 3), rng.choice(("1", "2", "nobody's"))))
    return lines


def return_one(made: World, number: int) -> None:
    """Something of a parcel comes back to a warehouse, now and then more than was in it."""
    if made.parcels:
        parcel = made.rng.choice(list(made.parcels.values()))
        known = made.newest.get(parcel["order_id"])
        if known is not None:
            each = made.rng.choice(known["lines"])
            units = parcel_line(each["sku"], made.rng.randrange(1, each["quantity"] + 2), each["line_no"])
            grade = made.rng.choice(("SELLABLE", "SELLABLE", "DEFECTIVE"))
            record = came_back({**units, "grade": grade}, return_id=f"back/{number}", order_id=parcel["order_id"])
            made.send("returns", parcel["order_id"], "ReturnReceived", {**record, "warehouse": parcel["warehouse"]})


def deliver_plenty(made: World) -> None:
    """Enough of everything at a warehouse that can send it, and time for everyone to notice."""
    for sku in SKUS:
        made.send("commands", sku, "SetSafetyStock", _count(f"plenty/safe/{sku}", sku, "W0", quantity=0))
        _deliver(made, f"plenty/{sku}", sku, "W0", 10_000)
    made.drain()


def ship_everything(made: World) -> None:
    """Every warehouse ships what it holds for anyone, and what is planned again because a reservation ended meanwhile."""
    for turn in range(5):
        for order_id, state in list(made.orders.items()):
            for name in sorted({part["warehouse"] for part in state["parts"] if part["state"] == "GRANTED"}):
                made.send("shipments", order_id, "Shipped", shipped(name, f"{order_id}/last{turn}/{name}", order_id))
        made.drain()
