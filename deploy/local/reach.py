"""Is there a broker at this address?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.errors import BrokerUnreachable

ATTEMPT_S = 0.5


def check_brokers(bootstrap: str, timeout_s: float = 10.0, properties: Mapping[str, str] | None = None) -> None:
    """Raises BrokerUnreachable, in one line, when no broker answers at ``bootstrap``.

    Refused connections are final at once; an address that stays silent has ``timeout_s``.
    ``properties`` are further librdkafka properties (TLS, SASL) of the client that asks.
    """
    errors: list[KafkaError] = []
    config: dict[str, Any] = {
        **(properties or {}),
        "bootstrap.servers": bootstrap,
        # Its own log would repeat every attempt to connect; the last error says the same once.
        "log_level": 0,
        "error_cb": errors.append,
    }
    deadline = time.monotonic() + timeout_s
    try:
        client = AdminClient(config)
        while True:
            left_s = max(0.1, deadline - time.monotonic())
            try:
                client.list_topics(timeout=min(ATTEMPT_S, left_s))
                return
            except KafkaException as error:
                client.poll(0)
                down = any(e.code() == KafkaError._ALL_BROKERS_DOWN for e in errors)
                if down or time.monotonic() >= deadline:
                    reason = errors[0].str() if errors else error.args[0].str()
                    raise BrokerUnreachable(f"No Kafka broker answers at {bootstrap}: {reason}") from error
    except KafkaException as error:  # a property librdkafka doesn't know, or a value it doesn't take
        raise BrokerUnreachable(f"The client's settings for {bootstrap} are refused: {error.args[0].str()}") from error
