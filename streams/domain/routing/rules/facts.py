"""What rules decide on, as plain values: whole numbers, text, and nothing that has to be looked up.

A fact that the hub does not know of an order is None (or empty, where it is text) and meets no condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from schemas.records import Order, StockLevel, Warehouse
from streams.domain.reference import place_of, province_of

from ..geography import distance_km
from ..shelves import for_sale
from ..tables.coverage import area_of
from ..tables.goods import Products, product_of
from ..tables.reckoning import NONE_KNOWN, Parcel, Reckoned, Reckoning, Tables
from ..tables.regions import region_of

Value = str | int | None

_MINUTE_MS = 60_000
#: China has one time all over the country, and no summer time.
_CHINA_MS = 8 * 60 * _MINUTE_MS
_DAY_MS = 24 * 60 * _MINUTE_MS
#: Provinces that are cities themselves (直辖市), by the first two digits of their codes.
_CITIES_THEMSELVES = ("11", "12", "31", "50")


class LineFacts(NamedTuple):
    """A line, and its pieces that are to be sent: at least one."""

    line_no: str
    sku: str
    quantity: int
    unit_price_minor: int = 0
    #: The line of the platform's that it is a part of; empty: of none.
    bundle: str = ""
    #: Of one piece; None: not known. Volume in cubic centimetres, cost in minor units of the order's currency.
    grams: int | None = None
    cm3: int | None = None
    cost_minor: int | None = None
    category: str = ""
    brand: str = ""


class OrderFacts(NamedTuple):
    """An order that is to be sent. Places by their full Chinese names where they are known, else as the platform writes them."""

    lines: tuple[LineFacts, ...]
    channel: str = ""
    shop: str = ""
    currency: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    town: str = ""
    total_minor: int | None = None
    collect_minor: int | None = None
    placed_at_ms: int | None = None
    paid_at_ms: int | None = None
    ship_by_ms: int | None = None
    #: What the merchant calls its region, such as remote; empty: nothing.
    area: str = ""


class WarehouseFacts(NamedTuple):
    """A warehouse as it stands to one order."""

    code: str
    #: SKU -> pieces it could sell of the order's, above 0.
    sells: Mapping[str, int]
    province: str = ""
    priority: int = 0
    enabled: bool = True
    #: False: goods lie there, and nobody has set it up.
    set_up: bool = True
    open_units: int = 0
    max_open_units: int | None = None
    #: From the receiver; None: unknown.
    metres: int | None = None


class Facts(NamedTuple):
    """All that a decision rests on."""

    order: OrderFacts
    #: One of a code.
    warehouses: tuple[WarehouseFacts, ...]
    now_ms: int = 0
    #: Name of a table -> its version, for the record.
    versions: Mapping[str, int | str] = {}
    #: What tables say of each warehouse for this order, by its code; empty: none was looked at.
    reckoned: Mapping[str, Reckoned] | Reckoning = NONE_KNOWN


def _sum_of(facts: Facts, each: Callable[[LineFacts], int | None]) -> int | None:
    """The sum over all pieces; None where it is not known of one."""
    total = 0
    for line in facts.order.lines:
        value = each(line)
        if value is None:
            return None
        total += value * line.quantity
    return total


def _weight(facts: Facts) -> int | None:
    return _sum_of(facts, lambda line: line.grams)


def _volume(facts: Facts) -> int | None:
    return _sum_of(facts, lambda line: line.cm3)


def _gross_profit(facts: Facts) -> int | None:
    """A loss is 0: conditions ask about numbers from 0 on."""
    amount, cost = facts.order.total_minor, _sum_of(facts, lambda line: line.cost_minor)
    return None if amount is None or cost is None else max(0, amount - cost)


def _is_reachable(facts: Facts) -> bool | None:
    """Whether from any warehouse a carrier takes the order to the receiver; None: no table was looked at."""
    known = facts.reckoned.values()
    return any(it.by_cost for it in known) if known else None


def _minutes_since(at_ms: int | None, now_ms: int) -> int | None:
    return None if at_ms is None else max(0, (now_ms - at_ms) // _MINUTE_MS)


#: A condition's name -> its fact. Those of ``LINE_FACTS`` are asked of each line.
ORDER_FACTS: Mapping[str, Callable[[Facts], Value]] = {
    "channel": lambda facts: facts.order.channel,
    "shop": lambda facts: facts.order.shop,
    "currency": lambda facts: facts.order.currency,
    "country": lambda facts: facts.order.country,
    "province": lambda facts: facts.order.province,
    "city": lambda facts: facts.order.city,
    "district": lambda facts: facts.order.district,
    "town": lambda facts: facts.order.town,
    "total_minor": lambda facts: facts.order.total_minor,
    "collect_minor": lambda facts: facts.order.collect_minor,
    "cod": lambda facts: facts.order.collect_minor is not None,
    "pieces": lambda facts: sum([line.quantity for line in facts.order.lines]),
    "skus": lambda facts: len({line.sku for line in facts.order.lines}),
    "line_count": lambda facts: len(facts.order.lines),
    "placed_minutes": lambda facts: _minutes_since(facts.order.placed_at_ms, facts.now_ms),
    "paid_minutes": lambda facts: _minutes_since(facts.order.paid_at_ms, facts.now_ms),
    "ship_by_minutes": lambda facts: (
        None if facts.order.ship_by_ms is None else max(0, facts.order.ship_by_ms - facts.now_ms) // _MINUTE_MS
    ),
    "minute_of_day": lambda facts: (facts.now_ms + _CHINA_MS) % _DAY_MS // _MINUTE_MS,
    # The epoch was a Thursday.
    "weekday": lambda facts: ((facts.now_ms + _CHINA_MS) // _DAY_MS + 3) % 7 + 1,
    "weight": _weight,
    "volume": _volume,
    "gross_profit": _gross_profit,
    "area": lambda facts: facts.order.area,
    "carrier_reachable": _is_reachable,
}

#: Facts of lines that may be missing: then they are empty.
MAY_BE_MISSING = ("category", "brand")

LINE_FACTS: Mapping[str, Callable[[LineFacts], Value]] = {
    "sku": lambda line: line.sku,
    "quantity": lambda line: line.quantity,
    "unit_price_minor": lambda line: line.unit_price_minor,
    "gift": lambda line: line.unit_price_minor == 0,
    "bundled": lambda line: line.bundle != "",
    "category": lambda line: line.category,
    "brand": lambda line: line.brand,
}


def known_name(field: str, name: str) -> str:
    """A place's name as facts have it; any other text as it is."""
    if field in ("province", "warehouse_province"):
        return province_of(name) or name
    if field in ("city", "district"):
        place = place_of(name)
        return place.path[-1] if place else name
    return name


