"""A Kafka that asks for rights, and a hub at it of which each process logs in as a user of its own.

The broker writes down of each request who asked for what, and by which rule it was allowed (``Asked``): what a process does is seen there.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from deploy.local import LocalKafka
from deploy.local.process import free_ports
from deploy.processes import Process
from schemas.private import private_folder
from streams.ops.rights import NAMES, Right
from streams.settings import Settings
from tests.command_line import in_process
from tests.patience import PATIENCE_S

_LINE = re.compile(
    r"Principal = User:(?P<who>\S+) is (?P<is>Allowed|Denied) operation = (?P<operation>\w+) from host = \S+ on resource = "
    r"(?P<kind>\w+):LITERAL:(?P<name>\S+) for request = (?P<request>\w+) "
)


class Asked(NamedTuple):
    """Of the broker, in its words: ``operation`` as READ, ``kind`` as Topic."""

    who: str
    operation: str
    kind: str
    name: str
    request: str


class GuardedKafka(LocalKafka):
    """Asks for a password and for rights. ``client`` is a user of all rights."""

    jvm_options = ("-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=debug",)

    def __init__(self, data_dir: Path) -> None:
        authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
        masters = {"super.users": "User:server;User:penstock"}
        super().__init__(data_dir, closed=True, more={"authorizer.class.name": authorizer, **masters})

    def asked(self, *, allowed: bool) -> set[Asked]:
        """What was allowed, or was refused, since its start."""
        with open(self.log, errors="replace") as file:
            found = filter(None, map(_LINE.search, file))
            return {
                Asked(m["who"], m["operation"], m["kind"], m["name"], m["request"])
                for m in found
                if (m["is"] == "Allowed") == allowed
            }

    def unused(self, process: str, rights: Iterable[Right]) -> list[Right]:
        """Those of the user's rights that nothing was asked by."""
        asked = {(it.kind, it.operation, it.name) for it in self.asked(allowed=True) if it.who == _user(process)}

        def is_used(right: Right) -> bool:
            operation = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", right.operation).upper()
            kind = {"transactional-id": "TransactionalId"}.get(right.kind, right.kind.capitalize())
            names = {name for of, done, name in asked if (of, done) == (kind, operation)}
            if right.prefixed or right.name == "*":
                return any(name.startswith(right.name.rstrip("*")) for name in names)
            return right.name in names

        return [right for right in rights if not is_used(right)]


class Crew:
    """The users, with a password each, and processes of theirs."""

    def __init__(self, kafka: GuardedKafka, settings: Settings) -> None:
        self.kafka = kafka
        self._settings = replace(settings, brokers=kafka.bootstrap)
        self._secrets = {name: secrets.token_hex(12) for name in NAMES}
        self._ports: dict[str, int] = {}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        admin = AdminClient({**kafka.client, "bootstrap.servers": kafka.bootstrap, "log_level": 0})
        known = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        wanted = [UserScramCredentialUpsertion(_user(name), known, own.encode()) for name, own in self._secrets.items()]
        for done in admin.alter_user_scram_credentials(wanted, request_timeout=PATIENCE_S).values():
            done.result(PATIENCE_S)

    @property
    def master(self) -> Settings:
        """Of who has all rights."""
        return replace(self._settings, kafka={**self._settings.kafka, **self.kafka.client})

    def settings(self, name: str) -> Settings:
        """Of that process's user."""
        own = {"sasl.username": _user(name), "sasl.password": self._secrets[name]}
        data = self._settings.data / name
        return replace(self._settings, kafka={**self._settings.kafka, **self.kafka.client, **own}, data=data)

    def ran(self, settings: Settings, *command: str, code: int = 0) -> str:
        """A command with these settings, to its end: what it printed."""
        done = in_process(command, settings.to_env(), alone=True)
        assert done.returncode == code, (command, done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        return done.stdout + done.stderr

    def start(self, process: Process) -> None:
        """As its container does, but at this machine's own address."""
        (self._ports[process.name],) = free_ports(1)
        port = self._ports[process.name]
        replaced = {"0.0.0.0": "127.0.0.1", str(process.port): str(port)}
        command = [replaced.get(part, part) for part in process.command] + (["0"] if process.slot else [])
        settings = replace(self.settings(process.name), metrics_port=port)
        private_folder(settings.data)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
        with self._log(process.name).open("ab") as log:
            self._running[process.name] = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", *command],
                env={**clean, **settings.to_env()},
                stdout=log,
                stderr=log,
            )

    def port(self, name: str) -> int:
        """Where a process that was started listens."""
        return self._ports[name]

    def until(self, look: Callable[[], Any], what: str) -> Any:
        """Waits until it is true, and returns it. All that were started go on meanwhile."""
        deadline = time.monotonic() + PATIENCE_S
        while not (seen := look()):
            for name, process in self._running.items():
                assert process.poll() is None, f"{name} has ended: {self._log(name).read_text()[-3000:]}"
            refused = sorted(self.kafka.asked(allowed=False))
            assert not refused, f"refused: {refused}"
            assert time.monotonic() < deadline, f"not in time: {what}; {self.logs()}"
            time.sleep(0.2)
        return seen

    def logs(self) -> str:
        """The ends of what they printed."""
        return json.dumps({name: self._log(name).read_text()[-600:] for name in self._running}, indent=1)

    def stop(self) -> Mapping[str, int]:
        """SIGTERM to all; how each ended."""
        for process in self._running.values():
            process.terminate()
        try:
            return {name: process.wait(PATIENCE_S) for name, process in self._running.items()}
        finally:
            for process in self._running.values():
                process.kill()
            self._running.clear()

    def _log(self, name: str) -> Path:
        return self._settings.data / f"{name}.log"


def _user(name: str) -> str:
    return f"penstock-{name}"
