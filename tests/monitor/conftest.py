"""A hub without workers, on a broker of its own, since Penstock's topic names are fixed: what stands in its topics is what a test wrote."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.local import LocalKafka
from streams.ops.cluster import Cluster
from streams.settings import Settings
from tests.connectors.postgres.conftest import hub, migrated

__all__ = ["hub", "migrated"]


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    data = tmp_path_factory.mktemp("monitor")
    with LocalKafka(data / "kafka") as kafka:
        settings = Settings(brokers=kafka.bootstrap, data=data, partitions=4)
        Cluster(settings).create_topics()
        yield settings


class Web:
    """A real HTTP server that answers with ``status``; silent while ``status`` is 0."""

    def __init__(self) -> None:
        self.status = 200
        self.released = threading.Event()
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not web.status:
                    web.released.wait(60)
                    return
                self.send_response(web.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.close()
