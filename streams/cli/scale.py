"""``penstock scale``: how much of what a hub of so many orders needs."""

from __future__ import annotations

from typing import Annotated

import typer

from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, word
from streams.cli.common import JsonFlag, Refused, out, print_json
from streams.ops import sizing


def plan(
    orders_per_second: Annotated[float, typer.Option(min=0.01, max=1_000_000, help="Orders in a second of the peak.")],
    peak_factor: Annotated[
        float, typer.Option(min=1, max=1_000, help="A peak second is so many mean ones.")
    ] = sizing.PEAK_FACTOR,
    topic_days: Annotated[int, typer.Option(min=1, max=10_000, help="Topics are kept so long.")] = 7,
    state_days: Annotated[int, typer.Option(min=1, max=10_000, help="Orders stand in local state so long.")] = 90,
    table_days: Annotated[int, typer.Option(min=1, max=10_000, help="The database keeps them so long.")] = 365,
    replication: Annotated[int, typer.Option(min=1, max=9, help="Copies of a topic, and brokers.")] = 3,
    as_json: JsonFlag = False,
) -> None:
    """Say how many partitions, workers, brokers, how much disk and memory so many orders ask for, each with its formula.

    The figures that it stands on were measured on machines of two cores and are carried on in proportion; leave room for what yours are.
    Example: penstock scale plan --orders-per-second 300
    """
    asked = sizing.Asked(orders_per_second, peak_factor, topic_days, state_days, table_days, replication)
    try:
        answers = sizing.plan(asked)
    except ValueError as exc:
        raise Refused(
            f"--orders-per-second is {orders_per_second:,.0f}: {exc}; several hubs share such a trade"
        ) from exc
    if as_json:
        print_json(
            {
                "answers": [each._asdict() for each in answers],
                "measured": {name: value._asdict() for name, value in sizing.measured()},
            }
        )
        return
    table = Table("what", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("how much", justify="right")
    table.add_column("how it is come to", overflow="fold")
    for each in answers:
        amount = f"{each.amount:,.0f}" if each.amount >= 10 or each.amount == int(each.amount) else f"{each.amount:.1f}"
        table.add_row(word(each.name), f"{amount} {said(each.unit)}".strip(), Text(said(each.formula)))
    out.print(table)
    out.print(
        said("of what was measured on two cores, in proportion; --json has each figure with its source"), soft_wrap=True
    )
