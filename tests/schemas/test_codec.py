"""The codec against two independent ones, and against everything that can be wrong with a message or a record."""

import contextlib
import json
import re
from io import BytesIO
from typing import Any

import avro.io
import avro.schema
import fastavro
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from schemas.avsc import fingerprint
from schemas.codec import CODEC, Codec, CodecError, CorruptBody, InvalidRecord, NotAvro, UnknownFingerprint
from tests.schemas.strategies import SCHEMAS, any_record

PARSED = {name: fastavro.parse_schema(schema) for name, schema in SCHEMAS.items()}
RESERVE = {
    "command_id": "jd:1/1.1/01/WH-HZ/reserve",
    "reservation_id": "jd:1/1.1/01/WH-HZ",
    "order_id": "jd:1",
    "sku": "SKU-1",
    "warehouse": "WH-HZ",
    "quantity": 2,
    "expires_at_ms": None,
    "requested_at_ms": 1_700_000_000_000,
}
SEEN = {
    "outcome": "ACCEPTED",
    "version": 1,
    "fingerprint": b"12345678",
    "source": {"topic": "t", "partition": 0, "offset": 1},
    "rules": 0,
    "correction": None,
}
MESSAGE = CODEC.encode("Reserve", RESERVE)
SLOW = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=100)


@SLOW
@given(any_record)
def test_every_record_comes_back_and_fastavro_writes_the_same_bytes(named: tuple[str, dict[str, Any]]) -> None:
    name, record = named
    message = CODEC.encode(name, record)
    body = BytesIO()
    fastavro.schemaless_writer(body, PARSED[name], record, strict=True)
    assert message[10:] == body.getvalue()
    assert CODEC.decode(message) == (name, record)


@settings(SLOW, max_examples=60)
@given(any_record)
def test_the_avro_package_reads_the_same_record(named: tuple[str, dict[str, Any]]) -> None:
    name, record = named
    schema = avro.schema.parse(json.dumps(SCHEMAS[name]))
    body = BytesIO(CODEC.encode(name, record)[10:])
    assert avro.io.DatumReader(schema).read(avro.io.BinaryDecoder(body)) == record


def test_the_header_is_the_single_object_marker_and_the_little_endian_fingerprint() -> None:
    # 0x7275d51a3f395c8f is CRC-64-AVRO of "int", computed by Avro's implementations in other languages.
    assert fingerprint("int") == (0x7275D51A3F395C8F).to_bytes(8, "little")  # type: ignore[arg-type]
    assert MESSAGE[:10] == b"\xc3\x01" + fingerprint(SCHEMAS["Reserve"])


