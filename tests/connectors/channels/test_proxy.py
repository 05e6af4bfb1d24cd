"""The example of a TLS proxy, ``deploy/nginx/gateway.conf``, in a real nginx in front of a real gateway."""

from __future__ import annotations

import asyncio
import http.client
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import aiohttp
import pytest
from yarl import URL

from deploy.local.process import free_ports
from tests.connectors.channels.edge import Edge, until
from tests.connectors.channels.pushes import LIMIT, Case, bad, good

EXAMPLE = Path(__file__).parents[3] / "deploy/nginx/gateway.conf"
#: Debian keeps it where only root's path leads.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = pytest.mark.skipif(
    NGINX is None or shutil.which("openssl") is None,
    reason="nginx or openssl is not installed (Debian's packages have them)",
)


class Proxy(NamedTuple):
    port: int
    trust: ssl.SSLContext

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None) -> int:
        """The status of a request without a body, whatever its headers say."""
        connection = http.client.HTTPSConnection("localhost", self.port, timeout=30, context=self.trust)
        try:
            connection.request(method, path, headers=headers or {})
            return connection.getresponse().status
        finally:
            connection.close()

    async def send(self, cases: list[Case]) -> list[int]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.trust)) as session:
            return [await self._send(session, case) for case in cases]

    async def _send(self, session: aiohttp.ClientSession, case: Case) -> int:
        at = URL(f"https://localhost:{self.port}{case.path}", encoded=True)
        async with session.request(
            case.method, at, data=case.body or None, headers=case.headers, skip_auto_headers=("Content-Type",)
        ) as answer:
            await answer.read()
            return answer.status


@pytest.fixture
def proxy(edge: Edge, tmp_path: Path) -> Iterator[Proxy]:
    """The example with this machine's names, and nothing else changed."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    told = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    subprocess.run(
        ["openssl", *told.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60
    )
    (port,) = free_ports(1)
    text = EXAMPLE.read_text()
    for theirs, ours in (
        ("127.0.0.1:8700", f"127.0.0.1:{edge.gateway.port}"),
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("server_name hub.example", "server_name localhost"),
        ("/etc/letsencrypt/live/hub.example/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/hub.example/privkey.pem", str(key)),
    ):
        assert text.count(theirs) == 1, theirs
        text = text.replace(theirs, ours)
    (tmp_path / "gateway.conf").write_text(text)
    folders = "".join(
        f"{what}_temp_path {tmp_path}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr warn; events {{ worker_connections 1024; }}\n"
        f"http {{ access_log off; {folders} include {tmp_path}/gateway.conf; }}\n"
    )
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(NGINX), "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")], stdout=out, stderr=out
        )
    it = Proxy(port, ssl.create_default_context(cafile=str(certificate)))

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return it.ask("GET", "/") == 404
        except OSError:
            return False

    try:
        until(answers, "nginx answers")
        yield it
    finally:
        process.terminate()
        process.wait(30)
    assert "[emerg]" not in log.read_text() and "[warn]" not in log.read_text(), log.read_text()


def test_pushes_pass_the_proxy_unchanged_and_nothing_else_passes(edge: Edge, proxy: Proxy) -> None:
    here = edge.here()
    ours = list(islice(good(edge.shops, 11), 12))
    theirs = [case for case in islice(bad(edge.shops, 11), 80) if len(case.body) <= LIMIT and not case.chunked]
    statuses = asyncio.run(proxy.send([*ours, *theirs]))
    wrong = [
        (case.why, status, case.expected)
        for case, status in zip([*ours, *theirs], statuses, strict=True)
        if status != case.expected
    ]
    assert not wrong
    sent = {record for case in ours for record in case.records}
    until(
        lambda: {(entry.topic, entry.key) for entry in edge.since(here)},
        "they are in Kafka",
        lambda found: found >= sent,
    )
    for path in ("/metrics", "/live", "/ready"):
        assert edge.gateway.get(path)[0] == 200
        assert proxy.ask("GET", path) == 404
    assert proxy.ask("POST", ours[0].path, {"Content-Length": str(LIMIT + 1)}) == 413


def test_the_proxy_bounds_what_one_address_has_under_way_and_frees_it_again(edge: Edge, proxy: Proxy) -> None:
    path = next(case.path for case in good(edge.shops, 12))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n".encode()

    async def told_429() -> bool:
        """Whether one of them is; the others wait for the rest of their bodies, and may be ended for that."""
        asking = [asyncio.create_task(ask()) for _ in range(200)]
        try:
            return any([await answer == b"429" for answer in asyncio.as_completed(asking)])
        finally:
            for task in asking:
                task.cancel()

    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection("localhost", proxy.port, ssl=proxy.trust)
        writer.write(head + b"x")
        try:
            return (await reader.readline())[9:12]
        except OSError:
            return b""
        finally:
            writer.transport.abort()

    assert asyncio.run(told_429())
    until(lambda: proxy.ask("POST", path, {"Content-Length": "0"}), "others are served", lambda status: status != 429)
