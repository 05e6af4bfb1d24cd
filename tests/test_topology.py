"""The topology is what runs: TOPOLOGY held against the topics' registry, the app, the agents' source and the README."""

from __future__ import annotations

import ast
import inspect
import json
import re
from pathlib import Path
from types import ModuleType

import faust
import pytest

from schemas.topics import (
    CHANNELS,
    DOCUMENTS,
    FORGOTTEN,
    QUARANTINE,
    RELEASES,
    SINK_REFUSED,
    TABLE_RECORDS,
    TOPICS,
    channel_topic,
)
from streams.agents import allocation, intake, inventory, listing, merging, warehouse, wire, writeback
from streams.app import build
from streams.cli.diagram import as_mermaid, as_text
from streams.settings import Settings
from streams.topology import TOPOLOGY, Stage, group_id, outside
from streams.topology import stages as of_group

ROOT = Path(__file__).resolve().parents[1]
AGENTS: dict[str, ModuleType] = {
    "intake": intake,
    "allocation": allocation,
    "inventory": inventory,
    "merging": merging,
    "writeback": writeback,
    "warehouse": warehouse,
    "listing": listing,
}
#: How a topic's key is called in the registry, by its name in the topology.
KEYS = {"order id": "order_id", "sku": "sku", "group": "group"}
#: Topics that others write to.
FROM_OUTSIDE = {
    *map(channel_topic, CHANNELS),
    *("config.warehouses", "config.bundles", DOCUMENTS, RELEASES),
    *("writeback.results", "writeback.commands"),
    *("warehouse.results", "warehouse.commands", "listing.results"),
}

#: Topics beside the stages: of what went wrong, of what people did, of how the surroundings are, and what the edge keeps for itself.
BESIDE = {
    *(QUARANTINE, SINK_REFUSED, "audit", "health.checks"),
    *("channel.marks", "channel.checks", "logistics.traces", FORGOTTEN),
}
GROUPS = tuple(dict.fromkeys(stage.group for stage in TOPOLOGY))

stages = pytest.mark.parametrize("stage", TOPOLOGY, ids=lambda stage: stage.name)


@pytest.fixture(scope="module", params=GROUPS)
def group(request: pytest.FixtureRequest) -> str:
    """Each group of stages, whose workers are an app of their own."""
    return str(request.param)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, group: str) -> faust.App:
    """Built, not started: it needs no broker."""
    return build(Settings(brokers="127.0.0.1:1", data=tmp_path_factory.mktemp("data"), partitions=3), group=group)


@stages
def test_its_topics_are_in_the_registry(stage: Stage) -> None:
    assert {*stage.reads, *stage.views, *stage.emits} <= set(TOPICS)


def test_every_topic_has_its_place() -> None:
    drawn = {topic for stage in TOPOLOGY for topic in (*stage.reads, *stage.views, *stage.emits)}
    assert drawn == set(TOPICS) - BESIDE
    emitted = {topic for stage in TOPOLOGY for topic in stage.emits}
    assert emitted.isdisjoint(FROM_OUTSIDE)
    assert drawn - emitted == FROM_OUTSIDE


def test_from_outside_comes_what_no_stage_of_the_group_writes() -> None:
    assert outside("decisions") == {*map(channel_topic, CHANNELS), "shipments", "returns"}
    # Nothing comes back to writeback: it has nothing to finish first; to the warehouse stage hardly any of its reports.
    for group in ("writeback", "warehouse"):
        assert outside(group) == {topic for stage in of_group(group) for topic in stage.reads}


@stages
def test_what_it_reads_has_its_key_and_as_many_partitions(stage: Stage) -> None:
    assert {TOPICS[topic].partitions for topic in stage.reads} == {None}
    assert {TOPICS[topic].key for topic in stage.reads} == {KEYS[stage.key]}


@stages
def test_its_views_are_compacted(stage: Stage) -> None:
    assert {TOPICS[topic].cleanup for topic in stage.views} <= {"compact"}


@stages
def test_what_it_emits_names_it_as_writer(stage: Stage) -> None:
    for topic in stage.emits:
        assert stage.name in TOPICS[topic].single_writer


