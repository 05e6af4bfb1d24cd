"""/live and /ready of real workers: without an assignment, restoring, reading, hanging."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.conftest import Unique
from tests.engine.harness import expected, orders, rig
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.usefixtures("kafka")


class Probed:
    """A worker's address."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.answers: list[tuple[int, str]] = []

    def ask(self, name: str) -> tuple[int, str]:
        """Status and reason; (0, "") while the worker does not listen yet."""
        try:
            with urlopen(f"http://127.0.0.1:{self.file.read_text()}/{name}", timeout=30) as response:
                return response.status, _why(response)
        except HTTPError as answer:
            with answer:
                return answer.code, _why(answer)
        except (FileNotFoundError, URLError, ValueError):
            return 0, ""

    def until(self, name: str, status: int, why: str) -> None:
        """Asks until it answers so; remembers all answers."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.answers.append(found := self.ask(name))
            if found[0] == status and why in found[1]:
                return
            assert time.monotonic() < deadline, f"/{name} is never {status} {why!r}: {self.answers[-3:]}"
            time.sleep(0.05)


def _why(response: Any) -> str:
    why: str = json.loads(response.read())["why"]
    return why


def test_ready_turns_when_the_state_is_restored(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        it.feed(orders(500, seed=5))
        it.start(0)
        it.wait_for(expected(it.read(f"{it.app_id}-in")))
        it.workers[0].kill()
        it.workers[0].wait()
        # Another disk: all of the state is to be restored, which is held up for a while at its first batch.
        probed = Probed(tmp_path / "port")
        go_on = tmp_path / "go-on"
        it.start(1, METRICS_FILE=probed.file, PAUSE_AT=f"restore:{go_on}")
        probed.until("ready", 503, "restoring the state of 4 of 4 partitions")
        go_on.touch()
        probed.until("ready", 200, "4 partitions are read from")
        assert all(status != 200 for status, _ in probed.answers[:-1])
        assert probed.ask("live")[0] == 200


def test_a_worker_without_partitions_is_not_ready_until_another_makes_room(
    kafka: str, unique: Unique, tmp_path: Path
) -> None:
    with rig(kafka, unique(), tmp_path, partitions=1) as it:
        first, second = Probed(tmp_path / "first"), Probed(tmp_path / "second")
        it.start(0, METRICS_FILE=first.file)
        first.until("ready", 200, "1 partitions")
        it.start(1, METRICS_FILE=second.file)
        it.until(lambda: it.members() == 2, "both are members", slot=1)
        # Which of them has the partition is the group's affair.
        ready: list[int] = []

        def one_has_it() -> bool:
            ready[:] = [p.ask("ready")[0] for p in (first, second)]
            return sorted(ready) == [200, 503]

        it.until(one_has_it, "one of them has it", slot=1)
        idle = (first, second)[ready.index(503)]
        idle.until("ready", 503, "no partitions")
        assert idle.ask("live")[0] == 200
        busy = 1 if idle is first else 0
        it.stop(it.workers[busy])
        idle.until("ready", 200, "1 partitions")


def test_a_worker_whose_cycle_hangs_is_not_live(kafka: str, unique: Unique, tmp_path: Path) -> None:
    with rig(kafka, unique(), tmp_path) as it:
        probed = Probed(tmp_path / "port")
        # The first batch is held up inside the event loop; the threads that answer go on.
        go_on = tmp_path / "go-on"
        it.start(0, METRICS_FILE=probed.file, PAUSE_AT=f"fetched:{go_on}", HANGS_S=5)
        probed.until("ready", 200, "4 partitions")
        probed.until("live", 200, "the cycle came round")
        it.feed(orders(10, seed=1))
        probed.until("live", 503, "limit 5 s")
        go_on.touch()
        probed.until("live", 200, "the cycle came round")
