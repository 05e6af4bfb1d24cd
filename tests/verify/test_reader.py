"""The verifier on a real broker: it reads what was committed, all of it, and says so with its exit code."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local import LocalKafka
from schemas.codec import CODEC
from schemas.topics import QUARANTINE
from streams.verify import Entry, VerifyError, verify
from streams.verify.__main__ import main
from streams.verify.model import GROUPS
from tests.patience import PATIENCE_S
from tests.verify.logs import EVENTS, Logs, allocated_order

TOPICS = [topic for group in GROUPS for topic in group]


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A broker of their own: the topics' names are fixed, and other tests may write to them."""
    with LocalKafka(tmp_path_factory.mktemp("verify") / "kafka") as kafka:
        yield kafka.bootstrap


@pytest.fixture
def shop(brokers: str) -> Iterator[str]:
    """The broker with all topics, empty; nothing is committed."""
    admin = AdminClient({"bootstrap.servers": brokers})
    for future in admin.create_topics([NewTopic(topic, 1, 1) for topic in TOPICS]).values():
        future.result(PATIENCE_S)
    yield brokers
    # With a topic goes what groups have committed of it.
    for future in admin.delete_topics(TOPICS).values():
        future.result(PATIENCE_S)


class Writer:
    """Writes logs to the broker, in transactions as the workers do."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap, "transactional.id": "writer", "log_level": 0})
        self._producer.init_transactions(30)

    def write(self, logs: Logs, commit: bool = True) -> None:
        self._producer.begin_transaction()
        for entries in logs.entries.values():
            for entry in entries:
                headers = [(name, text.encode()) for name, text in entry.headers.items()]
                self._producer.produce(entry.topic, _value(entry), entry.key, headers=[*headers])
        if commit:
            self._producer.commit_transaction(30)
        else:
            self._producer.flush(30)
            self._producer.abort_transaction(30)


def _value(entry: Entry) -> bytes | None:
    return entry.value if entry.value is not None else CODEC.encode(entry.name, entry.record)


def test_reads_what_was_committed_and_finds_what_does_not_hold(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    writer = Writer(shop)
    logs = allocated_order()
    writer.write(logs)
    writer.write(allocated_order(), commit=False)  # as if a worker had died in it: it never happened
    report = verify(shop)
    assert report.violations == []
    assert report.at_rest and report.records == sum(map(len, logs.entries.values()))
    assert main(["--brokers", shop, "--settled"]) == 0
    assert "0 violations" in capsys.readouterr().out

    garbage = Logs()
    # Transaction markers take offsets too: this is the event's own.
    place = {"topic": EVENTS, "partition": 0, "offset": _end(shop, EVENTS)}
    garbage.add_raw(EVENTS, b"no avro")
    garbage.quarantine(place, value=b"no avro")
    writer.write(garbage)
    assert verify(shop).violations == []

    lost = Logs()
    lost.event(b"dropped")
    writer.write(lost)
    assert verify(shop).violations == []  # no worker has said that it is done with it
    assert main(["--brokers", shop, "--settled", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["violation_counts"] == {"event_without_outcome": 1}
    assert said["violations"][0]["topic"] == EVENTS
    _commit(shop, EVENTS, _end(shop, EVENTS))
    assert verify(shop).violation_counts == {"event_without_outcome": 1}


def test_a_record_that_cannot_be_decoded_is_a_violation_unless_it_is_in_quarantine(shop: str) -> None:
    writer = Writer(shop)
    logs = allocated_order()
    logs.add_raw("inventory.commands", b"no avro")
    writer.write(logs)
    assert verify(shop).violation_counts == {"unreadable": 1}
    aside = Logs()
    aside.quarantine({"topic": "inventory.commands", "partition": 0, "offset": 2}, value=b"no avro")
    writer.write(aside)
    assert QUARANTINE in aside.entries
    assert verify(shop).violations == []


def test_where_a_log_begins_later_only_the_rest_is_judged(shop: str, capsys: pytest.CaptureFixture[str]) -> None:
    writer = Writer(shop)
    writer.write(allocated_order())
    admin = AdminClient({"bootstrap.servers": shop})
    cut = [TopicPartition(topic, 0, end) for topic, end in (("orders", 2), ("inventory.commands", 3), (EVENTS, 2))]
    for tp in cut:
        # A transaction's markers come a moment after its commit.
        while _end(shop, tp.topic) < tp.offset:
            time.sleep(0.1)
    for future in admin.delete_records(cut).values():
        future.result(30)
    assert main(["--brokers", shop, "--settled"]) == 0
    said = capsys.readouterr().out
    assert "3 inventory.commands" in said and "cut: not judged" in said and "0 violations" in said

    # What goes wrong from here on is seen.
    wrong = Logs()
    for _ in range(2):
        wrong.order(order_id="taobao:9", source={"topic": EVENTS, "partition": 0, "offset": _end(shop, EVENTS)})
    wrong.event()
    wrong.status("HELD", order_id="taobao:9")
    writer.write(wrong)
    found = verify(shop, settled=True).violation_counts
    assert found == {"event_with_two_outcomes": 1, "order_accepted_twice": 1}


def test_nothing_to_read_gives_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(VerifyError, match=r"127\.0\.0\.1:1"):
        verify("127.0.0.1:1", timeout_s=1.0)
    assert main(["--brokers", ""]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def _end(bootstrap: str, topic: str) -> int:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "any"})
    end: int = consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=20)[1]
    consumer.close()
    return end


def _commit(bootstrap: str, topic: str, offset: int) -> None:
    """As a worker of the group would after it decided everything below."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "penstock"})
    consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    consumer.close()
