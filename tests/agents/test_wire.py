"""The agents' edge: what this process sent comes back as the record it was, anything else is decoded."""

from __future__ import annotations

import pytest

from schemas.codec import CODEC, CodecError
from streams.agents.wire import Sent
from tests.domain.make import reservation_command


def test_what_was_sent_comes_back_as_the_very_record() -> None:
    sent, record = Sent(), reservation_command()
    message = CODEC.encode("Reserve", record)
    sent.add(message, "Reserve", record)
    name, found = sent.decode(bytes(bytearray(message)))  # equal bytes, as they come from the broker
    assert name == "Reserve"
    assert found is record


def test_what_another_process_sent_is_decoded() -> None:
    record = reservation_command()
    assert Sent().decode(CODEC.encode("Reserve", record)) == ("Reserve", record)
    with pytest.raises(CodecError):
        Sent().decode(b"nothing of ours")


def test_the_newest_are_kept_and_the_oldest_go() -> None:
    sent = Sent(size=10)
    records = [reservation_command(f"jd:{number}/1.1/1/HZ") for number in range(100)]
    for record in records:
        sent.add(CODEC.encode("Reserve", record), "Reserve", record)
    kept = [sent.decode(CODEC.encode("Reserve", record))[1] is record for record in records]
    assert kept[-10:] == [True] * 10
    assert sum(kept) <= 20
