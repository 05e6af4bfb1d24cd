"""The topic registry holds together."""

from schemas.avsc import load
from schemas.topics import (
    CHANNELS,
    COMPARED,
    DOCUMENTS,
    QUARANTINE,
    RELEASES,
    SINK_REFUSED,
    TABLE_RECORDS,
    TASKS,
    TOPICS,
    channel_topic,
)


def test_every_record_has_a_topic_or_a_table() -> None:
    placed = {record for topic in TOPICS.values() for record in topic.records} | set(TABLE_RECORDS.values())
    assert placed == set(load())


def test_no_record_is_on_two_kinds_of_topic() -> None:
    listed = [record for topic in TOPICS.values() if not topic.name.startswith("channel.") for record in topic.records]
    # Who is to be forgotten is said to stores, and to each owner of a state that tells of them.
    assert {record for record in listed if listed.count(record) > 1} == {"PersonForgotten"}


def test_records_carry_the_field_their_topic_is_keyed_by() -> None:
    schemas = load()
    for topic in TOPICS.values():
        for record in topic.records:
            fields = {field["name"] for field in schemas[record]["fields"]}
            # A raw event is keyed by the order id its channel and order_no make.
            assert topic.key in fields or {"channel", "order_no"} <= fields, (topic.name, record)


def test_every_topic_says_why_it_is_keyed_so() -> None:
    for topic in TOPICS.values():
        assert "Keyed" in topic.doc and topic.single_writer, topic.name


def test_what_people_work_from_is_kept_for_longer_than_a_week() -> None:
    worked_from = {QUARANTINE, SINK_REFUSED, "orders.review", "writeback.dead", "audit", COMPARED, TASKS}
    worked_from |= {"warehouse.dead", "warehouse.reports", "listing.dead"}
    assert {name for name, topic in TOPICS.items() if topic.kept_days} == worked_from
    assert all(topic.kept_days > 30 for topic in TOPICS.values() if topic.kept_days)


def test_channels_have_a_topic_each() -> None:
    assert channel_topic("taobao") == "channel.taobao.events"
    assert {channel_topic(channel) for channel in CHANNELS} < set(TOPICS)


def test_topics_joined_by_key_share_the_deployments_partition_count() -> None:
    own_count = {name for name, topic in TOPICS.items() if topic.partitions}
    assert own_count == {
        "channel.marks",
        "config.warehouses",
        "config.bundles",
        DOCUMENTS,
        RELEASES,
        "health.checks",
        QUARANTINE,
        SINK_REFUSED,
    }
