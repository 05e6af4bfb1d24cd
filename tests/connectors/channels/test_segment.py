"""Whatever befalls a segment's bytes: what it did not touch is read, in its order, nothing is made up, and what is lost is told."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.channels.base import Outgoing
from connectors.channels.segment import closing, framed, read

#: Bytes that look like parts of a segment are the hard ones.
_heads = st.sampled_from([bytes(8), b"\x94\xa1a", b"\0\0\0\x10", framed(Outgoing("t", "forged", b"x"))])
values = st.lists(st.one_of(st.binary(max_size=40), _heads), max_size=4).map(b"".join)
records = st.builds(
    Outgoing,
    st.sampled_from(["channel.notices", "t" * 40]),
    st.text(max_size=5),
    values,
    st.lists(st.tuples(st.sampled_from(["error", "at"]), values), max_size=2).map(tuple),
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[list[Outgoing], list[Outgoing], bytes, int]:
    """(records, those of them that the damage did not touch, bytes, seed)."""
    written = draw(st.lists(records, min_size=1, max_size=8))
    seed = draw(st.sampled_from([1, 0x9F3A01C2]))
    frames = [framed(record, seed) for record in written]
    end_of_it = closing(len(written), seed) if draw(st.booleans()) else b""
    raw = bytearray(b"".join([*frames, end_of_it]))
    untouched = [True] * len(frames)
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(raw) - 1))
        end = min(len(raw), begin + draw(st.one_of(st.integers(1, 4), st.integers(1, 300))))
        kind = draw(st.sampled_from(["a bit", "zeros", "rubbish"]))
        if kind == "a bit":
            end = begin + 1
            raw[begin] ^= 1 << draw(st.integers(0, 7))
        elif kind == "zeros":
            raw[begin:end] = bytes(end - begin)
        else:
            raw[begin:end] = draw(st.binary(min_size=end - begin, max_size=end - begin))
        at = 0
        for number, frame in enumerate(frames):
            untouched[number] &= not (at < end and begin < at + len(frame))
            at += len(frame)
    kept = [record for record, is_whole in zip(written, untouched, strict=True) if is_whole]
    return written, kept, bytes(raw), seed


@settings(max_examples=150)
@given(damaged())
def test_damage_costs_what_it_lies_in_and_is_told(it: tuple[list[Outgoing], list[Outgoing], bytes, int]) -> None:
    written, kept, raw, seed = it
    found = read(raw, seed)
    assert _is_part_of(kept, found.records) and _is_part_of(found.records, written)
    if len(found.records) < len(written):
        assert found.damaged and not found.whole
    # The number alone may be lost: then nobody can say that all is there, but it is.
    if found.whole:
        assert found.records == written


@settings(max_examples=100)
@given(st.lists(records, max_size=6), st.sampled_from([0, 7]), st.data())
def test_a_write_that_was_cut_off_is_told_from_damage(written: list[Outgoing], seed: int, data: st.DataObject) -> None:
    sound = b"".join(framed(record, seed) for record in written)
    last = framed(Outgoing("channel.notices", "douyin:1", b"never accepted"), seed)
    left = last[: data.draw(st.integers(1, len(last) - 1))]
    found = read(sound + left + bytes(data.draw(st.sampled_from([0, 4_096]))), seed)
    assert (found.records, found.cut, found.whole) == (written, True, False)


@given(st.lists(records, max_size=6), st.sampled_from([0, 7]))
@example([], 7)
def test_a_sound_segment_is_read_whole(written: list[Outgoing], seed: int) -> None:
    sound = b"".join(framed(record, seed) for record in written)
    assert read(sound, seed) == (written, None, [], False)
    assert read(sound + closing(len(written), seed), seed) == (written, len(written), [], False)
    assert read(sound, seed).whole


@given(st.binary(max_size=3_000), st.integers(0, 2**32 - 1))
def test_rubbish_is_no_record(raw: bytes, seed: int) -> None:
    assert read(raw, seed).records == []


def _is_part_of(some: list[Outgoing], all_of_them: list[Outgoing]) -> bool:
    """In this order, each once."""
    rest = iter(all_of_them)
    return all(any(one == other for other in rest) for one in some)
