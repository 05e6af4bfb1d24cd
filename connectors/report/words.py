"""A report's figures in the person's language."""

from __future__ import annotations

from datetime import date, datetime

from connectors.report.figures import Figures, Kpi, Measured, Mover, Outage
from schemas.texts import said, word

_KINDS = {
    "review": "in review",
    "writeback": "tracking number given up",
    "no stock": "no stock",
    "held": "held",
    "refused row": "refused by the database",
}


def reason(kind: str, code: str) -> str:
    """``in review: unknown_sku``."""
    name = said(_KINDS.get(kind, kind))
    return f"{name}: {word(code)}" if code else name


def value(kpi: Kpi, measured: Measured) -> str:
    """``99.62 %``, ``3 min 20 s``; a dash where there was nothing to measure."""
    return "-" if measured.value is None else _amount(kpi, measured.value)


def target(kpi: Kpi) -> str:
    return f"{'≥' if kpi.at_least else '≤'} {_amount(kpi, kpi.target)}"


def change(kpi: Kpi, now: Measured, before: Measured) -> str:
    """Against the week before: ``+0.4``, in points or in time."""
    if now.value is None or before.value is None:
        return "-"
    by = now.value - before.value
    sign = "+" if by >= 0 else "-"
    return f"{sign}{abs(by) * 100:.2f}" if kpi.unit == "share" else f"{sign} {_time(abs(by))}"


def moved(mover: Mover) -> str:
    """A sentence."""
    name = reason(mover.kind, mover.code)
    if not mover.shop:
        return said(f"{name}: {mover.now:,}, and {mover.before:,} the week before")
    of_shop = f"{mover.of_shop:+,}"
    return said(
        f"{name}: {mover.now:,}, and {mover.before:,} the week before; most of the change in the shop {mover.shop}: {of_shop}"
    )


def outage(it: Outage) -> str:
    """A sentence."""
    since = moment(it.since)
    if it.until is None:
        return said(f"{it.interface} has not answered since {since}: {it.error}")
    return said(f"{it.interface} did not answer from {since} to {moment(it.until)}: {it.error}")


def lateness(figures: Figures, now: datetime) -> str:
    """What is missing; empty: nothing."""
    ends = figures.week.midnights(now.tzinfo)[-1]
    if figures.written_until is None:
        return said("the tables were never written to: penstock sink postgres fills them")
    if figures.written_until < min(ends, now):
        return said(f"what was logged after {moment(figures.written_until)} is missing: the sink was there then")
    return said(f"the week is not over: it ends on {ends:%Y-%m-%d}") if now < ends else ""


def moment(at: datetime) -> str:
    from streams.ops.moments import local

    return local(int(at.timestamp() * 1000), "minutes")


def day(of: date) -> str:
    return f"{of:%m-%d}"


def _amount(kpi: Kpi, amount: float) -> str:
    return f"{amount * 100:.2f} %" if kpi.unit == "share" else _time(amount)


def _time(seconds: float) -> str:
    if seconds < 60:
        return said(f"{seconds:.1f} s")
    minutes, rest = divmod(round(seconds), 60)
    return said(f"{minutes} min {rest} s") if rest else said(f"{minutes} min")
