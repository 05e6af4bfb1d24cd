"""The audit trail: who did what to which order or record, and why; on the topic ``audit``, and from there in the database."""

from __future__ import annotations

import os
import pwd
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from schemas.records import AuditEntry
from streams.ops.actor import ALL_RIGHTS, Actor
from streams.ops.cluster import Cluster

#: The account that logged in, which no later change of accounts changes (Linux' audit subsystem), and what stands there for none.
_LOGIN, _NOBODY_LOGGED_IN = Path("/proc/self/loginuid"), 2**32 - 1


def operator(cluster: Cluster, acting_for: str = "") -> Actor:
    """Who runs this command, with all rights: the account as the system knows it and no environment variable of theirs says.

    ``li``; ``li as root`` where sudo was used, or where another account logged in than runs it; ``li, kafka ops`` where Kafka asked for
    a name too; ``..., for wang`` as they say.
    """
    principal = cluster.settings.kafka.get("sasl.username", "")
    who = f"{account()}{f', kafka {principal}' if principal else ''}{f', for {acting_for}' if acting_for else ''}"
    return Actor(who, ALL_RIGHTS)


def account() -> str:
    """Who runs this process, as the system knows it: ``li``, or ``li as root``."""
    own, caller = _name(os.getuid()), _caller()
    return f"{caller} as {own}" if caller not in ("", own) else own


def read(cluster: Cluster, subject: str, command: str, *, by: Actor, **details: object) -> None:
    """Puts on record that personal data of a subject (an order, a record, a topic) is about to be shown unmasked.

    Raises:
        NotAllowed: it must not be shown.
        ClusterError: it cannot be put on record, and must not be shown either.
    """
    publish(cluster, [entry("personal.read", subject, by=by, details={"command": command, **details})])


def _caller() -> str:
    """Who logged in, by the kernel; or who asked sudo for root: root alone is believed, anybody else could have set the variable."""
    with suppress(OSError, ValueError):
        login = int(_LOGIN.read_text())
        if login != _NOBODY_LOGGED_IN:
            return _name(login)
    asked = os.environ.get("SUDO_UID", "")
    return _name(int(asked)) if os.getuid() == 0 and asked.isascii() and asked.isdigit() else ""


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        # A container's user may have no name.
        return f"uid {uid}"


def entry(
    action: str,
    subject: str,
    *,
    by: Actor,
    reason: str = "",
    outcome: str = "done",
    correlation_id: str = "",
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """What a person does, dated now. ``action`` is ``area.verb``; ``reason`` and ``details`` must hold neither secrets nor personal data.

    Raises NotAllowed when they may not: nothing is done without its entry.
    """
    by.check(action)
    return noted(
        action, subject, by=by.who, reason=reason, outcome=outcome, correlation_id=correlation_id, details=details
    )


def noted(
    action: str,
    subject: str,
    *,
    by: str,
    reason: str = "",
    outcome: str = "done",
    correlation_id: str = "",
    said: str = "",
    details: Mapping[str, object] | None = None,
) -> AuditEntry:
    """What a process does in somebody's name, dated now; otherwise as ``entry``.

    ``said``: the words of a platform, which may name a person.
    """
    entry_id = str(uuid.uuid4())
    return {
        "entry_id": entry_id,
        "correlation_id": correlation_id or entry_id,
        "at_ms": time.time_ns() // 1_000_000,
        "by": by,
        "action": action,
        "subject": subject,
        "reason": reason,
        "outcome": outcome,
        "details": {name: str(value) for name, value in (details or {}).items()},
        "said": said,
    }


def publish(cluster: Cluster, entries: Sequence[AuditEntry]) -> None:
    """Returns when the cluster has them. Raises ClusterError."""
    cluster.publish([("audit", e["subject"], "AuditEntry", e) for e in entries])
