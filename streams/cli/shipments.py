"""What warehouse systems tell the gateway of parcels: read, judged and told as the lines of ``penstock order tell``."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from connectors.channels.shipments import Tell, Told, Verdict
from streams.aside import said, telling
from streams.cli.bulk import Known
from streams.ops.actor import Actor, Right
from streams.ops.cluster import Cluster
from streams.settings import Settings

#: They tell of orders' parcels and of nothing else.
_RIGHTS = frozenset({Right.ORDERS})


def teller(settings: Settings) -> Tell:
    """Blocks; raises ClusterError, SchemaError and the like where Kafka does not answer."""
    cluster = Cluster(settings)
    return lambda parcels: _told(cluster, parcels)


def _told(cluster: Cluster, parcels: Sequence[Told]) -> Sequence[Verdict]:
    parsed = [_parsed(each) for each in parcels]
    known = Known(cluster, {each.order_id for each in parsed if isinstance(each, said.Parcel)})
    found: list[Verdict | telling.Telling] = []
    for told, each in zip(parcels, parsed, strict=True):
        if isinstance(each, Verdict):
            found.append(each)
            continue
        wish = known.wish(0, each, Actor(f"warehouse system {told.system.name}", _RIGHTS))
        found.append(wish.telling or Verdict(422, wish.why_not))
    sent = iter(
        telling.tell(cluster, wanted) if (wanted := [x for x in found if isinstance(x, telling.Telling)]) else ()
    )
    return [each if isinstance(each, Verdict) else _sent(next(sent)) for each in found]


def _sent(each: telling.Sent) -> Verdict:
    if each.conflict:
        return Verdict(409, f"id {each.conflict}: give each parcel one of its own")
    return Verdict(200, id=each.telling.id, repeated=each.repeated)


def _parsed(told: Told) -> said.Parcel | Verdict:
    """The parcel, of the path's shop alone."""
    try:
        each = said.parse(told.body, ("ship",))
    except said.NotJson as exc:
        return Verdict(400, str(exc))
    except said.NotSaid as exc:
        return Verdict(422, str(exc))
    assert isinstance(each, said.Parcel)
    if not each.id:
        return Verdict(422, "id is missing: give each parcel one of its own, the same whenever it is told again")
    if each.shop not in ("", told.shop):
        return Verdict(422, f"shop is {each.shop!r}, and the path's is {told.shop!r}: leave it out")
    if told.system.warehouses and each.warehouse not in told.system.warehouses:
        may = ", ".join(told.system.warehouses)
        return Verdict(422, f"warehouse is {each.warehouse!r}: {told.system.name} tells for {may} alone")
    return replace(each, shop=told.shop)