def order_facts(order: Order) -> OrderFacts:
    """What is to be sent of an order by this merchant, and where to."""
    receiver = order["receiver"]
    province, city, district = names_of_place(receiver["province"], receiver["city"], receiver["district"])
    lines = []
    for line in order["lines"]:
        units = line["quantity"] - line["cancelled_quantity"] - line["shipped_quantity"]
        if line["sent_by"] == "MERCHANT" and units > 0:
            price, bundle = line["unit_price_minor"], line["bundle_line_no"]
            lines.append(LineFacts(line["line_no"], line["sku"], units, price, bundle))
    return OrderFacts(
        lines=tuple(lines),
        channel=order["channel"],
        shop=order["shop"],
        currency=order["currency"],
        country=receiver["country"],
        province=province,
        city=city,
        district=district,
        town=receiver["town"],
        total_minor=order["total_minor"],
        collect_minor=order["collect_minor"],
        placed_at_ms=order["placed_at_ms"],
        paid_at_ms=order["paid_at_ms"],
        ship_by_ms=order["ship_by_ms"],
    )


def parcel_of(order: OrderFacts, lines: tuple[tuple[str, int], ...]) -> Parcel:
    """Some of an order's (SKU, pieces) as tables are asked about them; what it is worth is the whole order's."""
    region = region_of(order.country, order.province, order.city, order.district, order.town)
    return Parcel(lines, region, order.total_minor, order.currency)


