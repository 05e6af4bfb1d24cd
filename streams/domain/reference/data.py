"""The data files of this room. Each says in its head where it is from; `tests/domain/reference/collect.py` writes them."""

from __future__ import annotations

from importlib import resources


def table(name: str) -> list[tuple[str, ...]]:
    """The rows of a file, without its head. Part of the code: the same as long as a process runs."""
    text = resources.files(__package__).joinpath(f"{name}.tsv").read_text("utf-8")
    return [tuple(line.split("\t")) for line in text.splitlines() if not line.startswith("#")][1:]
