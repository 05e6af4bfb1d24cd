"""Puts the commands together."""

from __future__ import annotations

import typer

from streams.cli import (
    act,
    carriers,
    db,
    gateway,
    look,
    monitor,
    quarantine,
    rebuild,
    reconcile,
    replay,
    resubmit,
    review,
    run,
    simulate,
    sink,
    state,
    status,
    up,
    writeback,
    writeback_run,
)
from streams.cli.common import clear_errors

app = typer.Typer(
    name="penstock",
    help="An order hub for merchants who sell on many channels: every order decided exactly once, stock never oversold.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
topics = typer.Typer(help="The Kafka topics.", no_args_is_help=True)
warehouse = typer.Typer(help="Warehouses and their settings.", no_args_is_help=True)
stock = typer.Typer(help="Stock.", no_args_is_help=True)
order = typer.Typer(help="Orders.", no_args_is_help=True)
in_review = typer.Typer(help="Orders that a person must look at.", no_args_is_help=True)
in_quarantine = typer.Typer(help="Messages that failed, and records a sink refused.", no_args_is_help=True)
writebacks = typer.Typer(help="Tracking numbers on their way back to the platforms.", no_args_is_help=True)
sinks = typer.Typer(help="Stores outside Kafka that are kept up to date with the topics.", no_args_is_help=True)
carrier = typer.Typer(help="Carriers, and how each platform calls them.", no_args_is_help=True)
ground = typer.Typer(help="Whether workers' state, offsets and topics belong together.", no_args_is_help=True)
database = typer.Typer(help="The database that the topics are kept in.", no_args_is_help=True)

for group, name in (
    *((topics, "topics"), (warehouse, "warehouse"), (stock, "stock"), (order, "order"), (database, "db")),
    *((sinks, "sink"), (carrier, "carriers")),
):
    app.add_typer(group, name=name)
app.add_typer(ground, name="state")
app.add_typer(in_review, name="review")
app.add_typer(in_quarantine, name="quarantine")
app.add_typer(writebacks, name="writeback")

app.command("up")(up.up)
app.command("demo")(run.demo)
app.command("worker")(run.worker)
app.command("topology")(look.topology)
app.command("tail")(look.tail)
app.command("verify")(look.verify)
app.command("replay")(replay.replay)
app.command("rebuild")(rebuild.rebuild)
app.command("monitor")(monitor.monitor)
app.command("check")(monitor.check)
app.command("reconcile")(reconcile.reconcile)
app.command("gateway")(gateway.gateway)
app.command("status")(status.status)
app.command("lag")(status.lag)
app.command("simulate")(simulate.simulate)
topics.command("create")(act.topics_create)
topics.command("list")(act.topics_list)
warehouse.command("set")(act.warehouse_set)
stock.command("receive")(act.stock_receive)
order.command("show")(look.order_show)
in_review.command("list")(review.list_)
in_review.command("show")(review.show)
in_review.command("fix")(resubmit.fix)
in_review.command("resubmit")(resubmit.resubmit)
in_review.command("discard")(resubmit.discard)
in_quarantine.command("list")(quarantine.list_)
in_quarantine.command("show")(quarantine.show)
in_quarantine.command("redrive")(quarantine.redrive)
in_quarantine.command("discard")(quarantine.discard)
writebacks.command("run")(writeback_run.run)
writebacks.command("list")(writeback.list_)
writebacks.command("show")(writeback.show)
writebacks.command("redrive")(writeback.redrive)
writebacks.command("abandon")(writeback.abandon)
sinks.command("postgres")(sink.sink_postgres)
sinks.command("files")(sink.sink_files)
carrier.command("list")(carriers.list_)
carrier.command("check")(carriers.check)
carrier.command("update")(carriers.update)
ground.command("check")(state.check)
ground.command("accept")(state.accept)
ground.command("rebuild-changelog")(state.rebuild_changelog)
database.command("migrate")(db.db_migrate)
database.command("status")(db.db_status)


def main() -> None:
    """The ``penstock`` script."""
    with clear_errors():
        app()
