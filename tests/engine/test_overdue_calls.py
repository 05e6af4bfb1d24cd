"""A call into librdkafka that never returns costs its producer, not the worker.

Seen by the chaos harness: after the broker was killed and started again, ``send_offsets_to_transaction`` waited for ever in spite of its
timeout. The moment cannot be hit at will, so a call that blocks stands for it here.
"""

from __future__ import annotations

import threading
from typing import Any

import pytest

from streams.engine import transaction
from streams.engine.errors import ProducerFenced
from streams.engine.options import Options
from streams.engine.transaction import Transactor
from streams.engine.work import Work
from tests.conftest import Unique


class Stuck:
    """A producer whose offsets nobody ever confirms; all else is the real one's."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.released = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def send_offsets_to_transaction(self, *_: Any) -> None:
        self.released.wait()


def test_a_call_that_does_not_return_is_given_up(kafka: str, unique: Unique, monkeypatch: pytest.MonkeyPatch) -> None:
    transactor = Transactor(kafka, unique(), Options())
    transactor.start()
    stuck = Stuck(transactor._producer)
    monkeypatch.setattr(transactor, "_producer", stuck)
    monkeypatch.setattr(transaction, "_OVERDUE_S", 0.5)
    work = Work()
    work.offsets["somewhere", 0] = 1
    try:
        with pytest.raises(ProducerFenced, match="does not return"):
            transactor.commit(work, None, {})
        transactor.close()
    finally:
        stuck.released.set()
