"""The time that connectors go by: the log's, as workers do.

By it windows of changes are asked for and marked as read, calls are signed, pushes are taken for too old and confirmations fall due. Were
it the host's, a clock that is ahead would mark as read what nobody has listed, and one that is behind would have every call refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connectors.platforms import times
from streams.engine.log_clock import LogClock, clock_topic
from streams.engine.options import Options
from streams.settings import Settings


@contextmanager
def keeping_time(settings: Settings) -> Iterator[None]:
    """Within it ``times.now_ms`` is the log's, and a host's clock that is far from it is told. Blocks until the log's is known.

    Raises:
        streams.engine.errors.EngineError: it cannot be learnt.
    """
    options = Options.quiet(settings.kafka, clock_ms=times.host_ms, clock_skew_max_s=settings.clock_skew_max_s)
    clock = LogClock(settings.brokers, clock_topic(settings.app_id), options)
    clock.start()
    try:
        with times.going_by(clock.now_ms):
            yield
    finally:
        clock.stop()
