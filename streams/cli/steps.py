"""Every step of what slow systems are told about one key, the oldest first: how ``show`` of writeback, delivery and listing tells it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from schemas.codec import CODEC
from streams.cli.common import Refused, out, print_json
from streams.ops.cluster import Cluster
from streams.ops.moments import local, utc


def show_steps(
    cluster: Cluster,
    topics: Sequence[str],
    key: str,
    told: Callable[[Any], Mapping[str, Any]],
    as_json: bool,
    unknown: str,
) -> None:
    """Prints the records of a key on these topics by their time in the log.

    Args:
        told: what of a record an operator looks at.
        unknown: said where there is none; Refused is raised with it.
    """
    steps = [
        (message.timestamp()[1], *CODEC.decode(message.value() or b""))
        for topic in topics
        for message in cluster.read(topic, key=key)
    ]
    steps.sort(key=lambda step: step[0])
    if not steps:
        raise Refused(unknown)
    if as_json:
        print_json([{"at": utc(at_ms), "record": name, **told(record)} for at_ms, name, record in steps])
        return
    for at_ms, name, record in steps:
        fields = "  ".join(f"{field}={value}" for field, value in told(record).items() if value not in ("", None))
        out.print(f"{local(at_ms)}  {name}  {fields}", soft_wrap=True)
