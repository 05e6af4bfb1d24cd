"""What happens in a simulated shop: orders in versions, deliveries, counts, shipments, operators, all from one seed."""

from __future__ import annotations

from typing import Any

from tests.domain.make import line, operator, order, shipped, warehouse
from tests.simulation.world import World

SKUS = ("MUG", "POT", "TEA")
PROVINCES = ("浙江", "广东", "四川")


def build(seed: int, orders: int = 8, *, shuffled: bool = True, **world: Any) -> World:
    """A world with its logs filled: every event of its orders is waiting to be read."""
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
    for number in range(orders):
        _tell(made, f"shop:{number}", shuffled, spread)
    return made


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
    told.append(("PAID", lines))
    while rng.random() < 0.25:
        lines = _lines(made) if rng.random() < 0.6 else [{**each, "returned_quantity": 1} for each in lines]
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
    versions = [
        order(*these, version=version, status=status, order_id=order_id, province=rng.choice((*PROVINCES, "Ontario")))
        for version, (status, these) in enumerate(told, 1)
    ]
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
    if rng.random() < 0.1:
        early = shipped(f"W{rng.randrange(3)}", f"{order_id}/early", order_id)
        made.send_later(at, "shipments", order_id, "Shipped", early)


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
            fields = _count(f"adjust/{number}", sku, name, delta=rng.randrange(-3, 3), reason="count")
            made.send("commands", sku, "Adjust", fields)
        elif chance < supply + 0.02:
            made.send("commands", sku, "SetSafetyStock", _count(f"safe/{number}", sku, name, quantity=rng.randrange(3)))
        elif chance < supply + 0.06:
            ship_one(made, number)
        elif chance < supply + 0.08:
            made.tick()
    made.drain()


def ship_one(made: World, number: int) -> None:
    """A warehouse ships its part of an order that was announced as allocated."""
    announced = [
        (order_id, part["warehouse"])
        for order_id, history in made.history.items()
        if history[-1][0] == "OrderAllocated"
        for part in history[-1][1]["parts"]
    ]
    if announced:
        order_id, name = made.rng.choice(announced)
        made.send("shipments", order_id, "Shipped", shipped(name, f"{order_id}/{number}", order_id))


def deliver_plenty(made: World) -> None:
    """Enough of everything at a warehouse that can send it, and time for everyone to notice."""
    for sku in SKUS:
        made.send("commands", sku, "SetSafetyStock", _count(f"plenty/safe/{sku}", sku, "W0", quantity=0))
        _deliver(made, f"plenty/{sku}", sku, "W0", 10_000)
    made.drain()


def ship_everything(made: World) -> None:
    """Every warehouse ships what it holds for anyone."""
    for order_id, state in list(made.orders.items()):
        for name in sorted({part["warehouse"] for part in state["parts"] if part["state"] == "GRANTED"}):
            made.send("shipments", order_id, "Shipped", shipped(name, f"{order_id}/last/{name}", order_id))
    made.drain()
