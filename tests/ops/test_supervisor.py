"""Who is started again, when, and when no more: with a clock that stands still."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.ops.supervisor import GivenUp, Supervisor, how


class Process:
    """Runs until it is told how to end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.log = Path(f"/data/{name}.log")
        self.code: int | None = None
        self.starts = 0
        self.broken = ""

    def exit_code(self) -> int | None:
        return self.code

    def revive(self) -> None:
        if self.broken:
            raise OSError(self.broken)
        self.starts += 1
        self.code = None


class Stack:
    def __init__(self) -> None:
        self.now = 1_000.0
        self.said: list[str] = []
        self.kafka, self.worker = Process("kafka"), Process("worker 0")
        self.supervisor = Supervisor([self.kafka], [self.worker], self.said.append, lambda: self.now)

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.supervisor.check()


@pytest.fixture
def stack() -> Stack:
    return Stack()


def test_one_that_dies_is_named_with_how_and_its_log_and_started_at_once(stack: Stack) -> None:
    stack.after(1)
    assert stack.said == []
    stack.worker.code = -9
    stack.after(1)
    assert stack.said == [
        "worker 0 was killed by SIGKILL; it is started again (1 of 5); its log: /data/worker 0.log",
    ]
    assert stack.worker.starts == 1


def test_one_that_dies_again_is_given_more_time_each_time_and_then_given_up(stack: Stack) -> None:
    waits = []
    for _ in range(5):
        stack.worker.code = 3
        died = stack.now
        while stack.worker.code is not None:
            stack.after(0.5)
        waits.append(stack.now - died)
    assert waits == [0.5, 1.5, 2.5, 4.5, 8.5]
    assert "in 8 s (5 of 5)" in stack.said[-1]
    stack.worker.code = 3
    with pytest.raises(GivenUp, match=r"worker 0 ended with code 3, and was started again 5 times within 10 minutes"):
        stack.after(1)


def test_what_died_long_ago_is_forgiven(stack: Stack) -> None:
    for _ in range(20):
        stack.worker.code = 1
        stack.after(200)
        stack.after(10)
    assert stack.worker.starts == 20


def test_who_needs_a_server_waits_for_it_and_is_not_blamed(stack: Stack) -> None:
    stack.kafka.code, stack.worker.code, stack.kafka.broken = -9, 1, "port 9092 is taken"
    stack.after(1)
    assert stack.said[1].startswith("kafka does not start: port 9092 is taken; it is started again in 1 s (2 of 5)")
    stack.after(0.5)
    assert (stack.kafka.starts, stack.worker.starts, len(stack.said)) == (0, 0, 2)
    stack.kafka.broken = ""
    stack.after(1)
    assert stack.said[2] == "kafka answers again"
    assert stack.said[3].startswith("worker 0 ended with code 1; it is started again (1 of 5)")


def test_a_server_that_never_comes_back_is_given_up(stack: Stack) -> None:
    stack.kafka.code, stack.kafka.broken = 1, "no space left on device"
    with pytest.raises(GivenUp, match="kafka does not start: no space left on device, and was started again 5 times"):
        for _ in range(60):
            stack.after(1)
    assert stack.worker.starts == 0


def test_how_a_process_ended_is_said_in_words() -> None:
    assert (how(0), how(2)) == ("ended with code 0", "ended with code 2")
    assert (how(-15), how(-64), how(-1_000)) == (
        "was killed by SIGTERM",
        "was killed by SIGRTMAX",
        "was killed by signal 1000",
    )