def test_every_table_has_one_owner() -> None:
    tables = [table for stage in TOPOLOGY for table in stage.tables]
    assert len(tables) == len(set(tables))
    assert set(TABLE_RECORDS) <= set(tables)


def test_one_agent_runs_for_each_stage(app: faust.App, group: str) -> None:
    read = {name: tuple(agent.channel.topics) for name, agent in app.agents.items()}
    assert read == {stage.name: stage.reads for stage in of_group(group)}


def test_groups_share_no_consumer_group_and_no_changelog() -> None:
    ids = [group_id("hub", group) for group in GROUPS]
    assert len(set(ids)) == len(ids)


def test_the_tables_are_those_named_and_belong_to_what_their_stage_reads(app: faust.App, group: str) -> None:
    found = {name: (table.sources, table.partitions) for name, table in app.tables.items()}
    assert found == {table: (stage.reads, 3) for stage in of_group(group) for table in stage.tables}


def test_a_table_s_values_are_its_record(app: faust.App) -> None:
    for name, table in app.tables.items():
        expected = wire.RecordCodec if name in TABLE_RECORDS else wire.NothingCodec
        assert type(table.codec) is expected
        assert getattr(table.codec, "name", None) == TABLE_RECORDS.get(name)


def test_every_view_is_held_by_the_app(app: faust.App, group: str) -> None:
    held = sorted(replica.topic for replica in getattr(app, "engine_replicas", ()))
    assert held == sorted({view for stage in of_group(group) for view in stage.views})


@stages
def test_its_source_sends_to_what_it_emits(stage: Stage) -> None:
    assert sent_to(AGENTS[stage.name]) == set(stage.emits)


def test_nobody_sends_past_the_wire() -> None:
    for module in AGENTS.values():
        assert not [call for call in calls(module) if isinstance(call.func, ast.Attribute) and call.func.attr == "send"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_the_text_names_every_channel(channel: str) -> None:
    assert channel_topic(channel) in as_text(TOPOLOGY)


@stages
def test_the_text_and_the_diagram_have_every_topic_and_table(stage: Stage) -> None:
    text, diagram = as_text(TOPOLOGY), as_mermaid(TOPOLOGY)
    for name in (*stage.views, *stage.emits, *stage.tables, stage.name):
        assert name in text
        assert name in diagram
    assert stage.why in text


def test_the_diagram_has_an_edge_for_each_topic_of_each_stage() -> None:
    edges = [line.split() for line in as_mermaid(TOPOLOGY).splitlines() if "->" in line]
    ids = {line.split("(")[0].split("[")[0].strip() for line in as_mermaid(TOPOLOGY).splitlines() if '["' in line}
    # The channels' topics are drawn as one.
    expected = sum(
        len({t.startswith("channel.") or t for t in s.reads}) + len(s.views) + len(s.emits) for s in TOPOLOGY
    )
    assert len(edges) == expected == len({tuple(edge) for edge in edges})
    assert {end for left, _, right in edges for end in (left, right)} == ids


def test_the_readme_shows_this_diagram() -> None:
    shown = re.findall(r"```mermaid\n(.*?)\n```", (ROOT / "streams/README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert as_mermaid(TOPOLOGY) in shown


def test_stages_can_be_written_as_json() -> None:
    for stage in TOPOLOGY:
        assert json.loads(json.dumps(stage._asdict()))["name"] == stage.name


def calls(module: ModuleType) -> list[ast.Call]:
    tree = ast.parse(inspect.getsource(module))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def sent_to(module: ModuleType) -> set[str]:
    """The topics given to send(batch, topic, ...): as text, or all of a table of the module's."""
    topics: set[str] = set()
    for call in calls(module):
        if isinstance(call.func, ast.Name) and call.func.id == "send":
            match call.args[1]:
                case ast.Constant(value=str(topic)):
                    topics.add(topic)
                case ast.Subscript(value=ast.Name(id=table)):
                    topics |= set(vars(module)[table].values())
                case other:
                    raise AssertionError(f"{module.__name__} sends to {ast.unparse(other)}: which topic is it?")
    return topics
