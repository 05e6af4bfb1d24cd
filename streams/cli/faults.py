"""How faults of a document are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.documents.faults import NOTHING, Fault, Path, in_words, line_of, shown
from schemas.terminal import Text, styled
from schemas.texts import said
from streams.cli.common import out


def print_faults(file: str, faults: Iterable[Fault], lines: Mapping[Path, int]) -> None:
    """One line each: where, what stands there, what to do."""
    for each in faults:
        out.print(_line(file, each, lines), soft_wrap=True)


def _line(file: str, fault: Fault, lines: Mapping[Path, int]) -> Text:
    value = "" if fault.value is NOTHING else f" = {shown(fault.value)}"
    return styled(
        "[cyan]{}:{}:[/] {}{}: {}", file, line_of(fault.path, lines), in_words(fault.path), value, said(fault.says)
    )
