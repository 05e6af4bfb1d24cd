"""Puts the commands together."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import Annotated

import typer

from schemas.private import UMASK
from schemas.texts import chosen
from streams.cli.common import clear_errors, err, out
from streams.cli.console import console
from streams.cli.later import Later, later
from streams.cli.words import libraries_in_words
from streams.ops import leash

app = typer.Typer(
    cls=Later,
    name="penstock",
    help="An order hub for merchants who sell on many channels: every order decided exactly once, stock never oversold.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
topics = typer.Typer(cls=Later, help="The Kafka topics.", no_args_is_help=True)
warehouse = typer.Typer(cls=Later, help="Warehouses and their settings.", no_args_is_help=True)
bundles = typer.Typer(cls=Later, help="Combined goods: sold as one SKU, shipped as their parts.", no_args_is_help=True)
stock = typer.Typer(cls=Later, help="Stock.", no_args_is_help=True)
order = typer.Typer(cls=Later, help="Orders.", no_args_is_help=True)
task = typer.Typer(cls=Later, help="What flows ask of persons.", no_args_is_help=True)
person = typer.Typer(cls=Later, help="People whom orders tell of.", no_args_is_help=True)
returns = typer.Typer(cls=Later, help="Goods that came back.", no_args_is_help=True)
in_review = typer.Typer(cls=Later, help="Orders that a person must look at.", no_args_is_help=True)
in_quarantine = typer.Typer(cls=Later, help="Messages that failed, and records a sink refused.", no_args_is_help=True)
writebacks = typer.Typer(cls=Later, help="Tracking numbers on their way back to the platforms.", no_args_is_help=True)
deliveries = typer.Typer(cls=Later, help="Delivery orders at the warehouses' systems.", no_args_is_help=True)
on_channels = typer.Typer(cls=Later, help="What shops show of the stock.", no_args_is_help=True)
sinks = typer.Typer(
    cls=Later, help="Stores outside Kafka that are kept up to date with the topics.", no_args_is_help=True
)
carrier = typer.Typer(cls=Later, help="Carriers, and how each platform calls them.", no_args_is_help=True)
ground = typer.Typer(
    cls=Later, help="Whether workers' state, offsets and topics belong together.", no_args_is_help=True
)
backups = typer.Typer(cls=Later, help="The hub's second home: kept elsewhere, and brought back.", no_args_is_help=True)
rules = typer.Typer(cls=Later, help="Rules: which warehouses serve an order, as documents.", no_args_is_help=True)
flows = typer.Typer(cls=Later, help="Flows: what happens to an order, as documents.", no_args_is_help=True)
risk = typer.Typer(
    cls=Later, help="Risk: what is odd about an order, and how surely that is found.", no_args_is_help=True
)
config = typer.Typer(cls=Later, help="What a merchant sets, as documents with versions.", no_args_is_help=True)
scale = typer.Typer(cls=Later, help="How much of what a hub of so many orders needs.", no_args_is_help=True)
case = typer.Typer(cls=Later, help="What has gone wrong before, and what helped.", no_args_is_help=True)
report = typer.Typer(cls=Later, help="What a week was like.", no_args_is_help=True)
kafka = typer.Typer(cls=Later, help="The Kafka that the hub runs on.", no_args_is_help=True)
database = typer.Typer(cls=Later, help="The database that the topics are kept in.", no_args_is_help=True)
consoles = typer.Typer(
    cls=Later,
    invoke_without_command=True,
    help="Serve the console, for people who work with orders, until SIGTERM; its commands say who may use it.",
)
console_users = typer.Typer(cls=Later, help="Who may use the console, and for what.", no_args_is_help=True)

for group, name in (
    *(
        (topics, "topics"),
        (warehouse, "warehouse"),
        (bundles, "bundle"),
        (stock, "stock"),
        (order, "order"),
        (task, "task"),
        (person, "person"),
        (returns, "return"),
        (database, "db"),
        (kafka, "kafka"),
    ),
    *((sinks, "sink"), (carrier, "carriers"), (rules, "rules"), (flows, "flows"), (risk, "risk")),
    (config, "config"),
    (consoles, "console"),
    (scale, "scale"),
    (backups, "backup"),
    (case, "case"),
    (report, "report"),
):
    app.add_typer(group, name=name)
consoles.callback()(console)
consoles.add_typer(console_users, name="user")
app.add_typer(ground, name="state")
app.add_typer(in_review, name="review")
app.add_typer(in_quarantine, name="quarantine")
app.add_typer(writebacks, name="writeback")
app.add_typer(deliveries, name="delivery")
app.add_typer(on_channels, name="listing")


def _version(wanted: bool) -> None:
    if wanted:
        from streams.cli.version import lines

        for line in lines():
            out.print(line, soft_wrap=True)
        raise typer.Exit


@app.callback()
def _penstock(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_version, help="Show which Penstock this is, and what it runs on."
        ),
    ] = False,
) -> None:
    """Its options alone."""


app.command("up")(later("up.up"))
app.command("demo")(later("run.demo"))
app.command("worker")(later("run.worker"))
app.command("topology")(later("look.topology"))
app.command("tail")(later("look.tail"))
app.command("verify")(later("look.verify"))
app.command("replay")(later("replay.replay"))
app.command("rebuild")(later("rebuild.rebuild"))
app.command("monitor")(later("monitor.monitor"))
app.command("check")(later("monitor.check"))
app.command("doctor")(later("doctor.doctor"))
app.command("reconcile")(later("reconcile.reconcile"))
app.command("gateway")(later("gateway.gateway"))
app.command("status")(later("status.status"))
app.command("lag")(later("status.lag"))
report.command("weekly")(later("report.weekly"))
scale.command("plan")(later("scale.plan"))
case.command("list")(later("cases.list_"))
case.command("show")(later("cases.show"))
case.command("similar")(later("cases.similar"))
case.command("advise")(later("cases.advise"))
case.command("rate")(later("cases.rate"))
app.command("simulate")(later("simulate.simulate"))
app.command("try")(later("trying.try_", cls="InOrder"))
topics.command("create")(later("topics.create"))
topics.command("list")(later("topics.list_"))
warehouse.command("set")(later("warehouse.set_"))
warehouse.command("list")(later("warehouse.list_"))
warehouse.command("show")(later("warehouse.show"))
warehouse.command("enable")(later("warehouse.enable"))
warehouse.command("disable")(later("warehouse.disable"))
bundles.command("set")(later("bundle.set_"))
bundles.command("list")(later("bundle.list_"))
bundles.command("remove")(later("bundle.remove"))
stock.command("show")(later("stock.show"))
stock.command("list")(later("stock.list_"))
stock.command("receive")(later("stock.receive"))
stock.command("adjust")(later("stock.adjust"))
stock.command("count")(later("stock.count"))
stock.command("transfer")(later("stock.transfer"))
stock.command("safety")(later("stock.safety"))
order.command("list")(later("finding.list_"))
order.command("show")(later("look.order_show"))
order.command("hold")(later("order.hold"))
order.command("release")(later("order.release"))
order.command("cancel")(later("order.cancel"))
person.command("forget")(later("person.forget"))
order.command("address")(later("address.address"))
order.command("tell")(later("bulk.tell"))
order.command("ship")(later("parcels.ship"))
returns.command("receive")(later("parcels.receive"))
in_review.command("list")(later("review.list_"))
in_review.command("show")(later("review.show"))
in_review.command("fix")(later("resubmit.fix"))
in_review.command("resubmit")(later("resubmit.resubmit"))
in_review.command("discard")(later("resubmit.discard"))
in_quarantine.command("list")(later("quarantine.list_"))
in_quarantine.command("show")(later("quarantine.show"))
in_quarantine.command("redrive")(later("quarantine.redrive"))
in_quarantine.command("discard")(later("quarantine.discard"))
writebacks.command("run")(later("writeback_run.run"))
writebacks.command("list")(later("writeback.list_"))
writebacks.command("show")(later("writeback.show"))
writebacks.command("redrive")(later("writeback.redrive"))
writebacks.command("abandon")(later("writeback.abandon"))
deliveries.command("run")(later("delivery_run.run"))
deliveries.command("list")(later("delivery.list_"))
deliveries.command("show")(later("delivery.show"))
deliveries.command("reports")(later("delivery.reports"))
deliveries.command("redrive")(later("delivery.redrive"))
deliveries.command("abandon")(later("delivery.abandon"))
on_channels.command("run")(later("listing_run.run"))
on_channels.command("list")(later("listings.list_"))
on_channels.command("show")(later("listings.show"))
on_channels.command("compare")(later("listings.compare"))
on_channels.command("redrive")(later("listings.redrive"))
sinks.command("postgres")(later("sink.sink_postgres"))
sinks.command("files")(later("sink.sink_files"))
carrier.command("list")(later("carriers.list_"))
carrier.command("check")(later("carriers.check"))
carrier.command("update")(later("carriers.update"))
backups.command("run")(later("backup.run"))
backups.command("list")(later("backup.list_"))
backups.command("verify")(later("backup.verify"))
backups.command("restore")(later("backup.restore"))
backups.command("drill")(later("backup_drill.drill"))
ground.command("check")(later("state.check"))
ground.command("accept")(later("state.accept"))
ground.command("rebuild-changelog")(later("state.rebuild_changelog"))
rules.command("lint")(later("rules.lint"))
rules.command("show")(later("rules.show"))
rules.command("try")(later("rules.try_"))
rules.command("fields")(later("rules.fields"))
rules.command("test")(later("rules_cases.test"))
rules.command("compare")(later("rules_compared.compare"))
rules.command("diff")(later("config.diff"))
rules.command("publish")(later("rules_released.publish"))
rules.command("release")(later("rules_released.release"))
rules.command("rollback")(later("rules_released.rollback"))
rules.command("simulate")(later("rules_simulated.simulate"))
flows.command("lint")(later("flows.lint"))
flows.command("show")(later("flows.show"))
flows.command("try")(later("flows.try_"))
flows.command("fields")(later("flows.fields"))
flows.command("publish")(later("flows_released.publish"))
flows.command("release")(later("flows_released.release"))
flows.command("rollback")(later("flows_released.rollback"))
task.command("list")(later("task.list_"))
task.command("show")(later("task.show"))
task.command("approve")(later("task.approve"))
task.command("refuse")(later("task.refuse"))
task.command("claim")(later("task.claim"))
risk.command("labelled")(later("risk.labelled"))
config.command("apply")(later("config.apply"))
config.command("diff")(later("config.diff"))
config.command("export")(later("config.export"))
config.command("history")(later("config.history"))
config.command("rollback")(later("config.rollback"))
config.command("list")(later("config.list_"))
kafka.command("properties")(later("kafka.properties"))
kafka.command("acls")(later("acls.acls"))
database.command("migrate")(later("db.db_migrate"))
database.command("status")(later("db.db_status"))
database.command("roles")(later("db.db_roles"))
database.command("url")(later("db.db_url"))
database.command("shell")(later("db.db_shell"))
consoles.command("department")(later("console_users.department"))
console_users.command("add")(later("console_users.add"))
console_users.command("list")(later("console_users.list_"))
console_users.command("remove")(later("console_users.remove"))
console_users.command("grant")(later("console_users.grant"))
console_users.command("revoke")(later("console_users.revoke"))


def main() -> None:
    """The ``penstock`` script."""
    leash.heed()
    # What libraries write is for its owner alone, too.
    os.umask(UMASK)
    sys.excepthook = _unexpected
    with clear_errors():
        chosen(os.environ)
        with libraries_in_words():
            app()


def _unexpected(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of ours, as Python shows it; what it quotes does nothing to the terminal."""
    for line in "".join(traceback.format_exception(kind, error, trace)).splitlines():
        err.print(line, soft_wrap=True)
