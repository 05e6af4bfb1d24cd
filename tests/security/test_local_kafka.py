"""The local Kafka asks for a password, at each of its doors: no other user of the machine reads or writes what a hub keeps there."""

from __future__ import annotations

import os
import socket
import stat
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local import BrokerUnreachable, LocalKafka, check_brokers, login
from deploy.local.config import HOST
from tests.command_line import in_process
from tests.patience import PATIENCE_S


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a hub."""
    return tmp_path_factory.mktemp("hub")


@pytest.fixture(scope="module")
def kafka(data: Path) -> Iterator[LocalKafka]:
    """It was open, as an earlier version has left it, with one record on ``orders``; its folder's owner had no umask."""
    umask = os.umask(0)
    try:
        with LocalKafka(data / "kafka") as was:
            admin = AdminClient(client(was, {}))
            admin.create_topics([NewTopic("orders", 1, 1)])["orders"].result(PATIENCE_S)
            assert delivered(was, {})
            assert answers(was.last_start()["controller_port"])  # type: ignore[index]
        (was.data_dir / "server.properties").chmod(0o644)
        with LocalKafka(data / "kafka", closed=True) as it:
            assert it.bootstrap == was.bootstrap
            yield it
    finally:
        os.umask(umask)


def client(kafka: LocalKafka, properties: Mapping[str, str]) -> dict[str, Any]:
    return {**properties, "bootstrap.servers": kafka.bootstrap, "log_level": 0}


def delivered(kafka: LocalKafka, properties: Mapping[str, str], within_s: float = PATIENCE_S) -> bool:
    producer = Producer(client(kafka, properties))
    producer.produce("orders", b"whose")
    if producer.flush(within_s):
        producer.purge()
        return False
    return True


def read(kafka: LocalKafka, properties: Mapping[str, str], within_s: float) -> list[bytes | None]:
    consumer = Consumer({**client(kafka, properties), "group.id": "reader", "enable.partition.eof": True})
    consumer.assign([TopicPartition("orders", 0, 0)])
    found = []
    while message := consumer.poll(within_s):
        if message.error():
            break
        found.append(message.value())
    consumer.close()
    return found


def strangers(kafka: LocalKafka) -> list[dict[str, str]]:
    """What somebody may try who may not read the password."""
    known = kafka.client
    return [
        {},
        {**known, "sasl.password": known["sasl.password"][:-1]},
        {**known, "sasl.mechanism": "PLAIN"},
        login.as_server("server"),
        login.as_server(known["sasl.password"]),
    ]


def answers(port: int) -> bool:
    """Whether a listener answers a request of somebody who has said no name: DescribeCluster, of the controllers."""
    body = struct.pack(">bbb", 0, 2, 0)
    header = struct.pack(">hhih", 60, 1, 7, -1) + b"\0"
    with socket.create_connection((HOST, port), PATIENCE_S) as connection:
        connection.sendall(struct.pack(">i", len(header + body)) + header + body)
        connection.settimeout(PATIENCE_S)
        return len(connection.recv(4)) == 4


def test_who_has_no_password_or_a_wrong_one_reads_and_writes_nothing(kafka: LocalKafka) -> None:
    for properties in strangers(kafka):
        with pytest.raises(BrokerUnreachable):
            check_brokers(kafka.bootstrap, 1.0, properties)
        assert read(kafka, properties, 0.5) == []
        assert not delivered(kafka, properties, 0.5)
    assert not answers(kafka.last_start()["controller_port"])  # type: ignore[index]
    # What was there stays there, for who has the password; and nobody's is beside it.
    assert read(kafka, kafka.client, PATIENCE_S) == [b"whose"]
    assert delivered(kafka, kafka.client)
    assert read(kafka, kafka.client, PATIENCE_S) == [b"whose", b"whose"]


def test_the_passwords_are_their_owners_alone_and_in_no_other_file(kafka: LocalKafka) -> None:
    files = {path.name: path for path in kafka.data_dir.iterdir() if path.is_file()}
    secret = kafka.client["sasl.password"]
    assert len(secret) == 24
    for name in ("password", "server.properties"):
        assert stat.S_IMODE(files[name].stat().st_mode) == 0o600, name
    assert [name for name, path in files.items() if secret in path.read_text()] == ["password"]


def test_a_restart_keeps_the_password_and_a_lost_one_is_made_anew(kafka: LocalKafka) -> None:
    before = kafka.client
    kafka.kill()
    kafka.start()
    assert kafka.client == before
    kafka.check()
    (kafka.data_dir / "password").unlink()
    with pytest.raises(BrokerUnreachable, match="is gone: its next start makes another"):
        kafka.check()
    kafka.stop()
    kafka.start()
    assert kafka.client != before
    kafka.check()
    with pytest.raises(BrokerUnreachable):
        check_brokers(kafka.bootstrap, 1.0, before)


def test_commands_in_the_same_folder_find_it_by_themselves_and_tell_it_to_other_clients(
    kafka: LocalKafka, data: Path, tmp_path: Path
) -> None:
    env = {"PENSTOCK_DATA": str(data)}
    listed = in_process(["topics", "list"], env, alone=True)
    assert listed.returncode == 0, listed.stderr
    told = in_process(["kafka", "properties"], env, alone=True)
    assert dict(line.split("=", 1) for line in told.stdout.splitlines()) == {
        "bootstrap.servers": kafka.bootstrap,
        **kafka.client,
    }
    # That Java's clients read the same with --java, `tests/deploy/test_client_examples.py` shows.


def test_what_java_is_told_is_quoted_as_it_reads_it(tmp_path: Path) -> None:
    env = {
        "PENSTOCK_BROKERS": "127.0.0.1:1",
        "PENSTOCK_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
        "PENSTOCK_KAFKA__SASL_MECHANISM": "PLAIN",
        "PENSTOCK_KAFKA__SASL_USERNAME": "ops",
        "PENSTOCK_KAFKA__SASL_PASSWORD": 'a"b\\c',
    }
    told = in_process(["kafka", "properties", "--java"], env, alone=True).stdout
    assert told.splitlines() == [
        "bootstrap.servers=127.0.0.1:1",
        "security.protocol=SASL_SSL",
        "sasl.mechanism=PLAIN",
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        r'username="ops" password="a\\"b\\\\c";',
    ]
    refused = in_process(["kafka", "properties", "--java"], {**env, "PENSTOCK_KAFKA__SASL_MECHANISM": "GSSAPI"})
    assert refused.returncode == 2 and "sasl.mechanism is GSSAPI" in refused.stderr
