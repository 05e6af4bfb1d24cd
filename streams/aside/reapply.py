"""Applies records to the sink that refused them: as a replay does, without positions, so that the live sink goes on from where it was.

They are what stands in ``sink.refused``, bytes and all: their own topic may have dropped them by now.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.ops.sinks import Record, Refused, Sink


async def reapply(sink: Sink, records: Sequence[Record]) -> Sequence[Refused]:
    """Returns those that it still refuses; the others are in. Done twice, it leaves what it left once.

    Raises:
        streams.ops.sinks.SinkError: the store is away, or another version's; what was applied is unknown, do it again.
    """
    try:
        await sink.setup()
        # Each partition's records in the order of their offsets, one of each: a kill may have told a refusal twice.
        ordered = sorted({record[:3]: record for record in records}.values())
        unwritten = await sink.write(ordered)
        return [*unwritten, *(refused for refused in await sink.flush({}) if refused not in unwritten)]
    finally:
        await sink.close()
