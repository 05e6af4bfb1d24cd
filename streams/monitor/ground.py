"""Whether changelogs, offsets and topics of the workers' groups belong together (``engine/ties.py``), looked at once a minute."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

from streams.engine.errors import EngineError
from streams.engine.ties import Misfit
from streams.monitor.metrics import HubMetrics
from streams.ops.standing import look
from streams.settings import Settings

logger = logging.getLogger(__name__)

GROUPS = ("decisions", "writeback", "warehouse")
KINDS = ("changelog", "topic", "partitions", "offsets")
_EVERY_S = 60.0


def misfits(settings: Settings) -> dict[str, list[Misfit]]:
    """Group -> what doesn't fit. Blocks.

    Raises:
        EngineError: the broker doesn't answer.
    """
    return {group: list(look(settings, group).misfits) for group in GROUPS}


class Ground:
    """Tells Prometheus."""

    def __init__(self, settings: Settings, metrics: HubMetrics) -> None:
        self._settings, self._metrics = settings, metrics

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.shield(asyncio.to_thread(self._look))
            await asyncio.sleep(_EVERY_S)

    def _look(self) -> None:
        try:
            found = misfits(self._settings)
        except EngineError as exc:
            logger.info("not looked at: %s", exc)
            return
        for group, each in found.items():
            counts = Counter(misfit.kind for misfit in each)
            for kind in KINDS:
                self._metrics.misfits.labels(group, kind).set(counts[kind])
