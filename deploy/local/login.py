"""Who may speak to a closed broker: its clients by SCRAM, with a password made once; the broker itself by one drawn at each start.

SCRAM's credentials stand in the cluster's metadata, which a broker reads when it is up: to get there it needs a way in of its own. That
is PLAIN, at this machine's loopback, with a password that ends with the process.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from deploy.local.errors import BrokerUnreachable

USER, MECHANISM = "penstock", "SCRAM-SHA-512"
_SERVER = "server"
#: Kafka's least. More would slow down who guesses passwords of people: this one has 144 random bits.
_ITERATIONS = 4096
_TIMEOUT_S = 10.0


def read(path: Path) -> str:
    """The clients' password. Raises BrokerUnreachable when it is gone."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        raise BrokerUnreachable(f"The broker's password, {path}, is gone: its next start makes another") from None


def client(drawn: str) -> dict[str, str]:
    """librdkafka properties of a client with that password."""
    return _sasl(MECHANISM, USER, drawn)


def as_server(own: str) -> dict[str, str]:
    """librdkafka properties of who speaks with the broker's own password."""
    return _sasl("PLAIN", _SERVER, own)


def asked(own: str, port: int, controller_port: int, host: str) -> dict[str, str]:
    """The broker's properties: two listeners that nobody passes without a password; ``own`` is its own one."""
    plain = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    itself = f'{plain} username="{_SERVER}" password="{own}" user_{_SERVER}="{own}";'
    return {
        "listeners": f"CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}",
        "advertised.listeners": f"CLIENTS://{host}:{port}",
        "listener.security.protocol.map": "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
        "inter.broker.listener.name": "CLIENTS",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.clients.sasl.enabled.mechanisms": f"{MECHANISM},PLAIN",
        f"listener.name.clients.{MECHANISM.lower()}.sasl.jaas.config": scram,
        "listener.name.clients.plain.sasl.jaas.config": itself,
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": itself,
    }


def admit(bootstrap: str, own: str, drawn: str) -> None:
    """Has the broker know the clients' password. Raises BrokerUnreachable."""
    properties: dict[str, Any] = {**as_server(own), "bootstrap.servers": bootstrap, "log_level": 0}
    known = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    admin = AdminClient(properties)
    try:
        wanted: list[UserScramCredentialAlteration] = [UserScramCredentialUpsertion(USER, known, drawn.encode())]
        admin.alter_user_scram_credentials(wanted, request_timeout=_TIMEOUT_S)[USER].result(_TIMEOUT_S)
    except (KafkaException, TimeoutError) as error:
        raise BrokerUnreachable(f"The broker at {bootstrap} takes no password for its clients: {error}") from error


def _sasl(mechanism: str, user: str, secret: str) -> dict[str, str]:
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": mechanism,
        "sasl.username": user,
        "sasl.password": secret,
    }