@pytest.mark.parametrize(
    ("message", "error", "says"),
    [
        (b"", NotAvro, "empty"),
        (b"\xc3", NotAvro, "starts with c3"),
        (b"\xc3\x01\x00", NotAvro, "starts with c3 01 00"),
        (b"\xc3\x02" + MESSAGE[2:], NotAvro, "starts with c3 02"),
        (b'{"json": 1}', NotAvro, "starts with 7b"),
        (b"\x00\x00\x00\x00\x07rest", NotAvro, "no schema registry"),
        (b"\xc3\x01\xff\xff\xff\xff\xff\xff\xff\xff", UnknownFingerprint, "ffffffffffffffff"),
        (MESSAGE[:-1], CorruptBody, "too early"),
        (MESSAGE[:10], CorruptBody, "too early"),
        (MESSAGE + b"\x00", CorruptBody, "1 bytes after its end"),
        (MESSAGE[:10] + b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", CorruptBody, "an index is out of range"),
        (MESSAGE[:10] + b"\x03" + MESSAGE[11:], CorruptBody, "an index is out of range"),
        (MESSAGE[:10] + b"\xff" * 12, CorruptBody, "an index is out of range"),
        (MESSAGE[:11] + b"\xff" + MESSAGE[12:], CorruptBody, "not UTF-8"),
        (MESSAGE.replace(b"WH-HZ\x04\x00", b"WH-HZ\x04\x04"), CorruptBody, "an index is out of range"),
        (CODEC.encode("Seen", SEEN)[:10] + b"\x10", CorruptBody, "an index is out of range"),
    ],
)
def test_a_bad_message_is_named(message: bytes, error: type[CodecError], says: str) -> None:
    with pytest.raises(error, match=says):
        CODEC.decode(message)


@SLOW
@given(any_record, st.data())
def test_no_damage_to_a_message_ever_crashes(named: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    message = bytearray(CODEC.encode(*named))
    cut = data.draw(st.integers(10, len(message)))
    message[cut : cut + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=12))
    try:
        name, record = CODEC.decode(bytes(message))
    except CorruptBody:
        return
    assert CODEC.decode(CODEC.encode(name, record)) == (name, record)


@SLOW
@given(
    st.binary(max_size=100)
    | st.sampled_from(sorted(SCHEMAS)).flatmap(
        lambda name: st.binary(max_size=60).map(lambda body: b"\xc3\x01" + fingerprint(SCHEMAS[name]) + body)
    )
)
@example(b"\xc3\x01" + fingerprint(SCHEMAS["Stock"]) + b"\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01" * 3)
def test_no_bytes_at_all_ever_crash(message: bytes) -> None:
    with contextlib.suppress(CodecError):
        CODEC.decode(message)


@SLOW
@given(any_record)
def test_every_record_comes_back_from_a_tables_value(named: tuple[str, dict[str, Any]]) -> None:
    name, record = named
    value = CODEC.encode_state(name, record)
    assert value[:9] == b"M" + fingerprint(SCHEMAS[name])
    assert CODEC.decode(value) == (name, record)


STATE = CODEC.encode_state("Seen", SEEN)


def test_a_tables_value_is_a_messagepack_map_behind_its_fingerprint() -> None:
    assert STATE[9:13] == b"\x86\xa7ou", "a map of six, a text of seven: another MessagePack reader would agree"
    assert STATE.endswith(b"\xa5rules\x00\xaacorrection\xc0")


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        (STATE[:5], UnknownFingerprint, "no released schema"),
        (b"M" + bytes(8) + STATE[9:], UnknownFingerprint, "0000000000000000"),
        (STATE[:9], CorruptBody, "Seen of 9 bytes"),
        (STATE[:-1], CorruptBody, "Seen of"),
        (STATE + b"\x00", CorruptBody, "Seen of"),
        (STATE[:9] + b"\x93\x01\x02\x03", CorruptBody, "not the fields"),
        (STATE[:9] + b"\x80", CorruptBody, "not the fields"),
        (STATE[:9] + b"\xc1", CorruptBody, "Seen of"),
    ],
)
def test_a_bad_value_of_a_table_is_named(value: bytes, error: type[CodecError], says: str) -> None:
    with pytest.raises(error, match=says):
        CODEC.decode(value)


@SLOW
@given(any_record, st.data())
def test_no_damage_to_a_tables_value_ever_crashes(named: tuple[str, dict[str, Any]], data: st.DataObject) -> None:
    value = bytearray(CODEC.encode_state(*named))
    cut = data.draw(st.integers(1, len(value)))
    value[cut : cut + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=12))
    with contextlib.suppress(CodecError):
        CODEC.decode(bytes(value))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({k: v for k, v in SEEN.items() if k != "version"}, "Seen: version is missing"),
        ({**SEEN, "more": 1}, "Seen: no field 'more'"),
        ({**SEEN, "version": 2**64}, f"Seen.version: {2**64} does not fit long (64 bits)"),
        ({**SEEN, "version": {1, 2}.__iter__()}, "Seen.version"),
    ],
)
def test_a_state_that_does_not_fit_is_refused(record: Any, message: str) -> None:
    with pytest.raises(InvalidRecord, match=re.escape(message)):
        CODEC.encode_state("Seen", record)


LINE = {
    "line_no": "1",
    "sku": "SKU-1",
    "title": "t",
    "quantity": 1,
    "unit_price_minor": 100,
    "returned_quantity": 0,
    "shipped_quantity": 0,
    "cancelled_quantity": 0,
    "asked_back_quantity": 0,
    "sent_by": "MERCHANT",
    "sender": "",
    "bundle_line_no": "",
}
RECEIVER = {
    **dict.fromkeys(("name", "country", "province", "city", "district", "address", "postal_code"), ""),
    "phone": "13800000000",
    "oaid": None,
    "town": "",
    "company": "",
    "phone_extension": "",
    "forms": {},
}
ORDER = {
    **{"order_id": "jd:1", "channel": "jd", "shop": "s", "order_no": "1", "version": 1, "fingerprint": b"12345678"},
    **{"status": "PAID", "hold_reason": None, "currency": "CNY", "total_minor": 100, "placed_at_ms": 1},
    **{
        "paid_at_ms": 1,
        "ship_by_ms": None,
        "not_before_ms": None,
        "collect_minor": None,
        "receiver": RECEIVER,
        "lines": [LINE],
        "attributes": {"memo": "m"},
    },
    **{
        "received_at_ms": 1,
        "source": SEEN["source"],
        "correction_id": "",
        "receiver_from": "",
        "platform_receiver": None,
    },
}


