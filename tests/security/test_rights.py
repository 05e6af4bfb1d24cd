"""Rights at Kafka: they follow from the topology, they are given and found missing, and the broker refuses what they don't say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AclBindingFilter, AdminClient  # type: ignore[attr-defined]
from confluent_kafka.cimpl import NewTopic
from hypothesis import given
from hypothesis import strategies as st

from deploy.processes import PROCESSES
from schemas.topics import QUARANTINE, TOPICS
from streams.cli.examining_rights import looked_at
from streams.engine.options import Options
from streams.ops.acls import Acls, as_given, commands, covers, meets, rows
from streams.ops.rights import NAMES, WORKERS, Right, needed, own_topics, users
from streams.settings import InvalidSetting, Settings
from streams.topology import CONNECTORS, TOPOLOGY, group_id
from tests.patience import PATIENCE_S
from tests.security.guarded import Crew, GuardedKafka

HERE = Settings("", Path("nowhere"))
OTHER = replace(HERE, app_id="other")
_OPERATIONS = ("Read", "Write", "Describe", "Create", "Delete", "AlterConfigs", "DescribeConfigs")


def may(process: str, operation: str, kind: str = "topic", settings: Settings = HERE) -> set[str]:
    return {r.name for r in needed(process, settings) if (r.operation, r.kind) == (operation, kind)}


# -- what they are


def test_every_process_has_them() -> None:
    assert {process.name for process in PROCESSES} <= set(NAMES)
    assert len(NAMES) == len(set(NAMES))
    assert all(needed(name, HERE) for name in NAMES)


@pytest.mark.parametrize("group", WORKERS)
def test_a_worker_may_what_its_stages_say_and_keep_what_is_its_own(group: str) -> None:
    its = [stage for stage in TOPOLOGY if stage.group == group]
    name = WORKERS[group]
    kept = {f"{group_id('penstock', group)}-{table}-changelog" for stage in its for table in stage.tables}
    clock = f"{group_id('penstock', group)}-clock"
    assert may(name, "Read") == {t for s in its for t in (*s.reads, *s.views)} | kept
    assert may(name, "Write") == {t for s in its for t in s.emits} | kept | {QUARANTINE, clock}
    assert may(name, "Create") == kept | {clock}
    assert may(name, "Read", "group") == {group_id("penstock", group)}
    # Nothing else: no topic is deleted, no setting changed, no cluster asked.
    assert {r.operation for r in needed(name, HERE)} == {"Read", "Write", "Create", "Describe", "DescribeConfigs"}
    assert own_topics(name, HERE) == {t for s in its for t in (*s.reads, *s.views, *s.emits)} | {QUARANTINE}


def test_connectors_read_what_the_topology_gives_them() -> None:
    reading = {
        "fetcher": "gateway",
        "dispatch": "dispatcher",
        "warehouse-dispatch": "deliveries",
        "listing-dispatch": "listings",
    }
    for connector, topics in CONNECTORS.items():
        assert set(topics) <= may(reading[connector], "Read")
        assert group_id("penstock", connector) in may(reading[connector], "Read", "group")


def test_every_topic_is_written_and_read_by_somebody_whose_work_it_is() -> None:
    people = {"operator", "setup", "restore", "backup", "replay", "monitor", "console", "sink-files"}
    workers = set(NAMES) - people
    read = {topic for name in workers for topic in may(name, "Read")}
    written = {topic for name in workers | {"operator", "monitor"} for topic in may(name, "Write")}
    assert TOPICS.keys() <= written
    # These are for people alone, and for who shows them to people.
    assert TOPICS.keys() - read == {"listing.dead", "penstock.quarantine", "sink.refused"}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_twice_and_another_hub_has_names_of_its_own(name: str) -> None:
    its = needed(name, HERE)
    for right in its:
        assert not [o for o in its if o != right and covers(o, right) and not o.prefixed], right
    moved = {r._replace(name=r.name.replace("penstock", "other", 1)) for r in its if r.name.startswith("penstock-")}
    assert {r for r in needed(name, OTHER) if r.name.startswith("other-")} <= moved


def test_whose_they_are_is_a_setting_and_a_bad_one_is_told() -> None:
    assert users(HERE)["gateway"] == "User:penstock-gateway"
    found = users(replace(HERE, principals="User:hub-{process}; gateway=User:CN=edge,O=shop"))
    assert (found["gateway"], found["sink"]) == ("User:CN=edge,O=shop", "User:hub-sink")
    for bad in ("gateway=", "gateway=edge", "hub", "User:"):
        with pytest.raises(InvalidSetting, match="PENSTOCK_PRINCIPALS gives"):
            users(replace(HERE, principals=bad))


_NAMES = st.text("ab", max_size=3).map(lambda text: f"a{text}")
_RIGHTS = st.builds(
    Right, st.sampled_from(("topic", "group")), _NAMES | st.just("*"), st.sampled_from(_OPERATIONS), st.booleans()
).filter(lambda right: not (right.name == "*" and right.prefixed))


@given(_RIGHTS, _RIGHTS, _NAMES)
def test_what_covers_another_covers_each_name_of_it(has: Right, wanted: Right, rest: str) -> None:
    if covers(has, wanted):
        name = wanted.name + rest if wanted.prefixed or wanted.name == "*" else wanted.name
        assert covers(has, Right(wanted.kind, name, wanted.operation))
    # Who is denied all of it is denied some of it.
    if has.operation == wanted.operation and covers(has, wanted):
        assert meets(has, wanted)
    assert covers(has, has) and meets(has, has)


def test_commands_are_quoted_for_a_shell_and_say_each_right_once() -> None:
    its = needed("gateway", HERE)
    found = commands("User:CN=a b,O='c'", its, "kafka:9093")
    assert all("--allow-principal 'User:CN=a b,O='\"'\"'c'\"'\"''" in line for line in found)
    assert sum(line.count("--topic ") for line in found) == sum(row.kind == "topic" for row in rows(its))
    assert [line for line in found if "--resource-pattern-type prefixed" in line and "penstock-set-aside-" in line]
    (about,) = [line for line in commands("User:x", needed("operator", HERE), "k:1") if "--cluster" in line]
    assert "--operation Describe --cluster" in about and "kafka-cluster" not in about


# -- at a broker


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    """All have theirs, given by the command; topics are made by who may."""
    folder = tmp_path_factory.mktemp("guarded")
    with GuardedKafka(folder / "kafka") as kafka:
        it = Crew(kafka, Settings("", folder))
        said = it.ran(it.master, "kafka", "acls", "--apply", "--yes")
        assert f"{sum(len(needed(name, HERE)) for name in NAMES)} rights given" in said
        it.ran(it.settings("setup"), "topics", "create")
        yield it


def until(look: Callable[[], Any], what: str) -> Any:
    """A right that was given or taken is one at the broker a moment later."""
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return seen


def client(settings: Settings, **own: Any) -> dict[str, Any]:
    return Options.quiet(settings.kafka).client(settings.brokers, **own)


def of_rights(crew: Crew, who: str, *options: str) -> dict[str, Any]:
    """What the doctor says of rights."""
    settings = crew.settings(who)
    (found, *_) = sorted(
        looked_at(settings, *options), key=lambda look: ["faulty", "doubtful", "fine"].index(look.grade)
    )
    return found._asdict()


def test_all_are_given_once_and_secrets_are_told_nowhere(crew: Crew) -> None:
    said = crew.ran(crew.master, "kafka", "acls", "--apply", "--yes")
    assert "all of them have been given" in said
    found = Acls(crew.master).given()
    for name in NAMES:
        assert found.allowed[f"User:penstock-{name}"] == set(needed(name, HERE))
    shown = crew.ran(crew.settings("gateway"), "kafka", "acls") + crew.ran(
        crew.settings("gateway"), "kafka", "acls", "--commands"
    )
    assert "penstock-gateway" in shown and crew.settings("gateway").kafka["sasl.password"] not in shown
    # Who may not give them is told so.
    refused = crew.ran(crew.settings("gateway"), "kafka", "acls", "--apply", "--yes", code=2)
    assert "this user may not see others' rights" in refused
    # Nor is it told what is not for it to know, but of itself.
    found = of_rights(crew, "setup")
    assert (found["grade"], found["says"]) == ("faulty", found["says"]) and "operator lacks" in found["says"]


def test_what_a_process_does_not_need_is_refused(crew: Crew) -> None:
    settings = crew.settings("dispatcher")

    def sent(topic: str) -> int | None:
        codes: list[int | None] = []
        producer = Producer(client(settings))
        producer.produce(topic, b"x", on_delivery=lambda error, _: codes.append(error.code() if error else None))
        assert producer.flush(PATIENCE_S) == 0
        return codes[0]

    assert sent("audit") is None
    assert sent("orders") == KafkaError.TOPIC_AUTHORIZATION_FAILED
    admin = AdminClient(client(settings))
    with pytest.raises(KafkaException, match="TOPIC_AUTHORIZATION_FAILED"):
        admin.create_topics([NewTopic("mine", 1, 1)])["mine"].result(PATIENCE_S)
    reader = Consumer(client(settings, **{"group.id": "penstock-dispatch"}))
    assert known(reader, "orders") == KafkaError.TOPIC_AUTHORIZATION_FAILED
    # What it writes it doesn't read: there it stands, by the record of above.
    reader.assign([TopicPartition("audit", p, 0) for p in range(2)])
    assert refusal(reader) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    reader.close()
    member = Consumer(client(settings, **{"group.id": "penstock"}))
    member.subscribe(["writeback.requests"])
    assert refusal(member) == KafkaError.GROUP_AUTHORIZATION_FAILED
    member.close()
    other = Producer(client(settings, **{"transactional.id": "penstock-writeback-1"}))
    with pytest.raises(KafkaException) as caught:
        other.init_transactions(PATIENCE_S)
    assert caught.value.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


def known(consumer: Consumer, topic: str) -> int | None:
    error = consumer.list_topics(topic, timeout=PATIENCE_S).topics[topic].error
    return error.code() if error is not None else None


def refusal(consumer: Consumer) -> int:
    (message,) = until(lambda: consumer.consume(1, 1.0), "an answer")
    assert message.error() is not None
    return int(message.error().code())


def taken(crew: Crew, name: str, right: Right) -> None:
    """From its user, as an administrator does by mistake."""
    admin = AdminClient(client(crew.master))
    (done,) = admin.delete_acls([as_filter(name, right)], request_timeout=PATIENCE_S).values()
    assert len(done.result(PATIENCE_S)) == 1, right


def as_filter(name: str, right: Right) -> Any:
    it = as_given(f"User:penstock-{name}", right)
    return AclBindingFilter(
        it.restype, it.name, it.resource_pattern_type, it.principal, it.host, it.operation, it.permission_type
    )


def test_the_doctor_names_what_is_missing_and_its_command_mends_it(crew: Crew) -> None:
    assert of_rights(crew, "operator")["grade"] == "fine"
    right = Right("topic", "writeback.results", "Write")
    taken(crew, "dispatcher", right)
    found = until(lambda: (it := of_rights(crew, "operator"))["grade"] == "faulty" and it, "it is found")
    assert found["says"] == "dispatcher lacks rights that it needs, 1 in all: Write topic writeback.results"
    # It says the same of itself, without seeing anybody's rights.
    own = until(lambda: (it := of_rights(crew, "dispatcher", "dispatcher"))["grade"] == "faulty" and it, "by itself")
    assert own["says"] == found["says"]
    command, _, said = found["advice"].partition(" gives")
    assert said == " them"
    crew.ran(crew.master, *command.split()[1:], "--yes")
    until(lambda: of_rights(crew, "operator")["grade"] == "fine", "it is mended")


def test_what_is_too_much_or_denied_is_named_too(crew: Crew) -> None:
    there = Acls(crew.master)
    more = Right("topic", "orders", "Read")
    there.give("User:penstock-dispatcher", [more])
    found = until(lambda: (it := of_rights(crew, "operator"))["grade"] == "doubtful" and it, "it is found")
    assert found["says"] == "User:penstock-dispatcher may do more than its process needs: Read topic orders"
    taken(crew, "dispatcher", more)
    until(lambda: of_rights(crew, "operator")["grade"] == "fine", "it is gone")


def test_a_process_that_lacks_a_topic_says_which_at_its_start(crew: Crew) -> None:
    """A sink that could not see who is forgotten would write them again."""
    right = Right("topic", "persons.forgotten", "Read")
    beside = Right("topic", "persons.forgotten", "DescribeConfigs")
    taken(crew, "sink-files", right)
    try:
        settings = crew.settings("sink-files")
        until(lambda: Acls(settings).own_missing([right]), "it is taken away")
        said = crew.ran(settings, "sink", "files", code=2)
        assert "this user may not see, or nobody has made: persons.forgotten" in said and "penstock kafka acls" in said
    finally:
        Acls(crew.master).give("User:penstock-sink-files", [right, beside])


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_each_right_that_is_taken_away_is_refused_by_the_broker_and_named_by_the_doctor(crew: Crew) -> None:
    """One of each user's at a time, all users side by side; each is given back before the next is taken."""
    there, whose = Acls(crew.master), {name: list(needed(name, HERE)) for name in NAMES}
    # Of a topic that is not there nobody is told what one may do: workers make these.
    kept = {right.name for rights in whose.values() for right in rights if right.kind == "topic"} - TOPICS.keys()
    admin = AdminClient(client(crew.master))
    kept -= admin.list_topics(timeout=PATIENCE_S).topics.keys()
    for made in admin.create_topics([NewTopic(name, 1, 1) for name in kept]).values():
        made.result(PATIENCE_S)
    own = {name: Acls(crew.settings(name)) for name in NAMES}
    for number in range(max(map(len, whose.values()))):
        now = {name: rights[number] for name, rights in whose.items() if number < len(rights)}
        for name, right in now.items():
            taken(crew, name, right)

        def named(now: Mapping[str, Right] = now) -> bool:
            seen = there.given()
            return all(seen.missing(f"User:penstock-{name}", whose[name]) == [right] for name, right in now.items())

        until(named, f"all of these are found, and nothing else: {now}")
        for name, right in now.items():
            until(lambda n=name, r=right: is_refused(crew, own[n], n, r), f"{name}: {right} is refused")
        for name, right in now.items():
            there.give(f"User:penstock-{name}", [right])
        for name, right in now.items():
            until(lambda n=name, r=right: not is_refused(crew, own[n], n, r), f"{name}: {right} is allowed again")


def is_refused(crew: Crew, own: Acls, name: str, right: Right) -> bool:
    """By the broker, to this user."""
    if right.kind == "transactional-id":
        it = Producer(
            client(crew.settings(name), **{"transactional.id": f"{right.name}x" if right.prefixed else right.name})
        )
        try:
            it.init_transactions(PATIENCE_S)
        except KafkaException as exc:
            assert exc.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            return True
        return False
    # Of names that begin so, and of all, one stands for them.
    if right.prefixed or right.name == "*":
        right = right._replace(name="x" if right.name == "*" else f"{right.name}x", prefixed=False)
    return own.own_missing([right]) == [right]
