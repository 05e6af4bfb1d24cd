"""Documents of pools: what is wrong with one beyond its form, and what one makes of a SKU's pool."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone

from schemas.documents.faults import NOTHING, Fault, Path
from schemas.documents.parts import BASIS_POINTS
from schemas.documents.pools.document import Document, Pool, Quota
from schemas.documents.reading import Draft
from schemas.records import Pool as PoolRecord
from schemas.topics import CHANNELS

_UTC8 = timezone(timedelta(hours=8))
_HOUR_MS = 3_600_000
#: The one part of a pool without quotas.
ALL = "all"


def faults(draft: Draft[Document], others: Mapping[str, Document]) -> Iterator[Fault]:
    """Faults of those pools whose own form is right. ``others``: documents of pools that are live beside it, by name."""
    elsewhere = {pool.sku: name for name, document in sorted(others.items()) for pool in document.pools}
    seen: dict[str, int] = {}
    for at, pool in draft.many(("pools",), Pool):
        path: Path = ("pools", at)
        if pool.sku in elsewhere:
            yield Fault((*path, "sku"), pool.sku, f"stands in {elsewhere[pool.sku]} too: leave it in one of them")
        if pool.sku in seen:
            yield Fault((*path, "sku"), pool.sku, f"is named by pools[{seen[pool.sku]}] already: leave one")
        seen.setdefault(pool.sku, at)
        yield from _of_times(pool, path)
        yield from _of_quotas(pool, path)
        yield from _of_chains(pool, path)


def _of_times(pool: Pool, path: Path) -> Iterator[Fault]:
    bounds = {"from": moment_ms(pool.from_), "until": moment_ms(pool.until)}
    for field, written in (("from", pool.from_), ("until", pool.until)):
        if bounds[field] is None:
            yield Fault((*path, field), written, "is no time: write it as 2026-10-24 20:00 (UTC+8)")
    begins, ends = bounds["from"], bounds["until"]
    if begins is not None and ends is not None and ends <= begins:
        yield Fault((*path, "until"), pool.until, f"is not after its beginning, {pool.from_}: write a later time")


def _of_quotas(pool: Pool, path: Path) -> Iterator[Fault]:
    if bool(pool.quotas) != bool(pool.chains):
        given, lacks = ("quotas", "chains") if pool.quotas else ("chains", "quotas")
        yield Fault((*path, lacks), NOTHING, f"is missing: {given} stands there, and means nothing alone")
    if not pool.quotas:
        return
    yield from _twice(((*path, "quotas", n, "name"), each.name) for n, each in enumerate(pool.quotas))
    whole = sum(each.share for each in pool.quotas)
    if whole != BASIS_POINTS:
        what = f"add {BASIS_POINTS - whole}" if whole < BASIS_POINTS else f"take {whole - BASIS_POINTS} away"
        yield Fault((*path, "quotas"), whole, f"is what the shares make up, and 10000 basis points are all: {what}")
    least = sum(each.at_least for each in pool.quotas)
    if least > pool.cap:
        yield Fault(
            (*path, "quotas"),
            least,
            f"is what at_least makes up, and the cap is {pool.cap}: lower one or raise the cap",
        )
    drawn = {name for chain in pool.chains for name in chain.draws}
    for number, quota in enumerate(pool.quotas):
        if pool.chains and quota.name not in drawn and (quota.share or quota.at_least):
            says = "is drawn on by no channel, and its pieces could never be sold: name it in a chain"
            yield Fault((*path, "quotas", number, "name"), quota.name, says)


def _of_chains(pool: Pool, path: Path) -> Iterator[Fault]:
    if not pool.chains:
        return
    yield from _twice(((*path, "chains", n, "channel"), each.channel) for n, each in enumerate(pool.chains))
    names = {quota.name for quota in pool.quotas}
    for number, chain in enumerate(pool.chains):
        here = (*path, "chains", number)
        if chain.channel not in CHANNELS:
            yield Fault((*here, "channel"), chain.channel, f"is no channel: one of {', '.join(CHANNELS)}")
        yield from _twice(((*here, "draws", n), name) for n, name in enumerate(chain.draws))
        for place, name in enumerate(chain.draws):
            if pool.quotas and name not in names:
                yield Fault(
                    (*here, "draws", place), name, f"is no quota of this pool: one of {', '.join(sorted(names))}"
                )
    if lacking := [each for each in CHANNELS if each not in {chain.channel for chain in pool.chains}]:
        says = f"has nothing for {', '.join(lacking)}: name what its orders draw on, or draws = [] for none"
        yield Fault((*path, "chains"), NOTHING, says)


def _twice(named: Iterable[tuple[Path, str]]) -> Iterator[Fault]:
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield Fault(path, name, "is named twice: leave one")
        seen.add(name)


def moment_ms(text: str) -> int | None:
    """A time as documents write it, ms since the epoch; None: it is none."""
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"):
        try:
            at = datetime.strptime(text, form).replace(tzinfo=_UTC8)
        except ValueError:
            continue
        return int(at.timestamp()) * 1000 if at.year >= 1970 + 1 else None
    return None


def shares(cap: int, quotas: Collection[Quota]) -> list[int]:
    """Pieces of each part, which make up the cap: by share, the largest remainders rounded up, then none below what it has at least."""
    exact = [cap * each.share for each in quotas]
    units = [each // BASIS_POINTS for each in exact]
    by_remainder = sorted(range(len(units)), key=lambda n: (-(exact[n] % BASIS_POINTS), n))
    for number in by_remainder[: cap - sum(units)]:
        units[number] += 1
    least = [each.at_least for each in quotas]
    for number, wanted in enumerate(least):
        while units[number] < wanted:
            spare = [units[n] - least[n] for n in range(len(units))]
            most = max(range(len(units)), key=lambda n: (spare[n], -n))
            moved = min(wanted - units[number], max(1, spare[most] // 2))
            units[most] -= moved
            units[number] += moved
    return units


def record(document: str, name: str, pool: Pool, *, closed: bool = False) -> PoolRecord:
    """The pool of a row without faults. ``document``: as kind/name. ``name``: of the document, for a sale that has no other."""
    quotas = pool.quotas or (Quota(ALL, BASIS_POINTS),)
    draws = {each.channel: each.draws for each in pool.chains} or dict.fromkeys(CHANNELS, (ALL,))
    return {
        "document": document,
        "name": pool.sale or name,
        "cap": pool.cap,
        "sold": 0,
        "frozen": 0,
        "waiting": 0,
        "turns": 0,
        "from_ms": moment_ms(pool.from_) or 0,
        "until_ms": moment_ms(pool.until) or 0,
        "soft_ms": None if pool.deposit_hours is None else pool.deposit_hours * _HOUR_MS,
        "near_bp": pool.near,
        "closed": closed,
        "parts": [
            {"name": quota.name, "units": units, "sold": 0}
            for quota, units in zip(quotas, shares(pool.cap, quotas), strict=True)
        ],
        "chains": [{"channel": channel, "parts": list(names), "waiting": 0} for channel, names in draws.items()],
    }
