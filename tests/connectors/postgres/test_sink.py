"""The sink against a real Postgres and real topics' records: what the tables hold is what a fold in plain Python says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.postgres import PostgresSink
from connectors.postgres.tables import TABLES
from schemas.codec import CODEC
from schemas.topics import TOPICS
from streams.ops.forgetting import without_person
from streams.ops.sinks import Partition, Record, Refused, SinkFenced, SinkMisfit, Span
from tests.connectors.postgres.fold import KEYS, expected, stored
from tests.connectors.postgres.records import an_order, batches, interleaved, message, of_history, spans_of
from tests.domain.make import AT_MS, line, order
from tests.schemas.strategies import STRATEGIES

ORDERS, FORGOTTEN = Partition("orders", 0), "persons.forgotten"
#: Histories in which everything occurs: rejections, backorders, releases, reviews, operators.
SEEDS = (9, 16, 26, 33, 34, 35)


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[PostgresSink]:
    sink = PostgresSink(url, **options)
    await sink.setup()
    try:
        yield sink
    finally:
        await sink.close()


async def take(sink: PostgresSink, records: Sequence[Record], spans: dict[Partition, Span]) -> list[Refused]:
    refused = await sink.write(records)
    return [*refused, *await sink.flush(spans)]


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def empty(connection: asyncpg.Connection) -> None:
    # Not TRUNCATE: that makes files anew, of every partition and index.
    await connection.execute(";".join(f"DELETE FROM {table}" for table in (*KEYS, "sink_positions", "refused_rows")))


async def tables(url: str) -> dict[str, Any]:
    async with asking(url) as connection:
        return await stored(connection)


def test_the_tables_are_the_fold_of_the_topics_whatever_the_batches_and_replays(hub: str) -> None:
    async def live(seed: int, records: list[Record]) -> None:
        rng = Random(seed)
        want = expected(records)
        async with asking(hub) as connection:
            await empty(connection)
            async with opened(hub) as sink:
                positions: dict[Partition, int] = {}
                # A replay that runs ahead of the live sink: what that takes for new is there already.
                ahead = rng.randrange(len(records))
                assert await take(sink, records[ahead : ahead + 40], {}) == []
                for batch in batches(interleaved(records, rng), rng):
                    assert await take(sink, batch, spans_of(batch, positions)) == []
                assert await stored(connection) == want
                # Any part of the log again, in any pieces: nothing changes.
                for _ in range(3):
                    begin = rng.randrange(len(records))
                    again = records[begin : begin + rng.randrange(1, 80)]
                    for batch in batches(again, rng):
                        assert await take(sink, batch, {}) == []
                assert await stored(connection) == want
                assert await sink.positions(list(positions)) == positions

    histories = [of_history(seed) for seed in SEEDS]
    seen = {CODEC.decode(record.value or b"")[0] for records in histories for record in records}
    # A test that saw none of them would prove nothing.
    assert {"Order", "Duplicate", "Review", "ReservationRejected", "OrderBackordered", "AllocationReleased"} <= seen
    for seed, records in enumerate(histories):
        asyncio.run(live(seed, records))


TAKEN = sorted((topic, name) for topic in PostgresSink.topics for name in TOPICS[topic].records)
anything = st.lists(
    st.sampled_from(TAKEN).flatmap(lambda which: st.tuples(st.just(which), STRATEGIES[which[1]])), max_size=12
)


def told_of(records: list[Record]) -> list[Record]:
    """The records, without the persons of orders that some of them say are to be forgotten."""
    orders = [CODEC.decode(record.value or b"")[1].get("order_id") for record in records]
    gone = {order for order, record in zip(orders, records, strict=True) if record.topic == FORGOTTEN}
    return [
        record._replace(value=without_person(record.value)) if order in gone and record.topic != FORGOTTEN else record
        for order, record in zip(orders, records, strict=True)
    ]


#: By chance two records are hardly ever of one order.
SOMEBODY = order(line("A", 1), order_id="shop:1")
FORGOTTEN_LATER = [
    (("orders", "Order"), {**SOMEBODY, "receiver": {**SOMEBODY["receiver"], "phone_extension": "7"}}),
    ((FORGOTTEN, "PersonForgotten"), {"order_id": "shop:1", "by": "", "reason": "", "forgotten_at_ms": 0}),
]


def test_whatever_a_record_holds_it_is_in_the_tables_or_refused_alone(hub: str) -> None:
    async def opens() -> tuple[PostgresSink, asyncpg.Connection]:
        sink = PostgresSink(hub)
        await sink.setup()
        return sink, await asyncpg.connect(hub)

    async def live(sink: PostgresSink, connection: asyncpg.Connection, records: list[Record]) -> None:
        await empty(connection)
        away = {each.record for each in await take(sink, records, {})}
        kept = {tuple(row) for row in await connection.fetch("SELECT topic, log_offset FROM refused_rows")}
        assert kept == {(record.topic, record.offset) for record in away}
        want, have = expected(told_of([r for r in records if r not in away])), await stored(connection)
        for row in [*want["allocations"].values(), *have["allocations"].values()]:
            # JSON has other numbers than Avro: no infinity, no minus zero.
            del row["trace"]
        for row in [*want["compared_decisions"].values(), *have["compared_decisions"].values()]:
            del row["stands_trace"], row["tried_trace"]
        assert have == want

    with asyncio.Runner() as runner:
        sink, connection = runner.run(opens())

        @settings(max_examples=40)
        @example(FORGOTTEN_LATER)
        @given(anything)
        def check(drawn: list[Any]) -> None:
            records = [message(topic, offset, name, fields) for offset, ((topic, name), fields) in enumerate(drawn)]
            runner.run(live(sink, connection, records))

        check()
        runner.run(sink.close())
        runner.run(connection.close())


def test_an_update_replaces_the_lines_and_an_old_version_brings_none_back(hub: str) -> None:
    first = an_order(0, number="1", lines=[line("MUG", 1, "1"), line("POT", 2, "2")])
    second = an_order(1, number="1", lines=[line("TEA", 3, "3")])

    async def live() -> None:
        async with opened(hub) as sink:
            await take(sink, [first], {ORDERS: Span(0, 1)})
            await take(sink, [second], {ORDERS: Span(1, 2)})
            await take(sink, [first], {})
        async with asking(hub) as connection:
            assert [row["line_no"] for row in await connection.fetch("SELECT line_no FROM order_lines")] == ["3"]

    asyncio.run(live())


def test_an_update_without_lines_leaves_none_though_nothing_else_has_any(hub: str) -> None:
    async def live() -> None:
        async with opened(hub) as sink:
            await take(sink, [an_order(0, number="1", lines=[line("MUG", 1, "1")])], {ORDERS: Span(0, 1)})
            await take(sink, [an_order(1, number="1", lines=[])], {ORDERS: Span(1, 2)})
        async with asking(hub) as connection:
            assert await connection.fetchval("SELECT count(*) FROM order_lines") == 0

    asyncio.run(live())


def test_two_versions_of_a_new_order_in_one_batch_leave_the_later_ones_lines(hub: str) -> None:
    first = an_order(0, number="1", lines=[line("MUG", 1, "1"), line("POT", 2, "2")])
    second = an_order(1, number="1", lines=[line("TEA", 3, "3")])

    async def live() -> None:
        async with opened(hub) as sink:
            await take(sink, [first, second], {ORDERS: Span(0, 2)})
        async with asking(hub) as connection:
            assert [row["line_no"] for row in await connection.fetch("SELECT line_no FROM order_lines")] == ["3"]

    asyncio.run(live())


@pytest.mark.parametrize("audit_first", [True, False])
def test_a_review_leaves_the_queue_whichever_topic_is_read_first(hub: str, audit_first: bool) -> None:
    review = message("orders.review", 7, "Review", next(_reviews()))
    entry = {"entry_id": "e2", "correlation_id": "c", "at_ms": AT_MS, "by": "li", "action": "review.discarded"}
    entry |= {"subject": "shop:1", "reason": "a test order", "outcome": "done", "said": ""}
    discarded = message("audit", 0, "AuditEntry", {**entry, "details": {"record": "orders.review/0@7"}})
    earlier = {**entry, "entry_id": "e1", "at_ms": AT_MS - 1, "action": "review.resubmitted"}
    resubmitted = message("audit", 1, "AuditEntry", {**earlier, "details": {"record": "orders.review/0@7"}})
    failed = {**entry, "entry_id": "e3", "at_ms": AT_MS + 1, "action": "review.resubmitted", "outcome": "refused"}
    refused = message("audit", 2, "AuditEntry", {**failed, "details": {"record": "orders.review/0@7"}})

    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as connection:
            if not audit_first:
                await take(sink, [review], {})
                assert await connection.fetchval("SELECT state FROM review_queue") == "open"
            for record in (discarded, resubmitted, refused, *([review] if audit_first else [])):
                assert await take(sink, [record], {}) == []
            (row,) = await connection.fetch("SELECT record, state, state_by, shop, state_entry FROM review_queue")
            assert tuple(row) == ("orders.review/0@7", "discarded", "li", "tea", "e2")

    asyncio.run(live())


def _reviews() -> Any:
    source = {"topic": "channel.jd.events", "partition": 0, "offset": 1}
    reason = {"code": "unknown_sku", "field": "sku", "value": "X", "fix": "receive it"}
    yield {
        **{"order_id": "jd:1", "channel": "jd", "shop": "tea", "order_no": "1", "reasons": [reason]},
        **{"event": b"\x00raw", "received_at_ms": AT_MS, "source": source},
    }


def test_a_second_sink_begins_where_the_first_has_committed_and_the_first_is_fenced(hub: str) -> None:
    async def live() -> None:
        async with opened(hub) as old, opened(hub) as new:
            assert await old.positions([ORDERS]) == {}
            await take(old, [an_order(0)], {ORDERS: Span(0, 1)})
            assert await new.positions([ORDERS]) == {ORDERS: 1}
            await take(new, [an_order(1)], {ORDERS: Span(1, 3)})
            with pytest.raises(SinkFenced, match="1 of 1 positions"):
                await take(old, [an_order(1), an_order(2, number="zombie")], {ORDERS: Span(1, 3)})
            # Nothing of the fenced batch stays behind, in the tables or in memory.
            assert await old.positions([ORDERS]) == {ORDERS: 3}
            await take(old, [an_order(3)], {ORDERS: Span(3, 4)})
        rows = (await tables(hub))["orders"]
        assert sorted(row["order_no"] for row in rows.values()) == ["0", "1", "3"]

    asyncio.run(live())


def test_of_two_that_know_nothing_one_is_fenced(hub: str) -> None:
    async def live() -> None:
        async with opened(hub) as one, opened(hub) as other:
            assert await one.positions([ORDERS]) == await other.positions([ORDERS]) == {}
            await take(one, [an_order(0)], {ORDERS: Span(0, 1)})
            with pytest.raises(SinkFenced):
                await take(other, [an_order(0)], {ORDERS: Span(0, 1)})

    asyncio.run(live())


def test_two_hubs_positions_do_not_meet(hub: str) -> None:
    async def live() -> None:
        async with opened(hub, hub="north") as north, opened(hub, hub="south") as south:
            await take(north, [an_order(0)], {ORDERS: Span(0, 1)})
            assert await south.positions([ORDERS]) == {}

    asyncio.run(live())


def test_records_at_fault_are_set_aside_one_by_one_and_the_others_go_in(hub: str) -> None:
    secret = "王小明"
    receiver = {"name": f"{secret}\0", "phone": "1", "country": "CN", "province": "", "city": "", "district": ""}
    receiver |= {"address": "", "postal_code": "", "oaid": None}
    receiver |= {"town": "", "company": "", "phone_extension": "", "forms": {}}
    rng = Random(9)
    long = "".join(chr(0x4E00 + rng.randrange(20_000)) for _ in range(4_000))
    faulty = {
        1: (an_order(1, shop="a\0b"), r"orders\.shop is 'a\\x00b', which holds the character NUL"),
        2: (an_order(2, placed_at_ms=2**62), r"Order\.placed_at_ms is 4611686018427387904: expected milliseconds"),
        3: (Record("orders", 0, 3, AT_MS, None, b"no Avro"), "neither single-object encoding"),
        4: (Record("orders", 0, 4, AT_MS, b"k", None), "tombstone"),
        5: (message("orders", 5, "Duplicate", _duplicate()), "Duplicate is no record of orders"),
        6: (an_order(6, receiver=receiver), r"order_receivers\.name holds the character NUL"),
        7: (an_order(7, attributes={"remark": "x\0"}), r"order_receivers\.attributes holds the character NUL"),
        8: (an_order(8, lines=[line(), line()]), r"Order\.lines\[1\]\.line_no is '1', as one before"),
        # What only the database can tell: an index entry has a limit, and its owner may have rules.
        9: (an_order(9, number=long), "index row"),
        10: (an_order(10, currency="XXX"), r"check constraint.*\[orders known_currency\]"),
        11: (an_order(11, currency="XXX"), r"check constraint"),
    }
    sound = [an_order(offset) for offset in (0, 12, 13, 14)]
    literal = an_order(15, attributes={"remark": "\\u0000 as text is none"})
    records = [sound[0], *(record for record, _ in faulty.values()), *sound[1:], literal]

    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as connection:
            await connection.execute("ALTER TABLE orders ADD CONSTRAINT known_currency CHECK (currency <> 'XXX')")
            refused = await take(sink, records, {ORDERS: Span(0, 16)})
            assert {each.record.offset: each.record for each in refused} == {n: r for n, (r, _) in faulty.items()}
            for each in refused:
                with_why = pytest.raises(ValueError, match=faulty[each.record.offset][1])
                with with_why:
                    raise ValueError(each.error)
                assert secret not in each.error
            kept = await connection.fetch("SELECT log_offset, key, value, error, sqlstate FROM refused_rows")
            assert {row["log_offset"]: row["value"] for row in kept} == {n: r.value for n, (r, _) in faulty.items()}
            states = {row["log_offset"]: row["sqlstate"] for row in kept}
            assert (states[1], states[9], states[10]) == (None, "54000", "23514")
            assert await sink.positions([ORDERS]) == {ORDERS: 16}
            orders = (await stored(connection))["orders"].values()
            assert sorted(row["log_offset"] for row in orders) == [0, 12, 13, 14, 15]
            # Refused again by a replay: the same rows, not more.
            await take(sink, records, {})
            assert await connection.fetchval("SELECT count(*) FROM refused_rows") == len(faulty)
            # The rule at fault is mended: a replay brings those in, and they are refused no more.
            await connection.execute("ALTER TABLE orders DROP CONSTRAINT known_currency")
            assert {each.record.offset for each in await take(sink, records, {})} == faulty.keys() - {10, 11}
            assert await connection.fetchval("SELECT count(*) FROM refused_rows") == len(faulty) - 2

    asyncio.run(live())


def test_a_number_that_no_column_takes_is_the_records_fault(hub: str) -> None:
    # Avro's int is a variable number of bytes: nothing in the format keeps a writer to 32 bits.
    good = an_order(0, lines=[line("MUG", 77, "1")])
    assert good.value is not None and good.value.count(b"\x9a\x01") == 1
    bad = good._replace(offset=1, value=good.value.replace(b"\x9a\x01", b"\x80\x80\x80\x80\x80\x01"))

    async def live() -> None:
        async with opened(hub) as sink:
            (refused,) = await take(sink, [good, bad], {ORDERS: Span(0, 2)})
            assert refused.record == bad
            assert f"order_lines.quantity is {2**34}: expected a whole number of 32 bits" in refused.error
        assert len((await tables(hub))["order_lines"]) == 1

    asyncio.run(live())


def test_a_batch_of_nothing_but_what_only_grows_goes_in(hub: str) -> None:
    repeated = message("orders.duplicates", 0, "Duplicate", _duplicate())
    duplicates = Partition("orders.duplicates", 0)

    async def live() -> None:
        async with opened(hub) as sink:
            assert await take(sink, [repeated], {duplicates: Span(0, 1)}) == []
            assert await sink.positions([duplicates]) == {duplicates: 1}
        assert len((await tables(hub))["duplicates"]) == 1

    asyncio.run(live())


def _duplicate() -> dict[str, Any]:
    source = {"topic": "channel.jd.events", "partition": 0, "offset": 1}
    made = {
        "order_id": "jd:1",
        "channel": "jd",
        "kind": "EXACT",
        "version": 1,
        "received_at_ms": AT_MS,
        "read_again": False,
    }
    return {**made, "first_source": source, "source": source, "aftersale_id": ""}


def test_rows_go_into_the_partition_of_their_month_and_far_ones_into_the_default(hub: str) -> None:
    def check(at_ms: int, offset: int) -> Record:
        fields = {"interface": "kafka", "kind": "kafka", "healthy": True, "changed": False, "took_ms": 3, "error": ""}
        return message("health.checks", offset, "HealthCheck", {**fields, "checked_at_ms": at_ms})

    async def live() -> None:
        async with opened(hub) as sink, asking(hub) as connection:
            (now,) = await connection.fetch(
                "SELECT (extract(epoch FROM now()) * 1000)::bigint, to_char(now(), 'YYYY_MM')"
            )
            (old,) = await connection.fetch(
                "SELECT (extract(epoch FROM now() - interval '1 year') * 1000)::bigint, "
                "to_char(now() - interval '1 year', 'YYYY_MM')"
            )
            records, whole = (
                [check(now[0], 0), check(old[0], 1), check(0, 2)],
                {Partition("health.checks", 0): Span(0, 3)},
            )
            # A replay that is ahead of the sink, then the sink itself: which finds what it would have copied.
            await take(sink, records[:1], {})
            await take(sink, records, whole)
            found = await connection.fetch("SELECT tableoid::regclass::text FROM health_checks ORDER BY log_offset")
            assert [row[0] for row in found] == [
                f"health_checks_{now[1]}",
                f"health_checks_{old[1]}",
                "health_checks_default",
            ]

    asyncio.run(live())


def test_a_batch_of_nothing_but_rows_that_are_copied_goes_in(hub: str) -> None:
    fields = {"interface": "kafka", "kind": "kafka", "healthy": True, "changed": False, "took_ms": 3, "error": ""}
    record = message("health.checks", 0, "HealthCheck", {**fields, "checked_at_ms": AT_MS})

    async def live() -> None:
        async with opened(hub) as sink:
            assert await take(sink, [record], {Partition("health.checks", 0): Span(0, 1)}) == []
        assert len((await tables(hub))["health_checks"]) == 1

    asyncio.run(live())


def test_a_database_of_another_version_is_named_with_what_to_do(database: str) -> None:
    from connectors.postgres.schema import migrate, versions

    async def live() -> None:
        with pytest.raises(
            SinkMisfit, match=f"no tables yet, version {versions()[-1]} is needed: run penstock db migrate"
        ):
            await PostgresSink(database).setup()
        await migrate(database)
        async with asking(database) as connection:
            await connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(SinkMisfit, match=f"version 9999, which is newer than this program's {versions()[-1]}"):
            await PostgresSink(database).setup()
        with pytest.raises(SinkMisfit, match="9999"):
            await migrate(database)

    asyncio.run(live())


@pytest.mark.parametrize("url", ["mysql://hub:secret@127.0.0.1/hub", "postgresql://hub:secret@127.0.0.1:none/hub"])
def test_a_url_that_cannot_be_read_is_a_misfit(url: str) -> None:
    with pytest.raises(SinkMisfit, match="set PENSTOCK_DATABASE_URL to") as raised:
        asyncio.run(PostgresSink(url).setup())
    assert "secret" not in str(raised.value)


def test_a_role_without_rights_is_a_misfit_not_an_outage(hub: str) -> None:
    role = f"sink_{uuid4().hex}"

    async def live() -> None:
        async with asking(hub) as owner:
            await owner.execute(
                f"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT CREATE, TEMP ON DATABASE {urlsplit(hub).path[1:]} TO {role}"
            )
            await owner.execute(
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; "
                f"GRANT EXECUTE ON FUNCTION make_month_partitions(date, date) TO {role}"
            )
            address = urlsplit(hub)
            url = urlunsplit(address._replace(netloc=f"{role}:x@{address.hostname}:{address.port}"))
            try:
                async with opened(url) as sink:
                    # Rights to rows, and to the function that makes partitions with their owner's rights, are enough.
                    assert await take(sink, [an_order(0, received_at_ms=AT_MS)], {ORDERS: Span(0, 1)}) == []
                    await owner.execute(f"REVOKE INSERT ON orders FROM {role}")
                    with pytest.raises(SinkMisfit, match="permission denied for table orders"):
                        await take(sink, [an_order(1)], {ORDERS: Span(1, 2)})
                    await owner.execute("DROP TABLE order_status CASCADE")
                    with pytest.raises(SinkMisfit, match='"order_status" does not exist'):
                        await sink.setup()
            finally:
                await owner.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")

    asyncio.run(live())


def test_every_record_of_the_topics_has_rows() -> None:
    from connectors.postgres.rows import ROWS

    assert set(ROWS) == {name for _, name in TAKEN}
    assert {topic for topic, _ in TAKEN} == set(PostgresSink.topics)
    assert set(TABLES) - {"review_states", "reservation_ends"} == set(KEYS)
