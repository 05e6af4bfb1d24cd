"""Puts the commands together."""

from __future__ import annotations

import typer

from streams.cli import act, db, look, rebuild, replay, run
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
database = typer.Typer(help="The database that the topics are kept in.", no_args_is_help=True)

for group, name in ((topics, "topics"), (warehouse, "warehouse"), (stock, "stock"), (order, "order"), (database, "db")):
    app.add_typer(group, name=name)

app.command("up")(run.up)
app.command("demo")(run.demo)
app.command("worker")(run.worker)
app.command("topology")(look.topology)
app.command("tail")(look.tail)
app.command("verify")(look.verify)
app.command("replay")(replay.replay)
app.command("rebuild")(rebuild.rebuild)
topics.command("create")(act.topics_create)
topics.command("list")(act.topics_list)
warehouse.command("set")(act.warehouse_set)
stock.command("receive")(act.stock_receive)
order.command("show")(look.order_show)
database.command("migrate")(db.db_migrate)
database.command("status")(db.db_status)


def main() -> None:
    """The ``penstock`` script."""
    with clear_errors():
        app()
