"""Confluent's wire format, against a registry that answers real HTTP."""

import json
import socket
import struct
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from schemas.codec import CODEC, Codec, CorruptBody, InvalidRecord, NotAvro, RegistryUnavailable, UnknownFingerprint
from tests.schemas.test_codec import RESERVE, SEEN

pytest.importorskip("authlib", reason="needs confluent-kafka[schemaregistry]")
pytest.importorskip("cachetools", reason="needs confluent-kafka[schemaregistry]")


class RegistryServer(ThreadingHTTPServer):
    """The part of the registry's REST API that a client uses to register a schema and to fetch one by id."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.schemas: dict[int, str] = {}
        self.subjects: dict[str, int] = {}
        self.calls: list[str] = []
        self.refuse = 0  # answer every call with this status

    def add(self, schema: str) -> int:
        known = {text: schema_id for schema_id, text in self.schemas.items()}
        schema_id = known.get(schema, 100_000 + len(known))
        self.schemas[schema_id] = schema
        return schema_id

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: RegistryServer

    def do_POST(self) -> None:
        posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        _, _, subject, *_ = self.path.split("?")[0].split("/")
        if self._refused():
            return
        schema_id = self.server.subjects[subject] = self.server.add(posted["schema"])
        self._answer(200, {"id": schema_id, "subject": subject, "version": 1, "schema": posted["schema"]})

    def do_GET(self) -> None:
        if self._refused():
            return
        schema = self.server.schemas.get(int(self.path.split("?")[0].rpartition("/")[2]))
        if schema is None:
            self._answer(404, {"error_code": 40403, "message": "Schema not found"})
        else:
            self._answer(200, {"schema": schema})

    def _refused(self) -> bool:
        self.server.calls.append(f"{self.command} {self.path.split('?')[0]}")
        if self.server.refuse:
            self._answer(self.server.refuse, {"error_code": self.server.refuse, "message": "refused"})
        return bool(self.server.refuse)

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def registry() -> Iterator[RegistryServer]:
    server = RegistryServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_message_is_magic_byte_schema_id_and_the_same_body(registry: RegistryServer) -> None:
    message = Codec(registry.url).encode("Reserve", RESERVE)
    assert (
        message == struct.pack(">bI", 0, registry.subjects["penstock.Reserve"]) + CODEC.encode("Reserve", RESERVE)[10:]
    )


def test_another_process_decodes_it_by_its_id(registry: RegistryServer) -> None:
    message = Codec(registry.url).encode("Reserve", RESERVE)
    assert Codec(registry.url).decode(message) == ("Reserve", RESERVE)


def test_the_registry_is_asked_once_per_schema(registry: RegistryServer) -> None:
    codec = Codec(registry.url)
    for _ in range(3):
        codec.decode(codec.encode("Reserve", RESERVE))
        codec.decode(codec.encode("Seen", SEEN))
    assert len(registry.calls) == len(set(registry.calls)) <= 4


def test_single_object_messages_are_still_read(registry: RegistryServer) -> None:
    assert Codec(registry.url).decode(CODEC.encode("Seen", SEEN)) == ("Seen", SEEN)
    assert registry.calls == []


def test_a_foreign_writers_older_schema_is_resolved(registry: RegistryServer) -> None:
    fields = [{"name": name, "type": "string"} for name in ("command_id", "answer")]
    fields.append({"name": "at_ms", "type": "int"})  # int is promoted to our long
    schema = {"type": "record", "name": "Applied", "namespace": "penstock", "fields": fields}
    header = struct.pack(">bI", 0, registry.add(json.dumps(schema)))
    expected = {"command_id": "c", "answer": "A", "at_ms": 5}
    assert Codec(registry.url).decode(header + b"\x02c\x02A\x0a") == ("Applied", expected)
    with pytest.raises(CorruptBody):
        Codec(registry.url).decode(header + b"\x02c\x02")


def test_an_id_the_registry_does_not_know_is_unknown(registry: RegistryServer) -> None:
    with pytest.raises(UnknownFingerprint, match="no schema 7"):
        Codec(registry.url).decode(b"\x00\x00\x00\x00\x07rest")


def test_a_schema_of_somebody_else_is_unknown(registry: RegistryServer) -> None:
    header = struct.pack(
        ">bI", 0, registry.add('{"type": "record", "name": "Foo", "namespace": "other", "fields": []}')
    )
    with pytest.raises(UnknownFingerprint, match=r"other\.Foo"):
        Codec(registry.url).decode(header)


def test_a_short_header_is_not_avro(registry: RegistryServer) -> None:
    with pytest.raises(NotAvro):
        Codec(registry.url).decode(b"\x00\x00\x07")


def test_an_invalid_record_is_named_with_a_registry_too(registry: RegistryServer) -> None:
    with pytest.raises(InvalidRecord, match=r"Reserve\.quantity"):
        Codec(registry.url).encode("Reserve", {**RESERVE, "quantity": "2"})


@pytest.mark.parametrize("status", [401, 409, 422])
def test_a_registry_that_refuses_is_no_fault_of_the_message(registry: RegistryServer, status: int) -> None:
    registry.refuse = status
    codec = Codec(registry.url)
    with pytest.raises(RegistryUnavailable, match=r"penstock\.Reserve"):
        codec.encode("Reserve", RESERVE)
    with pytest.raises(RegistryUnavailable, match="schema 7"):
        codec.decode(b"\x00\x00\x00\x00\x07rest")
    registry.refuse = 0
    assert codec.decode(codec.encode("Reserve", RESERVE)) == ("Reserve", RESERVE)


def test_a_registry_that_is_away_is_no_fault_of_the_message() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RegistryUnavailable) as caught:
        Codec(url.replace("//", "//user:secret@")).encode("Reserve", RESERVE)
    assert "secret" not in str(caught.value)
