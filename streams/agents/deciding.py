"""The agents of the group ``decisions`` put together: on a worker's tables and views, or on a trial's."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from streams.agents.allocation import Allocation, Surroundings
from streams.agents.comparing import Comparisons
from streams.agents.flowbook import Flowbook
from streams.agents.intake import Intake
from streams.agents.inventory import Inventory
from streams.agents.merging import Merging
from streams.agents.rulebook import Rulebook
from streams.ops.shops import named
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.engine import Batch


class Agent(Protocol):
    """What a stage does; decisions come from ``streams.domain``."""

    def on_batch(self, batch: Batch) -> None: ...

    def on_tick(self, batch: Batch) -> None: ...


def deciding(
    tables: Mapping[str, Any],
    view: Callable[[str], Any],
    settings: Settings,
    connected: Container[tuple[str, str]] | None = None,
    on_refused: Callable[[], None] = lambda: None,
    on_failed: Callable[[], None] = lambda: None,
    on_holidays: Callable[[float], None] = lambda known_until_s: None,
    on_merging: Callable[[str, int], None] = lambda kind, count: None,
) -> dict[str, Agent]:
    """Stage -> its agent.

    Args:
        tables: as the topology names them; each is an ``engine.Table`` or behaves like one.
        view: a compacted topic's name -> its ``engine.Replica``, or what behaves like one.
        connected: (channel, shop) of those whose orders are read again on a notice; None: those of the settings' file.
        on_refused: told when a released rule or flow document decides nothing.
        on_failed: told when a version of it that is tried says nothing of an order.
        on_holidays: as of ``Rulebook``.
        on_merging: told how many orders that wait for companions were told what.
    """
    warehouses, availability = view("config.warehouses"), view("inventory.availability")
    documents, releases = view("config.documents"), view("config.releases")
    rulebook = Rulebook(f"rules/{settings.rules}", documents, releases, on_refused, on_holidays)
    flowbook = Flowbook(f"flows/{settings.flow}", settings.rules, documents, releases, on_refused)

    def changed(key: str, old: Any, new: Any) -> None:
        rulebook.changed(key, old, new)
        flowbook.changed(key, old, new)

    documents.on_change = releases.on_change = changed
    surroundings = Surroundings(availability, warehouses, rulebook, flowbook, settings.merge_key)
    availability.on_change = surroundings.on_availability
    comparisons = Comparisons(on_failed)
    shops = named(settings.shops) if connected is None else connected
    return {
        "intake": Intake(tables["seen"], availability, view("config.bundles"), settings.channels, connected=shops),
        "allocation": Allocation(
            tables["order_state"], tables["backlog"], surroundings, settings.reservation_ttl_ms, comparisons
        ),
        "inventory": Inventory(
            *(tables[name] for name in ("stock", "reservations", "applied", "expiries", "pool_turns"))
        ),
        "merging": Merging(tables["merging"], tables["merging_due"], on_merging),
    }
