"""A rebuild from beginning to end.

1. The cut: what is due, and how far to read.
2. A folder and tables of the shadow's own.
3. Intake, inventory, allocation, each from its recorded inputs.
4. The folder is deleted, unless it is to be kept.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from schemas.private import private_folder
from streams.engine.options import Options
from streams.engine.store import Store
from streams.replay.errors import ReplayRefused
from streams.replay.log import Log
from streams.replay.shadow import allocation, cases, intake, inventory, views
from streams.replay.shadow.cut import Cut
from streams.replay.shadow.reading import Recordings
from streams.replay.shadow.report import Report
from streams.settings import Settings


def rebuild(
    settings: Settings, app_id: str, *, keep: bool, begin: Callable[[int], None], advance: Callable[[int], None]
) -> Report:
    """Recomputes everything on the cluster.

    Args:
        app_id: the shadow's: names its folder under ``settings.data``.
        keep: leave the folder where it is, for a closer look.
        begin: told how many offsets will be read.
        advance: told how many more were read.

    Raises:
        ReplayRefused: the app id is the live one, its folder is there, a topic is missing or cut by retention.
    """
    if app_id == settings.app_id:
        raise ReplayRefused(f"--app-id is {app_id!r}, the live one: the shadow needs another")
    folder = settings.data / app_id
    if folder.exists():
        raise ReplayRefused(
            f"{folder} is there already: another rebuild runs, or was kept or killed; delete it, or take another --app-id"
        )
    started, log, report = time.monotonic(), Log(settings), Report()
    try:
        # 1. The cut
        cut = Cut(settings, log)
        logs = Recordings(log, cut, advance)
        # Several topics are read by two stages.
        begin(
            cut.records(
                (
                    *cases.TOPICS,
                    *intake.TOPICS_READ,
                    *inventory.TOPICS_READ,
                    *views.TOPICS,
                )
            )
        )
        # 2. Tables
        private_folder(folder)
        store = Store(folder / "tables", Options())
        try:
            # 3. The stages
            seen = views.Views(logs)
            quarantined = logs.quarantined()
            intake.rebuild(store, logs, quarantined, seen, settings.channels, report)
            inventory.rebuild(store, logs, quarantined, report)
            allocation.rebuild(store, logs, quarantined, seen, report, settings.merge_key)
        finally:
            store.close()
    finally:
        log.close()
        # 4. The end
        if not keep:
            _delete(folder)
    report.seconds = time.monotonic() - started
    return report


def _delete(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
