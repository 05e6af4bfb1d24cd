"""One edge for the package: a broker that may be frozen, all simulators, a gateway that may be killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local import LocalKafka
from tests.connectors.channels.edge import Edge, Loop, make, told_in_log


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    data = tmp_path_factory.mktemp("edge")
    loop = Loop()
    try:
        with LocalKafka(data / "kafka") as kafka:
            it = make(kafka, data, loop)
            try:
                it.gateway.start()
                yield it
            finally:
                code = it.gateway.stop()
                it.log.close()
                loop.run(it.simulators.__aexit__(None, None, None))
            assert code == 0, it.gateway.log.read_text()[-3000:]
            assert not told_in_log(it)
    finally:
        loop.close()


@pytest.fixture
def edge(running: Edge) -> Edge:
    """It serves: a test before this one has left it so."""
    running.gateway.check()
    return running
