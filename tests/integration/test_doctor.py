"""``penstock doctor``: each fault that it is asked for is found, with what to do; a hub that is well has none."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (  # type: ignore[attr-defined]
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from deploy.local import broker
from streams.engine.log_clock import clock_topic
from streams.ops.cluster import Cluster
from streams.settings import Settings
from streams.topology import group_id
from tests.connectors.postgres.conftest import hub, migrated
from tests.integration.conftest import penstock

__all__ = ["hub", "migrated"]

PARTS = [
    "program",
    "settings",
    "disk",
    "shops",
    "database",
    "brokers",
    "topics",
    "clocks",
    "state",
    "workers",
    "documents",
    "rights",
]


@pytest.fixture(scope="module")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of its own, which nobody has made topics on."""
    with broker(tmp_path_factory.mktemp("kafka")) as it:
        yield it


@pytest.fixture
def env(bootstrap: str, tmp_path: Path) -> dict[str, str]:
    return {"PENSTOCK_BROKERS": bootstrap, "PENSTOCK_DATA": str(tmp_path)}


def examined(code: int, **env: str) -> list[dict[str, Any]]:
    done = penstock("doctor", "--json", **env)
    assert done.returncode == code, done
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def bad(found: list[dict[str, Any]]) -> dict[str, tuple[str, str, str]]:
    """Part -> (grade, what, advice), of all that is not fine; no part has two."""
    them = [each for each in found if each["grade"] != "fine"]
    assert len({each["about"] for each in them}) == len(them), them
    return {each["about"]: (each["grade"], each["says"], each["advice"]) for each in them}


def test_topics_that_nobody_made_are_missing(env: dict[str, str]) -> None:
    """Runs first: the others have them."""
    found = bad(examined(1, **env))
    assert found["topics"][0] == "faulty" and found["topics"][2] == "penstock topics create makes them"
    assert "no topic config.documents yet" in found["documents"][1]
    Cluster(Settings.from_env(env)).create_topics()


def test_a_hub_that_is_well_has_no_fault_and_every_part_is_looked_at(env: dict[str, str]) -> None:
    found = examined(0, **env)
    assert list(dict.fromkeys(each["about"] for each in found)) == PARTS
    assert {each["about"]: each["grade"] for each in found if each["grade"] != "fine"} == {"workers": "doubtful"}
    done = penstock("doctor", COLUMNS="80", PENSTOCK_LANG="zh", **env)
    assert done.returncode == 0 and "只有一份副本" in done.stdout, done


@pytest.mark.parametrize(
    ("topic", "setting", "value", "grade", "says"),
    [
        ("config.warehouses", "cleanup.policy", "delete", "faulty", "cleanup.policy is delete, and must be compact"),
        ("orders", "cleanup.policy", "compact", "faulty", "cleanup.policy is compact, and must be delete"),
        ("inventory.commands", "message.timestamp.type", "CreateTime", "faulty", "and must be LogAppendTime"),
        ("orders.review", "retention.ms", "3600000", "doubtful", "kept for less than people need"),
    ],
)
def test_a_topic_that_was_set_otherwise_is_told(
    env: dict[str, str], bootstrap: str, topic: str, setting: str, value: str, grade: str, says: str
) -> None:
    before = alter(bootstrap, topic, setting, value)
    try:
        found = bad(examined(int(grade == "faulty"), **env))
    finally:
        alter(bootstrap, topic, setting, before)
    assert found["topics"][0] == grade and topic in found["topics"][1] and says in found["topics"][1]
    assert found["topics"][2]


def test_what_is_wrong_beside_kafka(env: dict[str, str], hub: str, tmp_path: Path) -> None:
    shops = tmp_path / "shops.toml"
    shops.write_text("[[shop]\n")
    shops.chmod(0o600)
    more = {
        "PENSTOCK_SHOPS": str(shops),
        "PENSTOCK_REPLICATION": "3",
        "PENSTOCK_BROKR": "x",
        "PENSTOCK_DATABASE_URL": hub,
    }
    found = bad(examined(1, **env, **more))
    assert found.keys() == {"shops", "brokers", "settings", "workers"}
    assert "is not TOML" in found["shops"][1] and "PENSTOCK_BROKR" in found["settings"][1]
    assert (found["settings"][0], found["shops"][0]) == ("doubtful", "faulty")


def test_a_database_that_lacks_its_tables_or_does_not_answer(env: dict[str, str], database: str) -> None:
    found = bad(examined(1, **env, PENSTOCK_DATABASE_URL=database))
    assert "run penstock db migrate" in found["database"][1]
    found = bad(examined(1, **env, PENSTOCK_DATABASE_URL="postgresql://nobody@127.0.0.1:9/none"))
    assert "the database does not do it" in found["database"][1]


def test_a_host_with_another_time_is_told(env: dict[str, str], bootstrap: str) -> None:
    topic = clock_topic(group_id("penstock", "decisions"))
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(topic, str(int(time.time() * 1000) + 3_600_000), b"late/1")
    producer.flush()
    found = bad(examined(1, **env))
    assert "late is +36" in found["clocks"][1] and "at most 60 s are allowed" in found["clocks"][1]
    # It keeps the time again.
    producer.produce(topic, str(int(time.time() * 1000)), b"late/1")
    producer.flush()
    assert "clocks" not in bad(examined(0, **env))


def test_without_a_broker_the_rest_is_looked_at(env: dict[str, str], hub: str) -> None:
    found = examined(1, **{**env, "PENSTOCK_BROKERS": "127.0.0.1:9", "PENSTOCK_DATABASE_URL": hub})
    assert [each["about"] for each in found] == PARTS[:6]
    assert bad(found)["brokers"][2].startswith("of Kafka nothing else")


def alter(bootstrap: str, topic: str, setting: str, value: str) -> str:
    """Returns what it was."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    asked = ConfigResource(ResourceType.TOPIC, topic)
    before = str(admin.describe_configs([asked])[asked].result(20)[setting].value)
    entry = ConfigEntry(setting, value, incremental_operation=AlterConfigOpType.SET)
    (done,) = admin.incremental_alter_configs(
        [ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])]
    ).values()
    done.result(20)
    return before
