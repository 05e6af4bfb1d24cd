"""One broker for a whole run, however many workers pytest-xdist has: started for the first test that asks, ended with the run.

The process that started the workers outlives them, so the broker is its: a worker asks in a folder they share, and is answered there.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from deploy.local import broker

#: A worker waits for its answer so long: a JVM starts while all the others work.
_WAIT_S = 300.0
_LOOK_S = 0.05


class Lender:
    """Starts the broker when somebody asks in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._lend, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it, if it was started."""
        self._ended.set()
        self._thread.join()

    def _lend(self) -> None:
        while not (self._folder / "asked").exists():
            if self._ended.wait(_LOOK_S):
                return
        try:
            with broker(self._folder / "kafka") as bootstrap:
                self._answer("at", bootstrap)
                self._ended.wait()
        except Exception as error:
            self._answer("failed", f"{type(error).__name__}: {error}")
            raise

    def _answer(self, name: str, text: str) -> None:
        part = self._folder / "part"
        part.write_text(text)
        part.rename(self._folder / name)


def borrow(folder: Path) -> str:
    """The broker's address. Raises RuntimeError when it could not be started."""
    (folder / "asked").touch()
    deadline = time.monotonic() + _WAIT_S
    while not (at := folder / "at").exists():
        if (failed := folder / "failed").exists():
            raise RuntimeError(failed.read_text())
        if time.monotonic() > deadline:
            raise RuntimeError(f"no broker was started within {_WAIT_S:.0f} s")
        time.sleep(_LOOK_S)
    return at.read_text()