def with_tables(facts: Facts, tables: Tables, given: Mapping[str, int]) -> Facts:
    """Facts of an order with all that tables say of it, and of the warehouses that are in use.

    :param given: pieces that each warehouse was given today (UTC+8); who is not named, of that nobody knows.
    """
    order = facts.order
    lines = tuple([_with_product(line, tables.products, order.currency) for line in order.lines])
    parcel = parcel_of(order, tuple([(line.sku, line.quantity) for line in lines]))
    codes = [each.code for each in facts.warehouses if each.set_up and each.enabled]
    return facts._replace(
        order=order._replace(lines=lines, area=area_of(tables.coverage, parcel.region)),
        warehouses=tuple([_with_limit(each, tables) for each in facts.warehouses]),
        versions={**facts.versions, **tables.versions},
        reckoned=Reckoning(tables, parcel, codes, facts.now_ms, given),
    )


def _with_product(line: LineFacts, products: Products, currency: str) -> LineFacts:
    it = product_of(products, line.sku)
    if it is None:
        return line
    cost = it.cost_minor if it.currency == currency else None
    return line._replace(grams=it.grams, cm3=it.cm3, cost_minor=cost, category=it.category, brand=it.brand)


def _with_limit(warehouse: WarehouseFacts, tables: Tables) -> WarehouseFacts:
    """Of its own limit of open pieces and the one in the table the lower counts."""
    capacity = tables.capacity.get(warehouse.code)
    limit = None if capacity is None else capacity.open_units
    if limit is None or (warehouse.max_open_units is not None and warehouse.max_open_units <= limit):
        return warehouse
    return warehouse._replace(max_open_units=limit)


def warehouse_facts(
    skus: Sequence[str],
    levels: Mapping[str, Sequence[StockLevel]],
    warehouses: Sequence[Warehouse],
    load: Mapping[str, int],
    place: str,
    country: str = "",
) -> tuple[WarehouseFacts, ...]:
    """Every warehouse that is set up, and those where goods lie although they are not.

    :param levels: what each warehouse holds, per SKU of the order.
    :param load: open (reserved, not yet shipped) units per warehouse.
    :param place: where distances are reckoned from (``geography.destination``).
    """
    sells: dict[str, dict[str, int]] = {}
    for sku in skus:
        for level in levels.get(sku, ()):
            units = for_sale(level)
            if units > 0:
                sells.setdefault(level["warehouse"], {})[sku] = units
    found = []
    for each in warehouses:
        code = each["warehouse"]
        distance = distance_km(place, each["latitude"], each["longitude"], country)
        found.append(
            WarehouseFacts(
                code=code,
                sells=sells.pop(code, {}),
                province=known_name("province", each["province"]),
                priority=each["priority"],
                enabled=each["enabled"],
                open_units=load.get(code, 0),
                max_open_units=each["max_open_units"],
                # It is exact to 0.1 km.
                metres=None if distance is None else round(distance * 10) * 100,
            )
        )
    return (*found, *(WarehouseFacts(code, units, set_up=False) for code, units in sells.items()))


def names_of_place(province: str, city: str, district: str) -> tuple[str, str, str]:
    """A place's full Chinese names where it is known; what is not known of it as it is given."""
    place = place_of(province, city, district)
    if place is None:
        return province, city, district
    path = place.path
    if len(path) == 2 and place.code.startswith(_CITIES_THEMSELVES):
        return path[0], path[0], path[1]
    return path[0], path[1] if len(path) > 1 else city, path[2] if len(path) > 2 else district
