"""What reconciliation found, for a person: counts by channel, and the newest differences one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType

from schemas.codec import CODEC
from schemas.table import Table
from schemas.terminal import Text
from schemas.texts import said, word
from streams.ops.cluster import Cluster

ABOUT = ("PAYMENT", "SHIPMENT", "DRIFT")


class Report:
    """Folded from the checks; of a repeated check the last counts."""

    def __init__(self, checks: Iterable[Mapping[str, Any]], since_ms: int = 0) -> None:
        newest: dict[str, Mapping[str, Any]] = {}
        for check in checks:
            if check["at_ms"] >= since_ms:
                newest[check["check_id"]] = check
        #: (channel, about, agrees) -> how many
        self.counts = Counter((it["channel"], it["about"], it["agrees"]) for it in newest.values())
        self.healed = Counter(it["channel"] for it in newest.values() if it["healed"])
        #: What differs, the newest first.
        self.differences = sorted(
            (it for it in newest.values() if not it["agrees"]), key=lambda it: it["at_ms"], reverse=True
        )

    def as_json(self, most: int) -> dict[str, Any]:
        """For machines."""
        channels = sorted({channel for channel, _, _ in self.counts})
        return {
            "channels": {
                channel: {
                    **{
                        about.lower(): {
                            "agree": self.counts[channel, about, True],
                            "differ": self.counts[channel, about, False],
                        }
                        for about in ABOUT[:2]
                    },
                    "drift": self.counts[channel, "DRIFT", False],
                    "healed": self.healed[channel],
                }
                for channel in channels
            },
            "differences": self.differences[:most],
        }

    def tables(self, most: int) -> RenderableType:
        """For a screen."""
        title = "Channels and hub compared"
        summary = Table("channel", title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))
        for column in ("payments agree", "differ", "shipments agree", "differ", "drift found", "healed"):
            summary.add_column(column, justify="right")
        for channel in sorted({channel for channel, _, _ in self.counts}):
            figures = [self.counts[channel, about, agrees] for about in ABOUT[:2] for agrees in (True, False)]
            figures += [self.counts[channel, "DRIFT", False], self.healed[channel]]
            summary.add_row(channel, *(f"{n:,}" for n in figures))
        if not self.differences:
            return Group(summary, Text(said("no differences"), "green"))
        shown = self.differences[:most]
        title = f"Differences, the newest {len(shown)} of {len(self.differences):,}"
        details = Table(
            "found", "about", "order", "channel says", "hub says", "healed", title=title, title_justify="left", box=None
        )
        details.add_column("why", overflow="fold")
        for it in shown:
            at = datetime.fromtimestamp(it["at_ms"] / 1000).strftime("%m-%d %H:%M:%S")
            healed = Text(word("yes"), "green") if it["healed"] else Text(word("no"), "red")
            about, order = word(it["about"].lower()), Text(it["order_id"])
            details.add_row(
                at, about, order, it["platform_status"], word(it["hub_status"]), healed, Text(said(it["reason"]))
            )
        return Group(summary, Text(), details)


def read_report(cluster: Cluster, since_ms: int = 0) -> Report:
    """From the topic ``channel.checks``. Raises ClusterError."""
    decoded = (CODEC.decode(message.value() or b"") for message in cluster.read("channel.checks"))
    return Report((record for name, record in decoded if name == "ChannelCheck"), since_ms)
