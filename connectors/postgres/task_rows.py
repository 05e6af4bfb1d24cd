"""What flows ask of persons, as rows."""

from __future__ import annotations

from typing import Any

from connectors.postgres.row import Place, Rows, moment, moment_or_none


def task(r: dict[str, Any], p: Place) -> Rows:
    """A Task: the newest record of one says where it stands."""
    row = (
        *(r["task_id"], r["order_id"], r["channel"], r["shop"], r["kind"], r["state"], r["document"], r["version"]),
        *(r["node"], r["reason"], r["role"], r["by"], r["text"], r["persons"], r["not_by"], list(r["votes"])),
        *(r["claimed_by"], r["answered_by"], r["because"], moment("Task.opened_at_ms", r["opened_at_ms"])),
        *(moment_or_none("Task.due_at_ms", r["due_at_ms"]), moment("Task.at_ms", r["at_ms"]), p.partition, p.offset),
    )
    return [("tasks", row)]
