"""What every test may ask for: one real broker for the whole run, and names nobody else uses on it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Protocol
from uuid import uuid4

import pytest

from deploy.local import broker


class Unique(Protocol):
    def __call__(self, name: str = "") -> str: ...


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker that answers: PENSTOCK_BROKERS, or one started when a test first asks for it."""
    with broker(tmp_path_factory.mktemp("kafka")) as bootstrap:
        yield bootstrap


@pytest.fixture
def unique(request: pytest.FixtureRequest) -> Unique:
    """``unique("orders")`` names a topic, group or app after this test, never used before on any broker."""
    test = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    run, count = uuid4().hex[:8], itertools.count()

    def name_it(name: str = "") -> str:
        return "-".join(filter(None, (test, name, f"{run}{next(count)}")))

    return name_it
