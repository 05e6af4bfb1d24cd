"""``penstock backup drill``: a backup restored on a broker and a database of its own, and held against the live hub."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from schemas.terminal import Text
from schemas.texts import said
from streams.backup import manifest as manifests
from streams.backup.comparing import compare
from streams.backup.errors import BackupStopped, Damaged
from streams.backup.manifest import Manifest
from streams.backup.restore import damages, restore
from streams.backup.taking import Home
from streams.cli.backup import FolderOption, NameOption, bar, bring, home_of, told
from streams.cli.common import JsonFlag, connected, err, out, print_json
from streams.engine.errors import KafkaFault
from streams.ops import audit
from streams.settings import Settings
from streams.verify import VerifyError
from streams.verify import verify as judge

#: The audit action, which the monitor looks for.
DRILL = "state.drill"


def drill(
    folder: FolderOption = None,
    name: NameOption = "",
    scratch: Annotated[
        Path | None,
        typer.Option("--scratch", help="A folder with room for the whole hub; the system's temporary one otherwise."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Restore a backup beside the live hub, on a broker and a database of its own, and compare; exit code 1 when anything differs.

    Every month: the outcome is on record, and the monitor warns when it failed or there was none for 35 days.
    """
    from deploy.local import LocalKafka, LocalPostgres

    cluster = connected()
    live = cluster.settings
    home = home_of(live, folder)
    by = audit.operator(cluster)
    by.check(DRILL)
    started, faults, figures = time.monotonic(), list[str](), dict[str, object]()
    with told():
        chosen = manifests.chosen(home.folder, name, home.key)
        with tempfile.TemporaryDirectory(prefix="penstock-drill-", dir=scratch) as temporary:
            data = Path(temporary)
            with (
                LocalKafka(data / "kafka", console=err, closed=True) as kafka,
                LocalPostgres(data / "postgres") as postgres,
            ):
                other = replace(
                    live,
                    **{"brokers": kafka.bootstrap, "kafka": kafka.client, "data": data, "replication": 1},  # type: ignore[arg-type]
                    database_url=postgres.url,
                )
                try:
                    figures = _tried(home, chosen, live, other, faults)
                except (BackupStopped, Damaged, KafkaFault, VerifyError) as exc:
                    faults.append(str(exc))
    seconds = round(time.monotonic() - started, 1)
    details = {"backup": chosen.name, "of_ms": chosen.cut_ms, "seconds": seconds, "faults": len(faults), **figures}
    outcome = "failed" if faults else "done"
    audit.publish(cluster, [audit.entry(DRILL, live.app_id, by=by, outcome=outcome, details=details)])
    if as_json:
        print_json({**details, "outcome": outcome, "faults": faults})
    else:
        for fault in faults:
            err.print(Text(said(fault), "red"), soft_wrap=True)
        if not faults:
            out.print(
                f"{chosen.name} was restored in {seconds:.0f} s: {figures['compared']:,} records as in the live hub, "
                f"{figures['rows']:,} rows, 0 violations",
                soft_wrap=True,
            )
    if faults:
        sys.exit(1)


def _tried(home: Home, chosen: Manifest, live: Settings, other: Settings, faults: list[str]) -> dict[str, object]:
    """Restores, compares, verifies; puts what is wrong to ``faults``."""
    with bar("bytes", sum(file.bytes for file in chosen.files())) as advance:
        faults += [str(each) for each in damages(home, chosen, advance)]
    if faults:
        return {}
    with bar("records", chosen.records) as advance:
        tables = (lambda kept: bring(home, other.database_url, kept)) if chosen.database else None
        done = restore(other, home, chosen, tables=tables, advance=advance)
    with bar("records") as advance:
        found = compare(live, other, chosen, advance)
    faults += found.differences
    report = judge(other.brokers, group=other.app_id, properties=other.kafka)
    if not report.ok:
        faults.append(f"penstock verify finds violations in what was restored: {report.violation_counts}")
    return {"records": done.records, "rows": done.rows, "compared": found.records}
