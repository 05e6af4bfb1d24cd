"""A hub keeps the number of partitions that it was made with, whatever a later setting or another default says."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from streams.engine.admin import Admin
from streams.engine.options import Options
from streams.ops.cluster import Cluster
from streams.settings import Settings

Unique = Callable[..., str]


@pytest.fixture
def settings(kafka: str, unique: Unique, tmp_path: object) -> Settings:
    """Of a hub that stands, with the partitions that it has."""
    cluster = Cluster(Settings.from_env({"PENSTOCK_DATA": str(tmp_path), "PENSTOCK_APP_ID": unique()}, brokers=kafka))
    cluster.create_topics()
    return cluster.settings


def test_a_setting_that_comes_too_late_is_named_and_has_no_effect(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    standing = settings.partitions
    late = Cluster(replace(settings, partitions=standing + 3))
    with caplog.at_level(logging.WARNING):
        assert late.create_topics() == []
    assert late.settings.partitions == standing
    assert f"PENSTOCK_PARTITIONS is {standing + 3} and has no effect" in caplog.text
    assert f"have {standing} partitions" in caplog.text


def test_a_topic_that_a_later_version_brings_has_as_many_as_the_others(settings: Settings) -> None:
    standing, admin = settings.partitions, Admin(settings.brokers, Options())
    gone = "returns"
    admin._client.delete_topics([gone])[gone].result(30)
    deadline = time.monotonic() + 30
    while gone in admin.partition_counts() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert Cluster(replace(settings, partitions=standing + 3)).create_topics() == [gone]
    assert admin.counts_with([gone])[gone] == standing


def test_what_nobody_has_set_is_not_warned_of(
    settings: Settings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Settings, "partitions", settings.partitions + 1
    )  # this version's default is not that of the hub's first
    with caplog.at_level(logging.WARNING):
        Cluster(replace(settings, partitions=settings.partitions + 1)).create_topics()
    assert "PENSTOCK_PARTITIONS" not in caplog.text
