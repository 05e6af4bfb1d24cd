"""An item is named by where it stands: ``orders.review/2@17``; ``2@17`` where the topic is understood."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

_NAME = re.compile(r"(?:(?P<topic>[\w.-]+)/)?(?P<partition>\d{1,6})@(?P<offset>\d{1,18})")


class BadName(ValueError):
    """The text names no item; the message is for the person who typed it."""


class Place(NamedTuple):
    """One record of a topic."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


class Standing(Protocol):
    """An item, which stands somewhere."""

    @property
    def place(self) -> Place: ...


def place_of(text: str, *topics: str) -> Place:
    """The item a person means; without a topic it is of the first of ``topics``.

    Raises:
        BadName: no such form, or another topic.
    """
    match = _NAME.fullmatch(text.strip())
    if match is None:
        raise BadName(f"{text!r} names no item: write it as listed, {topics[0]}/PARTITION@OFFSET or PARTITION@OFFSET")
    topic = match["topic"] or topics[0]
    if topic not in topics:
        raise BadName(f"{text!r} is on topic {topic!r}: items of this command are on {' or '.join(topics)}")
    return Place(topic, int(match["partition"]), int(match["offset"]))
