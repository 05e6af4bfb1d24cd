"""The topology as text and as a Mermaid diagram; both are made from ``TOPOLOGY`` alone."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import set_cell_size

from schemas.texts import said, word
from schemas.topics import CHANNELS, channel_topic
from streams.topology import Stage

#: The five channels' topics are drawn as one.
_CHANNELS = {channel_topic(channel) for channel in CHANNELS}


def as_text(stages: Sequence[Stage]) -> str:
    """One paragraph a stage."""
    lines = []
    for stage in stages:
        lines += [
            stage.name,
            f"  {_label('reads')}  {', '.join(stage.reads)}   ({word('by')} {stage.key})",
            f"  {_label('tables')}  {', '.join(stage.tables)}",
            f"  {_label('views')}  {', '.join(stage.views) or '-'}",
            f"  {_label('emits')}  {', '.join(stage.emits)}",
            f"  {_label('why')}  {said(stage.why)}",
            "",
        ]
    return "\n".join(lines).rstrip()


def as_mermaid(stages: Sequence[Stage]) -> str:
    """A flowchart: rounded boxes are topics, square ones stages; dotted lines are views that every worker holds."""
    topics = sorted({_drawn(t) for s in stages for t in (*s.reads, *s.emits, *s.views)})
    lines = ["flowchart LR"]
    lines += [f'  {_id(topic)}(["{topic}"])' for topic in topics]
    lines += [f'  stage_{s.name}["<b>{s.name}</b><br/>{"<br/>".join(s.tables)}"]' for s in stages]
    for stage in stages:
        lines += [f"  {_id(t)} --> stage_{stage.name}" for t in dict.fromkeys(map(_drawn, stage.reads))]
        lines += [f"  {_id(t)} -.-> stage_{stage.name}" for t in stage.views]
        lines += [f"  stage_{stage.name} --> {_id(t)}" for t in stage.emits]
    return "\n".join(lines)


def _label(name: str) -> str:
    return set_cell_size(word(name), 6)


def _drawn(topic: str) -> str:
    return "channel.*.events" if topic in _CHANNELS else topic


def _id(topic: str) -> str:
    return "topic_" + topic.replace(".", "_").replace("*", "any")
