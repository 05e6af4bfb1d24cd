"""Each runbook in Chinese says what the English one says: the same commands, alerts, links and names, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.deploy.runbook import FOLDER, blocks

ENGLISH = sorted(FOLDER.glob("*.md"))


def test_there_is_one_for_each() -> None:
    assert [path.name for path in sorted((FOLDER / "zh").glob("*.md"))] == [path.name for path in ENGLISH]


def outline(text: str) -> list[str]:
    """What both have: kinds of headings, numbers of steps, how many rows and columns a table has."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    lines = [line for line in prose.splitlines() if re.match(r"#|\d+\. |\|", line)]
    return [re.match(r"#+|\d+\.|\|", line)[0] + str(line.count(" | ")) for line in lines]  # type: ignore[index]


def names(text: str) -> set[str]:
    """Commands, alerts, codes and files named in its prose."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return {name for name in re.findall(r"`([^`\n]+)`", prose) if name.isascii()}


@pytest.mark.parametrize("english", ENGLISH, ids=lambda path: path.stem)
def test_it_says_the_same(english: Path) -> None:
    there, here = english.read_text("utf-8"), (FOLDER / "zh" / english.name).read_text("utf-8")
    assert blocks(here) == blocks(there)
    assert outline(here) == outline(there)
    flat = [" ".join(text.split()) for text in (there, here)]
    assert names(flat[1]) == names(flat[0])
    linked = [re.findall(r"\]\(([^)]+)\)", text) for text in (here, there)]
    assert sorted(link.removeprefix("../") for link in linked[0]) == sorted(linked[1])


@pytest.mark.parametrize("english", ENGLISH, ids=lambda path: path.stem)
def test_its_links_lead_somewhere(english: Path) -> None:
    here = FOLDER / "zh" / english.name
    for link in re.findall(r"\]\(([^)#]+)\)", here.read_text("utf-8")):
        assert (here.parent / link).exists(), link
