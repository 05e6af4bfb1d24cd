"""Rules read as they are written, again for every order: slow, and plain enough to be right.

It takes a document's plain values and shares no code with what is compiled but the facts, and what names of places mean. It moves piece by
piece, tries every set of warehouses, and compares what it found afterwards.
"""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

from streams.domain.routing.rules.facts import Facts, WarehouseFacts, known_name
from streams.domain.routing.tables.reckoning import Offer, Reckoned

NO_FIGURE = object()
FAR = 10**30


def decided(document: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """What ``explained`` says of the same, but for the hash and the versions."""
    attempts: list[dict[str, Any]] = []
    passed: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    unplaced: dict[str, int] = {}
    default = {"name": "default", "then": {"partial": "backorder", "none": "backorder"}, **document["default"]}
    for strategy in [*document.get("strategies", []), default]:
        fails = [at for at, each in enumerate(strategy.get("when", [])) if not meets(each, facts)]
        if fails:
            field = strategy["when"][fails[0]]["field"]
            actual = fact(field, facts)
            passed.append({"strategy": strategy["name"], "condition": fails[0], "field": field, "actual": actual})
            continue
        attempt, parts, unplaced = tried(document, strategy, facts)
        attempts.append(attempt)
        then = strategy.get("then", {})
        follows = {"all": "", "part": then.get("partial", "next"), "none": then.get("none", "next")}
        if follows[attempt["result"]] != "next":
            break
    return {
        "outcome": "allocated" if parts else "backordered",
        "strategy": attempts[-1]["strategy"],
        "parts": parts,
        "unplaced": unplaced,
        "attempts": attempts,
        "passed_over": passed,
    }


def fact(field: str, facts: Facts) -> Any:
    order, minute = facts.order, 60_000
    if field in ("sku", "quantity", "unit_price_minor", "category", "brand"):
        return [getattr(line, field) for line in order.lines]
    if field == "gift":
        return [line.unit_price_minor == 0 for line in order.lines]
    if field == "bundled":
        return [bool(line.bundle) for line in order.lines]
    if field in ("weight", "volume", "gross_profit"):
        name = {"weight": "grams", "volume": "cm3", "gross_profit": "cost_minor"}[field]
        pieces = [getattr(line, name) for line in order.lines for _ in range(line.quantity)]
        whole = None if None in pieces else sum(pieces)
        if field != "gross_profit" or whole is None:
            return whole
        return None if order.total_minor is None else max(0, order.total_minor - whole)
    if field == "carrier_reachable":
        return None if facts.reckoned == {} else {True} <= {it.by_cost != () for it in facts.reckoned.values()}
    if field == "cod":
        return order.collect_minor is not None
    if field == "pieces":
        return sum(line.quantity for line in order.lines)
    if field == "skus":
        return len({line.sku for line in order.lines})
    if field == "line_count":
        return len(order.lines)
    if field in ("paid_minutes", "placed_minutes"):
        at = order.paid_at_ms if field == "paid_minutes" else order.placed_at_ms
        return None if at is None else max(0, (facts.now_ms - at) // minute)
    if field == "ship_by_minutes":
        return None if order.ship_by_ms is None else max(0, order.ship_by_ms - facts.now_ms) // minute
    if field == "minute_of_day":
        return (facts.now_ms // minute + 480) % 1440
    if field == "weekday":
        return ((facts.now_ms // minute + 480) // 1440 + 3) % 7 + 1
    return getattr(order, field)


def meets(condition: dict[str, Any], facts: Facts) -> bool:
    field, negated = condition["field"], condition.get("not", False)
    actual = fact(field, facts)
    if isinstance(actual, list):
        if "" in actual and field in ("category", "brand"):
            # True of everything that the missing ones might be, or not at all.
            every = [[known if known else maybe for known in actual] for maybe in ("tea", "mugs", "something else")]
            found = {holds(condition, each) for each in every}
            return found == {True}
        return holds(condition, actual)
    return actual not in (None, "") and allows(condition, actual) != negated


def holds(condition: dict[str, Any], actual: list[Any]) -> bool:
    among = [allows(condition, each) for each in actual]
    return (any(among) if condition.get("lines", "any") == "any" else all(among)) != condition.get("not", False)


def allows(condition: dict[str, Any], actual: Any) -> bool:
    if "in" in condition:
        return actual in [known_name(condition["field"], each) for each in condition["in"]]
    if "is" in condition:
        return bool(actual is condition["is"])
    return bool(condition.get("at_least", 0) <= actual <= condition.get("at_most", FAR))


def sender_of(strategy: dict[str, Any], it: Reckoned) -> Offer | None:
    """Who sends from a warehouse: all that may are compared with one another."""
    named = [each["in"] for each in strategy.get("filters", []) if each["filter"] == "carrier" and "in" in each]
    names = ("freight", "arrives")
    if strategy.get("allocate", {}).get("carrier", "cheapest") == "fastest":
        names = ("arrives", "freight")
    best: Any = None
    for offer in it.by_cost:
        figures = [getattr(offer, name) for name in names]
        key = [*(FAR if isinstance(each, str) else each for each in figures), offer.carrier]
        if all(offer.carrier in each for each in named) and (best is None or key < best[0]):
            best = (key, offer)
    return None if best is None else best[1]


def told_by_tables(strategy: dict[str, Any], each: dict[str, Any], facts: Facts, code: str, left: list[str]) -> Any:
    """(whether the filter lets a warehouse through, figure, limit).

    :param left: warehouses that the filters before this one let through.
    """
    it = facts.reckoned.get(code, Reckoned())
    offer = sender_of(strategy, it)
    named = [each["in"] for each in strategy.get("filters", []) if each["filter"] == "carrier" and "in" in each]
    among = [reason for carrier, reason in it.unable if all(carrier in each for each in named)]
    why = among[0] if among else "NO_CARRIER"

    def limited(figure: Any, limit: int, most: bool = True) -> Any:
        return not isinstance(figure, str) and (figure <= limit if most else figure >= limit), figure, limit

    match each["filter"]:
        case "coverage" if each.get("narrowest"):
            depths = {name: facts.reckoned.get(name, Reckoned()).served for name in left}
            best = max((each.depth for each in depths.values() if not isinstance(each, str)), default=0)
            depth = it.served if isinstance(it.served, str) else it.served.depth
            return depth == best, depth, best
        case "coverage":
            return not isinstance(it.served, str), "NOT_COVERED", None
        case "eta":
            return limited(offer.arrives if offer else why, each["minutes"])
        case "cutoff":
            minute = 60_000
            if each["by"] == "ship_by" and facts.order.ship_by_ms is None:
                return True, None, None
            midnight = ((facts.now_ms // minute + 480) // 1440 + 1) * 1440 - 480
            until = midnight - 1 if each["by"] == "today" else (facts.order.ship_by_ms or 0) // minute
            return limited(offer.leaves if offer else why, until - facts.now_ms // minute)
        case "calendar":
            return limited(it.opens, each.get("minutes", 0))
        case "daily_capacity":
            return (True, None, None) if it.left_today is None else limited(it.left_today, each["at_least"], most=False)
        case "carrier":
            return offer is not None, why, None
        case "ability":
            lacks = [it.lacks, *(name for name in each.get("in", []) if name not in it.abilities)]
            return not any(lacks), next((name for name in lacks if name), None), None
        case "min_margin":
            figures = [it.goods, it.handling, offer.freight if offer else why]
            reasons = ["NO_COST"] * (facts.order.total_minor is None) + [one for one in figures if isinstance(one, str)]
            if reasons:
                return False, reasons[0], each["minor"]
            return limited((facts.order.total_minor or 0) - sum(figures), each["minor"], most=False)
    raise AssertionError(each["filter"])


def figure_of_tables(strategy: dict[str, Any], by: str, it: Reckoned) -> Any:
    offer = sender_of(strategy, it)
    value: Any = {
        "freight": offer and offer.freight,
        "eta": offer and offer.arrives,
        "goods_cost": it.goods,
        "handling_cost": it.handling,
        "day_left": "unlimited" if it.left_today is None else it.left_today,
        "region_priority": getattr(it.served, "priority", None),
    }[by]
    return None if isinstance(value, str) and value != "unlimited" else value


def row_of(document: dict[str, Any], table: str, facts: Facts) -> list[str] | None:
    rows = next(each["rows"] for each in document["tables"] if each["name"] == table)
    return next((row["warehouses"] for row in rows if all(meets(each, facts) for each in row.get("when", []))), None)


def tried(
    document: dict[str, Any], strategy: dict[str, Any], facts: Facts
) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, int]]:
    lines = facts.order.lines
    back = sum(each["pieces"] for each in strategy.get("filters", []) if each["filter"] == "keep_back")
    shelves = {each.code: {sku: n - back for sku, n in each.sells.items() if n > back} for each in facts.warehouses}
    filters = strategy.get("filters", [])
    looked = [looked_at(document, strategy, facts, each, shelves, filters) for each in facts.warehouses]
    candidates = [each for each in looked if "refused" not in each]
    mode, criteria = strategy["rank"]["mode"], strategy["rank"]["criteria"]
    if mode == "weighted":
        for at, criterion in enumerate(criteria):
            for each, points in zip(candidates, points_of(criterion, at, candidates), strict=True):
                each["scores"][at] |= {"points": points, "weight": criterion["weight"]}
        for each in candidates:
            each["exact"] = sum(score["points"] * score["weight"] for score in each["scores"])
            each["score"] = each["exact"] // sum(criterion["weight"] for criterion in criteria)
    candidates.sort(key=lambda each: (rank_of(mode, criteria, each), each["warehouse"]))

    allocate = strategy.get("allocate", {})
    taken = shared(lines, candidates, shelves, facts, allocate)
    sent = Counter(at for _, units in taken for at in units.elements())
    left = {at: line.quantity - sent[at] for at, line in enumerate(lines)}
    whole = not any(left.values())
    chosen = [code for code, _ in taken] if whole else []
    parts = [
        {"line_no": line.line_no, "sku": line.sku, "warehouse": code, "quantity": units[at]}
        for at, line in enumerate(lines)
        for code, units in taken
        if whole and units[at]
    ]
    unplaced: dict[str, int] = {}
    for at, line in enumerate(lines):
        if left[at]:
            unplaced[line.sku] = unplaced.get(line.sku, 0) + left[at]
    runner_up, margin = second(strategy, candidates, chosen)
    for each in looked:
        each["chosen"] = each["warehouse"] in chosen
        each.pop("exact", None)
    attempt = {
        "strategy": strategy["name"],
        "result": "all" if whole else "part" if candidates else "none",
        "warehouses": looked,
        "chosen": chosen,
        "runner_up": runner_up,
        "margin": margin,
        "notes": [],
    }
    return attempt, parts, unplaced


def looked_at(
    document: dict[str, Any],
    strategy: dict[str, Any],
    facts: Facts,
    warehouse: WarehouseFacts,
    shelves: dict[str, dict[str, int]],
    filters: list[dict[str, Any]],
) -> dict[str, Any]:
    """:param filters: the first of the strategy's, or all."""
    shelf = shelves[warehouse.code]
    wanted: Counter[str] = Counter()
    for line in facts.order.lines:
        wanted[line.sku] += line.quantity
    most, used = warehouse.max_open_units, warehouse.open_units
    covers = sum(min(units, shelf.get(sku, 0)) for sku, units in wanted.items())
    if most is not None:
        covers = min(covers, max(0, most - used))
    found: dict[str, Any] = {"warehouse": warehouse.code, "chosen": False, "covers": covers}

    def refused(code: str, actual: Any, limit: Any) -> dict[str, Any]:
        return {**found, "refused": code, "actual": actual, "limit": limit}

    if not warehouse.set_up:
        return {**refused("NOT_SET_UP", None, None), "covers": 0}
    if not warehouse.enabled:
        return {**refused("DISABLED", None, None), "covers": 0}
    if most is not None and used >= most:
        return refused("FULL", used, most)
    if covers == 0:
        return refused("NOTHING_TO_SELL", 0, wanted.total())
    load = used * 10_000 // most if most else 0
    for number, each in enumerate(filters):
        name, negated = each["filter"], each.get("not", False)
        figure: Any = None
        match name:
            case "distance":
                good, figure, limit = (
                    warehouse.metres is not None and warehouse.metres <= each["metres"],
                    warehouse.metres,
                    each["metres"],
                )
            case "warehouses":
                good, figure, limit = (warehouse.code in each["in"]) != negated, warehouse.code, None
            case "warehouse_province":
                among = [known_name("province", it) for it in each["in"]]
                good, figure, limit = (warehouse.province in among) != negated, warehouse.province, None
            case "same_province":
                here = facts.order.province
                good, figure, limit = bool(here) and warehouse.province == here, warehouse.province, here
            case "covers":
                share = covers * 10_000 / wanted.total()
                good, figure, limit = share >= each["at_least"], int(share), each["at_least"]
            case "capacity_left":
                good = most is None or most - used >= each["at_least"]
                figure, limit = None if most is None else most - used, each["at_least"]
            case "load":
                good, figure, limit = load <= each["at_most"], load, each["at_most"]
            case "table":
                good, figure, limit = (
                    warehouse.code in (row_of(document, each["table"], facts) or []),
                    warehouse.code,
                    None,
                )
            case "keep_back":
                good, limit = True, None
            case _:
                before = {
                    other.code: looked_at(document, strategy, facts, other, shelves, filters[:number])
                    for other in facts.warehouses
                }
                left = [code for code, it in before.items() if "refused" not in it]
                good, figure, limit = told_by_tables(strategy, each, facts, warehouse.code, left)
        if not good:
            return refused(name.upper(), figure, limit)
    scores = []
    for criterion in strategy["rank"]["criteria"]:
        by = criterion["by"]
        value: Any
        match by:
            case "distance":
                value = warehouse.metres
            case "priority":
                value = warehouse.priority
            case "covers":
                value = covers
            case "stock":
                value = sum(shelf.values())
            case "capacity_left":
                value = "unlimited" if most is None else most - used
            case "load":
                value = load
            case "same_province":
                value = 0 if warehouse.province and warehouse.province == facts.order.province else 1
            case "sequence":
                named = criterion["warehouses"]
                value = named.index(warehouse.code) if warehouse.code in named else len(named)
            case "table":
                row = row_of(document, criterion["table"], facts)
                value = None if row is None or warehouse.code not in row else row.index(warehouse.code)
            case _:
                value = figure_of_tables(strategy, by, facts.reckoned.get(warehouse.code, Reckoned()))
        score = {"by": by, "value": value}
        if strategy["rank"]["mode"] == "banded" and "bands" in criterion:
            score["band"] = band_of(criterion["bands"], value)
        scores.append(score)
    return {**found, "scores": scores}


def band_of(bands: list[int], value: Any) -> int:
    if value is None or value == "unlimited":
        return len(bands) + 1
    return sum(1 for limit in bands if value > limit)


def is_by_more(by: str) -> bool:
    return by in ("covers", "stock", "capacity_left", "day_left")


def points_of(criterion: dict[str, Any], at: int, candidates: list[dict[str, Any]]) -> list[int]:
    values = [each["scores"][at]["value"] for each in candidates]
    known = [value for value in values if value is not None and value != "unlimited"]
    points = []
    for value in values:
        if value is None:
            points.append(0)
        elif value == "unlimited" or min(known) == max(known):
            points.append(10_000)
        else:
            ahead = value - min(known) if is_by_more(criterion["by"]) else max(known) - value
            points.append(ahead * 10_000 // (max(known) - min(known)))
    return points


def rank_of(mode: str, criteria: list[dict[str, Any]], candidate: dict[str, Any]) -> list[int]:
    if mode == "weighted":
        return [-candidate["exact"]]
    return [key_of(criterion, score) for criterion, score in zip(criteria, candidate["scores"], strict=True)]


def key_of(criterion: dict[str, Any], score: dict[str, Any]) -> int:
    if score["value"] is None:
        return int(score.get("band", FAR))
    value = score.get("band", score["value"])
    if value == "unlimited":
        return -FAR
    return -value if is_by_more(criterion["by"]) else value


def second(
    strategy: dict[str, Any], candidates: list[dict[str, Any]], chosen: list[str]
) -> tuple[str | None, dict[str, Any] | None]:
    by_rank = strategy.get("allocate", {}).get("split") == "in_order"
    others = [each for each in candidates if each["warehouse"] not in chosen]
    if not chosen or not others:
        return None, None
    other = others[0] if by_rank else max(others, key=lambda each: each["covers"])
    first = next(each for each in candidates if each["warehouse"] == chosen[0])
    name = other["warehouse"]
    if not by_rank and first["covers"] != other["covers"]:
        return name, {"by": "covers", "difference": first["covers"] - other["covers"]}
    if strategy["rank"]["mode"] == "weighted":
        ahead = first["exact"] - other["exact"]
        return name, {"by": "score", "difference": ahead} if ahead else {"by": "warehouse", "difference": None}
    for at, criterion in enumerate(strategy["rank"]["criteria"]):
        a, b = key_of(criterion, first["scores"][at]), key_of(criterion, other["scores"][at])
        if a != b:
            figures = (first["scores"][at]["value"], other["scores"][at]["value"])
            unclear = not {None, "unlimited"}.isdisjoint(figures) and "band" not in first["scores"][at]
            return name, {"by": criterion["by"], "difference": None if unclear else b - a}
    return name, {"by": "warehouse", "difference": None}


Taken = list[tuple[str, Counter[int]]]


def shared(
    lines: Any,
    candidates: list[dict[str, Any]],
    shelves: dict[str, dict[str, int]],
    facts: Facts,
    allocate: dict[str, Any],
) -> Taken:
    """Who takes which pieces of which line (by its place); less than all where that is not to be done."""
    pieces = sum(line.quantity for line in lines)
    all_of_it = Counter({at: line.quantity for at, line in enumerate(lines)})
    most = allocate.get("max_parcels", len(candidates))
    by_code = {each.code: each for each in facts.warehouses}
    names = [each["warehouse"] for each in candidates]
    covers = {each["warehouse"]: each["covers"] for each in candidates}

    def takes(code: str, left: Counter[int]) -> Counter[int]:
        return taken_by(lines, by_code[code], shelves[code], left, allocate)

    def in_turn(codes: list[str]) -> Taken:
        left, found = all_of_it.copy(), []
        for code in codes:
            if len(found) < most and left and (units := takes(code, left)):
                found.append((code, units))
                left -= units
        return found

    split = allocate.get("split", "most_first")
    if split == "in_order":
        return [(names[0], all_of_it)] if names and covers[names[0]] == pieces else in_turn(names)
    alone = [code for code in names if covers[code] == pieces]
    if alone:
        return [(alone[0], all_of_it)]
    if split == "fewest":
        for size in range(2, min(most, len(names)) + 1):
            for codes in combinations(names, size):
                found = in_turn(list(codes))
                if len(found) == size and sum(units.total() for _, units in found) == pieces:
                    return found
    left, found, remaining = all_of_it.copy(), [], list(names)
    while left and remaining and len(found) < most:
        offers = [(code, takes(code, left)) for code in remaining]
        code, units = max(offers, key=lambda offer: offer[1].total())
        if not units:
            break
        remaining.remove(code)
        found.append((code, units))
        left -= units
    return found


def taken_by(
    lines: Any, warehouse: WarehouseFacts, shelf: dict[str, int], left: Counter[int], allocate: dict[str, Any]
) -> Counter[int]:
    keep, least = allocate.get("keep_together", "nothing"), allocate.get("min_value", 0)
    there = Counter(shelf)
    free = 10**9 if warehouse.max_open_units is None else warehouse.max_open_units - warehouse.open_units
    taken: Counter[int] = Counter()
    # In the order of the first line of each SKU, or of each that is kept together.
    names = [
        ("sku", line.sku)
        if keep == "nothing"
        else ("bundle", line.bundle)
        if keep == "bundle" and line.bundle
        else ("line", at)
        for at, line in enumerate(lines)
    ]
    for group in sorted(set(names), key=names.index):
        members = [at for at, name in enumerate(names) if name == group]
        before = taken.copy(), there.copy(), free
        for at in members:
            for _ in range(left[at]):
                if there[lines[at].sku] > 0 and free > 0:
                    taken[at] += 1
                    there[lines[at].sku] -= 1
                    free -= 1
        if keep != "nothing" and any(taken[at] < left[at] for at in members):
            taken, there, free = before
    worth = sum(units * lines[at].unit_price_minor for at, units in taken.items())
    rest = left - taken
    worth_left = sum(units * lines[at].unit_price_minor for at, units in rest.items())
    return taken if worth >= least and (not rest or worth_left >= least) else Counter()
