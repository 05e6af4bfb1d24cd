"""``penstock reconcile``: the safety net under the channels' pushes."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Annotated

import typer

from schemas.table import Table
from schemas.terminal import Text
from streams.cli.common import JsonFlag, Refused, connected, out, print_json
from streams.settings import Settings


def reconcile(
    once: Annotated[bool, typer.Option("--once", help="One pull of every shop, then end.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Show what was found so far; nothing is pulled.")] = False,
    interval: Annotated[float, typer.Option(min=1, help="Seconds between two pulls of a shop.")] = 60,
    overlap: Annotated[
        float, typer.Option(min=0, help="Seconds before its mark at which a pull begins: clocks differ.")
    ] = 600,
    settle: Annotated[
        float, typer.Option(min=0, help="Seconds for which a change is left to its push before it is looked for.")
    ] = 60,
    lookback: Annotated[float, typer.Option(min=0, help="Hours a shop's first pull goes back.")] = 24,
    calls: Annotated[
        float, typer.Option(min=0.1, help="Calls a second to one shop's platform, pulls and confirmations together.")
    ] = 5,
    confirm: Annotated[
        float, typer.Option(min=0, max=100, help="Percent of payments and shipments asked back at the channel.")
    ] = 100,
    confirm_after: Annotated[float, typer.Option(min=0, help="Seconds after the event.")] = 5,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Of /metrics, /live and /ready; 0 takes a free one.")
    ] = None,
    since: Annotated[float, typer.Option(min=0, help="Of the report: hours it looks back.")] = 24,
    most: Annotated[int, typer.Option("-n", min=1, help="Of the report: differences shown one by one.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Find what the channels' pushes missed, send it in, and ask payments and shipments back; until SIGTERM.

    Every difference goes to the topic channel.checks; --report shows them. Exit code 1 of --once: a shop could not be pulled.
    """
    if report:
        _show(since, most, as_json)
        return
    from connectors.channels.reconcile.known import InUse
    from connectors.channels.reconcile.process import Options
    from streams.ops.rights import own_topics

    options = Options(
        interval_s=interval,
        overlap_s=overlap,
        settle_s=settle,
        lookback_s=lookback * 3_600,
        calls_per_s=calls,
        confirm_percent=confirm,
        confirm_after_s=confirm_after,
    )
    cluster = connected()
    cluster.create_topics(own_topics("reconcile", cluster.settings))
    try:
        good = asyncio.run(_run(cluster.settings, options, once, port, as_json))
    except InUse as exc:
        raise Refused(str(exc)) from exc
    if not good:
        sys.exit(1)


async def _run(settings: Settings, options: object, once: bool, port: int | None, as_json: bool) -> bool:
    from connectors.channels.reconcile.process import Options, Reconciler
    from connectors.shops import load
    from streams.ops import logs
    from streams.ops.http import serve

    if settings.shops is None:
        raise Refused("no shops: set PENSTOCK_SHOPS to a TOML file of them; connectors/shops.py has its form")
    shops = load(settings.shops)
    assert isinstance(options, Options)
    logs.setup("warning")
    reconciler = Reconciler(settings, shops, options)
    if once:
        outcomes, checks = await reconciler.once()
        if as_json:
            print_json(
                {
                    "shops": [
                        {"channel": it.channel, "shop": it.shop, **it.pulled._asdict(), "error": it.error}
                        for it in outcomes
                    ],
                    "confirmed": {name: checks[name] for name in ("agrees", "differs", "unanswered")},
                }
            )
        else:
            table = Table("shop", box=None, padding=(0, 2, 0, 0))
            for column in ("changes listed", "missed by pushes", "drift"):
                table.add_column(column, justify="right")
            table.add_column("error", overflow="fold")
            for it in outcomes:
                table.add_row(f"{it.channel}/{it.shop}", *(f"{n:,}" for n in it.pulled), Text(it.error, "red"))
            out.print(table)
            out.print(
                f"key events asked back: {checks['agrees']:,} agree, {checks['differs']:,} differ, "
                f"{checks['unanswered']:,} unanswered"
            )
        return not any(it.error for it in outcomes)
    at = port if port is not None else settings.metrics_port
    if port is not None or at:
        registry, host = reconciler.metrics.registry, settings.metrics_host
        server = serve(at, registry, live=reconciler.live, ready=reconciler.ready, host=host)
        out.print(f"metrics at http://localhost:{server.port}/metrics")
    out.print(f"{len(shops.shops)} shops are pulled every {options.interval_s:g} s; Ctrl-C stops")
    await reconciler.run()
    return True


def _show(since_h: float, most: int, as_json: bool) -> None:
    from connectors.channels.reconcile.report import read_report

    found = read_report(connected(), int((time.time() - since_h * 3_600) * 1000))
    if as_json:
        print_json(found.as_json(most))
    else:
        out.print(found.tables(most))
