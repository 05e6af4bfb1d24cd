"""The short form of ``make attack``: of clients that would silence the gateway. How fast it answers is for that; here, that it does."""

from __future__ import annotations

import resource
import socket
import time

import psutil

from tests.connectors.channels.edge import Edge, until
from tests.patience import PATIENCE_S
from tests.security.silence import WAITS_S, silence


def test_signed_pushes_are_answered_while_others_fill_the_gateway(edge: Edge) -> None:
    crowd = {"silent": 60, "half": 60, "slow": 30, "large": 60, "oversized": 5}
    outcome = silence(edge, crowd, 6, dict.fromkeys(WAITS_S, PATIENCE_S))
    assert not outcome.wrong
    assert outcome.took_s.keys() == WAITS_S.keys()
    assert outcome.crowd.keys() == crowd.keys(), "they were there"
    until(lambda: edge.gateway.metric("gateway_unsigned_bytes"), "nothing of them is kept", lambda it: it == 0)


def test_no_descriptor_left_is_told_and_over_when_there_are_some(edge: Edge) -> None:
    process = psutil.Process(edge.gateway.pid)
    limits = resource.prlimit(edge.gateway.pid, resource.RLIMIT_NOFILE)
    assert limits[0] == min(limits[1], 65_536), "it raises the limit when it starts"
    clients: list[socket.socket] = []

    def no_room() -> None:
        # Each time anew: what was open a moment ago, such as the crowd of the test before, may be closed since, which makes room again.
        resource.prlimit(edge.gateway.pid, resource.RLIMIT_NOFILE, (process.num_fds(), limits[1]))
        clients.append(socket.create_connection(("127.0.0.1", edge.gateway.port), 10))

    try:
        until(
            lambda: edge.gateway.log.read_text(),
            "it is told",
            lambda log: "Too many open files" in log,
            look_at=no_room,
        )
        began = sum(process.cpu_times()[:2])
        time.sleep(2)
        assert sum(process.cpu_times()[:2]) - began < 1, "it does not ask in a loop"
    finally:
        resource.prlimit(edge.gateway.pid, resource.RLIMIT_NOFILE, limits)
        for client in clients:
            client.close()
    until(lambda: edge.gateway.get("/live")[0], "it serves again", lambda status: status == 200)
    assert edge.gateway.metric('gateway_refused_connections_total{why="files"}')
