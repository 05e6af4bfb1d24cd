"""Is there a broker at this address?"""

from __future__ import annotations

from collections.abc import Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.errors import BrokerUnreachable


def check_brokers(bootstrap: str, timeout_s: float = 10.0, properties: Mapping[str, str] | None = None) -> None:
    """Raises BrokerUnreachable, in one line, when no broker answers at ``bootstrap`` within ``timeout_s``.

    ``properties`` are further librdkafka properties (TLS, SASL) of the client that asks.
    """
    # Its own log would repeat every attempt to connect; the last error says the same once.
    errors: list[str] = []
    config = {**(properties or {}), "bootstrap.servers": bootstrap, "log_level": 0}
    try:
        client = AdminClient({**config, "error_cb": lambda error: errors.append(error.str())})
        client.list_topics(timeout=timeout_s)
        client.poll(0)
    except KafkaException as error:
        reason = errors[0] if errors else error.args[0].str()
        raise BrokerUnreachable(f"No Kafka broker answers at {bootstrap}: {reason}") from error