@pytest.mark.parametrize(
    ("name", "record", "message"),
    [
        ("Nothing", {}, "there is no record type 'Nothing'"),
        ("Reserve", {k: v for k, v in RESERVE.items() if k != "sku"}, "Reserve: sku is missing"),
        ("Reserve", {k: v for k, v in RESERVE.items() if k != "expires_at_ms"}, "Reserve: expires_at_ms is missing"),
        ("Reserve", {**RESERVE, "expires": 1}, "Reserve: no field 'expires'"),
        ("Reserve", {**RESERVE, "quantity": "2"}, "Reserve.quantity: '2' is no int"),
        ("Reserve", {**RESERVE, "quantity": None}, "Reserve.quantity: None is no int"),
        ("Reserve", {**RESERVE, "expires_at_ms": 2**63}, f"Reserve.expires_at_ms: {2**63} does not fit long (64 bits)"),
        ("Reserve", {**RESERVE, "expires_at_ms": "x"}, "Reserve.expires_at_ms: 'x' is no long"),
        ("Reserve", {**RESERVE, "sku": b"SKU"}, "Reserve.sku: b'SKU' is no string"),
        (
            "Reserve",
            {**RESERVE, "sku": "\ud800"},
            "Reserve.sku: '\\ud800' has a lone surrogate, which UTF-8 cannot express",
        ),
        ("Reserve", [], "Reserve: [] is no Reserve (a dict)"),
        ("Seen", {**SEEN, "outcome": "MAYBE"}, "Seen.outcome: 'MAYBE' is no SeenOutcome (ACCEPTED, REVIEW)"),
        ("Seen", {**SEEN, "outcome": []}, "Seen.outcome: [] is no SeenOutcome (ACCEPTED, REVIEW)"),
        ("Seen", {**SEEN, "fingerprint": "text"}, "Seen.fingerprint: 'text' is no bytes"),
        ("Seen", {**SEEN, "source": None}, "Seen.source: None is no Source (a dict)"),
        ("Order", {**ORDER, "lines": None}, "Order.lines: None is no list"),
        ("Order", {**ORDER, "lines": "ab"}, "Order.lines: 'ab' is no list"),
        ("Order", {**ORDER, "lines": [LINE, {**LINE, "sku": 7}]}, "Order.lines[1].sku: 7 is no string"),
        # Personal data never reaches an error's text.
        ("Order", {**ORDER, "attributes": {"memo": 13800000000}}, "Order.attributes[...]: the int is no string"),
        (
            "Order",
            {**ORDER, "receiver": {**RECEIVER, "phone": 13800000000}},
            "Order.receiver.phone: the int is no string",
        ),
    ],
)
def test_a_record_that_does_not_fit_is_refused_by_field_and_value(name: str, record: Any, message: str) -> None:
    with pytest.raises(InvalidRecord) as caught:
        CODEC.encode(name, record)
    assert str(caught.value) == message


def test_a_long_value_is_shortened_in_the_error() -> None:
    with pytest.raises(InvalidRecord) as caught:
        CODEC.encode("Seen", {**SEEN, "fingerprint": "x" * 10_000})
    assert len(str(caught.value)) < 150


def test_a_tuple_is_written_as_a_list_is() -> None:
    for lines in ([], [LINE]):
        assert CODEC.encode("Order", {**ORDER, "lines": tuple(lines)}) == CODEC.encode(
            "Order", {**ORDER, "lines": lines}
        )


def test_a_block_with_its_size_in_bytes_is_read_too() -> None:
    # Other writers may announce an array block as (-count, size), so that readers can skip it.
    stock = {"sku": "S", "version": 1, "levels": [], "waiting": [{"order_id": "jd:1", "quantity": 2}], "pool": None}
    header = CODEC.encode("Stock", stock)[:10]
    assert CODEC.decode(header + b"\x02S\x02\x00" + b"\x01\x0c\x08jd:1\x04\x00" + b"\x00") == ("Stock", stock)


def test_building_a_codec_again_changes_no_byte() -> None:
    assert Codec().encode("Order", ORDER) == CODEC.encode("Order", ORDER)
