"""The time of the log: what the broker's clock says, whatever this host's does.

Records bear the time at which the broker wrote them (``admin.LOG_TIME``). What comes due without a record (a tick, the age of a checkpoint)
takes its time from here: every few seconds the worker writes a line into ``{app id}-clock`` and is told when it was written. From the last
answer on the monotonic clock counts; an answer is never younger than the news of it, so this time is never ahead of the log's.

The host's clock decides nothing. It is what each line says, so that a host whose clock is far from the log's is told, here and to whoever
reads the topic (key: ``host/process``; value: its clock, ms since the epoch as decimal text).
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, KafkaError, KafkaException, Producer

from streams.engine.admin import LOG_TIME
from streams.engine.errors import KafkaFault, Misconfigured
from streams.engine.options import Options

logger = logging.getLogger(__name__)

_UNKNOWN = "the time of the log is not known yet"
_NOT_THE_LOGS = f"does not bear the log's time: set {', '.join(f'{k}={v}' for k, v in LOG_TIME.items())} on it"
#: Between two lines, and how long one may take.
ASK_S = 5.0
_ANSWER_S = 5.0
_FIRST_ANSWER_S = 60.0
#: A broker applies a topic's new setting a moment after it has agreed to it.
_IN_FORCE_S, _LOOK_AGAIN_S = 10.0, 0.1


def clock_topic(app_id: str) -> str:
    """Where the processes of an app write their lines."""
    return f"{app_id}-clock"


class LogClock:
    """One process's; ``start`` it before anything asks for the time. ``shown`` is told by how much the host is ahead, in seconds."""

    def __init__(
        self, bootstrap: str, topic: str, options: Options, shown: Callable[[float], object] = lambda ahead_s: None
    ) -> None:
        self.topic = topic
        #: Why nothing may be proposed by time; empty when the host's clock and the log's agree.
        self.doubt = _UNKNOWN
        self._who = f"{socket.gethostname()}/{os.getpid()}".encode()
        self._host_ms = options.clock_ms
        self._skew_max_ms = int(options.clock_skew_max_s * 1000)
        self._shown = shown
        #: When the last line was written, ms by the log, and when that was heard, monotonic seconds.
        self._heard: tuple[int, float] | None = None
        self._refused = f"no answer in {_FIRST_ANSWER_S:.0f} s"
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._producer = Producer(
            options.client(
                bootstrap,
                **{**options.producer, "linger.ms": 0, "message.timeout.ms": int(_ANSWER_S * 1000)},
            )
        )

    def now_ms(self) -> int:
        """The time of the log, ms since the epoch: never ahead of it, and behind it by no more than an answer took.

        Raises:
            KafkaFault: it has not been started.
        """
        if self._heard is None:
            raise KafkaFault(f"the time of the log is not known: nothing has been written to {self.topic}")
        written_ms, heard_s = self._heard
        return written_ms + int((time.monotonic() - heard_s) * 1000)

    def start(self) -> None:
        """Learns the time, and goes on doing so. Blocks.

        Raises:
            KafkaFault: there is no answer.
            Misconfigured: the topic does not bear the log's time.
        """
        began = time.monotonic()
        while self._heard is None:
            if time.monotonic() > began + _FIRST_ANSWER_S:
                raise KafkaFault(f"cannot learn the time of the log from {self.topic}: {self._refused}")
            self.ask()
            if self._heard is None and self._refused == _NOT_THE_LOGS:
                if time.monotonic() > began + _IN_FORCE_S:
                    raise Misconfigured(f"{self.topic} {_NOT_THE_LOGS}")
                time.sleep(_LOOK_AGAIN_S)
        self._go_on()

    def stop(self) -> None:
        """Blocks until the line under way is through."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def ask(self) -> None:
        """Writes a line and waits for its time; without an answer the last one stays."""
        before_ms = self._host_ms()

        def written(error: KafkaError | None, message: Any) -> None:
            self._written(before_ms, error, message)

        try:
            self._producer.produce(self.topic, key=self._who, value=b"%d" % before_ms, on_delivery=written)
            self._producer.flush(_ANSWER_S)
        except (KafkaException, BufferError) as exc:
            self._refused = str(exc)

    def _go_on(self) -> None:
        self._thread = threading.Thread(target=self._run, name="engine-log-clock", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(ASK_S):
            self.ask()

    def _written(self, before_ms: int, error: KafkaError | None, message: Any) -> None:
        heard_s, after_ms = time.monotonic(), self._host_ms()
        if error is not None:
            self._refused = error.str()
            return
        kind, written_ms = message.timestamp()
        if kind != TIMESTAMP_LOG_APPEND_TIME:
            self._refused = _NOT_THE_LOGS
            if self._heard is not None:
                self._doubt(f"{self.topic} {_NOT_THE_LOGS}")
            return
        self._heard = written_ms, heard_s
        ahead_ms = skew_ms(before_ms, written_ms, after_ms)
        self._shown(ahead_ms / 1000)
        if abs(ahead_ms) <= self._skew_max_ms:
            self._doubt("")
        else:
            limit = f"more than {self._skew_max_ms / 1000:g} s"
            self._doubt(f"this host's clock is {told(ahead_ms)} the broker's, {limit}")

    def _doubt(self, why: str) -> None:
        """Says it once a change, not with each line."""
        before, self.doubt = self.doubt, why
        if why and before in ("", _UNKNOWN):
            logger.error("%s: nothing is proposed by time until that is put right (NTP, here or at the broker)", why)
        elif before not in ("", _UNKNOWN) and not why:
            logger.warning("this host's clock and the broker's agree again: what is due by time is proposed")


def skew_ms(before_ms: int, written_ms: int, after_ms: int) -> int:
    """How far a host's clock is ahead of the log's; negative when it is behind.

    A line is written between its sending and the news of it: a clock that says so is right, however long that took.
    """
    return before_ms - written_ms if before_ms > written_ms else min(0, after_ms - written_ms)


def told(ahead_ms: int) -> str:
    """In words: ``25.0 h ahead of``, ``400.0 d behind``."""
    size_s = abs(ahead_ms) / 1000
    size = next((f"{size_s / s:.1f} {unit}" for s, unit in _UNITS if size_s >= 2 * s), f"{size_s:.1f} s")
    return f"{size} {'ahead of' if ahead_ms > 0 else 'behind'}"


_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
