"""`penstock kafka`: for programs that are not Penstock's."""

from __future__ import annotations

from typing import Annotated

import typer

from streams.cli.common import Refused, located, out

JavaFlag = Annotated[bool, typer.Option("--java", help="For clients in Java, Scala, Kotlin and Kafka's own tools.")]

#: Of mechanisms with a name and a password, as Java's client calls what speaks them.
_MODULES = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}


def properties(java: JavaFlag = False) -> None:
    """What a client of your own needs to reach the hub's Kafka, its password included: a file for kcat -F and other librdkafka."""
    settings = located()
    given = {"bootstrap.servers": settings.brokers, **settings.kafka}
    for name, value in (_for_java(given) if java else given).items():
        out.print(f"{name}={value}", soft_wrap=True)


def _for_java(given: dict[str, str]) -> dict[str, str]:
    """Raises Refused where one is not the other's."""
    found = {name: value for name, value in given.items() if name in ("bootstrap.servers", "security.protocol")}
    mechanism = given.get("sasl.mechanism", given.get("sasl.mechanisms", ""))
    if not mechanism:
        return found
    if mechanism not in _MODULES:
        raise Refused(
            f"sasl.mechanism is {mechanism}: what Java's client needs for it is written by hand (sasl.jaas.config)"
        )
    name, password = (_quoted(given.get(f"sasl.{part}", "")) for part in ("username", "password"))
    login = f"{_MODULES[mechanism]} required username={name} password={password};"
    # A properties file reads a backslash once more.
    return {**found, "sasl.mechanism": mechanism, "sasl.jaas.config": login.replace("\\", "\\\\")}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
