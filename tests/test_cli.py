"""The command line without a broker: help, the topology, and one clear line with exit code 2 for what cannot be done."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from streams.cli import db
from streams.cli.diagram import as_mermaid, as_text
from streams.cli.main import app
from streams.topology import TOPOLOGY
from tests import handbook
from tests.integration.conftest import penstock, penstock_alone

NOBODY = "127.0.0.1:1"

COMMANDS: dict[str, tuple[str, ...]] = {
    "": (
        *("topology", "worker", "up", "demo", "tail", "verify", "topics", "warehouse", "stock", "order", "return"),
        *("review", "quarantine", "monitor", "check", "status", "lag", "db", "sink", "replay", "rebuild", "writeback"),
        *("carriers", "gateway", "reconcile", "simulate", "state", "try", "bundle", "rules", "flows", "risk", "config"),
        *("console", "delivery", "listing", "task", "backup"),
    ),
    "backup": ("run", "list", "verify", "restore", "drill"),
    "backup drill": ("--folder", "--name", "--scratch", "--json"),
    "backup run": ("--folder", "--no-database", "--unencrypted", "--json"),
    "backup list": ("--folder", "--json"),
    "backup verify": ("--folder", "--name", "--json"),
    "backup restore": ("--because", "--folder", "--name", "--no-database", "--yes"),
    "console": ("user", "department", "--host", "--port"),
    "console department": ("name", "shops"),
    "console user": ("add", "list", "remove", "grant", "revoke"),
    "console user add": ("name",),
    "console user list": ("--json",),
    "console user remove": ("name",),
    "console user grant": ("name", "role", "--shop", "--department", "--everywhere"),
    "console user revoke": ("name", "role", "--shop", "--department", "--everywhere"),
    "up": ("--workers", "--no-database", "--with-simulators", "--console-port", "--as-root"),
    "demo": (
        "--orders",
        "--count",
        "--rate",
        "--workers",
        "--seed",
        "--kills",
        "--round-trip",
        "--no-database",
        "--keep",
        "--console-port",
        "--as-root",
    ),
    "sink": ("postgres", "files"),
    "sink postgres": ("--group", "--metrics-port", "--batch", "--timeout"),
    "sink files": ("--folder", "--unmask", "--group", "--metrics-port", "--batch"),
    "worker": ("--slot", "--group", "--log-level"),
    "delivery": ("run", "list", "show", "reports", "redrive", "abandon"),
    "delivery list": ("--phase", "--warehouse", "-n", "--json"),
    "delivery show": ("ORDER_ID", "--json"),
    "delivery reports": ("-n", "--json"),
    "delivery redrive": ("ORDER_ID", "DELIVERY", "--because", "--yes"),
    "delivery abandon": ("ORDER_ID", "DELIVERY", "--because", "--yes"),
    "delivery run": ("--port", "--limits", "--call-timeout", "--log-level"),
    "listing": ("run", "list", "show", "compare", "redrive"),
    "listing list": ("--phase", "--channel", "--shop", "-n", "--json"),
    "listing show": ("SKU", "--json"),
    "listing compare": ("SKU", "--channel", "--shop", "--json"),
    "listing redrive": ("SKU", "--channel", "--shop", "--all", "--because", "--yes"),
    "listing run": ("--port", "--limits", "--call-timeout", "--log-level"),
    "writeback": ("run", "list", "show", "redrive", "abandon"),
    "writeback run": ("--port", "--limits", "--call-timeout", "--log-level"),
    "writeback list": ("--phase", "--channel", "--shop", "--reason", "-n", "--json"),
    "writeback show": ("ORDER_ID", "--json"),
    "writeback redrive": (
        *("ORDER_ID", "SHIPMENT", "--all", "--channel", "--shop", "--reason", "--carrier", "--tracking-no"),
        *("--because", "--yes"),
    ),
    "writeback abandon": ("ORDER_ID", "SHIPMENT", "--because", "--yes"),
    "topology": ("--mermaid", "--json"),
    "tail": ("topic", "-n", "--key", "--follow", "--unmask", "--json"),
    "verify": ("--settled", "--json"),
    "monitor": ("--port", "--kpi-window", "--log-level"),
    "doctor": ("--process", "--json"),
    "check": ("--json",),
    "reconcile": (
        *("--once", "--report", "--interval", "--overlap", "--settle", "--lookback", "--calls", "--confirm"),
        *("--confirm-after", "--port", "--since", "-n", "--json"),
    ),
    "gateway": ("--port", "--host", "--log-level"),
    "status": ("--once", "--every", "--json"),
    "lag": ("--once", "--every", "--json"),
    "try": (
        *(
            "FILE",
            "--channel",
            "--shop",
            "--stock",
            "--warehouse",
            "--bundle",
            "--event",
            "--pushed",
            "--unmask",
            "--json",
        ),
        *("reserved", "released", "committed", "restocked"),
    ),
    "simulate": ("--only", "--gateway", "--shops-file", "--data", "--faults", "--seed", "--retry-scale"),
    "replay": (
        *(
            "topic",
            "--partition",
            "--from-offset",
            "--from-time",
            "--from-beginning",
            "--to-offset",
            "--to-time",
            "--into",
        ),
        *("--only", "--rate", "--dry-run", "--yes", "--reason", "--by", "--resume", "--create", "--force-with"),
        *("--format", "--unmask"),
    ),
    "state": ("check", "accept", "rebuild-changelog"),
    "state check": ("--json",),
    "state accept": ("--because", "--offsets", "--group", "--yes"),
    "state rebuild-changelog": ("--from", "--because", "--group", "--yes"),
    "rebuild": ("--shadow", "--app-id", "--keep", "--json"),
    "topics": ("create", "list"),
    "topics create": ("--shorten",),
    "topics list": ("--json",),
    "warehouse": ("set", "list", "show", "enable", "disable"),
    "warehouse list": ("--json",),
    "warehouse show": ("name", "--json"),
    "warehouse enable": ("name", "--because", "--dry-run", "--json"),
    "warehouse disable": ("name", "--because", "--dry-run", "--json"),
    "warehouse set": (
        *("name", "--province", "--title", "--latitude", "--longitude"),
        *("--max-open-units", "--priority", "--disabled"),
    ),
    "bundle": ("set", "list", "remove"),
    "bundle set": ("sku", "parts", "--because"),
    "bundle list": ("--json",),
    "bundle remove": ("sku", "--because"),
    "stock": ("show", "list", "receive", "adjust", "count", "transfer", "safety"),
    "stock show": ("sku", "--json"),
    "stock list": ("--sku", "--warehouse", "--sold-out", "-n", "--json"),
    "stock receive": (
        *("sku", "quantity", "--warehouse", "--safety-stock", "--id", "--command-id", "--dry-run", "--no-wait"),
        "--json",
    ),
    "stock adjust": ("sku", "--by", "--warehouse", "--because", "--id", "--dry-run", "--no-wait", "--json"),
    "stock count": ("sku", "found", "--warehouse", "--because", "--id", "--dry-run", "--no-wait", "--json"),
    "stock transfer": ("sku", "quantity", "--from", "--to", "--because", "--id", "--dry-run", "--no-wait", "--json"),
    "stock safety": ("sku", "quantity", "--warehouse", "--because", "--id", "--dry-run", "--no-wait", "--json"),
    "carriers": ("list", "check", "update"),
    "carriers list": ("--json",),
    "carriers check": ("number", "--carrier", "--json"),
    "carriers update": ("file", "--yes", "--reason"),
    "rules": ("lint", "show", "try", "fields"),
    "rules lint": ("FILE", "--warehouse", "--hub", "--json"),
    "rules show": ("FILE", "--json"),
    "rules try": ("FILE", "--order", "--config", "--json"),
    "rules fields": ("--all", "--json"),
    "rules test": ("FILE", "CASES", "--json"),
    "rules compare": ("NAME", "FILE", "OTHER", "CASES", "--since", "--shop", "--examples", "--json"),
    "rules diff": ("FILE", "DIR", "KIND", "NAME", "VERSION", "--json"),
    "rules publish": ("FILE", "--because", "--json"),
    "rules release": ("NAME", "--version", "--share", "--shadow", "--live", "--guard", "--because", "--json"),
    "rules rollback": ("NAME", "--shadow", "--because", "--json"),
    "rules simulate": ("DRAFT", "--from", "--to", "--way", "--config", "--export", "--json"),
    "flows": ("lint", "show", "try", "fields", "publish", "release", "rollback"),
    "flows publish": ("FILE", "--because", "--json"),
    "flows release": ("NAME", "--version", "--share", "--live", "--because", "--json"),
    "flows rollback": ("NAME", "--because", "--json"),
    "task": ("list", "show", "approve", "refuse", "claim"),
    "task list": ("--all", "--role", "--channel", "--shop", "-n", "--json"),
    "task show": ("TASK", "--json"),
    "task approve": ("TASK", "--because", "--id", "--yes", "--dry-run", "--no-wait", "--json"),
    "task refuse": ("TASK", "--because", "--id", "--yes", "--dry-run", "--no-wait", "--json"),
    "task claim": ("TASK", "--because", "--id", "--dry-run", "--no-wait", "--json"),
    "flows lint": ("FILE", "--rules", "--role", "--json"),
    "flows show": ("FILE", "--after", "--json"),
    "flows try": ("FILE", "--events", "--payload", "--json"),
    "flows fields": ("--json",),
    "risk": ("labelled",),
    "risk labelled": ("--count", "--seed", "--missed", "--json"),
    "config": ("apply", "diff", "export", "history", "rollback", "list"),
    "config apply": ("FILE", "DIR", "--because", "--dry-run", "--json"),
    "config diff": ("FILE", "DIR", "KIND", "NAME", "VERSION", "--json"),
    "config export": ("DIR", "--of", "--overwrite"),
    "config history": ("KIND", "NAME", "--json"),
    "config rollback": ("KIND", "NAME", "--to", "--because", "--dry-run", "--json"),
    "config list": ("--json",),
    "kafka": ("properties", "acls"),
    "kafka acls": ("--process", "--principal", "--commands", "--apply", "--yes", "--json"),
    "kafka properties": ("--java",),
    "db": ("migrate", "status", "roles", "url", "shell"),
    "db url": (),
    "db shell": ("PSQL_ARGS",),
    "db migrate": (),
    "db status": ("--json",),
    "db roles": ("--make", "--json"),
    "review": ("list", "show", "fix", "resubmit", "discard"),
    "review list": ("--channel", "--shop", "--reason", "--since", "--until", "--state", "-n", "--after", "--json"),
    "review show": ("ITEM", "--unmask", "--json"),
    "review fix": ("ITEM", "--to", "--from", "--set", "--because"),
    "review resubmit": (
        *("ITEM", "--payload", "--set", "--reason", "--channel", "--shop", "--since", "--until"),
        *("--because", "--yes"),
    ),
    "review discard": ("ITEM", "--because", "--reason", "--channel", "--shop", "--since", "--until", "--yes"),
    "quarantine": ("list", "show", "redrive", "discard"),
    "quarantine list": ("--topic", "--error", "--sink", "--since", "--until", "--state", "-n", "--after", "--json"),
    "quarantine show": ("ITEM", "--unmask", "--json"),
    "quarantine redrive": ("ITEM", "--topic", "--error", "--sink", "--since", "--until", "--because", "--yes"),
    "quarantine discard": ("ITEM", "--because", "--topic", "--error", "--sink", "--since", "--until", "--yes"),
    "order": ("list", "show", "hold", "release", "cancel", "address", "ship", "tell"),
    "order list": (
        *("--channel", "--shop", "--state", "--before", "--number", "--sku", "--tracking-no", "--from", "-n", "--json"),
    ),
    "order address": (
        *(
            "ORDER_ID",
            "--because",
            "--from",
            "--name",
            "--phone",
            "--province",
            "--city",
            "--county",
            "--town",
            "--street",
        ),
        *("--postcode", "--as-platform", "--id", "--shop", "--anyway", "--yes", "--dry-run", "--no-wait", "--json"),
    ),
    "order tell": ("FILE", "--anyway", "--yes", "--dry-run", "--no-wait", "--json"),
    "return": ("receive",),
    "order hold": ("ORDER_ID", "--because", "--id", "--shop", "--yes", "--dry-run", "--no-wait", "--json"),
    "order release": ("ORDER_ID", "--because", "--id", "--shop", "--yes", "--dry-run", "--no-wait", "--json"),
    "order cancel": ("ORDER_ID", "--because", "--id", "--shop", "--yes", "--dry-run", "--no-wait", "--json"),
    "order ship": (
        *("ORDER_ID", "--warehouse", "--carrier", "--tracking-no", "--id", "--at", "--anyway", "--yes", "--dry-run"),
    ),
    "return receive": ("ORDER_ID", "--warehouse", "--defective", "--id", "--at", "--anyway", "--dry-run"),
    "report": ("weekly",),
    "scale": ("plan",),
    "scale plan": (
        *("--orders-per-second", "--peak-factor", "--topic-days", "--state-days", "--table-days", "--replication"),
        "--json",
    ),
    "case": ("list", "show", "similar", "advise", "rate"),
    "case list": ("--kind", "--unsolved", "--shop", "--since", "-n", "--json"),
    "case show": ("CASE", "--shop", "--since", "--json"),
    "case similar": ("ORDER", "RECORD", "--shop", "--since", "--json"),
    "case advise": ("CASE", "TEXT", "--since"),
    "case rate": ("CASE", "--helpful", "--not-helpful", "--since"),
    "report weekly": ("--week", "--shop", "--to", "--json"),
    "person": ("forget",),
    "person forget": ("ORDER_ID", "--because", "--in", "--even-open", "--dry-run", "--yes", "--json"),
    "order show": ("ORDER_ID", "--unmask", "--json"),
}


def words(text: str) -> set[str]:
    """What stands in the help, without its frames."""
    return set(re.findall(r"[\w-]+", text))


def typed(*args: str) -> Result:
    """What the parser alone decides needs no process of its own."""
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, args)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(command: str) -> None:
    done = typed(*command.split(), "--help")
    assert (done.exit_code, done.stderr) == (0, "")
    assert set(COMMANDS[command]) <= words(done.stdout)


def test_what_texts_tell_people_to_type_exists() -> None:
    """The handbook, runbooks, and what the program itself prints."""
    root = Path(__file__).parents[1]
    texts = [*handbook.PAGES, handbook.IN_CHINESE, *(root / "deploy").rglob("*.md"), *(root / "deploy").rglob("*.yml")]
    texts += [path for folder in ("streams", "connectors") for path in (root / folder).rglob("*.py")]
    checked, unknown = 0, []
    for path in texts:
        for line in re.findall(r"\bpenstock( [a-z][^`\n)\"'|;&#]*--[a-z][^`\n)\"'|;&#]*)", path.read_text()):
            named = line.split()
            command = next((it for n in (3, 2) if (it := " ".join(named[:n])) in COMMANDS), named[0])
            options = {word.partition("=")[0].rstrip(".,:") for word in named if word.startswith("--")}
            checked += 1
            missing = options - {*COMMANDS.get(command, ()), "--help"}
            unknown += [f"{path.relative_to(root)}: penstock{line}"] if missing else []
    assert not unknown
    assert checked > 50


def test_version_says_what_a_report_of_a_fault_begins_with() -> None:
    done = penstock_alone("--version")
    assert (done.returncode, done.stderr) == (0, "")
    here, _, parts = done.stdout.splitlines()
    assert here == f"penstock {version('penstock')}, hot path interpreted"
    assert f"confluent-kafka {version('confluent-kafka')}" in parts


@pytest.mark.parametrize(
    ("typed_so_far", "offered"),
    [
        ("penstock quar", {"quarantine"}),
        ("penstock order re", {"release"}),
        ("penstock stock transfer --", {"--from", "--to", "--because", "--dry-run"}),
        ("penstock lag --on", {"--once"}),
    ],
)
def test_a_shell_is_told_how_a_line_may_go_on(typed_so_far: str, offered: set[str]) -> None:
    count = len(typed_so_far.split()) - 1
    env = {"_PENSTOCK_COMPLETE": "complete_bash", "COMP_WORDS": typed_so_far, "COMP_CWORD": str(count)}
    done = subprocess.run(
        [Path(sys.executable).parent / "penstock"],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert offered <= set(done.stdout.split()), done
    assert done.stderr == ""


def test_help_of_the_program() -> None:
    done = penstock_alone("--help", NO_COLOR="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert set(COMMANDS[""]) <= words(done.stdout)


def test_the_topology_as_text_as_a_diagram_and_for_machines() -> None:
    assert penstock("topology").stdout == as_text(TOPOLOGY) + "\n"
    assert penstock("topology", "--mermaid").stdout == as_mermaid(TOPOLOGY) + "\n"
    (line,) = penstock("topology", "--json").stdout.splitlines()
    assert json.loads(line) == json.loads(json.dumps([stage._asdict() for stage in TOPOLOGY]))


@pytest.mark.parametrize(
    ("args", "env", "says"),
    [
        (("order", "show", "2300000000000000001"), {}, "'2300000000000000001' is no order id"),
        (("order", "show", "[bold]"), {}, "'[bold]' is no order id"),
        (("tail", "orders"), {"PENSTOCK_BROKERS": NOBODY}, f"No Kafka broker answers at {NOBODY}"),
        (("worker",), {"PENSTOCK_BROKERS": NOBODY}, f"No Kafka broker answers at {NOBODY}"),
        (("verify",), {"PENSTOCK_BROKERS": NOBODY}, f"No Kafka broker answers at {NOBODY}"),
        (("gateway",), {"PENSTOCK_BROKERS": NOBODY}, "no shops: set PENSTOCK_SHOPS to a TOML file"),
        (("demo", "--as-root"), {"PENSTOCK_BROKERS": NOBODY}, f"No Kafka broker answers at {NOBODY}"),
        (("topics", "list"), {}, "no broker: run penstock up"),
        (("topics", "create"), {}, "set PENSTOCK_BROKERS to host:port"),
        (("topics", "list"), {"PENSTOCK_PARTITIONS": "zero"}, "PENSTOCK_PARTITIONS is 'zero'"),
        (("up", "--as-root", "--with-simulators"), {"PENSTOCK_SHOPS": os.devnull}, "real shops or simulated ones"),
        (("writeback", "run"), {}, "PENSTOCK_SHOPS is not set"),
        (("writeback", "run"), {"PENSTOCK_SHOPS": "/nowhere.toml"}, "PENSTOCK_SHOPS is '/nowhere.toml'"),
        (
            ("writeback", "run", "--limits", "/nowhere"),
            {"PENSTOCK_SHOPS": os.devnull},
            "the limits '/nowhere' cannot be",
        ),
        (("writeback", "run"), {"PENSTOCK_SHOPS": os.devnull, "PENSTOCK_BROKERS": NOBODY}, f"answers at {NOBODY}"),
        (("carriers", "check", "SF中", "--carrier", "SF"), {}, "only letters, digits and dashes"),
        (("carriers", "check", "1", "--carrier", "no"), {}, "carrier 'no' is not known"),
        (("up", "--as-root"), {"PENSTOCK_GROUP_PROTOCOL": "modern"}, "PENSTOCK_GROUP_PROTOCOL is 'modern'"),
        (
            ("topics", "list"),
            {"PENSTOCK_BROKERS": NOBODY, "PENSTOCK_KAFKA__NO_SUCH": "1"},
            'No such configuration property: "no.such"',
        ),
        (("warehouse", "set", "hz1", "--province", "Atlantis"), {}, "unknown province 'Atlantis'"),
        (("writeback", "redrive"), {}, "say which: an ORDER_ID, or --all"),
        (("writeback", "redrive", "taobao:1", "--all"), {}, "say which: an ORDER_ID, or --all"),
        (("writeback", "redrive", "--all", "--tracking-no", "SF1"), {}, "correct one parcel"),
        (("writeback", "abandon", "taobao:1", "--because", " "), {}, "--because is empty"),
        (("worker",), {"PENSTOCK_WRITEBACK_RETRY": "BUSY=3"}, "PENSTOCK_WRITEBACK_RETRY has 'BUSY=3'"),
        (("simulate", "--only", "amazon"), {}, "no simulator is called 'amazon'"),
        (("simulate", "--faults", "errors=2"), {}, "--faults is 'errors=2'"),
        (("simulate", "--faults", "gremlins=0.1"), {}, "gremlins"),
    ],
)
def test_one_clear_line_and_exit_code_2(tmp_path: Path, args: tuple[str, ...], env: dict[str, str], says: str) -> None:
    # A worker has signals and a standard error of its own from its first line on.
    run = penstock_alone if args == ("worker",) else penstock
    done = run(*args, **{"PENSTOCK_DATA": str(tmp_path), **env})
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert says in done.stderr


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = penstock_alone("up", "--as-root", PENSTOCK_DATA=str(tmp_path / "file" / "hub"))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert f"cannot use {tmp_path}/file/hub" in done.stderr and "Not a directory" in done.stderr
    assert "PENSTOCK_DATA" in done.stderr


def test_root_has_to_ask_for_what_reads_platforms_data(monkeypatch: pytest.MonkeyPatch) -> None:
    for command in ("up", "demo"):
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        done = penstock(command, PENSTOCK_BROKERS=NOBODY)
        assert (done.returncode, done.stdout) == (2, "")
        assert f"error: penstock {command} was started by root" in done.stderr and "sudo -u penstock" in done.stderr
        for asked, env in (("--as-root",), {}), ((), {"PENSTOCK_AS_ROOT": "1"}):
            assert (
                "No Kafka broker answers"
                in penstock(command, "--no-database", *asked, PENSTOCK_BROKERS=NOBODY, **env).stderr
            )
        monkeypatch.setattr(os, "geteuid", lambda: 1_000)
        assert "No Kafka broker answers" in penstock(command, "--no-database", PENSTOCK_BROKERS=NOBODY).stderr


def test_it_stays_one_line_however_narrow_the_terminal() -> None:
    done = penstock_alone("warehouse", "set", "hz1", "--province", "Atlantis", COLUMNS="40")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert len(done.stderr) > 40


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("fly",), "No such command 'fly'"),
        (("tail",), "topic"),
        (("stock", "receive", "MUG", "0", "--warehouse", "hz1"), "greater than or equal to 1"),
        (("stock", "receive", "MUG", "few", "--warehouse", "hz1"), "quantity"),
        (("stock", "receive", "MUG", "1"), "--warehouse"),
        (("warehouse", "set", "hz1", "--province", "浙江", "--latitude", "91"), "--latitude"),
        (("demo", "--orders", "/nowhere.csv.gz"), "does not exist"),
        (("demo", "--count", "0"), "--count"),
        (("up", "--workers", "0"), "--workers"),
        (("worker", "--log-level", "loud"), "'loud' is not one of"),
        (("worker", "--group", "night"), "'night' is not one of"),
        (("writeback", "list", "--phase", "lost"), "'lost' is not one of"),
        (("monitor", "--log-level", "loud"), "'loud' is not one of"),
        (("monitor", "--port", "70000"), "--port"),
        (("lag", "--every", "0"), "--every"),
    ],
)
def test_wrong_use_is_explained_with_exit_code_2(args: tuple[str, ...], says: str) -> None:
    done = typed(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr


def imported_by(code: str) -> set[str]:
    """The modules that a Python has in the end."""
    code = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return set(done.stderr.split())


def test_only_what_decides_imports_faust() -> None:
    """It takes longer to import than most commands to run."""
    modules = [path.stem for path in (Path(__file__).parents[1] / "streams" / "cli").glob("[a-z]*.py")]
    imported = imported_by("; ".join(f"import streams.cli.{module}" for module in modules))
    assert "streams.cli.status" in imported
    assert "faust" not in imported


@pytest.mark.parametrize(
    ("args", "spared"),
    [
        # What there is is said at once.
        (["--help"], {"confluent_kafka", "fastavro", "aiohttp", "asyncpg"}),
        (["sink", "--help"], {"confluent_kafka", "fastavro", "aiohttp", "asyncpg"}),
        # A command imports what it needs, not what others do.
        (["topology"], {"aiohttp", "asyncpg", "streams.monitor"}),
    ],
)
def test_what_is_not_needed_is_not_imported(args: list[str], spared: set[str]) -> None:
    imported = imported_by(f"import streams.cli; sys.argv = ['penstock', *{args}]; streams.cli.main()")
    assert "streams.cli.main" in imported
    assert not imported & spared


@pytest.mark.parametrize("mode", ["disable", "require"])
def test_a_database_spoken_to_in_clear_is_warned_of_by_the_commands_that_speak_to_it_alone(mode: str) -> None:
    done = penstock_alone("db", "url", PENSTOCK_DATABASE_URL=f"postgresql://u:p@db.invalid/hub?sslmode={mode}")
    assert (done.returncode, done.stdout) == (0, f"postgresql://u:p@db.invalid/hub?sslmode={mode}\n")
    assert ("the database at db.invalid is spoken to in clear" in done.stderr) == (mode == "disable")
    # The other commands ask in the same place.
    assert inspect.getsource(db).count("database_url()") == 1
